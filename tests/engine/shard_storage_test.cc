#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_storage_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

ErrorCode refusal(const ShardUnderTest& under, size_t index) {
  const CommandOutcome& outcome = under.answer(index);
  EXPECT_FALSE(outcome);
  return outcome ? ErrorCode::kInternal : outcome.error().code;
}

// A durable task, and storage in that state.
void begin(ShardUnderTest& under, StorageState state) {
  under.rest();
  under.ask(create("a", kSoon));
  under.rest();
  under.client.replies.clear();
  under.shard.post(state);
  under.turn();
}

TEST(ShardStorageTest, LowRefusesAtOnceWhatDoesNotUseTheReserve) {  // C-21
  ShardUnderTest under;
  begin(under, StorageState::kLow);
  under.ask(create("b", kSoon));
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = once_at("a", kSoon + seconds(1));
  under.ask(std::move(replace));
  for (CommandKind kind :
       {CommandKind::kResume, CommandKind::kRun, CommandKind::kRedrive, CommandKind::kBackfill}) {
    under.ask(command(kind, "a"));
  }
  ASSERT_EQ(under.client.replies.size(), 6U);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(refusal(under, i), ErrorCode::kStorageLow) << i;
  EXPECT_FALSE(under.store.committing) << "a refusal changes nothing";
  EXPECT_TRUE(under.store.fetches.empty()) << "and asks nobody";
}

TEST(ShardStorageTest, LowTakesPausesAndDeletes) {  // C-21
  ShardUnderTest under;
  begin(under, StorageState::kLow);
  under.ask(command(CommandKind::kPause, "a"));
  under.live_until(under.now);
  under.ask(command(CommandKind::kDelete, "a"));
  under.live_until(under.now);
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(under.answer(0)->effect, CommandEffect::kDone);
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kDeleted);
}

TEST(ShardStorageTest, OfABatchWhatUsesTheReserveIsDecided) {
  ShardUnderTest under;
  begin(under, StorageState::kLow);
  Commands both{{0, 9, 1, 0}, {}};
  both.commands.push_back(create("b", kSoon));
  both.commands.push_back(command(CommandKind::kDelete, "a"));
  under.shard.post(std::move(both));
  under.live_until(under.now);
  ASSERT_EQ(under.client.replies.size(), 1U);
  const auto& outcomes = std::get<std::vector<CommandOutcome>>(under.client.replies[0].body);
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].error().code, ErrorCode::kStorageLow);
  EXPECT_EQ(outcomes[1]->effect, CommandEffect::kDeleted);
}

TEST(ShardStorageTest, LowFiresAndStoresHowItEnded) {  // C-21
  ShardUnderTest under;
  begin(under, StorageState::kLow);
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  under.rest();
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kSucceeded);
}

TEST(ShardStorageTest, WhenSpaceReturnsEverythingIsTakenAgain) {
  ShardUnderTest under;
  begin(under, StorageState::kFull);
  under.ask(create("b", kSoon));
  EXPECT_EQ(refusal(under, 0), ErrorCode::kStorageFull);
  under.shard.post(StorageState::kOk);
  under.turn();
  under.ask(create("b", kSoon));
  under.rest();
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kCreated);
}

TEST(ShardStorageTest, ACommitPutOffIsToldToWhoeverWaitsAndComesThroughLater) {  // C-1, C-21
  ShardUnderTest under;
  under.rest();
  under.ask(create("a", kSoon));
  under.ask(create("b", kSoon));  // of the batch behind it
  ASSERT_TRUE(under.store.committing);
  under.shard.post(StorageState::kFull);
  under.shard.post(CommitPutOff{});
  under.turn();
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(refusal(under, 0), ErrorCode::kStorageFull);
  EXPECT_EQ(refusal(under, 1), ErrorCode::kStorageFull);

  under.shard.post(StorageState::kOk);
  under.rest();
  EXPECT_EQ(under.client.replies.size(), 2U) << "nobody is answered twice";
  EXPECT_EQ(under.store.stored.size(), 2U) << "nothing is lost";
  under.live_until(kSoon);
  EXPECT_EQ(under.targets.sent.size(), 2U);
}

TEST(ShardStorageTest, WhatWaitsBehindAChangePutOffIsToldToo) {
  ShardUnderTest under;
  begin(under, StorageState::kOk);
  under.ask(command(CommandKind::kPause, "a"));
  under.answer_fetch();
  ASSERT_TRUE(under.store.committing);
  under.ask(command(CommandKind::kPause, "a"));  // is decided on what the first leaves
  under.shard.post(CommitPutOff{});
  under.turn();
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(refusal(under, 0), ErrorCode::kStorageFull);
  EXPECT_EQ(refusal(under, 1), ErrorCode::kStorageFull);
  under.live_until(kSoon);
  EXPECT_TRUE(under.store.stored.begin()->second.state.pause) << "the first happened all the same";
}

TEST(ShardStorageTest, WhatWaitsBehindAFullBatchIsToldToo) {
  ShardUnderTest under;
  under.rest();
  under.ask(create("first", kSoon));
  ASSERT_TRUE(under.store.committing);
  for (uint32_t i = 0; i < kMaxBatchChanges + 10; ++i) {
    under.ask(create("task-" + std::to_string(i), kSoon));
  }
  EXPECT_TRUE(under.client.replies.empty());
  under.shard.post(StorageState::kFull);
  under.shard.post(CommitPutOff{});
  under.turn();
  ASSERT_EQ(under.client.replies.size(), kMaxBatchChanges + 11);
  size_t kept = 0;
  for (const Reply& reply : under.client.replies) {
    const auto& outcome = std::get<std::vector<CommandOutcome>>(reply.body).front();
    ASSERT_FALSE(outcome);
    if (outcome.error().detail != "the disk is full") ++kept;
  }
  EXPECT_GT(kept, kMaxBatchChanges / 2) << "by number or by bytes";
  EXPECT_LE(kept, kMaxBatchChanges + 1) << "with the first";
  under.rest();
  EXPECT_EQ(under.store.stored.size(), kept) << "what waited was not decided";
}

TEST(ShardStorageTest, WhatIsLeftOfARequestThatFilledTheBatchIsToldToo) {
  ShardUnderTest under;
  under.rest();
  under.ask(create("first", kSoon));
  ASSERT_TRUE(under.store.committing);
  Commands many{{0, 9, 1, 0}, {}};
  for (uint32_t i = 0; i < kMaxBatchChanges + 10; ++i) {
    many.commands.push_back(create("task-" + std::to_string(i), kSoon));
  }
  under.shard.post(std::move(many));
  for (int turns = 0; turns < 20; ++turns) under.turn();
  under.client.replies.clear();
  under.shard.post(StorageState::kFull);
  under.shard.post(CommitPutOff{});
  under.turn();
  ASSERT_EQ(under.client.replies.size(), 2U);
  const auto& outcomes = std::get<std::vector<CommandOutcome>>(under.client.replies[1].body);
  ASSERT_EQ(outcomes.size(), kMaxBatchChanges + 10);
  size_t kept = 0;
  for (const CommandOutcome& outcome : outcomes) {
    ASSERT_FALSE(outcome);
    ASSERT_EQ(outcome.error().code, ErrorCode::kStorageFull);
    if (outcome.error().detail == "the disk is full; the change is kept and may still happen")
      ++kept;
  }
  EXPECT_GT(kept, kMaxBatchChanges / 2) << "by number or by bytes";
  EXPECT_LE(kept, kMaxBatchChanges);
  EXPECT_EQ(outcomes.back().error().detail, "the disk is full");
  under.rest();
  EXPECT_EQ(under.store.stored.size(), kept + 1) << "what waited was not decided";
  EXPECT_EQ(under.client.replies.size(), 2U) << "nobody is answered twice";
}

TEST(ShardStorageTest, AReadThatFailsIsToldAndDoneAgain) {  // C-23: it says nothing about the row
  ShardUnderTest under;
  begin(under, StorageState::kOk);
  under.ask(command(CommandKind::kRun, "a"));
  under.fail_fetch(ErrorCode::kIo);
  EXPECT_EQ(refusal(under, 0), ErrorCode::kIo);
  under.ask(command(CommandKind::kRun, "a"));
  under.live_until(under.now);
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kStarted) << "the task is not given up";

  while (under.store.fetches.empty() && under.now < kSoon) under.pass(milliseconds(100));
  if (!under.store.fetches.empty()) under.fail_fetch(ErrorCode::kIo);
  under.live_until(kSoon + seconds(3));
  under.end_attempt(0, 200);
  under.live_until(kSoon + seconds(5));
  EXPECT_EQ(under.targets.sent.size(), 2U) << "the manual run and the due one";
  EXPECT_EQ(under.shard.metrics().quarantined.value(), 0U);
}

TEST(ShardStorageTest, FiringStopsWhenNoCommitComesThrough) {  // S6: recording targets need no mark
  ShardUnderTest under;
  under.rest();
  constexpr uint32_t kTasks = 1'000;
  for (uint32_t i = 0; i < kTasks; ++i) {
    Command made = create("task-" + std::to_string(i), kSoon);
    made.spec = every("task-" + std::to_string(i), kShortestInterval, kSoon);
    made.spec->target = {};
    made.spec->target.kind = TargetKind::kLog;
    under.ask(std::move(made));
  }
  under.live_until(kSoon);
  under.pass(kShortestInterval);
  ASSERT_TRUE(under.store.committing);
  size_t stuck = under.shard.metrics().attempts.value();
  for (int i = 0; i < 100; ++i) under.pass(kShortestInterval);
  const size_t fired = under.shard.metrics().attempts.value() - stuck;
  EXPECT_GT(fired, kMaxBatchChanges);
  EXPECT_LE(fired, (kMaxBatchesHeld + 1) * kMaxBatchChanges);
  const auto wake = under.shard.next_wake();
  EXPECT_FALSE(wake && *wake <= under.now) << "it sleeps until the commit comes through";
  under.live_until(under.now + seconds(2));
  EXPECT_GT(under.shard.metrics().attempts.value() - stuck, fired) << "then it goes on";
}

}  // namespace
}  // namespace hourwheel::shard_storage_test
