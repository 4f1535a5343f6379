// The same through crashes, steps of the clock and stops; and reports that come before responses.
#include <gtest/gtest.h>

#include "tests/engine/completion_fixture.h"

namespace hourwheel::shard_completion_faults_test {
namespace {

// --- a report before the response (CO3) ---

TEST_F(CompletionTest, AReportMayComeBeforeTheResponse) {
  for (const uint16_t status : {uint16_t{202}, uint16_t{500}}) {
    ShardUnderTest under;
    under.rest();
    under.ask(create(with_policy(once_at("a", kSoon), {})));
    under.live_until(kSoon);
    under.client.replies.clear();
    under.ask(report_on(under.targets.sent[0], ReportKind::kSucceeded));
    under.rest();
    ASSERT_TRUE(under.answer(0));
    EXPECT_EQ(under.answer(0)->ended, nullptr) << "the attempt is not over";
    EXPECT_TRUE(under.records.empty());
    under.ask(report_on(under.targets.sent[0], ReportKind::kFailed));
    under.rest();
    EXPECT_FALSE(under.answer(1)) << "CO2";
    under.end_attempt(0, status);
    under.rest();
    ASSERT_EQ(under.records.size(), 1U);
    EXPECT_EQ(under.records[0].state, RunState::kSucceeded);
    EXPECT_EQ(under.records[0].outcome.result, AttemptResult::kReportedSuccess);
  }
}

TEST_F(CompletionTest, SuchAReportOutlivesTheProcess) {
  begin_once();
  report(ReportKind::kSucceeded, "done");
  const auto next = next_life(kSoon + seconds(5));
  next->live_until(kSoon + hours(1));
  EXPECT_TRUE(next->targets.sent.empty()) << "CO1";
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].state, RunState::kSucceeded);
  EXPECT_EQ(next->records[0].outcome.detail, "done");
  EXPECT_EQ(next->records[0].outcome.started, kSoon);
}

TEST_F(CompletionTest, AndTellsWhichDefinitionWasSent) {
  begin_once();
  const Version sent = stored().version;
  report(ReportKind::kFailedFinal);
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = once_at("a", kSoon);
  under_.ask(std::move(replace));
  under_.live_until(under_.now);
  ASSERT_NE(stored().version, sent);
  const auto next = next_life(kSoon + seconds(5));
  next->live_until(kSoon + minutes(1));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].task_version, sent);
}

TEST_F(CompletionTest, AndAPauseOfItsTask) {
  begin_once();
  report(ReportKind::kSucceeded);
  under_.ask(command(CommandKind::kPause, "a"));
  under_.live_until(under_.now);
  ASSERT_TRUE(stored().pause);
  const auto next = next_life(kSoon + seconds(5));
  next->live_until(kSoon + minutes(1));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].outcome.result, AttemptResult::kReportedSuccess);
}

TEST_F(CompletionTest, AndItsTasksDeletion) {
  begin_once();
  report(ReportKind::kSucceeded);
  under_.ask(command(CommandKind::kDelete, "a"));
  ASSERT_TRUE(under_.store.committing);
  const TaskChange& deleted = under_.store.committing->tasks.back();
  ASSERT_TRUE(deleted.state.deleted);
  ShardUnderTest next(RecoveredShard{5, under_.store.mark});
  next.now = kSoon + seconds(1);
  next.store.stored.emplace(deleted.number,
                            StoredTask{deleted.number, deleted.key, {}, deleted.state});
  next.rest();
  ASSERT_EQ(next.records.size(), 1U);
  EXPECT_EQ(next.records[0].state, RunState::kSucceeded);
  EXPECT_EQ(next.records[0].outcome.result, AttemptResult::kReportedSuccess);
}

// Whichever of them came first.
TEST_F(CompletionTest, ACancelTakesNothingFromIt) {
  begin_once();
  report(ReportKind::kSucceeded);
  under_.ask(cancel_first());
  under_.live_until(under_.now);
  const auto next = next_life(kSoon + seconds(5));
  next->live_until(kSoon + hours(1));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].state, RunState::kSucceeded);
  EXPECT_TRUE(next->targets.sent.empty());
}

TEST_F(CompletionTest, NorDoesOneThatComesFirstInTheNextLife) {
  begin_once();
  report(ReportKind::kSucceeded);
  for (const bool deletes : {false, true}) {
    auto next =
        std::make_unique<ShardUnderTest>(RecoveredShard{stored().version.value, under_.store.mark});
    next->now = kSoon + seconds(5);
    next->store.stored = under_.store.stored;
    next->ask(deletes ? command(CommandKind::kDelete, "a") : cancel_first());
    next->live_until(kSoon + hours(1));
    ASSERT_EQ(next->records.size(), 1U) << deletes;
    EXPECT_EQ(next->records[0].state, RunState::kSucceeded) << deletes;
    EXPECT_EQ(bool(next->answer(0)), deletes) << "the run has ended";
  }
}

// Its definition was let go of meanwhile, and the task was not.
TEST_F(CompletionTest, ADeleteCancelsWhatItsPolicyWouldRetry) {
  MemoryLimits limits;
  limits.dormant = 0;
  under_.shard.limit_memory(limits);
  begin_once();
  defer();
  under_.live_until(kSoon + kTimeout - minutes(1));
  under_.now = kSoon + kTimeout + seconds(1);  // no turn meanwhile
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  ASSERT_EQ(under_.records.size(), 2U);
  EXPECT_EQ(under_.records[0].state, RunState::kRetrying) << "it is judged by its policy";
  EXPECT_EQ(under_.records[1].state, RunState::kCanceled);
}

// --- crashes ---

TEST_F(CompletionTest, ANewLifeGoesOnWaiting) {
  begin_once();
  defer();
  const auto next = next_life(kSoon + minutes(5));
  next->live_until(kSoon + kTimeout - minutes(1));
  EXPECT_TRUE(next->targets.sent.empty()) << "CO1";
  next->ask(report_on(sent()[0], ReportKind::kSucceeded));
  next->live_until(next->now);
  ASSERT_EQ(next->client.replies.size(), 1U);
  EXPECT_TRUE(next->answer(0));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].state, RunState::kSucceeded);
  EXPECT_EQ(next->records[0].outcome.started, kSoon);
}

TEST_F(CompletionTest, AReportThatWasNotDurableMayBeSentAgain) {
  begin_once();
  defer();
  under_.ask(report_on(sent()[0], ReportKind::kSucceeded));
  EXPECT_TRUE(under_.client.replies.empty());
  const auto next = next_life(kSoon + seconds(5));
  next->ask(report_on(sent()[0], ReportKind::kSucceeded));
  next->live_until(next->now);
  EXPECT_TRUE(next->answer(0));
}

// --- at most once (C-6) ---

TEST_F(CompletionTest, AtMostOnceItEndsUnknownWithoutAReport) {
  auto spec = with_policy(once_at("a", kSoon), {});
  spec->delivery = Delivery::kAtMostOnce;
  begin(std::move(spec));
  defer();
  under_.live_until(kSoon + kTimeout + hours(1));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kUnknown);
  EXPECT_EQ(sent().size(), 1U);
}

TEST_F(CompletionTest, AtMostOnceIsNotLostWithTheProcess) {
  auto spec = with_policy(once_at("a", kSoon), {});
  spec->delivery = Delivery::kAtMostOnce;
  begin(std::move(spec));
  defer();
  const auto next = next_life(kSoon + minutes(5));
  next->live_until(kSoon + minutes(10));
  EXPECT_TRUE(next->records.empty()) << "its target answered: it is waited for";
  next->ask(report_on(sent()[0], ReportKind::kFailed));
  next->live_until(kSoon + hours(1));
  ASSERT_EQ(next->records.size(), 1U);
  EXPECT_EQ(next->records[0].state, RunState::kDead) << "it is known, and not sent again";
  EXPECT_TRUE(next->targets.sent.empty());
}

// --- the clock (C-20) and the end (C-26) ---

TEST_F(CompletionTest, ItsTimeIsALengthOfTime) {
  constexpr Duration kShort = minutes(5);  // within the horizon
  for (const Duration step : {minutes(2), minutes(-2)}) {
    ShardUnderTest under;
    under.rest();
    Command made = create(with_policy(once_at("a", kSoon), {}));
    made.spec->target.completion->timeout = kShort;
    under.ask(std::move(made));
    under.live_until(kSoon);
    under.shard.post(AttemptEnded{under.targets.sent[0].token, deferred(under.now)});
    under.rest();
    under.step_clock(step);
    under.live_until(kSoon + step + kShort - seconds(1));
    EXPECT_TRUE(under.records.empty());
    under.live_until(kSoon + step + kShort);
    EXPECT_EQ(under.records.size(), 1U);
  }
}

TEST_F(CompletionTest, ADrainDoesNotWaitForIt) {
  begin_once();
  defer();
  under_.shard.drain();
  under_.rest();
  EXPECT_TRUE(under_.shard.drained());
  EXPECT_EQ(under_.store.mark, Instant{}) << "nothing is in doubt";
  EXPECT_TRUE(stored().open.at(0).awaited);
}

TEST_F(CompletionTest, ADrainThatCutsOffTakesTheReport) {
  begin_once();
  report(ReportKind::kSucceeded);
  under_.shard.drain();
  under_.cut_attempt(0);
  under_.rest();
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kSucceeded);
}

}  // namespace
}  // namespace hourwheel::shard_completion_faults_test
