// What the run log says of one instant.
#include <gtest/gtest.h>

#include "tests/store/builders.h"

namespace hourwheel::run_search_test {
namespace {

using namespace store_test;

class RunSearchTest : public ::testing::Test {
 protected:
  void open(uint64_t piece_rows) {
    ShardStoreOptions options;
    options.path = folder_.file("shard-000.db");
    options.log.piece_rows = piece_rows;
    store_ = open_shard(options);
    Batch batch;
    batch.tasks.push_back(made(1, kFirstDue));
    batch.tasks.push_back(made(2, kFirstDue));
    batch.counter = 2;
    ASSERT_TRUE(store_->commit(batch));
  }
  void record(std::vector<RunRecord> records) {
    Batch batch;
    batch.counter = 2;
    for (const RunRecord& one : records) {
      batch.tasks.push_back(changed(one.task.value, made(one.task.value, kFirstDue).state));
    }
    batch.records = std::move(records);
    ASSERT_TRUE(store_->commit(batch));
  }
  RunsFound around(uint64_t number, Instant at) {
    auto found = answer(*store_, RunsAround{task_key(id_of(number)), at});
    EXPECT_TRUE(found) << found.error().detail;
    return found ? std::get<RunsFound>(*found) : RunsFound{};
  }
  void fold() {
    for (int i = 0; i < 1'000; ++i) {
      ASSERT_TRUE(store_->background(kFirstDue));
      ASSERT_TRUE(store_->background(kFirstDue + hours(1)));
    }
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
};

TEST_F(RunSearchTest, AnInstantIsFoundInWhateverPieceItLies) {
  open(40);
  for (int64_t i = 0; i < 300; ++i) {
    record({record_of(1 + static_cast<uint64_t>(i % 2), kFirstDue + seconds(i))});
    if (i == 200) fold();
  }
  for (int64_t i : {0, 39, 40, 41, 150, 151, 200, 201, 298, 299}) {
    RunsFound found = around(1 + static_cast<uint64_t>(i % 2), kFirstDue + seconds(i));
    ASSERT_EQ(found.records.size(), 1U) << i;
    EXPECT_EQ(found.records[0].due, kFirstDue + seconds(i));
    EXPECT_EQ(found.task.spec.id, id_of(1 + static_cast<uint64_t>(i % 2)));
    EXPECT_FALSE(found.kept_from);
  }
  EXPECT_TRUE(around(1, kFirstDue + seconds(1)).records.empty()) << "the other task's";
  EXPECT_TRUE(around(1, kFirstDue + seconds(400)).records.empty());
}

TEST_F(RunSearchTest, ARowWhoseRoundWasCutShortIsFoundOnce) {
  open(1'000);
  std::vector<RunRecord> records;
  for (int64_t i = 0; i < 700; ++i) {
    records.push_back(record_of(1, kFirstDue + seconds(i), 1, RunState::kRetrying));
  }
  record(std::move(records));
  ASSERT_TRUE(store_->background(kFirstDue));
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(store_->background(kFirstDue + hours(1)));
  store_.reset();
  store_ = open_shard(folder_);
  for (int64_t i : {0, 400, 511, 512, 699}) {
    EXPECT_EQ(around(1, kFirstDue + seconds(i)).records.size(), 1U) << i;
  }
}

TEST_F(RunSearchTest, AllRowsOfARunAreGiven) {
  open(10);
  record({record_of(1, kFirstDue, 1, RunState::kRetrying)});
  for (int64_t i = 1; i < 30; ++i) record({record_of(2, kFirstDue + seconds(i))});
  RunRecord last = record_of(1, kFirstDue, 2);
  last.recorded = kFirstDue + seconds(40);
  record({last});
  RunsFound found = around(1, kFirstDue);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[1].state, RunState::kSucceeded);
}

TEST_F(RunSearchTest, ARowForManyInstantsTellsOfEachBetween) {
  open(10);
  RunRecord skipped = record_of(1, kFirstDue, 0, RunState::kSkipped);
  skipped.skip_reason = SkipReason::kOverlap;
  skipped.last_due = kFirstDue + hours(1);
  skipped.count = 61;
  skipped.recorded = kFirstDue + hours(1);
  record({skipped});
  ASSERT_EQ(around(1, kFirstDue + minutes(30)).records.size(), 1U);
  EXPECT_TRUE(around(1, kFirstDue + hours(1) + milliseconds(1)).records.empty());
}

TEST_F(RunSearchTest, ADeathIsTheLastWordWhileItsLetterIsThere) {
  open(10);
  RunRecord death = record_of(1, kFirstDue, 1, RunState::kDead);
  DeadRun dead;
  dead.task = {1};
  dead.run = death.key;
  Batch batch;
  batch.counter = 2;
  batch.tasks.push_back(changed(1, made(1, kFirstDue).state));
  batch.records.push_back(death);
  batch.died.push_back(dead);
  ASSERT_TRUE(store_->commit(batch));
  EXPECT_TRUE(around(1, kFirstDue).dead);
  batch.records = {record_of(1, kFirstDue, 2)};
  batch.died.clear();
  batch.redriven.push_back({{1}, death.key});
  ASSERT_TRUE(store_->commit(batch));
  RunsFound found = around(1, kFirstDue);
  EXPECT_FALSE(found.dead);
  ASSERT_EQ(found.records.size(), 2U);
  EXPECT_EQ(found.records[1].state, RunState::kSucceeded);
}

TEST_F(RunSearchTest, TheSearchHasABoundAndSaysSo) {
  open(50'000);
  for (int64_t i = 0; i < 300; ++i) {
    std::vector<RunRecord> records;
    for (int64_t k = 0; k < 10; ++k) {
      records.push_back(record_of(1, kFirstDue + seconds(i * 10 + k)));
    }
    record(std::move(records));
  }
  RunsFound found = around(1, kFirstDue + milliseconds(500));  // nothing is due then
  EXPECT_TRUE(found.records.empty());
  EXPECT_TRUE(found.cut_short);
  EXPECT_FALSE(around(1, kFirstDue + seconds(2'500)).cut_short);
}

}  // namespace
}  // namespace hourwheel::run_search_test
