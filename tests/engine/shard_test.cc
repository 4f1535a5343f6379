#include "engine/shard.h"

#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

// A task that is durable and due in ten seconds.
void store_task(ShardUnderTest& under, const std::string& id) {
  under.rest();
  under.ask(create(id, kSoon));
  under.rest();
  under.client.replies.clear();
}

// Lets time pass second by second, with a store that keeps up.
void pass_until(ShardUnderTest& under, Instant until) {
  while (under.now < until) {
    under.now = std::min(until, under.now + seconds(1));
    under.rest();
    while (!under.store.fetches.empty()) {
      Fetched fetched;
      for (const FetchOne& one : under.store.fetches.front()) {
        TaskState state;
        state.version = {one.number.value};
        state.generation = {one.number.value};
        state.next_due = kSoon;
        fetched.asked.push_back(one);
        fetched.found.push_back(StoredTask{one.number, one.key, *once_at("a", kSoon), state});
      }
      under.store.fetches.pop_front();
      under.shard.post(std::move(fetched));
      under.rest();
    }
  }
}

TEST(ShardTest, AcknowledgesOnlyWhenDurable) {
  ShardUnderTest under;
  under.rest();
  under.ask(create("a", kSoon));
  EXPECT_TRUE(under.client.replies.empty());
  under.flush();
  ASSERT_EQ(under.client.replies.size(), 1U);
  EXPECT_EQ(under.answer(0)->effect, CommandEffect::kCreated);
}

TEST(ShardTest, FiresADueTaskOnceAndNotEarly) {
  ShardUnderTest under;
  store_task(under, "a");
  pass_until(under, kSoon - milliseconds(1));
  EXPECT_TRUE(under.targets.sent.empty());
  pass_until(under, kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, kSoon);
  EXPECT_FALSE(under.targets.sent[0].possible_duplicate);
  under.end_attempt(0, 200);
  pass_until(under, kSoon + seconds(60));
  EXPECT_EQ(under.targets.sent.size(), 1U);
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kSucceeded);
}

TEST(ShardTest, PauseHoldsBackFromTheMomentItIsDecided) {
  ShardUnderTest under;
  store_task(under, "a");
  pass_until(under, kSoon - milliseconds(1));
  under.ask(command(CommandKind::kPause, "a"));  // not durable yet
  under.pass(seconds(5));
  EXPECT_TRUE(under.targets.sent.empty());
  pass_until(under, kSoon + seconds(60));
  EXPECT_TRUE(under.targets.sent.empty());
}

TEST(ShardTest, DeletedTaskNeverFires) {
  ShardUnderTest under;
  store_task(under, "a");
  under.ask(command(CommandKind::kDelete, "a"));
  pass_until(under, kSoon + seconds(60));
  EXPECT_TRUE(under.targets.sent.empty());
  ASSERT_EQ(under.client.replies.size(), 1U);
  EXPECT_EQ(under.answer(0)->effect, CommandEffect::kDeleted);
}

TEST(ShardTest, DeletedTaskWithoutRunsLeavesNothingBehind) {
  ShardUnderTest under;
  store_task(under, "a");
  under.ask(command(CommandKind::kDelete, "a"));
  under.rest();
  ASSERT_TRUE(under.answer(0));
  // A state marked deleted stays in the store until its last open run has ended.
  EXPECT_FALSE(under.answer(0)->state.deleted);
}

TEST(ShardTest, CommandsLeaveHalfOfATurnToWhatIsDue) {
  ShardUnderTest under;
  store_task(under, "a");
  under.live_until(kSoon - milliseconds(1));
  Commands many{{0, 1'000, 1, 0}, {}};
  for (int i = 0; i < 1'000; ++i) {
    many.commands.push_back(create("t" + std::to_string(i), kSoon + hours(1)));
  }
  under.shard.post(std::move(many));
  EXPECT_TRUE(under.shard.turn({kSoon, {kSoon.ms}}, 64));
  EXPECT_EQ(under.targets.sent.size(), 1U);
}

TEST(ShardTest, IdIsFreeAtOnceAfterDelete) {
  ShardUnderTest under;
  store_task(under, "a");
  under.ask(command(CommandKind::kDelete, "a"));
  Command again = create("a", kSoon);
  again.id_origin = IdOrigin::kChosen;
  under.ask(std::move(again));
  under.rest();
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kCreated);
  EXPECT_GT(under.answer(1)->state.version, under.answer(0)->state.version);
}

TEST(ShardTest, ColdTaskIsFetchedOnce) {
  ShardUnderTest under;
  under.rest();
  under.ask(command(CommandKind::kRun, "cold"));
  under.ask(command(CommandKind::kDelete, "cold"));
  ASSERT_EQ(under.store.fetches.size(), 1U);
  TaskState state;
  state.version = {4};
  state.generation = {4};
  Fetched fetched{under.store.fetches.front(), {}};
  fetched.found.push_back(StoredTask{{4}, task_key("cold"), *once_at("cold", kSoon), state});
  under.store.fetches.clear();
  under.shard.post(std::move(fetched));
  under.rest();
  EXPECT_TRUE(under.store.fetches.empty());
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(under.answer(0)->effect, CommandEffect::kStarted);
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kDeleted);
}

TEST(ShardTest, LateResultChangesNothing) {
  ShardUnderTest under;
  store_task(under, "a");
  pass_until(under, kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  under.end_attempt(0, 500);  // the same attempt once more
  under.rest();
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kSucceeded);
}

TEST(ShardTest, RunDueBeforeTheFormerMarkIsFlagged) {
  ShardUnderTest under({.counter = 7, .send_mark = kSoon});
  under.turn();
  ScanRequest ahead = under.store.scans.front();
  under.store.scans.pop_front();
  TaskState state;
  state.version = {3};
  state.generation = {3};
  state.next_due = kSoon;
  under.shard.post(Scanned{ahead, {{{3}, task_key("a"), state}}, std::nullopt});
  pass_until(under, kSoon + seconds(20));
  ASSERT_EQ(under.targets.sent.size(), 0U + 1U);
  EXPECT_TRUE(under.targets.sent[0].possible_duplicate);
}

TEST(ShardTest, DrainClearsTheMark) {
  ShardUnderTest under;
  store_task(under, "a");
  pass_until(under, kSoon);
  under.shard.drain();
  under.rest();
  EXPECT_FALSE(under.shard.drained());
  under.end_attempt(0, 200);
  std::optional<Instant> mark;
  while (!under.shard.drained()) {
    if (under.store.committing && under.store.committing->send_mark) {
      mark = under.store.committing->send_mark;
    }
    ASSERT_TRUE(under.store.committing != nullptr);
    under.flush();
  }
  EXPECT_EQ(mark, Instant{});
}

TEST(ShardTest, DrainAnswersWhatWasAsked) {
  ShardUnderTest under;
  store_task(under, "a");
  under.ask(command(CommandKind::kRun, "cold"));
  under.ask(command(CommandKind::kPause, "a"));
  under.shard.post(QueryRequest{{0, 99, 1, 0}, GetTask{task_key("a")}});
  under.shard.drain();
  under.live_until(under.now);
  EXPECT_FALSE(under.shard.drained());  // the read is still with the store
  ASSERT_EQ(under.store.queries.size(), 1U);
  under.shard.post(Answered{under.store.queries.front().token,
                            Result<QueryAnswer>(failure(ErrorCode::kNotFound, "", ""))});
  under.live_until(under.now);
  EXPECT_TRUE(under.shard.drained());
  ASSERT_EQ(under.client.replies.size(), 3U);
  EXPECT_EQ(under.answer(0).error().code, ErrorCode::kNotFound);  // there is no such task
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kDone);
  EXPECT_EQ(under.client.replies[2].token.slot, 99U);
}

}  // namespace
}  // namespace hourwheel::shard_test
