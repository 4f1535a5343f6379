// A shard's file whose figures are looked at as the next start finds them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

#include "tests/store/builders.h"

namespace hourwheel::store_test {

class FiguresTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = open_shard(folder_); }
  void commit(std::vector<TaskChange> changes) {
    Batch batch;
    batch.counter = counter_ += 10;
    batch.tasks = std::move(changes);
    ASSERT_TRUE(store_->commit(batch));
  }
  RecoveredShard next_start() {
    store_.reset();
    store_ = open_shard(folder_);
    return store_->recovered();
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

}  // namespace hourwheel::store_test
