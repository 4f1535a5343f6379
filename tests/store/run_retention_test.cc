// Retention by count: which runs stay in the run log, and which go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/folder_check.h"
#include "tests/store/builders.h"

namespace hourwheel::run_retention_test {
namespace {

using namespace store_test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Instant kNow = kFirstDue + hours(2);

class RunRetentionTest : public ::testing::Test {
 protected:
  RunRetentionTest() { options_.path = folder_.file("shard-000.db"); }
  void SetUp() override { open(); }
  void open() {
    store_.reset();
    store_ = open_shard(options_);
  }
  void commit(Batch batch) {
    batch.counter = counter_ += 10;
    ASSERT_TRUE(store_->commit(batch));
  }
  static TaskChange keeping(uint64_t number, uint32_t runs, ChangeKind kind = ChangeKind::kCreate) {
    TaskChange change = made(number, kFirstDue);
    change.kind = kind;
    change.spec->keep_runs = runs;
    if (kind == ChangeKind::kReplace) change.was = TaskStatus::kActive;
    return change;
  }
  void create(uint64_t number, uint32_t runs) { change(keeping(number, runs)); }
  void change(TaskChange change) {
    Batch batch;
    batch.tasks.push_back(std::move(change));
    commit(std::move(batch));
  }
  static Instant due(int64_t i) { return kFirstDue + seconds(i); }
  // One record in a commit of its own, with the state after it.
  void record(RunRecord one, std::vector<OpenRun> open = {}) {
    Batch batch;
    TaskState state = made(one.task.value, kFirstDue).state;
    state.open = std::move(open);
    batch.tasks.push_back(changed(one.task.value, state));
    if (one.state == RunState::kDead) {
      DeadRun dead;
      dead.task = one.task;
      dead.run = one.key;
      dead.due = one.due;
      dead.ended = one.recorded;
      dead.redrive_count = one.redrive_count;
      batch.died.push_back(dead);
    }
    batch.records.push_back(std::move(one));
    commit(std::move(batch));
  }
  void run(uint64_t number, int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) record(record_of(number, due(i)));
  }
  static OpenRun open_run(const RunRecord& of, uint32_t redrives = 0) {
    OpenRun run;
    run.key = of.key;
    run.due = run.next_attempt = of.due;
    run.redrive_count = redrives;
    return run;
  }
  // Twice, as what has waited for long enough is folded only then.
  void background() {
    background_until_done(*store_, kNow);
    background_until_done(*store_, kNow + hours(1));
  }
  std::vector<RunRecord> runs(uint64_t number) {
    ListRuns list;
    list.key = task_key(id_of(number));
    list.limit = 500;
    auto page = answer(*store_, list);
    EXPECT_TRUE(page) << page.error().detail;
    return page ? std::get<RunPage>(*page).records : std::vector<RunRecord>{};
  }
  size_t count_runs(uint64_t number) {
    ListRuns list;
    list.key = task_key(id_of(number));
    list.limit = 500;
    size_t count = 0;
    do {
      auto page = answer(*store_, list);
      EXPECT_TRUE(page);
      if (!page) break;
      count += std::get<RunPage>(*page).records.size();
      list.before = std::get<RunPage>(*page).next;
    } while (list.before != 0);
    return count;
  }
  RunsFound around(uint64_t number, Instant at) {
    auto found = answer(*store_, RunsAround{task_key(id_of(number)), at});
    EXPECT_TRUE(found);
    return found ? std::get<RunsFound>(*found) : RunsFound{};
  }
  // Which of due(0), due(1) ... are in the log, newest first; a row each.
  std::vector<int64_t> kept(uint64_t number) {
    std::vector<int64_t> found;
    for (const RunRecord& record : runs(number))
      found.push_back((record.due - kFirstDue).ms / 1000);
    return found;
  }
  void expect_whole() {
    store_.reset();
    auto report = check_shard_file(options_.path, 0);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->damaged, 0U) << (report->rows.empty() ? "" : report->rows[0].what);
    open();
  }

  Folder folder_;
  ShardStoreOptions options_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
};

TEST_F(RunRetentionTest, TheNewestStayAndOthersKeepAll) {
  create(1, 3);
  create(2, 0);
  for (int64_t i = 0; i < 10; ++i) {
    record(record_of(1, due(i)));
    record(record_of(2, due(i)));
  }
  EXPECT_EQ(runs(1).size(), 10U) << "not at once";
  background();
  EXPECT_THAT(kept(1), ElementsAre(9, 8, 7));
  EXPECT_EQ(runs(2).size(), 10U);
  run(1, 10, 12);
  background();
  EXPECT_THAT(kept(1), ElementsAre(11, 10, 9));
  expect_whole();
}

TEST_F(RunRetentionTest, AsManyAsAreKeptAllStay) {
  create(1, 10);
  run(1, 0, 10);
  background();
  EXPECT_EQ(runs(1).size(), 10U);
  run(1, 10, 11);
  background();
  EXPECT_EQ(runs(1).size(), 10U);
  EXPECT_EQ(kept(1).back(), 1);
}

TEST_F(RunRetentionTest, WhatIsNotFoldedStays) {  // L1
  create(1, 1);
  run(1, 0, 5);
  background_until_done(*store_, kFirstDue);  // too early for a round
  EXPECT_EQ(runs(1).size(), 5U);
  open();
  EXPECT_EQ(runs(1).size(), 5U);
  background();
  EXPECT_THAT(kept(1), ElementsAre(4));
}

TEST_F(RunRetentionTest, AnOpenRunKeepsItsRows) {
  create(1, 2);
  const RunRecord failed = record_of(1, due(0), 1, RunState::kRetrying);
  record(failed, {open_run(failed)});
  for (int64_t i = 1; i < 6; ++i) record(record_of(1, due(i)), {open_run(failed)});
  background();
  EXPECT_THAT(kept(1), ElementsAre(5, 4, 0));
  // It ends, and is the newest.
  record(record_of(1, due(0), 2));
  background();
  EXPECT_THAT(kept(1), ElementsAre(0, 5, 0));
  run(1, 6, 8);
  background();
  EXPECT_THAT(kept(1), ElementsAre(7, 6)) << "all its rows go together";
  expect_whole();
}

TEST_F(RunRetentionTest, RowsOfARunThatGoesGoToo) {
  create(1, 1);
  for (int64_t i = 0; i < 4; ++i) {
    const RunRecord failed = record_of(1, due(i), 1, RunState::kRetrying);
    record(failed, {open_run(failed)});
    record(record_of(1, due(i), 2));
  }
  background();
  EXPECT_THAT(kept(1), ElementsAre(3, 3));
}

TEST_F(RunRetentionTest, ADeadRunStaysAsLongAsItsLetter) {  // C-14
  create(1, 2);
  const RunRecord failed = record_of(1, due(0), 1, RunState::kRetrying);
  const RunRecord death = record_of(1, due(0), 2, RunState::kDead);
  record(failed, {open_run(failed)});
  record(death);
  run(1, 1, 6);
  background();
  EXPECT_THAT(kept(1), ElementsAre(5, 4, 0, 0));
  auto found = answer(*store_, GetRun{task_key(id_of(1)), death.key});
  ASSERT_TRUE(found);
  EXPECT_EQ(std::get<RunPage>(*found).records.size(), 2U);
  open();
  background();
  EXPECT_THAT(kept(1), ElementsAre(5, 4, 0, 0)) << "the same after a start";
  Batch discarded;
  discarded.discarded.push_back({{1}, death.key});
  discarded.tasks.push_back(changed(1, made(1, kFirstDue).state));
  commit(std::move(discarded));
  background();
  EXPECT_THAT(kept(1), ElementsAre(5, 4));
  expect_whole();
}

TEST_F(RunRetentionTest, ARedrivenRunIsOpenAndThenTheNewest) {
  create(1, 2);
  RunRecord death = record_of(1, due(0), 1, RunState::kDead);
  record(death);
  run(1, 1, 3);
  background();
  EXPECT_THAT(kept(1), ElementsAre(2, 1, 0));
  Batch redriven;
  TaskState state = made(1, kFirstDue).state;
  state.open = {open_run(death, 1)};
  redriven.redriven.push_back({{1}, death.key});
  redriven.tasks.push_back(changed(1, state));
  commit(std::move(redriven));
  for (int64_t i = 3; i < 6; ++i) record(record_of(1, due(i)), {open_run(death, 1)});
  background();
  EXPECT_THAT(kept(1), ElementsAre(5, 4, 3, 0)) << "one more for each that is open again";
  RunRecord end = record_of(1, due(0), 2);
  end.redrive_count = 1;
  record(end);
  background();
  EXPECT_THAT(kept(1), ElementsAre(0, 5, 4, 0));
  run(1, 6, 8);
  background();
  EXPECT_THAT(kept(1), ElementsAre(7, 6));
  expect_whole();
}

// One of those that are kept is open again: of those that have ended as many stay.
TEST_F(RunRetentionTest, ARunThatIsOpenAgainTakesNobodysPlace) {
  create(1, 2);
  record(record_of(1, due(0)));
  const RunRecord death = record_of(1, due(1), 1, RunState::kDead);
  record(death);
  background();
  Batch redriven;
  TaskState state = made(1, kFirstDue).state;
  state.open = {open_run(death, 1)};
  redriven.redriven.push_back({{1}, death.key});
  redriven.tasks.push_back(changed(1, state));
  commit(std::move(redriven));
  record(record_of(1, due(2)), {open_run(death, 1)});
  background();
  EXPECT_THAT(kept(1), ElementsAre(2, 1, 0));
}

// Its first end is not in the log any more, by which it would be counted.
TEST_F(RunRetentionTest, ARedrivenRunWhoseDeathWasDroppedIsOneOfTheNewest) {
  options_.log.piece_rows = 10;
  options_.log.age_max = hours(3);
  open();
  create(1, 3);
  create(2, 0);
  const RunRecord death = record_of(1, due(0), 1, RunState::kDead);
  record(death);
  run(2, 0, 10);
  background();
  Batch redriven;
  TaskState state = made(1, kFirstDue).state;
  state.open = {open_run(death, 1)};
  redriven.redriven.push_back({{1}, death.key});
  redriven.tasks.push_back(changed(1, state));
  commit(std::move(redriven));
  auto late = [](RunRecord one, int64_t i) {
    one.recorded = kNow + hours(8) + seconds(i);
    return one;
  };
  RunRecord end = record_of(1, due(0), 2);
  end.redrive_count = 1;
  record(late(end, 0));
  record(late(record_of(1, due(1)), 1));
  background_until_done(*store_, kNow + hours(8));
  background_until_done(*store_, kNow + hours(9));
  EXPECT_THAT(kept(1), ElementsAre(1, 0));
  for (int64_t i = 2; i < 4; ++i) record(late(record_of(1, due(i)), i));
  background_until_done(*store_, kNow + hours(10));
  background_until_done(*store_, kNow + hours(11));
  EXPECT_THAT(kept(1), ElementsAre(3, 2, 1));
}

TEST_F(RunRetentionTest, ANewDefinitionHoldsForRunsThatAreThere) {
  create(1, 0);
  run(1, 0, 10);
  background();
  EXPECT_EQ(runs(1).size(), 10U);
  change(keeping(1, 4, ChangeKind::kReplace));
  background();
  EXPECT_THAT(kept(1), ElementsAre(9, 8, 7, 6));
  change(keeping(1, 2, ChangeKind::kReplace));
  background();
  EXPECT_THAT(kept(1), ElementsAre(9, 8));
  change(keeping(1, 0, ChangeKind::kReplace));
  run(1, 10, 14);
  background();
  EXPECT_EQ(runs(1).size(), 6U);
}

TEST_F(RunRetentionTest, AfterAStartItGoesOn) {
  create(1, 3);
  run(1, 0, 10);
  background();
  open();
  EXPECT_EQ(runs(1).size(), 3U);
  run(1, 10, 12);
  open();  // before anything went
  background();
  EXPECT_THAT(kept(1), ElementsAre(11, 10, 9));
  // What no round of the fold tells of.
  ASSERT_TRUE(store_->close_clean());
  expect_whole();
  EXPECT_THAT(kept(1), ElementsAre(11, 10, 9));
}

TEST_F(RunRetentionTest, WhatWasNotRemovedBeforeAStopIsAfterTheStart) {
  create(1, 3);
  run(1, 0, 10);
  ASSERT_TRUE(store_->close_clean());
  open();
  EXPECT_EQ(runs(1).size(), 10U);
  background();
  EXPECT_THAT(kept(1), ElementsAre(9, 8, 7));
}

TEST_F(RunRetentionTest, WhatTheTableSaysDeletesNothing) {
  create(1, 0);
  create(2, 3);
  for (int64_t i = 0; i < 8; ++i) {
    record(record_of(1, due(i)));
    record(record_of(2, due(i)));
  }
  store_.reset();
  ASSERT_TRUE(open_shard_file(folder_)->execute(
      "UPDATE retained SET number = 1; INSERT INTO retained VALUES(77, 5), (-3, NULL)"));
  open();
  background();
  EXPECT_EQ(runs(1).size(), 8U);
  EXPECT_EQ(runs(2).size(), 8U) << "nobody knows, until its definition is written again";
  EXPECT_FALSE(store_->damage());
  change(keeping(2, 3, ChangeKind::kReplace));
  background();
  EXPECT_THAT(kept(2), ElementsAre(7, 6, 5));
}

TEST_F(RunRetentionTest, ADamagedRowIsKeptWithAllBehindIt) {
  create(1, 2);
  run(1, 0, 8);
  ASSERT_TRUE(store_->close_clean());
  store_.reset();
  ASSERT_TRUE(open_shard_file(folder_)->execute(
      "UPDATE run_1 SET row = CAST('damaged' AS BLOB) WHERE seq = 4"));
  open();
  background();
  EXPECT_THAT(kept(1), ElementsAre(7, 6, 5, 4));
  EXPECT_TRUE(store_->damage());
}

TEST_F(RunRetentionTest, ARowThatIsMissingByDamageIsNoticed) {
  create(1, 2);
  run(1, 0, 8);
  background();
  ASSERT_TRUE(store_->close_clean());
  store_.reset();
  ASSERT_TRUE(open_shard_file(folder_)->execute("DELETE FROM run_1 WHERE seq = 8"));
  auto report = check_shard_file(options_.path, 0);
  ASSERT_TRUE(report);
  EXPECT_GE(report->damaged, 2U) << "a row fewer than the piece says, and an entry of no row";
  open();
  EXPECT_EQ(runs(1).size(), 1U);
  EXPECT_TRUE(store_->damage());
}

TEST_F(RunRetentionTest, AQuantumIsBounded) {
  create(1, 5);
  create(2, 0);
  run(1, 0, 1'000);
  background_until_done(*store_, kFirstDue);
  size_t before = count_runs(1);
  EXPECT_EQ(before, 1'000U);
  for (bool more = true; more;) {
    auto quantum = store_->background(kNow);
    ASSERT_TRUE(quantum);
    more = *quantum;
    const size_t now = count_runs(1);
    EXPECT_LE(before - now, RunRetention::kRowsAtOnce);
    before = now;
  }
  background();
  EXPECT_EQ(runs(1).size(), 5U);
}

TEST_F(RunRetentionTest, WhatWentCountsNoMoreForTheBoundsOfTheLog) {
  options_.log.piece_rows = 20;
  options_.log.bytes_max = 1;  // all but the last piece
  open();
  create(1, 2);
  create(2, 0);
  record(record_of(2, due(0)));
  for (int64_t round = 0; round < 10; ++round) {
    run(1, round * 10, round * 10 + 10);
    background();
  }
  EXPECT_EQ(runs(1).size(), 2U);
  EXPECT_EQ(runs(2).size(), 1U) << "the noisy one does not push it out";
  expect_whole();
}

TEST_F(RunRetentionTest, PiecesThatAreDroppedAreCountedNoMore) {
  options_.log.piece_rows = 20;
  options_.log.age_max = hours(3);
  open();
  create(1, 30);
  run(1, 0, 25);
  background();
  EXPECT_EQ(runs(1).size(), 25U);
  for (int64_t i = 0; i < 10; ++i) {
    RunRecord late = record_of(1, due(100 + i));
    late.recorded = kNow + hours(8);
    record(late);
  }
  background_until_done(*store_, kNow + hours(3));
  background_until_done(*store_, kNow + hours(8));
  const auto left = kept(1).size();
  EXPECT_LT(left, 25U) << "the first piece is gone";
  run(1, 200, 210);
  background();
  EXPECT_EQ(kept(1).size(), std::min<size_t>(30, left + 10));
}

TEST_F(RunRetentionTest, ListsAndFollowersGoOnOverWhatWent) {
  options_.log.piece_rows = 30;
  open();
  create(1, 2);
  create(2, 0);
  auto now = answer(*store_, FollowChanges{std::nullopt, 256});
  ASSERT_TRUE(now);
  const FollowPlace place = std::get<ChangesSeen>(*now).place;
  for (int64_t i = 0; i < 100; ++i) {
    record(record_of(1, due(i)));
    if (i % 10 == 0) record(record_of(2, due(i)));
  }
  background();
  ListRecords list;
  list.limit = 500;
  auto page = answer(*store_, list);
  ASSERT_TRUE(page);
  EXPECT_EQ(std::get<RecordPage>(*page).entries.size(), 12U);
  EXPECT_EQ(std::get<RecordPage>(*page).next, 0U);
  auto seen = answer(*store_, FollowChanges{place, 256});
  ASSERT_TRUE(seen);
  EXPECT_EQ(std::get<ChangesSeen>(*seen).changes.size(), 12U);
  EXPECT_FALSE(std::get<ChangesSeen>(*seen).gap);
  for (int64_t i = 0; i < 100; i += 10) {
    EXPECT_EQ(around(2, due(i)).records.size(), 1U) << i;
  }
  EXPECT_FALSE(store_->damage());
}

TEST_F(RunRetentionTest, ItTellsUpToWhichInstantRunsWent) {
  create(1, 2);
  create(2, 0);
  run(1, 0, 5);
  run(2, 0, 5);
  background();
  EXPECT_THAT(around(1, due(1)).records, IsEmpty());
  EXPECT_EQ(around(1, due(1)).kept_from, due(2) + milliseconds(1));
  EXPECT_FALSE(around(2, due(1)).kept_from);
}

TEST_F(RunRetentionTest, ARemovedTaskIsForgotten) {
  create(1, 2);
  run(1, 0, 5);
  change(removed(1));
  open();
  background();
  store_.reset();
  auto file = open_shard_file(folder_);
  Statement count(*file, "SELECT count(*) FROM retained");
  Rows rows = count.rows();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.integer(0), 0);
}

}  // namespace
}  // namespace hourwheel::run_retention_test
