// C-20: what a shard does when the wall clock is set.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_clock_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

// A durable task.
void store_task(ShardUnderTest& under, std::unique_ptr<TaskSpec> spec) {
  under.rest();
  under.ask(create(std::move(spec)));
  under.rest();
}

// A run due at kSoon whose first attempt has failed: its retry waits for a second at most.
void fail_once(ShardUnderTest& under) {
  auto spec = once_at("a", kSoon);
  spec->retry.jitter = BackoffJitter::kNone;
  spec->retry.min_backoff = spec->retry.max_backoff = minutes(5);
  store_task(under, std::move(spec));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 500);
  under.live_until(kSoon);
}

TEST(ShardClock, AStepBackFiresNothingTwice) {
  ShardUnderTest under;
  store_task(under, every("a", seconds(10), kSoon));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  under.live_until(kSoon);
  under.step_clock(minutes(-1));
  under.live_until(kSoon + seconds(9));
  EXPECT_EQ(under.targets.sent.size(), 1U);
  under.live_until(kSoon + seconds(10));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].run.instant_or_nonce, (kSoon + seconds(10)).ms);
}

TEST(ShardClock, WhatIsCreatedAfterAStepBackFiresAtItsInstant) {
  ShardUnderTest under;
  store_task(under, once_at("a", kSoon + hours(2)));
  under.live_until(kSoon);
  under.step_clock(hours(-1));
  const Instant due = under.now + seconds(30);
  store_task(under, once_at("b", due));
  under.live_until(due - milliseconds(1));
  EXPECT_TRUE(under.targets.sent.empty());
  under.live_until(due);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, due);
}

TEST(ShardClock, AStepBackBeforeTheFirstTurnDelaysNothing) {
  ShardUnderTest under;
  under.now = under.now - hours(1);
  under.stepped = hours(-1);
  const Instant due = under.now + seconds(30);
  store_task(under, once_at("a", due));
  under.live_until(due);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, due);
}

TEST(ShardClock, AStepBackLeavesNothingToWakeForAtOnce) {
  ShardUnderTest under;
  store_task(under, once_at("a", kSoon));
  under.live_until(kSoon - seconds(5));
  under.step_clock(hours(-24 * 400));
  under.rest();
  ASSERT_TRUE(under.shard.next_wake());
  EXPECT_GT(*under.shard.next_wake(), under.now);
}

TEST(ShardClock, AfterAStepBackTasksBeyondTheHorizonLeaveMemory) {
  ShardUnderTest under;
  under.live_until(kSoon);
  under.step_clock(hours(-24 * 400));
  under.live_until(under.now + seconds(1));
  store_task(under, once_at("a", under.now + hours(3)));
  under.live_until(under.now + seconds(1));
  EXPECT_EQ(under.shard.metrics().tasks_in_memory.value(), 0);
}

TEST(ShardClock, AStepForwardMakesDueWhatItJumpedOver) {
  ShardUnderTest under;
  store_task(under, every("a", minutes(1), kSoon));
  under.live_until(kSoon);
  under.end_attempt(0, 200);
  under.live_until(kSoon);
  under.step_clock(minutes(10));
  under.live_until(under.now);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  // C-11 fire_once: one run for the newest missed instant.
  EXPECT_EQ(under.targets.sent[1].run.instant_or_nonce, (kSoon + minutes(8)).ms);
  EXPECT_EQ(under.shard.metrics().clock_steps.value(), 1U);
}

TEST(ShardClock, ARetryWaitsItsBackOffWhateverTheWallClockShows) {
  for (Duration step : {minutes(3), minutes(-3), hours(1), hours(-1)}) {
    ShardUnderTest under;
    fail_once(under);
    const Instant failed = under.now;
    under.live_until(failed + minutes(1));
    under.step_clock(step);
    under.live_until(failed + step + minutes(5) - milliseconds(1));
    EXPECT_EQ(under.targets.sent.size(), 1U) << step.ms;
    under.live_until(failed + step + minutes(5));
    EXPECT_EQ(under.targets.sent.size(), 2U) << step.ms;
  }
}

// What is in flight when the power goes is sent again by the next life, which goes by its instant.
TEST(ShardClock, ARetryInFlightHasComeAlsoAfterAStepBack) {
  ShardUnderTest under;
  fail_once(under);
  under.live_until(under.now + minutes(5));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  under.step_clock(minutes(-3));
  under.rest();
  const std::vector<OpenRun>& open = under.store.stored.begin()->second.state.open;
  ASSERT_EQ(open.size(), 1U);
  EXPECT_LE(open[0].next_attempt, under.now);
}

// C-8: what is stored of it is behind the send mark. Were it sent by the new instant and the power
// went, the next life would send it again without a flag.
TEST(ShardClock, ARetryThatMovedBackIsNotSentBeforeThatIsDurable) {
  ShardUnderTest under;
  fail_once(under);
  under.step_clock(minutes(-10));
  under.pass(minutes(5));
  while (!under.store.fetches.empty()) under.answer_fetch();
  EXPECT_EQ(under.targets.sent.size(), 1U);
  under.live_until(under.now);
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

TEST(ShardClock, ARunThatWasOwedIsNotDelayedByAStepBack) {
  auto spec = every("a", minutes(1), ShardUnderTest::kStart);
  spec->misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  ShardUnderTest under({.counter = 9, .send_mark = {}});
  TaskState state;
  state.version = {7};
  state.generation = {7};
  state.next_due = ShardUnderTest::kStart - minutes(60);
  under.store.stored[{7}] = {{7}, task_key("a"), *spec, state};
  under.live_until(under.now);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].run.instant_or_nonce, state.next_due->ms);
  under.step_clock(minutes(-3));
  under.rest();
  const std::vector<OpenRun>& open = under.store.stored.begin()->second.state.open;
  ASSERT_EQ(open.size(), 2U);
  EXPECT_EQ(open[0].due, *state.next_due);
  EXPECT_LE(open[0].next_attempt, under.now);
}

TEST(ShardClock, SlewingIsNoStep) {
  ShardUnderTest under;
  store_task(under, once_at("a", kSoon));
  for (int i = 0; i < 100; ++i) {
    under.step_clock(milliseconds(20));
    under.live_until(under.now + milliseconds(50));
  }
  EXPECT_EQ(under.shard.metrics().clock_steps.value(), 0U);
}

TEST(ShardClock, AListOfOpenRunsLooksAtWhatWasDueBeforeAStepBack) {
  ShardUnderTest under;
  under.live_until(kSoon);
  under.step_clock(minutes(-1));
  under.rest();
  ListTasks list;
  list.filter.may_be_open_at = under.now;
  under.shard.post(QueryRequest{{}, list});
  under.shard.post(QueryRequest{{}, ListTasks{}});
  under.turn();
  ASSERT_EQ(under.store.queries.size(), 2U);
  auto asked = [&under](size_t i) {
    return std::get<ListTasks>(under.store.queries[i].query).filter.may_be_open_at;
  };
  EXPECT_EQ(asked(0), kSoon);
  EXPECT_EQ(asked(1), std::nullopt);
}

}  // namespace
}  // namespace hourwheel::shard_clock_test
