// Redrive, cancel and backfill of a shard, in virtual time.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_runs_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

class ShardRunsTest : public ::testing::Test {
 protected:
  // A task whose first answer is its last.
  void create_once() {
    under_.rest();
    Command made = create("a", kSoon);
    made.spec->retry.max_attempts = 1;
    under_.ask(std::move(made));
    under_.live_until(kSoon);
  }
  void create_every(Duration interval, uint32_t max_attempts) {
    under_.rest();
    Command made = create("a", kSoon);
    made.spec = every("a", interval, kSoon);
    made.spec->retry.max_attempts = max_attempts;
    made.spec->retry.min_backoff = made.spec->retry.max_backoff = seconds(20);
    made.spec->retry.jitter = BackoffJitter::kNone;
    under_.ask(std::move(made));
    under_.live_until(kSoon);
  }
  // A dead run of a one-time task.
  void die() {
    create_once();
    ASSERT_EQ(sent().size(), 1U);
    under_.end_attempt(0, 500);
    under_.live_until(under_.now + seconds(1));
    ASSERT_EQ(under_.store.letters.size(), 1U);
    under_.client.replies.clear();
  }
  // The end of an attempt that was cut off after its request had left.
  void cut_off_the_first() {
    AttemptOutcome stopped;
    stopped.result = AttemptResult::kStopped;
    stopped.sent = true;
    under_.shard.post(AttemptEnded{sent()[0].token, std::move(stopped)});
  }
  Command of_run(CommandKind kind, const RunKey& run) {
    Command made = command(kind, "a");
    made.run = run;
    return made;
  }
  [[nodiscard]] const std::vector<FakeTargets::Sent>& sent() const { return under_.targets.sent; }
  [[nodiscard]] RunKey first_run() const { return sent().at(0).run; }
  [[nodiscard]] const TaskState& stored() const {
    return under_.store.stored.begin()->second.state;
  }
  [[nodiscard]] ErrorCode refusal(size_t index) const {
    const CommandOutcome& outcome = under_.answer(index);
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }

  ShardUnderTest under_;
};

// --- dead letters (C-14) ---

TEST_F(ShardRunsTest, ADeathAndItsLetterAreOneCommit) {
  create_once();
  under_.end_attempt(0, 500);
  ASSERT_TRUE(under_.store.committing != nullptr);
  const Batch& batch = *under_.store.committing;
  ASSERT_EQ(batch.records.size(), 1U);
  ASSERT_EQ(batch.died.size(), 1U);
  EXPECT_EQ(batch.died[0].run, first_run());
  EXPECT_EQ(batch.died[0].attempts, 1U);
  EXPECT_EQ(batch.died[0].status, 500U);
  EXPECT_FALSE(batch.died[0].possible_duplicate);
}

TEST_F(ShardRunsTest, ARedrivenRunKeepsItsIdAndGetsFreshAttempts) {
  die();
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  EXPECT_EQ(sent().size(), 1U) << "nothing is sent before the redrive is durable";
  under_.live_until(under_.now + seconds(1));
  ASSERT_TRUE(under_.answer(0)) << under_.answer(0).error().detail;
  EXPECT_EQ(under_.answer(0)->run, first_run());
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_EQ(sent()[1].run, first_run());
  EXPECT_EQ(sent()[1].attempt, 2U) << "attempts of a run are numbered on";
  EXPECT_TRUE(under_.store.letters.empty());
  EXPECT_EQ(stored().counts.dead, 0U);

  under_.end_attempt(1, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(under_.records.back().state, RunState::kSucceeded);
  EXPECT_EQ(under_.records.back().redrive_count, 1U);
  EXPECT_EQ(stored().counts.succeeded, 1U);
}

TEST_F(ShardRunsTest, ARedrivenRunThatFailsAgainIsDeadAgain) {
  die();
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  under_.end_attempt(1, 500);
  under_.live_until(under_.now + seconds(1));
  ASSERT_EQ(under_.store.letters.size(), 1U);
  EXPECT_EQ(under_.store.letters.begin()->second.redrive_count, 1U);
  EXPECT_EQ(stored().counts.dead, 1U);
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(sent().size(), 3U);
}

TEST_F(ShardRunsTest, ASecondRedriveFindsTheRunOpenOrGone) {
  die();
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  EXPECT_TRUE(under_.answer(0));
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict);
  under_.end_attempt(1, 200);
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(refusal(2), ErrorCode::kStateConflict);
  EXPECT_EQ(sent().size(), 2U);
}

TEST_F(ShardRunsTest, ADiscardedLetterIsGoneAndItsRunStaysDead) {
  die();
  const uint64_t version = stored().version.value;
  under_.ask(of_run(CommandKind::kDiscard, first_run()));
  under_.ask(of_run(CommandKind::kDiscard, first_run()));
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  ASSERT_TRUE(under_.answer(0)) << under_.answer(0).error().detail;
  EXPECT_EQ(under_.answer(0)->run, first_run());
  EXPECT_TRUE(under_.store.letters.empty());
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict) << "it is gone";
  EXPECT_EQ(refusal(2), ErrorCode::kStateConflict) << "for a redrive, too";
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_EQ(stored().counts.dead, 1U);
  EXPECT_EQ(stored().version.value, version) << "the definition is as it was";
  ASSERT_FALSE(under_.store.audit.empty());
  EXPECT_EQ(under_.store.audit.back().action, AuditAction::kDiscard);
  EXPECT_EQ(under_.store.audit.back().run, first_run());
}

TEST_F(ShardRunsTest, AnOpenRunHasNoLetterToDiscard) {
  die();
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.ask(of_run(CommandKind::kDiscard, first_run()));
  under_.live_until(under_.now + seconds(1));
  EXPECT_TRUE(under_.answer(0));
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict);
}

TEST_F(ShardRunsTest, ARunWithoutALetterIsNotRedriven) {
  die();
  RunKey other = first_run();
  other.instant_or_nonce += 1;
  under_.ask(of_run(CommandKind::kRedrive, other));
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(refusal(0), ErrorCode::kStateConflict);
}

TEST_F(ShardRunsTest, ARedrivenRunSaysThatAnEarlierSendCannotBeExcluded) {  // C-7
  create_once();
  AttemptOutcome lost;
  lost.result = AttemptResult::kConnectionLost;
  lost.sent = true;
  lost.started = lost.ended = under_.now;
  under_.shard.post(AttemptEnded{sent()[0].token, std::move(lost)});
  under_.live_until(under_.now + seconds(1));
  under_.ask(of_run(CommandKind::kRedrive, first_run()));
  under_.live_until(under_.now + seconds(1));
  ASSERT_EQ(sent().size(), 2U);
  EXPECT_TRUE(sent()[1].possible_duplicate);
}

TEST_F(ShardRunsTest, ARedrivenRunThatWaitsForItsTimeLeavesTheScheduleAlone) {
  create_every(seconds(30), 1);
  under_.end_attempt(0, 500);
  under_.live_until(kSoon + seconds(1));
  Command later = of_run(CommandKind::kRedrive, first_run());
  later.not_before = kSoon + seconds(100);
  under_.ask(std::move(later));
  under_.live_until(kSoon + seconds(30));
  ASSERT_EQ(sent().size(), 2U) << "the next due instant fires";
  EXPECT_EQ(sent()[1].run.instant_or_nonce, (kSoon + seconds(30)).ms);
  under_.end_attempt(1, 200);
  under_.live_until(kSoon + seconds(60));
  under_.end_attempt(2, 200);
  under_.live_until(kSoon + seconds(90));
  under_.end_attempt(3, 200);
  under_.live_until(kSoon + seconds(100));
  ASSERT_EQ(sent().size(), 5U);
  EXPECT_EQ(sent()[4].run, first_run());
  EXPECT_EQ(sent()[4].at, kSoon + seconds(100));
  EXPECT_EQ(stored().counts.skipped, 0U);
}

TEST_F(ShardRunsTest, ADeletedTasksRunLeavesNoLetter) {
  create_once();
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  under_.end_attempt(0, 404);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(under_.records.back().state, RunState::kDead);
  EXPECT_TRUE(under_.store.letters.empty());
}

// --- cancel ---

TEST_F(ShardRunsTest, ARunThatWaitsForARetryIsCanceledAtOnce) {
  create_every(minutes(10), 5);
  under_.end_attempt(0, 500);
  under_.live_until(kSoon + seconds(1));
  under_.client.replies.clear();
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  EXPECT_TRUE(under_.client.replies.empty()) << "C-1 not durable yet";
  under_.live_until(kSoon + minutes(5));
  ASSERT_TRUE(under_.answer(0));
  ASSERT_NE(under_.answer(0)->ended, nullptr);
  EXPECT_EQ(under_.answer(0)->ended->state, RunState::kCanceled);
  EXPECT_EQ(under_.records.back().state, RunState::kCanceled);
  EXPECT_EQ(sent().size(), 1U) << "never retried";
  EXPECT_TRUE(stored().open.empty());
  EXPECT_EQ(stored().counts.other, 1U);
}

TEST_F(ShardRunsTest, ARunInFlightEndsCanceledWhenItsEndComes) {
  create_every(minutes(10), 5);
  under_.client.replies.clear();
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  under_.live_until(under_.now);
  ASSERT_TRUE(under_.answer(0));
  EXPECT_EQ(under_.answer(0)->ended, nullptr);
  ASSERT_EQ(under_.targets.canceled.size(), 1U);
  EXPECT_EQ(under_.targets.canceled[0].slot, sent()[0].token.slot);
  ASSERT_EQ(stored().open.size(), 1U);
  EXPECT_TRUE(stored().open[0].canceled) << "the fate-to-be is stored";
  cut_off_the_first();
  under_.live_until(kSoon + minutes(5));
  EXPECT_EQ(under_.records.back().state, RunState::kCanceled);
  EXPECT_EQ(sent().size(), 1U);
  EXPECT_TRUE(stored().open.empty());
}

TEST_F(ShardRunsTest, ADeleteThatCutsOffEndsWhatIsInFlight) {  // C-10
  create_every(minutes(10), 5);
  under_.client.replies.clear();
  Command gone = command(CommandKind::kDelete, "a");
  gone.cut_running = true;
  under_.ask(std::move(gone));
  under_.live_until(under_.now);
  ASSERT_TRUE(under_.answer(0));
  EXPECT_EQ(under_.answer(0)->in_flight, 1U);
  ASSERT_EQ(under_.targets.canceled.size(), 1U);
  EXPECT_EQ(under_.targets.canceled[0].slot, sent()[0].token.slot);
  cut_off_the_first();
  under_.live_until(kSoon + minutes(5));
  EXPECT_EQ(under_.records.back().state, RunState::kCanceled);
  EXPECT_TRUE(under_.store.stored.empty());
}

TEST_F(ShardRunsTest, WithoutThatTheyGoOn) {
  create_every(minutes(10), 5);
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  EXPECT_TRUE(under_.targets.canceled.empty());
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(under_.records.back().state, RunState::kSucceeded);
}

// --- what is logged ---

TEST_F(ShardRunsTest, ADeadRunIsLoggedWithItsIds) {
  create_once();
  under_.end_attempt(0, 503);
  ASSERT_EQ(under_.log.records.size(), 1U);
  const LogRecord& line = under_.log.records[0];
  EXPECT_EQ(line.level, LogLevel::kWarning);
  EXPECT_EQ(line.message, "a run is dead");
  std::map<std::string_view, std::string> fields;
  for (const LogField& field : line.fields) fields[field.name] = field.value;
  EXPECT_EQ(fields["task_id"], "a");
  EXPECT_EQ(fields["run_id"], run_id(task_key("a"), first_run()));
  EXPECT_EQ(fields["attempt"], "1");
  EXPECT_EQ(fields["status"], "503");
}

TEST_F(ShardRunsTest, AFailedAttemptIsLoggedForWhoWantsAll) {
  under_.log.least = LogLevel::kDebug;
  create_every(minutes(10), 5);
  under_.end_attempt(0, 500);
  ASSERT_EQ(under_.log.records.size(), 1U);
  EXPECT_EQ(under_.log.records[0].level, LogLevel::kDebug);
}

TEST_F(ShardRunsTest, ACancelThatComesTooLateLeavesASuccess) {
  create_every(minutes(10), 5);
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(under_.records.back().state, RunState::kSucceeded);
}

TEST_F(ShardRunsTest, ARunThatWasToEndWhenTheServerDiedEndsCanceled) {
  create_every(minutes(10), 5);
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  under_.live_until(under_.now);
  ShardUnderTest next({.counter = 9, .send_mark = under_.now + seconds(5)});
  next.store.stored = under_.store.stored;
  next.turn();
  ScanRequest ahead = next.store.scans.front();
  next.store.scans.pop_front();
  const StoredTask& task = next.store.stored.begin()->second;
  EXPECT_TRUE(task.state.wake() <= under_.now);
  next.shard.post(Scanned{ahead, {{task.number, task.key, task.state}}, std::nullopt});
  next.now = under_.now;
  next.live_until(next.now + minutes(1));
  EXPECT_TRUE(next.targets.sent.empty()) << "a canceled run is not sent again";
  ASSERT_EQ(next.records.size(), 1U);
  EXPECT_EQ(next.records[0].state, RunState::kCanceled);
}

// The request is repeated before the next life has looked at the run.
TEST_F(ShardRunsTest, ACancelRepeatedAfterACrashFindsTheRunEnded) {
  create_every(minutes(10), 5);
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  under_.live_until(under_.now);
  ShardUnderTest next({.counter = 9, .send_mark = under_.now + seconds(5)});
  next.store.stored = under_.store.stored;
  next.now = under_.now;
  next.turn();
  next.ask(of_run(CommandKind::kCancel, first_run()));
  while (!next.store.fetches.empty()) next.answer_fetch();
  next.flush();
  next.flush();
  ASSERT_EQ(next.client.replies.size(), 1U);
  ASSERT_EQ(next.records.size(), 1U);
  EXPECT_EQ(next.records[0].state, RunState::kCanceled);
}

TEST_F(ShardRunsTest, AnEndedRunIsNotCanceled) {
  die();
  under_.ask(of_run(CommandKind::kCancel, first_run()));
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(refusal(0), ErrorCode::kStateConflict);
}

TEST_F(ShardRunsTest, WhoAsksForATaskSeesTheAttemptUnderWay) {
  create_once();
  ASSERT_TRUE(stored().open.empty()) << "its start is stored with its end";
  under_.shard.post(QueryRequest{{0, 99, 1, 0}, GetTask{task_key("a")}});
  under_.turn();
  ASSERT_EQ(under_.store.queries.size(), 1U);
  under_.client.replies.clear();
  under_.shard.post(Answered{under_.store.queries.front().token,
                             QueryAnswer(under_.store.stored.begin()->second)});
  under_.turn();
  ASSERT_EQ(under_.client.replies.size(), 1U);
  const auto& answer = std::get<Result<QueryAnswer>>(under_.client.replies[0].body);
  const auto& shown = std::get<StoredTask>(*answer);
  ASSERT_EQ(shown.state.open.size(), 1U);
  EXPECT_EQ(shown.state.open[0].key, first_run());
  EXPECT_TRUE(shown.state.open[0].in_flight);
}

TEST_F(ShardRunsTest, WhoListsTasksSeesTheAttemptsUnderWay) {
  create_once();
  under_.shard.post(QueryRequest{{0, 99, 1, 0}, ListTasks{}});
  under_.turn();
  ASSERT_EQ(under_.store.queries.size(), 1U);
  under_.client.replies.clear();
  TaskPage page;
  page.tasks = {under_.store.stored.begin()->second};
  under_.shard.post(Answered{under_.store.queries.front().token, QueryAnswer(std::move(page))});
  under_.turn();
  ASSERT_EQ(under_.client.replies.size(), 1U);
  const auto& answer = std::get<Result<QueryAnswer>>(under_.client.replies[0].body);
  const StoredTask& shown = std::get<TaskPage>(*answer).tasks.at(0);
  ASSERT_EQ(shown.state.open.size(), 1U);
  EXPECT_EQ(shown.state.open[0].key, first_run());
}

// A run that waits for its turn is stored with its end as well.
TEST_F(ShardRunsTest, AndTheRunsThatStandInLine) {
  LineLimits limits;
  limits.in_flight_unproven = 1;
  under_.shard.limit_lines(limits);
  create_once();
  under_.ask(create("b", under_.now + seconds(1)));
  under_.live_until(under_.now + seconds(2));
  ASSERT_EQ(sent().size(), 1U);
  const StoredTask& waits = under_.store.stored.rbegin()->second;
  ASSERT_TRUE(waits.state.open.empty());
  under_.shard.post(QueryRequest{{0, 99, 1, 0}, ListTasks{}});
  under_.turn();
  under_.client.replies.clear();
  TaskPage page;
  page.tasks = {waits};
  under_.shard.post(Answered{under_.store.queries.front().token, QueryAnswer(std::move(page))});
  under_.turn();
  const auto& answer = std::get<Result<QueryAnswer>>(under_.client.replies.at(0).body);
  EXPECT_EQ(std::get<TaskPage>(*answer).tasks.at(0).state.open.size(), 1U);
}

// --- backfill ---

TEST_F(ShardRunsTest, EveryInstantOfABackfillBecomesARunOfItsOwn) {
  create_every(minutes(1), 1);
  under_.end_attempt(0, 200);
  under_.live_until(kSoon + minutes(3) - seconds(10));
  for (size_t i = 1; i < sent().size(); ++i) under_.end_attempt(i, 200);
  const size_t scheduled = sent().size();
  under_.client.replies.clear();
  Command order = command(CommandKind::kBackfill, "a");
  order.range = BackfillRange{kSoon, under_.now, 10};
  under_.ask(std::move(order));
  under_.live_until(under_.now);
  ASSERT_TRUE(under_.answer(0)) << under_.answer(0).error().detail;
  ASSERT_TRUE(under_.answer(0)->state.backfill);
  const uint64_t count = under_.answer(0)->state.backfill->left;
  EXPECT_EQ(count, 3U);
  for (uint64_t i = 0; i < count; ++i) {
    under_.pass(milliseconds(100));
    under_.live_until(under_.now);
    ASSERT_EQ(sent().size(), scheduled + i + 1);
    const auto& made = sent().back();
    EXPECT_EQ(made.run.trigger, Trigger::kBackfill);
    EXPECT_EQ(made.run.instant_or_nonce, (kSoon + minutes(static_cast<int64_t>(i))).ms);
    ASSERT_EQ(stored().open.size(), 1U) << "BF3 the run is durable before it is sent";
    EXPECT_EQ(stored().open[0].key, made.run);
    EXPECT_FALSE(made.possible_duplicate);
    under_.end_attempt(sent().size() - 1, 200);
    under_.live_until(under_.now);
  }
  EXPECT_FALSE(stored().backfill);
  EXPECT_TRUE(stored().open.empty());
}

TEST_F(ShardRunsTest, OneOrderAtATimeAndItCanBeEnded) {
  create_every(minutes(1), 1);
  under_.end_attempt(0, 200);
  under_.live_until(kSoon + minutes(2));
  under_.client.replies.clear();
  for (int i = 0; i < 2; ++i) {
    Command order = command(CommandKind::kBackfill, "a");
    order.range = BackfillRange{kSoon, kSoon + minutes(2), 1};
    under_.ask(std::move(order));
  }
  under_.ask(command(CommandKind::kStopBackfill, "a"));
  under_.ask(command(CommandKind::kStopBackfill, "a"));
  under_.live_until(under_.now);
  EXPECT_TRUE(under_.answer(0));
  EXPECT_EQ(refusal(1), ErrorCode::kStateConflict);
  EXPECT_TRUE(under_.answer(2));
  EXPECT_EQ(refusal(3), ErrorCode::kStateConflict);
  EXPECT_FALSE(stored().backfill);
}

}  // namespace
}  // namespace hourwheel::shard_runs_test
