// Misfire, overlap and the limits of schedules as the shard carries them out: what is sent, what is
// cut off, and what a crash leaves behind.
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "engine/shard.h"
#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_policies_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;
constexpr Instant kSoon = kStart + seconds(10);
constexpr Duration kEvery = seconds(10);

// A task due every ten seconds from kSoon on.
std::unique_ptr<TaskSpec> every_ten(Overlap overlap) {
  auto spec = every("a", kEvery, kSoon);
  spec->overlap = overlap;
  return spec;
}

void store_task(ShardUnderTest& under, std::unique_ptr<TaskSpec> spec) {
  under.rest();
  under.ask(create(std::move(spec)));
  under.rest();
  under.client.replies.clear();
}

// A life that begins with this task stored; the time it was down is over.
struct SecondLife {
  SecondLife(std::unique_ptr<TaskSpec> spec, TaskState state, Instant mark = {})
      : under({.counter = 7, .send_mark = mark}) {
    state.version = {3};
    state.generation = {3};
    state.overlap = spec->overlap;
    under.store.stored[{3}] = StoredTask{{3}, task_key("a"), std::move(*spec), state};
    under.turn();
    const ScanRequest ahead = under.store.scans.front();
    under.store.scans.pop_front();
    under.shard.post(Scanned{ahead, {{{3}, task_key("a"), state}}, std::nullopt});
    under.live_until(under.now);
  }
  std::vector<int64_t> sent_dues() const {  // in steps of kEvery before kStart
    std::vector<int64_t> out;
    for (const auto& sent : under.targets.sent) {
      out.push_back((sent.run.instant_or_nonce - kStart.ms) / kEvery.ms);
    }
    return out;
  }
  ShardUnderTest under;
};

TaskState due_from(Instant next_due) {
  TaskState state;
  state.next_due = next_due;
  return state;
}

// --- C-12 ---

TEST(ShardPoliciesTest, AllowedRunsAreInFlightBesideEachOther) {
  ShardUnderTest under;
  store_task(under, every_ten(Overlap::kAllow));
  under.live_until(kSoon + kEvery * 2);
  ASSERT_EQ(under.targets.sent.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(under.targets.sent[i].at, kSoon + kEvery * static_cast<int64_t>(i));
  }
  under.end_attempt(1, 200);
  under.rest();
  // The cursor has moved past the ended one; those above and below the gap are stored as open.
  const TaskState& state = under.store.stored.begin()->second.state;
  EXPECT_EQ(state.next_due, kSoon + kEvery * 3);
  ASSERT_EQ(state.open.size(), 2U);
  EXPECT_TRUE(state.open[0].in_flight);
  EXPECT_TRUE(state.open[1].in_flight);
}

TEST(ShardPoliciesTest, RunsInFlightAboveTheFloorSurviveACrash) {
  TaskState state = due_from(kStart + kEvery);
  for (int64_t i = 1; i <= 2; ++i) {
    OpenRun run;
    run.due = run.next_attempt = kStart - kEvery * i;
    run.key = {{3}, Trigger::kSchedule, run.due.ms};
    run.attempts = 1;
    run.in_flight = true;
    state.open.push_back(run);
  }
  SecondLife second(every("a", kEvery, kStart - hours(1)), state, kStart);
  second.under.store.stored.begin()->second.spec.overlap = Overlap::kAllow;
  second.under.live_until(kStart + seconds(1));
  ASSERT_EQ(second.under.targets.sent.size(), 1U);  // buffer_one: one at a time
  EXPECT_TRUE(second.under.targets.sent[0].possible_duplicate);
  second.under.end_attempt(0, 200);
  second.under.live_until(kStart + seconds(2));
  ASSERT_EQ(second.under.targets.sent.size(), 2U);
  EXPECT_TRUE(second.under.targets.sent[1].possible_duplicate);
}

TEST(ShardPoliciesTest, AllowNeverExceedsItsBound) {
  ShardUnderTest under;
  auto spec = every("a", kShortestInterval, kSoon);
  spec->overlap = Overlap::kAllow;
  store_task(under, std::move(spec));
  under.live_until(kSoon + kShortestInterval * 200);
  EXPECT_LE(under.targets.sent.size(), kMaxOpenRuns);
  const size_t before = under.targets.sent.size();
  EXPECT_EQ(before, kMaxRunsUnprovenDestination);  // of its destination
  for (size_t i = 0; i < before; ++i) under.end_attempt(i, 200);
  under.live_until(under.now + seconds(1));
  for (const RunRecord& record : under.records) EXPECT_EQ(record.state, RunState::kSucceeded);
}

TEST(ShardPoliciesTest, CanceledRunEndsBeforeTheNewOneStarts) {
  ShardUnderTest under;
  store_task(under, every_ten(Overlap::kCancelRunning));
  under.live_until(kSoon + kEvery);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  ASSERT_EQ(under.targets.canceled.size(), 1U);
  EXPECT_EQ(under.targets.canceled[0].slot, under.targets.sent[0].token.slot);
  under.pass(seconds(1));
  EXPECT_EQ(under.targets.sent.size(), 1U);  // its end has not come back
  under.cut_attempt(0);
  under.rest();
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kCanceled);
  EXPECT_EQ(under.records[0].outcome.result, AttemptResult::kStopped);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].run.instant_or_nonce, (kSoon + kEvery).ms);
}

TEST(ShardPoliciesTest, RunThatEndedInTimeIsNotCanceled) {
  ShardUnderTest under;
  store_task(under, every_ten(Overlap::kCancelRunning));
  under.live_until(kSoon + kEvery);
  ASSERT_EQ(under.targets.canceled.size(), 1U);
  under.end_attempt(0, 200);  // it was under way
  under.rest();
  EXPECT_EQ(under.records.at(0).state, RunState::kSucceeded);
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

TEST(ShardPoliciesTest, RunThatWaitsForARetryIsCanceledAtOnce) {
  ShardUnderTest under;
  auto spec = every_ten(Overlap::kCancelRunning);
  spec->retry.min_backoff = spec->retry.max_backoff = hours(1);
  spec->retry.jitter = BackoffJitter::kNone;
  store_task(under, std::move(spec));
  under.live_until(kSoon);
  under.end_attempt(0, 500);
  under.live_until(kSoon + kEvery);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_TRUE(under.targets.canceled.empty());
  ASSERT_EQ(under.records.size(), 2U);
  EXPECT_EQ(under.records[1].state, RunState::kCanceled);
}

TEST(ShardPoliciesTest, WaitingRunDoesNotStartBetweenTwoAttempts) {
  ShardUnderTest under;
  auto spec = every_ten(Overlap::kBufferOne);
  spec->retry.min_backoff = spec->retry.max_backoff = seconds(30);
  spec->retry.jitter = BackoffJitter::kNone;
  store_task(under, std::move(spec));
  under.live_until(kSoon);
  under.end_attempt(0, 500);
  under.live_until(kSoon + seconds(29));
  EXPECT_EQ(under.targets.sent.size(), 1U);
  under.live_until(kSoon + seconds(30));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].attempt, 2U);
  EXPECT_EQ(under.targets.sent[1].run, under.targets.sent[0].run);
}

// --- C-11 ---

TEST(ShardPoliciesTest, SkippedMisfiresAreOneRowAndTheNextDueFires) {
  auto spec = every("a", kEvery, kStart - hours(1));
  spec->misfire.policy = MisfirePolicy::kSkip;
  spec->misfire_after = seconds(1);
  SecondLife second(std::move(spec), due_from(kStart - minutes(10)));
  ShardUnderTest& under = second.under;
  under.live_until(kStart + seconds(1));
  EXPECT_EQ(second.sent_dues(), std::vector<int64_t>{0});  // due as the server came up
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kMisfire);
  EXPECT_EQ(under.records[0].count, 60U);
  EXPECT_EQ(under.shard.metrics().runs_ended(RunState::kSkipped).value(), 60U) << "each of them";
}

TEST(ShardPoliciesTest, FireAllMakesUpOldestFirstAtItsRate) {
  auto spec = every("a", kEvery, kStart - hours(1));
  spec->misfire = {MisfirePolicy::kFireAll, hours(24), 4, 2};
  spec->misfire_after = seconds(1);
  spec->overlap = Overlap::kAllow;
  SecondLife second(std::move(spec), due_from(kStart - minutes(10)));
  ShardUnderTest& under = second.under;
  under.live_until(kStart + seconds(5));
  EXPECT_EQ(second.sent_dues(), (std::vector<int64_t>{0, -4, -3, -2, -1}));
  for (size_t i = 2; i < 5; ++i) {
    EXPECT_GE(under.targets.sent[i].at - under.targets.sent[i - 1].at, milliseconds(500));
  }
  ASSERT_EQ(under.records.size(), 1U);  // the rest: one row
  EXPECT_EQ(under.records[0].count, 56U);
}

// A pause may outlive the mark that says what the former life may have sent (C-8).
TEST(ShardPoliciesTest, WhatMayHaveBeenSentIsFlaggedThroughAPause) {
  SecondLife second(every("a", kEvery, kStart - hours(1)), due_from(kStart - seconds(10)), kStart);
  ShardUnderTest& under = second.under;
  under.ask(command(CommandKind::kPause, "a"));
  under.live_until(kStart + milliseconds(1));
  const TaskState& state = under.store.stored.begin()->second.state;
  ASSERT_TRUE(state.pause);
  ASSERT_FALSE(state.open.empty());
  EXPECT_TRUE(state.open[0].possible_duplicate);
}

TEST(ShardPoliciesTest, ResumeMakesUpForWhatWasSleptThrough) {
  ShardUnderTest under;
  auto spec = every_ten(Overlap::kBufferOne);
  spec->misfire = {MisfirePolicy::kFireAll, hours(24), 2, 10};
  store_task(under, std::move(spec));
  under.ask(command(CommandKind::kPause, "a"));
  under.live_until(kSoon + kEvery * 5 + seconds(1));
  under.ask(command(CommandKind::kResume, "a"));
  under.live_until(kSoon + kEvery * 5 + seconds(2));
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kPaused);
  EXPECT_EQ(under.records[0].count, 4U);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].run.instant_or_nonce, (kSoon + kEvery * 4).ms);
  under.end_attempt(0, 200);
  under.live_until(kSoon + kEvery * 5 + seconds(3));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].run.instant_or_nonce, (kSoon + kEvery * 5).ms);
}

// --- C-16 ---

TEST(ShardPoliciesTest, MaxRunsEndsTheSchedule) {
  ShardUnderTest under;
  auto spec = every_ten(Overlap::kBufferOne);
  spec->schedule.max_runs = 2;
  store_task(under, std::move(spec));
  under.live_until(kSoon);
  under.end_attempt(0, 200);
  under.live_until(kSoon + kEvery);
  under.end_attempt(1, 500);  // an attempt is no run
  under.live_until(kSoon + kEvery + seconds(5));
  ASSERT_EQ(under.targets.sent.size(), 3U);
  under.end_attempt(2, 200);
  under.live_until(kSoon + minutes(5));
  EXPECT_EQ(under.targets.sent.size(), 3U);
  const TaskState& state = under.store.stored.begin()->second.state;
  EXPECT_EQ(status_of(state), TaskStatus::kCompleted);
  EXPECT_EQ(state.ended_runs, 2U);
}

TEST(ShardPoliciesTest, RunWithALongJitterIsStoredWhenItsTaskIsLetGo) {
  ShardUnderTest under;
  auto spec = every("a", hours(24), kSoon);
  spec->schedule.jitter = hours(23);
  store_task(under, std::move(spec));
  under.live_until(kSoon + seconds(2));
  const TaskState& state = under.store.stored.begin()->second.state;
  ASSERT_EQ(state.open.size(), 1U);
  const Instant fire_at = kSoon + state.open[0].jitter;
  ASSERT_GT(fire_at, kSoon + kHorizonAhead * 2);  // else the case shows nothing
  EXPECT_EQ(state.wake(), fire_at);
  EXPECT_EQ(under.shard.metrics().tasks_in_memory.value(), 0);
}

TEST(ShardPoliciesTest, JitterDelaysTheStartOnly) {
  ShardUnderTest under;
  auto spec = every("a", kEvery, kSoon);
  spec->schedule.jitter = seconds(8);
  store_task(under, std::move(spec));
  under.live_until(kSoon + seconds(9));
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_GT(under.targets.sent[0].at, kSoon);
  EXPECT_EQ(under.targets.sent[0].run.instant_or_nonce, kSoon.ms);
  under.end_attempt(0, 200);
  under.rest();
  EXPECT_EQ(under.records.at(0).due, kSoon);
  EXPECT_GT(under.records.at(0).jitter, Duration{});
  // Lateness counts from the end of the jitter.
  const Instant fire_at = kSoon + under.records[0].jitter;
  EXPECT_EQ(under.store.stored.begin()->second.state.last_run.lateness,
            under.records[0].outcome.started - fire_at);
}

TEST(ShardPoliciesTest, FixedDelayIsStoredWithTheEnd) {
  ShardUnderTest under;
  auto spec = every("a", kEvery, kSoon);
  spec->schedule.kind = ScheduleKind::kFixedDelay;
  store_task(under, std::move(spec));
  under.live_until(kSoon + seconds(4));
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  const Instant ended = under.now;
  under.flush();
  EXPECT_EQ(under.store.stored.begin()->second.state.next_due, ended + kEvery);
  under.live_until(ended + kEvery);
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

TEST(ShardPoliciesTest, DefinitionThatChangesInFlightKeepsTheFixedDelay) {
  ShardUnderTest under;
  auto spec = every("a", kEvery, kSoon);
  spec->schedule.kind = ScheduleKind::kFixedDelay;
  auto changed = std::make_unique<TaskSpec>(*spec);
  changed->description = "changed";
  store_task(under, std::move(spec));
  under.live_until(kSoon);
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = std::move(changed);
  under.ask(std::move(replace));
  under.end_attempt(0, 200);  // before the change is durable
  under.live_until(kSoon + kEvery + seconds(1));
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

}  // namespace
}  // namespace hourwheel::shard_policies_test
