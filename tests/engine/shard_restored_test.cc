// A shard whose file came back from a backup: what the former server did since, nobody knows.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_restored_test {
namespace {

const Instant kRestored = ShardUnderTest::kStart - seconds(1);
const Instant kBefore = kRestored - minutes(1);
const Instant kAfter = ShardUnderTest::kStart + seconds(5);

// A task as the backup has it, due then.
void add_stored(ShardUnderTest& under, uint64_t number, Instant due, Delivery delivery) {
  const std::string id = "task-" + std::to_string(number);
  StoredTask task;
  task.number = {number};
  task.key = task_key(id);
  task.spec = *once_at(id, due);
  task.spec.delivery = delivery;
  task.state.version = {number};
  task.state.generation = {number};
  task.state.next_due = due;
  task.state.at_most_once = delivery == Delivery::kAtMostOnce;
  under.store.stored[{number}] = std::move(task);
}

RecoveredShard restored() {
  return {uint64_t{1} << 33, kRestored, kRestored};
}

TEST(ShardRestored, WhatMayHaveBeenSentSinceIsFlagged) {  // C-8
  ShardUnderTest under(restored());
  add_stored(under, 1, kBefore, Delivery::kAtLeastOnce);
  add_stored(under, 2, kAfter, Delivery::kAtLeastOnce);
  under.live_until(kAfter + seconds(2));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_TRUE(under.targets.sent[0].possible_duplicate);
  EXPECT_FALSE(under.targets.sent[1].possible_duplicate);
}

TEST(ShardRestored, AtMostOnceIsNotSentAgain) {  // C-6
  ShardUnderTest under(restored());
  add_stored(under, 1, kBefore, Delivery::kAtMostOnce);
  add_stored(under, 2, kAfter, Delivery::kAtMostOnce);
  under.live_until(kAfter + seconds(2));
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].task, task_key("task-2"));
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kUnknown);
}

TEST(ShardRestored, AnOpenRunToBeSentAtMostOnceIsNotTriedAgain) {  // C-6
  ShardUnderTest under(restored());
  add_stored(under, 1, kBefore, Delivery::kAtMostOnce);
  OpenRun run;
  run.key = {{1}, Trigger::kSchedule, kBefore.ms};
  run.due = kBefore;
  run.next_attempt = kBefore + seconds(10);
  run.attempts = 1;
  TaskState& state = under.store.stored[{1}].state;
  state.next_due.reset();
  state.open.push_back(run);
  under.live_until(kAfter);
  EXPECT_TRUE(under.targets.sent.empty());
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kUnknown);
}

}  // namespace
}  // namespace hourwheel::shard_restored_test
