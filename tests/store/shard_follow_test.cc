// What a shard's file tells those who follow its changes.
#include <gtest/gtest.h>

#include "tests/store/builders.h"

namespace hourwheel::shard_follow_test {
namespace {

using namespace store_test;

class ShardFollowTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = open_shard(folder_); }
  void commit(TaskChange change) {
    Batch batch;
    batch.counter = counter_ += 100;
    batch.tasks.push_back(std::move(change));
    ASSERT_TRUE(store_->commit(batch));
  }
  ChangesSeen follow(std::optional<FollowPlace> after, uint32_t limit = 256) {
    auto found = answer(*store_, FollowChanges{after, limit});
    EXPECT_TRUE(found) << found.error().detail;
    return found ? std::move(std::get<ChangesSeen>(*found)) : ChangesSeen{};
  }
  static TaskChange state_of(uint64_t number, uint64_t version) {
    TaskChange change = made(number, kFirstDue);
    change.kind = ChangeKind::kState;
    change.spec.reset();
    change.state.version = {version};
    return change;
  }
  static TaskChange removal(uint64_t number) {
    TaskChange change = made(number, kFirstDue);
    change.kind = ChangeKind::kRemove;
    change.spec.reset();
    change.id = id_of(number);
    return change;
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
};

TEST_F(ShardFollowTest, ThePlaceOfNowIsBehindAllThereIs) {
  commit(made(1, kFirstDue));
  commit(state_of(1, 50));
  const ChangesSeen now = follow(std::nullopt);
  EXPECT_TRUE(now.changes.empty());
  EXPECT_TRUE(follow(now.place).changes.empty());
  EXPECT_FALSE(follow(now.place).gap);
}

TEST_F(ShardFollowTest, CreatedChangedAndRemovedTasksAreTold) {
  FollowPlace place = follow(std::nullopt).place;
  commit(made(1, kFirstDue));
  ChangesSeen seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 1U);
  EXPECT_EQ(seen.changes[0].kind, SeenKind::kCreated);
  EXPECT_EQ(seen.changes[0].task.spec.id, id_of(1));
  place = seen.place;
  commit(state_of(1, 60));
  seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 1U);
  EXPECT_EQ(seen.changes[0].kind, SeenKind::kUpdated);
  EXPECT_EQ(seen.changes[0].task.state.version, Version{60});
  EXPECT_EQ(seen.changes[0].task.spec.id, id_of(1));
  place = seen.place;
  commit(removal(1));
  seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 1U);
  EXPECT_EQ(seen.changes[0].kind, SeenKind::kRemoved);
  EXPECT_EQ(seen.changes[0].task.spec.id, id_of(1));
  EXPECT_EQ(seen.changes[0].task.key, task_key(id_of(1)));
}

// Its run and its going are one commit; nobody can look it up afterwards.
TEST_F(ShardFollowTest, TheLastRunOfATaskThatDeletesItselfIsTold) {
  commit(made(1, kFirstDue));
  const FollowPlace place = follow(std::nullopt).place;
  Batch batch;
  batch.counter = counter_ += 100;
  batch.records.push_back(record_of(1, kFirstDue));
  batch.tasks.push_back(removal(1));
  ASSERT_TRUE(store_->commit(batch));
  const ChangesSeen seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 2U);
  EXPECT_EQ(seen.changes[0].kind, SeenKind::kRecord);
  ASSERT_TRUE(seen.changes[0].record);
  EXPECT_EQ(seen.changes[0].task.spec.id, id_of(1));
  EXPECT_EQ(seen.changes[0].task.key, task_key(id_of(1)));
  EXPECT_EQ(seen.changes[1].kind, SeenKind::kRemoved);
  EXPECT_FALSE(seen.gap);
}

TEST_F(ShardFollowTest, OneThatIsRemovedAndForgottenInOneCommitIsTold) {
  commit(made(1, kFirstDue));
  const FollowPlace place = follow(std::nullopt).place;
  Batch batch;
  batch.counter = counter_ += 100;
  TaskChange removed = removal(1);
  removed.state.deleted = true;
  batch.tasks.push_back(std::move(removed));
  batch.records.push_back(record_of(1, kFirstDue));
  TaskChange forgotten = removal(1);
  forgotten.kind = ChangeKind::kForget;
  forgotten.id.clear();
  batch.tasks.push_back(std::move(forgotten));
  ASSERT_TRUE(store_->commit(batch));
  const ChangesSeen seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 2U);
  EXPECT_EQ(seen.changes[1].kind, SeenKind::kRemoved);
  EXPECT_EQ(seen.changes[1].task.spec.id, id_of(1));
}

// The other way round it would be told as deleted, and lives.
TEST_F(ShardFollowTest, OneThatIsCreatedAnewIsToldAfterItsRemoval) {
  commit(made(1, kFirstDue));
  const FollowPlace place = follow(std::nullopt).place;
  commit(removal(1));
  TaskChange again = made(2, kFirstDue);
  again.key = task_key(id_of(1));
  again.spec->id = id_of(1);
  commit(std::move(again));
  const ChangesSeen seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 2U);
  EXPECT_EQ(seen.changes[0].kind, SeenKind::kRemoved);
  EXPECT_EQ(seen.changes[1].kind, SeenKind::kCreated);
}

TEST_F(ShardFollowTest, APlaceFromBeforeARestoreIsAGap) {
  FollowPlace place = follow(std::nullopt).place;
  place.restored = kFirstDue;
  const ChangesSeen seen = follow(place);
  EXPECT_TRUE(seen.gap);
  EXPECT_FALSE(follow(seen.place).gap);
}

TEST_F(ShardFollowTest, APlaceIsOneAfterARestartToo) {
  const FollowPlace place = follow(std::nullopt).place;
  commit(made(1, kFirstDue));
  commit(state_of(1, 60));
  store_.reset();
  store_ = open_shard(folder_);
  const ChangesSeen seen = follow(place);
  ASSERT_EQ(seen.changes.size(), 2U);
  EXPECT_FALSE(seen.gap);
  EXPECT_FALSE(seen.more);
}

TEST_F(ShardFollowTest, ALimitLeavesTheRestForTheNextTime) {
  FollowPlace place = follow(std::nullopt).place;
  for (uint64_t number = 1; number <= 5; ++number) commit(made(number, kFirstDue));
  ChangesSeen seen = follow(place, 3);
  EXPECT_EQ(seen.changes.size(), 3U);
  EXPECT_TRUE(seen.more);
  seen = follow(seen.place, 3);
  EXPECT_EQ(seen.changes.size(), 2U);
  EXPECT_FALSE(seen.more);
}

TEST_F(ShardFollowTest, WhoIsTooFarBehindIsToldOfAGap) {
  commit(made(1, kFirstDue));
  const FollowPlace place = follow(std::nullopt).place;
  for (uint64_t i = 0; i < 50; ++i) {
    Batch batch;
    batch.counter = counter_ += 100;
    for (uint64_t number = 1; number <= 100; ++number) {
      batch.records.push_back(
          record_of(1, kFirstDue + seconds(static_cast<int64_t>(i * 100 + number))));
    }
    ASSERT_TRUE(store_->commit(batch));
  }
  ChangesSeen seen = follow(place);
  EXPECT_TRUE(seen.gap);
  EXPECT_EQ(seen.changes.size(), 256U);
  EXPECT_FALSE(follow(seen.place).gap);
  FollowPlace beyond = seen.place;
  beyond.row += 1'000;
  EXPECT_TRUE(follow(beyond).gap) << "a place of another file";
}

}  // namespace
}  // namespace hourwheel::shard_follow_test
