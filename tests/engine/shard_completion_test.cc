// Attempts that are left to their targets (engine/completion.h), in virtual time.
#include <gtest/gtest.h>

#include "tests/engine/completion_fixture.h"

namespace hourwheel::shard_completion_test {
namespace {

TEST_F(CompletionTest, TheRunStaysOpenWithoutAPlaceInFlight) {
  begin_once();
  defer();
  ASSERT_EQ(stored().open.size(), 1U);
  const OpenRun& run = stored().open[0];
  EXPECT_TRUE(run.is_with_target());
  EXPECT_EQ(run.next_attempt, kSoon + kTimeout);
  EXPECT_EQ(run.attempts, 1U);
  EXPECT_EQ(under_.shard.metrics().runs_in_flight.value(), 0);
  under_.live_until(kSoon + kTimeout - seconds(1));
  EXPECT_EQ(sent().size(), 1U) << "CO1";
  EXPECT_TRUE(under_.records.empty());
}

TEST_F(CompletionTest, WithoutAReportItsTimeRunsOutAndTheNextAttemptSaysSo) {  // CO4
  begin_once();
  defer();
  under_.live_until(kSoon + kTimeout);
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kRetrying);
  EXPECT_EQ(under_.records[0].outcome.result, AttemptResult::kReportMissing);
  EXPECT_EQ(under_.records[0].outcome.started, kSoon);
  EXPECT_EQ(under_.records[0].outcome.ended, kSoon + kTimeout);
  under_.live_until(kSoon + kTimeout + seconds(20));
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_EQ(sent()[1].attempt, 2U);
  EXPECT_TRUE(sent()[1].possible_duplicate) << "C-7 it may have been done";
}

TEST_F(CompletionTest, AReportOfSuccessEndsTheRun) {
  begin_once();
  defer();
  under_.live_until(kSoon + minutes(7));
  under_.ask(report_on(sent()[0], ReportKind::kSucceeded, "all 40 rows"));
  if (!under_.store.fetches.empty()) under_.answer_fetch();
  EXPECT_TRUE(under_.client.replies.empty()) << "S1 it is not durable yet";
  under_.live_until(under_.now);
  ASSERT_TRUE(under_.answer(0));
  ASSERT_NE(under_.answer(0)->ended, nullptr);
  EXPECT_EQ(under_.answer(0)->ended->state, RunState::kSucceeded);
  ASSERT_EQ(under_.records.size(), 1U);
  const RunRecord& record = under_.records[0];
  EXPECT_EQ(record.state, RunState::kSucceeded);
  EXPECT_EQ(record.outcome.result, AttemptResult::kReportedSuccess);
  EXPECT_EQ(record.outcome.detail, "all 40 rows");
  EXPECT_EQ(record.outcome.started, kSoon);
  EXPECT_EQ(record.outcome.ended, kSoon + minutes(7));
  EXPECT_EQ(stored().counts.succeeded, 1U);
  EXPECT_TRUE(stored().open.empty());
  under_.live_until(kSoon + hours(2));
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(under_.store.audit.size(), 1U) << "the run log tells of it";
}

TEST_F(CompletionTest, AReportOfFailureIsRetriedAsThePolicyHasIt) {
  begin_once();
  defer();
  report(ReportKind::kFailed, "no room");
  ASSERT_NE(under_.answer(0)->ended, nullptr);
  EXPECT_EQ(under_.answer(0)->ended->state, RunState::kRetrying);
  EXPECT_EQ(under_.records.at(0).outcome.detail, "no room");
  under_.live_until(kSoon + seconds(20));
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_FALSE(sent()[1].possible_duplicate) << "what became of it is known";
  EXPECT_FALSE(stored().open.at(0).awaited) << "of the attempt before";
}

TEST_F(CompletionTest, OneThatIsFinalBuriesTheRun) {
  begin_once();
  defer();
  report(ReportKind::kFailedFinal, "never");
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kDead);
  ASSERT_EQ(under_.store.letters.size(), 1U);
  EXPECT_EQ(under_.store.letters.begin()->second.detail, "never");
}

TEST_F(CompletionTest, AnAttemptTakesOneReport) {  // CO2
  begin_once();
  defer();
  report(ReportKind::kFailed);
  report(ReportKind::kSucceeded);
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict);
  under_.live_until(kSoon + seconds(20));
  ASSERT_EQ(sent().size(), 2U);
  under_.ask(report_on(sent()[0], ReportKind::kSucceeded));
  under_.rest();
  EXPECT_EQ(refusal(2), ErrorCode::kStateConflict) << "of the attempt before";
  FakeTargets::Sent other = sent()[1];
  other.run.instant_or_nonce += 1;
  under_.ask(report_on(other, ReportKind::kSucceeded));
  under_.rest();
  EXPECT_EQ(refusal(3), ErrorCode::kStateConflict);
  defer(1);
  report(ReportKind::kSucceeded);
  EXPECT_TRUE(under_.answer(4));
  EXPECT_EQ(stored().counts.succeeded, 1U);
}

// --- signs of life (CO4) ---

TEST_F(CompletionTest, SignsOfLifePutItsEndOffUpToTheTimeout) {
  begin_once(kHeartbeat);
  defer();
  EXPECT_EQ(stored().open.at(0).next_attempt, kSoon + kHeartbeat);
  Instant last = kSoon;
  while (last + minutes(1) < kSoon + kTimeout) {
    last = last + minutes(1);
    under_.live_until(last);
    report(ReportKind::kHeartbeat);
    EXPECT_EQ(stored().open.at(0).next_attempt, std::min(last + kHeartbeat, kSoon + kTimeout));
  }
  EXPECT_TRUE(under_.records.empty());
  under_.live_until(kSoon + kTimeout);
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].outcome.result, AttemptResult::kReportMissing);
}

// The last step may be a small one.
TEST_F(CompletionTest, OneThatIsAliveHasAllOfItsTime) {
  begin_once(kHeartbeat);
  defer();
  const Instant end = kSoon + kTimeout;
  for (Instant at = kSoon + minutes(1); at < end - kHeartbeat - seconds(1); at = at + minutes(1)) {
    under_.live_until(at);
    report(ReportKind::kHeartbeat);
  }
  for (const Duration before : {kHeartbeat + seconds(1), kHeartbeat}) {
    under_.live_until(end - before);
    report(ReportKind::kHeartbeat);
  }
  EXPECT_EQ(stored().open.at(0).next_attempt, end);
}

TEST_F(CompletionTest, WithoutOneItEndsAHeartbeatLater) {
  begin_once(kHeartbeat);
  defer();
  under_.live_until(kSoon + minutes(1));
  report(ReportKind::kHeartbeat);
  under_.live_until(kSoon + minutes(1) + kHeartbeat - seconds(1));
  EXPECT_TRUE(under_.records.empty());
  under_.live_until(kSoon + minutes(1) + kHeartbeat);
  EXPECT_EQ(under_.records.size(), 1U);
}

TEST_F(CompletionTest, WhereNoneIsWantedItChangesNothing) {
  begin_once();
  report(ReportKind::kHeartbeat);  // in flight
  defer();
  const uint64_t commits = under_.store.commits;
  report(ReportKind::kHeartbeat);
  EXPECT_EQ(under_.store.commits, commits);
  for (size_t index : {size_t{0}, size_t{1}}) {
    ASSERT_TRUE(under_.answer(index));
    EXPECT_EQ(under_.answer(index)->effect, CommandEffect::kUnchanged);
  }
  EXPECT_EQ(stored().open.at(0).next_attempt, kSoon + kTimeout);
}

TEST_F(CompletionTest, SignsOfLifeAllTheTimeAreStoredNowAndThen) {
  begin_once(kHeartbeat);
  defer();
  const uint64_t before = under_.store.commits;
  for (Instant at = kSoon; at < kSoon + kHeartbeat; at = at + seconds(1)) {
    under_.live_until(at);
    report(ReportKind::kHeartbeat);
  }
  EXPECT_LE(under_.store.commits - before, 2 * static_cast<uint64_t>(kHeartbeatSteps) + 60)
      << "the send mark's included";
  EXPECT_GE(stored().open.at(0).next_attempt,
            under_.now + Duration{kHeartbeat.ms - kHeartbeat.ms / kHeartbeatSteps});
}

// --- the policy that holds is the one it was sent with ---

TEST_F(CompletionTest, ATaskThatIsChangedKeepsItForWhatIsUnderWay) {
  begin_once(kHeartbeat);
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = once_at("a", kSoon);
  under_.ask(std::move(replace));
  under_.live_until(under_.now);
  defer();
  EXPECT_TRUE(under_.records.empty()) << "it has not succeeded yet";
  under_.live_until(kSoon + minutes(1));
  under_.client.replies.clear();
  report(ReportKind::kHeartbeat);
  EXPECT_EQ(stored().open.at(0).next_attempt, kSoon + minutes(1) + kHeartbeat);
}

TEST_F(CompletionTest, AStepOfTheClockBeforeTheResponseChangesNothing) {  // C-20
  for (const Duration step : {hours(1), hours(-1)}) {
    ShardUnderTest under;
    under.rest();
    Command made = create(with_policy(once_at("a", kSoon), {}));
    under.ask(std::move(made));
    under.live_until(kSoon);
    under.step_clock(step);
    AttemptOutcome outcome = deferred(kSoon);
    outcome.ended = under.now;
    under.shard.post(AttemptEnded{under.targets.sent[0].token, std::move(outcome)});
    under.rest();
    ASSERT_EQ(under.store.stored.begin()->second.state.open.size(), 1U);
    EXPECT_EQ(under.store.stored.begin()->second.state.open[0].next_attempt,
              kSoon + step + kTimeout);
  }
}

// CO4: what holds back starts holds back no end.
TEST_F(CompletionTest, AGlobalPauseKeepsNoneWaiting) {
  auto spec = with_policy(once_at("a", kSoon), {});
  spec->target.completion->timeout = minutes(5);
  begin(std::move(spec));
  defer();
  GlobalPause pause;
  pause.id = 1;
  pause.reason = "all";
  pause.since = under_.now;
  under_.shard.post(PauseTable{1, {pause}});
  under_.live_until(kSoon + minutes(5));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].outcome.result, AttemptResult::kReportMissing);
  under_.live_until(kSoon + hours(1));
  EXPECT_EQ(sent().size(), 1U) << "S7";
}

TEST_F(CompletionTest, NorDoesAPauseOfItsTask) {
  for (const bool ends : {false, true}) {
    ShardUnderTest under;
    under.rest();
    auto spec = with_policy(once_at("a", kSoon), {});
    spec->target.completion->timeout = minutes(5);
    under.ask(create(std::move(spec)));
    under.live_until(kSoon);
    under.shard.post(AttemptEnded{under.targets.sent[0].token, deferred(kSoon)});
    Command pause = command(CommandKind::kPause, "a");
    if (ends) pause.pause->until = kSoon + minutes(30);
    under.ask(std::move(pause));
    under.live_until(kSoon + minutes(5) - milliseconds(1));
    EXPECT_TRUE(under.records.empty()) << "CO4";
    under.live_until(kSoon + minutes(5));
    ASSERT_EQ(under.records.size(), 1U) << ends;
    EXPECT_EQ(under.records[0].outcome.result, AttemptResult::kReportMissing);
    under.live_until(kSoon + minutes(29));
    EXPECT_EQ(under.targets.sent.size(), 1U) << "S7";
    under.live_until(kSoon + minutes(40));
    EXPECT_EQ(under.targets.sent.size(), ends ? 2U : 1U);
  }
}

// C-21, C-25: refused, the work would be done again.
TEST_F(CompletionTest, OnADiskThatIsNearlyFullReportsAreTaken) {
  begin_once();
  defer();
  under_.shard.post(StorageState::kLow);
  report(ReportKind::kSucceeded);
  ASSERT_TRUE(under_.answer(0));
  EXPECT_EQ(under_.records.at(0).state, RunState::kSucceeded);
}

// --- beside other commands ---

TEST_F(CompletionTest, ACanceledOneEndsAtOnce) {  // CA1
  begin_once();
  defer();
  under_.ask(cancel_first());
  under_.live_until(under_.now);
  ASSERT_NE(under_.answer(0)->ended, nullptr);
  EXPECT_EQ(under_.records.at(0).state, RunState::kCanceled);
  report(ReportKind::kHeartbeat);
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict) << "so its target knows";
}

TEST_F(CompletionTest, ADeletedTasksOneEndsWithIt) {
  begin_once();
  defer();
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kCanceled);
  report(ReportKind::kSucceeded);
  EXPECT_EQ(refusal(1), ErrorCode::kNotFound);
}

TEST_F(CompletionTest, NobodyWaitsForADeletedTasksOne) {  // S7
  begin_once();
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  defer();
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kCanceled);
  EXPECT_TRUE(under_.store.stored.empty());
}

TEST_F(CompletionTest, APausedTasksTargetMayReport) {
  begin_once();
  defer();
  under_.ask(command(CommandKind::kPause, "a"));
  under_.live_until(kSoon + minutes(1));
  report(ReportKind::kFailed);
  EXPECT_EQ(under_.records.at(0).state, RunState::kRetrying);
  under_.live_until(kSoon + hours(1));
  EXPECT_EQ(sent().size(), 1U) << "S7";
}

TEST_F(CompletionTest, OnlyWhoIsOfferedItMayReportLater) {
  begin(once_at("a", kSoon));
  defer();
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kSucceeded) << "202 is a good status";
}

// C-12: the target works, with or without a connection.
TEST_F(CompletionTest, TheNextRunWaitsForTheReport) {
  auto spec = with_policy(every("a", minutes(1), kSoon), {});
  begin(std::move(spec));
  defer();
  under_.live_until(kSoon + minutes(5));
  EXPECT_EQ(sent().size(), 1U);
  report(ReportKind::kSucceeded);
  under_.live_until(kSoon + minutes(5));
  EXPECT_EQ(sent().size(), 2U) << "the one that was buffered";
}

TEST_F(CompletionTest, NorDoesAManualRunStandBesideIt) {
  begin(with_policy(every("a", hours(1), kSoon), {}));
  defer();
  Command run = command(CommandKind::kRun, "a");
  run.nonce = 7;
  under_.ask(std::move(run));
  under_.live_until(kSoon + minutes(1));
  EXPECT_EQ(sent().size(), 1U);
  under_.ask(report_on(sent()[0], ReportKind::kSucceeded));
  under_.live_until(kSoon + minutes(1));
  EXPECT_EQ(sent().size(), 2U);
}

TEST_F(CompletionTest, ANewerRunTakesItsPlace) {
  auto spec = with_policy(every("a", minutes(1), kSoon), {});
  spec->overlap = Overlap::kCancelRunning;
  begin(std::move(spec));
  defer();
  under_.live_until(kSoon + minutes(1));
  EXPECT_EQ(under_.records.at(0).state, RunState::kCanceled);
  EXPECT_EQ(sent().size(), 2U);
}

}  // namespace
}  // namespace hourwheel::shard_completion_test
