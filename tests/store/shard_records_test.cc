// Lists of what the run log keeps, over all tasks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/builders.h"

namespace hourwheel::shard_records_test {
namespace {

using namespace store_test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ShardRecordsTest : public ::testing::Test {
 protected:
  void open(uint64_t piece_rows = 50'000) {
    ShardStoreOptions options;
    options.path = folder_.file("shard-000.db");
    options.log.piece_rows = piece_rows;
    store_ = open_shard(options);
    Batch batch;
    batch.counter = 3;
    for (uint64_t number = 1; number <= 3; ++number) {
      batch.tasks.push_back(made(number, kFirstDue));
      if (number == 3) batch.tasks.back().spec->labels = {{"team", "a"}};
    }
    ASSERT_TRUE(store_->commit(batch));
  }
  void record(std::vector<RunRecord> records) {
    Batch batch;
    batch.counter = 3;
    for (const RunRecord& one : records) {
      batch.tasks.push_back(changed(one.task.value, made(one.task.value, kFirstDue).state));
    }
    batch.records = std::move(records);
    ASSERT_TRUE(store_->commit(batch));
  }
  // One row for each second from 1 on, of the tasks in turn: 1, 2, 3, 1, ...
  void record_seconds(int64_t count) {
    for (int64_t i = 1; i <= count; ++i) {
      record({record_of(1 + static_cast<uint64_t>(i - 1) % 3, kFirstDue + seconds(i))});
    }
  }
  RecordPage page_of(const RecordFilter& filter, uint64_t before, uint32_t limit) {
    auto page = answer(*store_, ListRecords{filter, before, limit});
    EXPECT_TRUE(page) << page.error().detail;
    return page ? std::get<RecordPage>(std::move(*page)) : RecordPage{};
  }
  // 5,000 rows of a task that has no label, behind one of a task that has.
  void record_much_of_the_first() {
    record({record_of(3, kFirstDue)});
    for (int64_t i = 0; i < 50; ++i) {
      std::vector<RunRecord> records;
      for (int64_t k = 0; k < 100; ++k) {
        records.push_back(record_of(1, kFirstDue + seconds(1 + i * 100 + k)));
      }
      record(std::move(records));
    }
  }
  // Page by page, in seconds after the first due instant.
  std::vector<int64_t> listed(const RecordFilter& filter = {}, uint32_t limit = 50) {
    std::vector<int64_t> found;
    uint64_t before = 0;
    do {
      RecordPage page = page_of(filter, before, limit);
      EXPECT_LE(page.entries.size(), limit);
      EXPECT_EQ(page.entries.size(), page.positions.size());
      for (const LoggedRun& run : page.entries) {
        found.push_back((run.record.due - kFirstDue).ms / 1'000);
        EXPECT_EQ(run.task_id, id_of(run.record.task.value));
      }
      EXPECT_TRUE(before == 0 || page.next < before) << "a list goes on downwards";
      before = page.next;
    } while (before != 0);
    return found;
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
};

TEST_F(ShardRecordsTest, NothingIsKeptOfAnEmptyLog) {
  open();
  EXPECT_THAT(listed(), IsEmpty());
}

TEST_F(ShardRecordsTest, PagesGoFromTheNewestRowToTheOldestOverAllPieces) {
  open(3);
  record_seconds(8);
  for (uint32_t limit : {1U, 3U, 8U, 50U}) {
    EXPECT_THAT(listed({}, limit), ElementsAre(8, 7, 6, 5, 4, 3, 2, 1)) << limit;
  }
}

TEST_F(ShardRecordsTest, WhatIsRecordedMeanwhileMovesNoPage) {
  open();
  record_seconds(4);
  RecordPage first = page_of({}, 0, 2);
  record({record_of(1, kFirstDue + seconds(100))});
  RecordPage second = page_of({}, first.next, 2);
  ASSERT_EQ(second.entries.size(), 2U);
  EXPECT_EQ(second.entries[0].record.due, kFirstDue + seconds(2));
  EXPECT_EQ(second.entries[1].record.due, kFirstDue + seconds(1));
  EXPECT_EQ(second.next, 0U);
}

TEST_F(ShardRecordsTest, FiltersByTaskAndLabelInPagesOfOne) {
  open(4);
  record_seconds(9);
  background_until_done(*store_, kFirstDue + seconds(1));  // half of it in an index of its own
  for (int64_t i = 10; i <= 12; ++i) {
    record({record_of(1 + static_cast<uint64_t>(i - 1) % 3, kFirstDue + seconds(i))});
  }
  RecordFilter by_task;
  by_task.run.task = task_key(id_of(2));
  RecordFilter by_label;
  by_label.run.labels = {{"team", "a"}};
  for (uint32_t limit : {1U, 50U}) {
    EXPECT_THAT(listed(by_task, limit), ElementsAre(11, 8, 5, 2));
    EXPECT_THAT(listed(by_label, limit), ElementsAre(12, 9, 6, 3));
  }
  by_task.run.labels = {{"team", "a"}};
  EXPECT_THAT(listed(by_task), IsEmpty());
  by_task.run = {};
  by_task.run.task = task_key("nobody");
  EXPECT_THAT(listed(by_task), IsEmpty());
}

TEST_F(ShardRecordsTest, FiltersByStateTriggerAndResult) {
  open();
  RunRecord retrying = record_of(1, kFirstDue + seconds(1), 1, RunState::kRetrying);
  retrying.outcome.result = AttemptResult::kTimedOut;
  RunRecord manual = record_of(1, kFirstDue + seconds(2));
  manual.key.trigger = Trigger::kManual;
  RunRecord skipped = record_of(2, kFirstDue + seconds(3), 0, RunState::kSkipped);
  skipped.outcome = {};
  RunRecord canceled = record_of(2, kFirstDue + seconds(4), 1, RunState::kCanceled);
  canceled.outcome = {};
  record({retrying, manual, skipped, canceled});
  RecordFilter states;
  states.states = {RunState::kRetrying, RunState::kSkipped};
  EXPECT_THAT(listed(states), ElementsAre(3, 1));
  RecordFilter triggers;
  triggers.triggers = {Trigger::kManual, Trigger::kBackfill};
  EXPECT_THAT(listed(triggers), ElementsAre(2));
  RecordFilter results;
  results.run.results = {AttemptResult::kTimedOut};
  EXPECT_THAT(listed(results), ElementsAre(1));
  results.run.results = {AttemptResult::kTimedOut, AttemptResult::kResponded};
  EXPECT_THAT(listed(results), ElementsAre(2, 1));
  results.states = {RunState::kSucceeded};
  EXPECT_THAT(listed(results), ElementsAre(2));
}

TEST_F(ShardRecordsTest, FiltersByWhatIsToldOfTheError) {
  open();
  RunRecord refused = record_of(1, kFirstDue + seconds(1), 1, RunState::kRetrying);
  refused.outcome.result = AttemptResult::kConnectFailed;
  refused.outcome.status = 0;
  refused.outcome.detail = "Connection refused by 192.0.2.7";
  RunRecord busy = record_of(1, kFirstDue + seconds(2), 2, RunState::kDead);
  busy.outcome.status = 503;
  RunRecord well = record_of(2, kFirstDue + seconds(3));
  well.outcome.detail = "refused";  // of a success nothing of the kind is shown
  RunRecord skipped = record_of(2, kFirstDue + seconds(4), 0, RunState::kSkipped);
  skipped.outcome = {};
  record({refused, busy, well, skipped});
  RecordFilter filter;
  filter.run.error = "connection REFUSED";
  EXPECT_THAT(listed(filter), ElementsAre(1));
  filter.run.error = "answered 50";
  EXPECT_THAT(listed(filter), ElementsAre(2)) << "as it is shown, not only as it is stored";
  filter.run.error = "e";
  EXPECT_THAT(listed(filter, 1), ElementsAre(2, 1));
  filter.run.results = {AttemptResult::kConnectFailed};
  EXPECT_THAT(listed(filter), ElementsAre(1));
  filter.run.error = "timed out";
  EXPECT_THAT(listed(filter), IsEmpty());
}

TEST_F(ShardRecordsTest, ARowForSeveralInstantsMatchesByAnyOfThem) {
  open(2);
  record_seconds(4);
  RunRecord skipped = record_of(1, kFirstDue + seconds(5), 0, RunState::kSkipped);
  skipped.last_due = kFirstDue + seconds(20);
  skipped.count = 16;
  skipped.recorded = kFirstDue + seconds(20);
  record({skipped});
  RecordFilter filter;
  filter.run.due_after = kFirstDue + seconds(20);
  EXPECT_THAT(listed(filter), ElementsAre(5));
  filter.run.due_after = kFirstDue + seconds(21);
  EXPECT_THAT(listed(filter), IsEmpty());
  filter.run.due_after = kFirstDue + seconds(3);
  filter.run.due_before = kFirstDue + seconds(5);
  EXPECT_THAT(listed(filter), ElementsAre(4, 3));
}

TEST_F(ShardRecordsTest, OfATaskThatIsGoneNothingIsListed) {
  open();
  record_seconds(3);
  Batch batch;
  batch.counter = 3;
  batch.tasks.push_back(removed(2));
  ASSERT_TRUE(store_->commit(batch));
  EXPECT_THAT(listed({}, 1), ElementsAre(3, 1));
}

TEST_F(ShardRecordsTest, WhatIsKeptOfTheResponseIsNotTakenAlong) {
  open();
  RunRecord told = record_of(1, kFirstDue);
  told.outcome.body = "a long story";
  told.outcome.kept_fields = "Server: a\n";
  record({told});
  RecordPage page = page_of({}, 0, 50);
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries[0].record.outcome.body, "");
  EXPECT_EQ(page.entries[0].record.outcome.kept_fields, "");
  EXPECT_EQ(page.entries[0].record.outcome.status, 200);
}

// A quantum and a page look at so many rows and no more, however little there is to be found.
TEST_F(ShardRecordsTest, AListThatFindsLittleIsAShortPageThatGoesOn) {
  open();
  record_much_of_the_first();
  RecordFilter filter;
  filter.run.labels = {{"team", "a"}};
  RunningQuery running;
  running.query = ListRecords{filter, 0, 50};
  EXPECT_FALSE(store_->query(running)) << "one quantum is not enough";
  RecordPage page = page_of(filter, 0, 50);
  EXPECT_TRUE(page.entries.empty());
  EXPECT_GT(page.next, 1U);
  EXPECT_THAT(listed(filter), ElementsAre(0));
}

// A page that goes on would tell whoever reaches other tasks only (SL1) how much there is of it.
TEST_F(ShardRecordsTest, OfOneTaskWithoutTheLabelsTheListEndsAtOnce) {
  open();
  record_much_of_the_first();
  RecordFilter filter;
  filter.run.task = task_key(id_of(1));
  EXPECT_GT(page_of(filter, 0, 50).next, 1U) << "there is much of it";
  filter.run.labels = {{"team", "a"}};
  for (uint64_t before : {0U, 4'900U}) {
    const RecordPage page = page_of(filter, before, 50);
    EXPECT_TRUE(page.entries.empty());
    EXPECT_EQ(page.next, 0U) << before;
  }
}

TEST_F(ShardRecordsTest, ADamagedRowIsLeftOutAndCounted) {  // C-23
  open();
  record_seconds(3);
  ASSERT_TRUE(store_->close_clean());
  store_.reset();
  auto file = open_shard_file(folder_);
  ASSERT_TRUE(file);
  ASSERT_TRUE(
      file->execute("UPDATE run_1 SET row = zeroblob(length(row)) WHERE seq = "
                    "(SELECT max(seq) - 1 FROM run_1)"));
  file.reset();
  store_ = open_shard(folder_);
  EXPECT_THAT(listed(), ElementsAre(3, 1));
  EXPECT_TRUE(store_->damage());
}

}  // namespace
}  // namespace hourwheel::shard_records_test
