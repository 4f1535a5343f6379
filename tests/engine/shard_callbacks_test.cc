// What follows from the end of a run: its callback, in the same batch, and the task that goes when
// it is over.
#include <gtest/gtest.h>

#include "engine/callback.h"
#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_callbacks_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;

Callbacks to(const std::string& host) {
  Callbacks callbacks;
  callbacks.on_success = Callback{"POST", "http://" + host + "/success", {}};
  callbacks.on_failure = Callback{"POST", "http://" + host + "/failure", {}};
  callbacks.on_dead = Callback{"POST", "http://" + host + "/dead", {}};
  return callbacks;
}

std::unique_ptr<TaskSpec> with_callbacks(const std::string& id, Instant at) {
  auto spec = once_at(id, at);
  spec->callbacks = to("caller.example");
  spec->retry.max_attempts = 1;
  return spec;
}

// The callbacks that the batch with the store creates.
std::vector<const TaskChange*> callbacks_in(const ShardUnderTest& under) {
  std::vector<const TaskChange*> found;
  if (!under.store.committing) return found;
  for (const TaskChange& change : under.store.committing->tasks) {
    const bool creates = change.kind == ChangeKind::kCreate;
    if (creates && !change.spec->labels.empty() &&
        change.spec->labels.front().first == kCallbackLabel) {
      found.push_back(&change);
    }
  }
  return found;
}

bool removes(const ShardUnderTest& under, const std::string& id) {
  const auto& tasks = under.store.committing->tasks;
  return std::any_of(tasks.begin(), tasks.end(), [&](const TaskChange& change) {
    return change.kind == ChangeKind::kRemove && change.key == task_key(id);
  });
}

bool is_stored(const ShardUnderTest& under, const std::string& id) {
  return under.store.find({task_key(id), {}}).has_value();
}

TEST(ShardCallbacks, TheEndAndItsCallbackAreOneBatch) {  // B1
  ShardUnderTest under;
  under.ask(create(with_callbacks("t", kStart)));
  under.rest();
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  ASSERT_TRUE(under.store.committing);
  ASSERT_EQ(under.store.committing->records.size(), 1U);
  EXPECT_EQ(under.store.committing->records[0].state, RunState::kSucceeded);
  auto made = callbacks_in(under);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0]->spec->target.url, "http://caller.example/success");
  EXPECT_EQ(made[0]->spec->payload, "t ended as 4 after 1");
  EXPECT_EQ(made[0]->key, task_key(made[0]->spec->id));
  EXPECT_EQ(made[0]->state.next_due, under.now);
  EXPECT_EQ(made[0]->state.version.value, made[0]->number.value);
  EXPECT_GT(made[0]->number.value, 1U);
  EXPECT_EQ(under.targets.sent.size(), 1U);  // S1: nothing is sent of what may yet be lost
  under.rest();
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].url, "http://caller.example/success");
  EXPECT_EQ(under.shard.metrics().callbacks.value(), 1U);
}

TEST(ShardCallbacks, ADeliveredCallbackIsGoneWithItsEnd) {
  ShardUnderTest under;
  under.ask(create(with_callbacks("t", kStart)));
  under.rest();
  under.end_attempt(0, 500);
  under.rest();
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].url, "http://caller.example/dead");
  under.end_attempt(1, 204);
  EXPECT_TRUE(callbacks_in(under).empty());  // B3
  under.rest();
  EXPECT_EQ(under.store.stored.size(), 1U);
  EXPECT_TRUE(is_stored(under, "t"));
}

TEST(ShardCallbacks, ACallbackThatNobodyTakesIsRetriedAndStaysDead) {
  ShardUnderTest under;
  under.ask(create(with_callbacks("t", kStart)));
  under.rest();
  under.end_attempt(0, 200);
  under.rest();
  for (size_t attempt = 1; attempt <= RetryPolicy{}.max_attempts; ++attempt) {
    under.live_until(under.now + hours(2));
    ASSERT_EQ(under.targets.sent.size(), attempt + 1);
    under.end_attempt(attempt, 503);
  }
  under.rest();
  ASSERT_EQ(under.store.stored.size(), 2U);
  EXPECT_EQ(under.store.stored.rbegin()->second.state.last_run.state, RunState::kDead);
}

TEST(ShardCallbacks, ARetryIsNoEnd) {
  ShardUnderTest under;
  auto spec = with_callbacks("t", kStart);
  spec->retry.max_attempts = 2;
  under.ask(create(std::move(spec)));
  under.rest();
  under.end_attempt(0, 500);
  EXPECT_TRUE(callbacks_in(under).empty());
}

TEST(ShardCallbacks, AnExpiredRunIsAFailure) {
  ShardUnderTest under;
  auto spec = with_callbacks("late", kStart - minutes(30));
  spec->expires_after = minutes(5);
  under.ask(create(std::move(spec)));
  under.flush();
  auto made = callbacks_in(under);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0]->spec->target.url, "http://caller.example/failure");
}

TEST(ShardCallbacks, ADeletedTasksRunThatStillEndsIsToldOf) {  // B2
  ShardUnderTest under;
  under.ask(create(with_callbacks("t", kStart)));
  under.rest();
  under.ask(command(CommandKind::kDelete, "t"));
  under.rest();
  under.end_attempt(0, 200);
  EXPECT_EQ(callbacks_in(under).size(), 1U);
  under.rest();
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

TEST(ShardCallbacks, ACanceledRunIsToldToNobody) {
  ShardUnderTest under;
  auto spec = with_callbacks("t", kStart);
  spec->retry.max_attempts = 3;
  under.ask(create(std::move(spec)));
  under.rest();
  under.ask(command(CommandKind::kDelete, "t"));
  under.rest();
  under.end_attempt(0, 500);  // nobody will retry it
  EXPECT_TRUE(callbacks_in(under).empty());
}

TEST(ShardCallbacks, ItsIdIsInAPartitionOfTheShard) {  // S4
  ShardUnderTest under;
  Partitions own;
  own.set(17);
  under.shard.own(own);
  for (int i = 0; i < 20; ++i) {
    under.ask(create(with_callbacks("t" + std::to_string(i), kStart)));
  }
  under.rest();
  for (size_t i = 0; i < 20; ++i) under.end_attempt(i, 200);
  under.rest();
  size_t callbacks = 0;
  for (const auto& [number, task] : under.store.stored) {
    if (task.spec.labels.empty()) continue;
    ++callbacks;
    EXPECT_EQ(partition_of(task.key), 17U);
    EXPECT_EQ(task.key, task_key(task.spec.id));
  }
  EXPECT_EQ(callbacks, 20U);
}

TEST(ShardCallbacks, WithoutRoomInMemoryItIsReadFromTheDueIndex) {  // B4
  ShardUnderTest under;
  LineLimits limits;
  limits.callbacks_kept = 0;
  under.shard.limit_lines(limits);
  under.ask(create(with_callbacks("t", kStart)));
  under.rest();
  under.end_attempt(0, 200);
  ASSERT_EQ(callbacks_in(under).size(), 1U);
  EXPECT_EQ(under.shard.metrics().parked.value(), 0U);  // N5: not before it is durable
  under.flush();
  EXPECT_EQ(under.shard.metrics().parked.value(), 1U);
  under.live_until(under.now + seconds(2));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].url, "http://caller.example/success");
}

TEST(ShardCallbacks, AFullShareOfTheBatchHoldsFiringBack) {  // B5
  ShardUnderTest under;
  constexpr uint32_t kTasks = kMaxBatchCallbacks + 1'500;
  for (uint32_t i = 0; i < kTasks; ++i) {
    auto spec = with_callbacks("t" + std::to_string(i), kStart + seconds(30));
    spec->target.kind = TargetKind::kLog;
    under.ask(create(std::move(spec)));
  }
  under.rest();
  under.live_until(kStart + seconds(29));
  // A batch is with the store, so that what follows is collected.
  under.ask(create("other", kStart + hours(1)));
  ASSERT_TRUE(under.store.committing);
  under.pass(seconds(1));
  const size_t made = under.shard.metrics().callbacks.value();
  EXPECT_GE(made, kMaxBatchCallbacks);
  EXPECT_LE(made, kMaxBatchCallbacks + 1'000);  // a turn of the test more
  EXPECT_FALSE(under.shard.next_wake() && *under.shard.next_wake() <= under.now);
  under.live_until(kStart + seconds(31));
  EXPECT_EQ(under.shard.metrics().callbacks.value(), kTasks);
}

// --- on_complete ---

std::unique_ptr<TaskSpec> that_goes(const std::string& id, Instant at) {
  auto spec = once_at(id, at);
  spec->on_complete = OnComplete::kDelete;
  spec->retry.max_attempts = 1;
  return spec;
}

TEST(ShardOnComplete, ATaskThatIsOverGoesInTheBatchOfItsEnd) {
  ShardUnderTest under;
  under.ask(create(that_goes("t", kStart)));
  under.rest();
  under.end_attempt(0, 200);
  ASSERT_TRUE(under.store.committing);
  EXPECT_EQ(under.store.committing->records.size(), 1U);
  EXPECT_EQ(under.store.committing->tasks.size(), 1U);
  EXPECT_TRUE(removes(under, "t"));
  under.rest();
  EXPECT_FALSE(is_stored(under, "t"));
  EXPECT_EQ(under.shard.metrics().tasks_in_memory.value(), 0);
}

TEST(ShardOnComplete, ItsIdIsFreeAtOnce) {
  ShardUnderTest under;
  under.ask(create(that_goes("t", kStart)));
  under.rest();
  under.end_attempt(0, 200);
  under.ask(create(that_goes("t", kStart + hours(1))));
  under.rest();
  ASSERT_TRUE(under.answer(1)) << under.answer(1).error().detail;
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kCreated);
  EXPECT_TRUE(is_stored(under, "t"));
}

TEST(ShardOnComplete, WhatEndedDeadStaysToBeLookedAt) {
  ShardUnderTest under;
  under.ask(create(that_goes("t", kStart)));
  under.rest();
  under.end_attempt(0, 404);
  under.rest();
  EXPECT_TRUE(is_stored(under, "t"));
}

// Its dead letter would go with it (C-14).
TEST(ShardOnComplete, AfterARunNowThatWentWellOneWithADeadRunStays) {
  ShardUnderTest under;
  under.ask(create(that_goes("t", kStart)));
  under.rest();
  under.end_attempt(0, 404);
  under.rest();
  under.ask(command(CommandKind::kRun, "t"));
  under.live_until(under.now + seconds(1));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  under.end_attempt(1, 200);
  under.rest();
  EXPECT_TRUE(is_stored(under, "t"));
}

TEST(ShardOnComplete, ATaskThatGoesOnStays) {
  ShardUnderTest under;
  auto spec = every("t", seconds(10), kStart);
  spec->on_complete = OnComplete::kDelete;
  spec->schedule.max_runs = 2;
  under.ask(create(std::move(spec)));
  under.rest();
  under.end_attempt(0, 200);
  under.rest();
  EXPECT_TRUE(is_stored(under, "t"));
  under.live_until(kStart + seconds(10));
  under.end_attempt(1, 200);
  under.rest();
  EXPECT_FALSE(is_stored(under, "t"));
}

TEST(ShardOnComplete, ALogTaskGoesToo) {
  ShardUnderTest under;
  auto spec = that_goes("t", kStart);
  spec->target = {};
  under.ask(create(std::move(spec)));
  under.rest();
  EXPECT_EQ(under.records.size(), 1U);
  EXPECT_FALSE(is_stored(under, "t"));
}

TEST(ShardOnComplete, TheDefinitionInForceDecides) {
  ShardUnderTest under;
  under.ask(create(once_at("t", kStart)));
  under.rest();
  Command replace = command(CommandKind::kReplace, "t");
  replace.spec = that_goes("t", kStart);
  under.ask(std::move(replace));
  under.end_attempt(0, 200);  // while the new one is not durable
  under.rest();
  EXPECT_FALSE(is_stored(under, "t"));
}

}  // namespace
}  // namespace hourwheel::shard_callbacks_test
