// How many tasks each key has made, as a shard's file says.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/store/builders.h"

namespace hourwheel {
namespace {

using namespace store_test;

class MadeByTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = open_shard(folder_); }
  void commit(std::vector<TaskChange> changes) {
    Batch batch;
    batch.counter = counter_ += 10;
    batch.tasks = std::move(changes);
    ASSERT_TRUE(store_->commit(batch));
  }
  static TaskChange by(TaskChange change, const std::string& key) {
    change.state.created_by = key;
    return change;
  }
  // As the next start finds it.
  MadeBy stored() {
    store_.reset();
    store_ = open_shard(folder_);
    return store_->recovered().made_by;
  }
  template <class... Changes>
  static std::vector<TaskChange> list(Changes... changes) {
    std::vector<TaskChange> all;
    (all.push_back(std::move(changes)), ...);
    return all;
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
};

TEST_F(MadeByTest, CountsWhatIsMadeAndRemovedByKey) {
  EXPECT_EQ(stored(), MadeBy{});
  commit(list(by(made(1, kFirstDue), "alice"), by(made(2, kFirstDue), "bob"),
              by(made(3, kFirstDue), "alice"), made(4, kFirstDue)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 2}, {"bob", 1}}));
  commit(list(by(removed(1), "alice"), by(removed(2), "bob"), removed(4)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}})) << "no row is zero";
  commit(list(by(made(5, kFirstDue), "bob")));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}, {"bob", 1}}));
}

TEST_F(MadeByTest, WhatChangesAndStaysIsCountedOnce) {
  commit(list(by(made(1, kFirstDue), "alice")));
  TaskChange replaced = by(made(1, kFirstDue + hours(1)), "alice");
  replaced.kind = ChangeKind::kReplace;
  TaskState fired = replaced.state;
  commit(list(std::move(replaced), changed(1, fired)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}}));
}

TEST_F(MadeByTest, ADeletedTaskCountsNoMoreAlthoughItsRunsAreOpen) {
  commit(list(by(made(1, kFirstDue), "alice")));
  TaskChange gone = by(removed(1), "alice");
  gone.state.deleted = true;
  gone.state.open.emplace_back();
  commit(list(std::move(gone)));
  EXPECT_EQ(stored(), MadeBy{});
  TaskChange forgotten = removed(1);
  forgotten.kind = ChangeKind::kForget;
  commit(list(std::move(forgotten)));
  EXPECT_EQ(stored(), MadeBy{});
}

TEST_F(MadeByTest, WhatIsMadeAndRemovedInOneBatchIsNothing) {
  commit(list(by(made(1, kFirstDue), "alice"), by(removed(1), "alice")));
  EXPECT_EQ(stored(), MadeBy{});
}

}  // namespace
}  // namespace hourwheel
