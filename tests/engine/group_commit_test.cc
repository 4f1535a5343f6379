#include "engine/group_commit.h"

#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::group_commit_test {
namespace {

Reply reply_to(uint32_t slot) {
  return {{0, slot, 1, 0}, std::vector<CommandOutcome>{}};
}

TEST(GroupCommitTest, OneBatchIsUnderWayAtATime) {
  GroupCommit commit({});
  commit.open().records.emplace_back();
  auto first = commit.take();
  ASSERT_TRUE(first);
  commit.open().records.emplace_back();
  EXPECT_FALSE(commit.take());
  commit.completed(*first);
  EXPECT_TRUE(commit.take());
}

TEST(GroupCommitTest, AnEmptyBatchIsNotHandedOver) {
  GroupCommit commit({});
  EXPECT_FALSE(commit.take());
  EXPECT_TRUE(commit.idle());
}

TEST(GroupCommitTest, ABatchStaysOpenWhileItGrowsForSomeTurns) {  // G3
  GroupCommit commit({});
  EXPECT_FALSE(commit.gathers());
  commit.open().records.emplace_back();
  EXPECT_TRUE(commit.gathers());
  EXPECT_FALSE(commit.gathers()) << "nothing came";
  for (uint32_t turn = 1; turn < GroupCommit::kMaxTurnsGathered; ++turn) {
    commit.open().records.emplace_back();
    EXPECT_TRUE(commit.gathers());
  }
  commit.open().records.emplace_back();
  EXPECT_FALSE(commit.gathers()) << "it was long enough";
  EXPECT_EQ(commit.take()->records.size(), 1U + GroupCommit::kMaxTurnsGathered);
}

TEST(GroupCommitTest, WhatGatheredDuringAFlushWaitsATurnForTheClientsAnsweredByIt) {  // G3
  GroupCommit commit({});
  commit.open().records.emplace_back();
  auto first = commit.take();
  commit.open().records.emplace_back();
  EXPECT_FALSE(commit.gathers()) << "there is a batch with the store";
  commit.completed(*first);
  EXPECT_TRUE(commit.gathers());
  EXPECT_FALSE(commit.gathers());
}

TEST(GroupCommitTest, AMarkAloneGoesAtOnce) {  // G3
  GroupCommit commit({});
  commit.move_send_mark(Instant{5'000});
  EXPECT_FALSE(commit.gathers());
}

TEST(GroupCommitTest, ReplyWaitsForItsBatchAndNoOther) {
  GroupCommit commit({});
  FakeClient client;
  commit.open().records.emplace_back();
  commit.answer(commit.sequence(), reply_to(1), client);
  auto first = commit.take();
  commit.open().records.emplace_back();
  commit.answer(commit.sequence(), reply_to(2), client);
  commit.answer(0, reply_to(3), client);  // rests on nothing
  ASSERT_EQ(client.replies.size(), 1U);
  EXPECT_EQ(client.replies[0].token.slot, 3U);
  commit.completed(*first);
  commit.release_replies(client);
  ASSERT_EQ(client.replies.size(), 2U);
  EXPECT_EQ(client.replies[1].token.slot, 1U);
}

TEST(GroupCommitTest, CounterGoesOnFromTheStoredOne) {
  GroupCommit commit({.counter = 41, .send_mark = {}});
  EXPECT_EQ(commit.next_number(), 42U);
  commit.open().records.emplace_back();
  EXPECT_EQ(commit.take()->counter, 42U);
}

TEST(GroupCommitTest, SendMarkCountsOnceItIsDurable) {
  GroupCommit commit({});
  commit.move_send_mark(Instant{5'000});
  EXPECT_EQ(commit.send_mark(), Instant{});
  auto batch = commit.take();
  ASSERT_TRUE(batch);
  commit.completed(*batch);
  EXPECT_EQ(commit.send_mark(), Instant{5'000});
}

}  // namespace
}  // namespace hourwheel::group_commit_test
