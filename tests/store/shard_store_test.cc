#include "store/shard_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "store/database.h"
#include "store/schema.h"
#include "tests/store/builders.h"

namespace hourwheel::shard_store_test {
namespace {

using namespace store_test;
using ::testing::HasSubstr;

Batch batch_of(uint64_t first, uint64_t last, Instant due) {
  Batch batch;
  batch.counter = last;
  for (uint64_t number = first; number <= last; number++) {
    batch.tasks.push_back(made(number, due + milliseconds(static_cast<int64_t>(number))));
  }
  return batch;
}

ShardStoreOptions options_in(const Folder& folder) {
  ShardStoreOptions options;
  options.path = folder.file("shard-000.db");
  return options;
}

// Does all background work there is.
void settle(ShardStore& store, Instant now) {
  for (;;) {
    auto more = store.background(now);
    ASSERT_TRUE(more) << more.error().detail;
    if (!*more) return;
  }
}

TEST(ShardStore, GivesBackWhatWasCommitted) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 2, kFirstDue);
  ASSERT_TRUE(store->commit(batch));
  Fetched fetched = store->fetch({{batch.tasks[0].key, {}}, {{}, {2}}, {task_key("none"), {}}});
  ASSERT_EQ(fetched.found.size(), 3U);
  ASSERT_TRUE(fetched.found[0]);
  EXPECT_EQ(fetched.found[0]->spec, *batch.tasks[0].spec);
  EXPECT_EQ(fetched.found[0]->state, batch.tasks[0].state);
  EXPECT_EQ(fetched.found[1]->key, batch.tasks[1].key);
  EXPECT_EQ(fetched.found[2].error().code, ErrorCode::kNotFound);
}

TEST(ShardStore, RemembersCounterAndSendMark) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 3, kFirstDue);
  batch.send_mark = kFirstDue;
  ASSERT_TRUE(store->commit(batch));
  store.reset();
  store = open_shard(folder);
  EXPECT_EQ(store->recovered().counter, 3U);
  EXPECT_EQ(store->recovered().send_mark, kFirstDue);
}

TEST(ShardStore, RefusesASecondConnection) {
  Folder folder;
  auto store = open_shard(folder);
  auto second = ShardStore::open(options_in(folder));
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().detail, HasSubstr("shard-000.db is in use"));
}

TEST(ShardStore, RefusesALaterSchema) {
  Folder folder;
  open_shard(folder).reset();
  ASSERT_TRUE(open_shard_file(folder)->execute("PRAGMA user_version=99"));
  auto store = ShardStore::open(options_in(folder));
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().detail, HasSubstr("schema version 99"));
}

// T-17. SQLite 3.40.1 can corrupt a log that two connections use.
TEST(ShardStore, IsTheOnlyConnectionToItsFile) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 1, kFirstDue);
  ASSERT_TRUE(store->commit(batch));
  EXPECT_TRUE(std::filesystem::exists(folder.file("shard-000.db-wal")));
  EXPECT_FALSE(std::filesystem::exists(folder.file("shard-000.db-shm")))
      << "the index of the log is in this process's memory";
  DatabaseOptions options;
  options.path = folder.file("shard-000.db");
  options.application_id = kShardApplicationId;
  options.schema = shard_schema();
  auto second = Database::open(options);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().detail, HasSubstr("in use"));
  store.reset();
  EXPECT_TRUE(Database::open(options));
}

TEST(ShardStore, RefusesAForeignDatabase) {
  Folder folder;
  DatabaseOptions other;
  other.path = folder.file("shard-000.db");
  other.application_id = 7;
  other.schema = system_schema();
  ASSERT_TRUE(Database::open(other));
  auto store = ShardStore::open(options_in(folder));
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().detail, HasSubstr("something else"));
}

TEST(ShardStore, RefusesAFileThatIsNoDatabase) {
  Folder folder;
  std::ofstream(folder.file("shard-000.db")) << std::string(100'000, 'x');
  auto store = ShardStore::open(options_in(folder));
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().detail, HasSubstr("shard-000.db"));
}

TEST(ShardStore, RefusesTheFileOfAnotherShard) {
  Folder folder;
  open_shard(folder).reset();
  ShardStoreOptions options = options_in(folder);
  options.shard = 3;
  auto store = ShardStore::open(options);
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().detail, HasSubstr("shard 0, not 3"));
}

TEST(ShardStore, DetectsADamagedRow) {  // C-23
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 3, kFirstDue)));
  store.reset();
  // One payload byte of task 2 changes behind our back.
  ASSERT_TRUE(open_shard_file(folder)->execute(
      "UPDATE definition SET spec = CAST(replace(CAST(spec AS TEXT), "
      "'hook', 'hoop') AS BLOB) WHERE number = 2"));
  store = open_shard(folder);
  Fetched fetched = store->fetch({{{}, {1}}, {{}, {2}}, {{}, {3}}});
  EXPECT_TRUE(fetched.found[0]);
  ASSERT_FALSE(fetched.found[1]);
  EXPECT_EQ(fetched.found[1].error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(fetched.found[1].error().detail, HasSubstr("definition of task 2"));
  EXPECT_TRUE(fetched.found[2]);
  ASSERT_TRUE(store->damage());
  // A list passes it over and goes on behind it.
  auto page = answer(*store, ListTasks{{}, {}, 2});
  ASSERT_TRUE(page);
  EXPECT_EQ(std::get<TaskPage>(*page).tasks.size(), 2U);
  EXPECT_EQ(std::get<TaskPage>(*page).next, TaskNumber{3});
}

TEST(ShardStore, ChecksEveryTaskAfterAnUncleanStop) {
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 300, kFirstDue)));
  settle(*store, kFirstDue);
  settle(*store, kFirstDue + hours(1));
  store.reset();
  ASSERT_TRUE(open_shard_file(folder)->execute("DELETE FROM due WHERE number = 200"));
  store = open_shard(folder);
  settle(*store, kFirstDue);
  ASSERT_TRUE(store->damage());
  EXPECT_THAT(store->damage()->detail, HasSubstr("task 200 is missing in the due index"));
}

TEST(ShardStore, ACleanStopLeavesNothingToReplay) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 50, kFirstDue);
  batch.records.push_back(record_of(1, kFirstDue));
  ASSERT_TRUE(store->commit(batch));
  ASSERT_TRUE(store->close_clean());
  store.reset();
  EXPECT_EQ(std::filesystem::exists(folder.file("shard-000.db-wal")), false);
  store = open_shard(folder);
  EXPECT_EQ(store->metrics().fold_lag_tasks.value(), 0);
  EXPECT_EQ(scan_all(*store, kFirstDue, kFirstDue + hours(1)).size(), 50U);
}

TEST(ShardStore, ACommitThatFailsLeavesNothing) {  // T1
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 2, kFirstDue)));
  Batch bad = batch_of(3, 4, kFirstDue);
  bad.records.push_back(record_of(1, kFirstDue));
  bad.tasks[1].key = bad.tasks[0].key;  // two tasks of one id: refused by the file
  EXPECT_FALSE(store->commit(bad));
  EXPECT_EQ(scan_all(*store, kFirstDue, kFirstDue + hours(1)).size(), 2U);
  EXPECT_FALSE(answer(*store, GetTask{task_key(id_of(3))}));
  Batch good = batch_of(3, 4, kFirstDue);
  good.records.push_back(record_of(1, kFirstDue));
  ASSERT_TRUE(store->commit(good));
  auto runs = answer(*store, ListRuns{task_key(id_of(1)), 0, 50});
  ASSERT_TRUE(runs);
  EXPECT_EQ(std::get<RunPage>(*runs).records.size(), 1U);
}

TEST(ShardStore, AListStopsAfterABoundedNumberOfRowsExamined) {
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 1'200, kFirstDue)));
  ListTasks query;
  query.filter.labels = {{"team", "nobody"}};
  std::vector<uint64_t> positions;
  do {
    auto page = answer(*store, query);
    ASSERT_TRUE(page);
    EXPECT_TRUE(std::get<TaskPage>(*page).tasks.empty());
    query.after = std::get<TaskPage>(*page).next;
    positions.push_back(query.after.value);
  } while (query.after);
  EXPECT_EQ(positions, (std::vector<uint64_t>{512, 1'024, 0}));
}

TEST(ShardStore, AListStopsAfterABoundedNumberOfBytesLookedThrough) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 40, kFirstDue);
  for (TaskChange& change : batch.tasks) change.spec->payload = std::string(kMaxPayload, 'a');
  ASSERT_TRUE(store->commit(batch));
  ListTasks query;
  query.filter.text = std::string(kMaxSearchText - 1, 'a') + 'b';
  auto page = answer(*store, query);
  ASSERT_TRUE(page);
  EXPECT_TRUE(std::get<TaskPage>(*page).tasks.empty());
  const uint64_t looked_at = std::get<TaskPage>(*page).next.value;
  EXPECT_GT(looked_at, 0U);
  EXPECT_LT(looked_at * kMaxPayload, uint64_t{6} << 20);
}

TEST(ShardStore, AListSaysItIsAtItsEndWithItsLastTask) {
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 6, kFirstDue)));
  // How many tasks each page has and where the next begins.
  using Pages = std::vector<std::pair<size_t, uint64_t>>;
  auto pages_of = [&store](uint32_t limit) {
    Pages pages;
    ListTasks query{{}, {}, limit};
    do {
      auto answered = answer(*store, query);
      const auto& page = std::get<TaskPage>(*answered);
      query.after = page.next;
      pages.emplace_back(page.tasks.size(), page.next.value);
    } while (query.after);
    return pages;
  };
  EXPECT_EQ(pages_of(2), (Pages{{2, 2}, {2, 4}, {2, 0}}));
  EXPECT_EQ(pages_of(5), (Pages{{5, 5}, {1, 0}}));
  EXPECT_EQ(pages_of(6), (Pages{{6, 0}}));
  EXPECT_EQ(pages_of(7), (Pages{{6, 0}}));
}

TEST(ShardStore, AListFiltersByStatusTypeAndLabels) {
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 4, kFirstDue);
  batch.tasks[0].spec->labels = {{"env", "prod"}, {"team", "a"}};
  batch.tasks[1].spec->labels = {{"env", "prod"}};
  batch.tasks[2].spec->type = TaskType::kRecurring;
  batch.tasks[3].state.pause = Pause{"holiday", kFirstDue, {}};
  ASSERT_TRUE(store->commit(batch));
  auto listed = [&store](TaskFilter filter) {
    auto page = answer(*store, ListTasks{std::move(filter), {}, 50});
    std::vector<uint64_t> numbers;
    for (const StoredTask& task : std::get<TaskPage>(*page).tasks) {
      numbers.push_back(task.number.value);
    }
    return numbers;
  };
  using Numbers = std::vector<uint64_t>;
  TaskFilter prod;
  prod.labels = {{"env", "prod"}};
  EXPECT_EQ(listed(prod), (Numbers{1, 2}));
  prod.labels.emplace_back("team", "a");
  EXPECT_EQ(listed(prod), (Numbers{1}));
  TaskFilter recurring;
  recurring.type = TaskType::kRecurring;
  EXPECT_EQ(listed(recurring), (Numbers{3}));
  TaskFilter paused;
  paused.statuses = {TaskStatus::kPaused};
  EXPECT_EQ(listed(paused), (Numbers{4}));
}

TEST(ShardStore, GetRunGivesAllRecordsOfOneRunOldestFirst) {
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 2, kFirstDue)));
  for (int64_t n = 0; n < 300; n++) {
    Instant due = kFirstDue + seconds(n);
    Batch batch;
    batch.counter = 2;
    batch.records.push_back(record_of(1, due, 1, RunState::kRetrying));
    batch.records.push_back(record_of(2, due));
    batch.records.push_back(record_of(1, due, 2));
    ASSERT_TRUE(store->commit(batch));
    if (n == 150) settle(*store, kFirstDue);
  }
  RunKey wanted{{1}, Trigger::kSchedule, (kFirstDue + seconds(5)).ms};
  auto answered = answer(*store, GetRun{task_key(id_of(1)), wanted});
  ASSERT_TRUE(answered);
  const auto& page = std::get<RunPage>(*answered);
  ASSERT_EQ(page.records.size(), 2U);
  EXPECT_EQ(page.records[0].state, RunState::kRetrying);
  EXPECT_EQ(page.records[1].state, RunState::kSucceeded);
  wanted.instant_or_nonce++;
  EXPECT_EQ(answer(*store, GetRun{task_key(id_of(1)), wanted}).error().code, ErrorCode::kNotFound);
}

TEST(ShardStore, RetentionDropsWholePieces) {
  Folder folder;
  ShardStoreOptions options = options_in(folder);
  options.log.piece_rows = 100;
  options.log.age_max = hours(24);
  auto store = open_shard(options);
  ASSERT_TRUE(store->commit(batch_of(1, 1, kFirstDue)));
  for (int64_t n = 0; n < 450; n++) {
    Batch batch;
    batch.counter = 1;
    batch.records.push_back(record_of(1, kFirstDue + minutes(n)));
    ASSERT_TRUE(store->commit(batch));
  }
  // The first two pieces, 200 rows, ended more than a day before.
  Instant now = kFirstDue + minutes(250) + hours(24);
  settle(*store, now);
  settle(*store, now + options.fold.age);
  settle(*store, now + options.fold.age);
  size_t kept = 0;
  ListRuns query{task_key(id_of(1)), 0, 60};
  do {
    auto answered = answer(*store, query);
    ASSERT_TRUE(answered);
    kept += std::get<RunPage>(*answered).records.size();
    query.before = std::get<RunPage>(*answered).next;
  } while (query.before != 0);
  EXPECT_EQ(kept, 250U);
  store.reset();
  store = open_shard(options);
  auto newest = answer(*store, ListRuns{task_key(id_of(1)), 0, 1});
  EXPECT_EQ(std::get<RunPage>(*newest).positions.at(0), 450U);
}

TEST(ShardStore, APageOfTheDueIndexEndsWithManyBytesOfPayloads) {  // RP3
  Folder folder;
  auto store = open_shard(folder);
  Batch batch = batch_of(1, 300, kFirstDue);
  for (TaskChange& change : batch.tasks) {
    OpenRun& run = change.state.open.emplace_back();
    run.key = {change.state.generation, Trigger::kManual, 7};
    run.due = run.next_attempt = *change.state.next_due;
    run.payload = RunPayload{PayloadKind::kText, std::string(kMaxRunPayload, 'x'), ""};
  }
  ASSERT_TRUE(store->commit(batch));
  auto page = store->scan({kFirstDue, kFirstDue + hours(1), 0, {}, kScanPage});
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_EQ(page->tasks.size(), 256U) << "4 MiB";
  EXPECT_TRUE(page->next);
  auto all = scan_all(*store, kFirstDue, kFirstDue + hours(1));
  ASSERT_EQ(all.size(), 300U);
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].number.value, i + 1);
}

TEST(ShardStore, RetentionKeepsWithinItsBytes) {
  Folder folder;
  ShardStoreOptions options = options_in(folder);
  options.log.piece_rows = 50;
  options.log.bytes_max = 1;
  auto store = open_shard(options);
  ASSERT_TRUE(store->commit(batch_of(1, 1, kFirstDue)));
  for (int64_t n = 0; n < 120; n++) {
    Batch batch;
    batch.counter = 1;
    batch.records.push_back(record_of(1, kFirstDue + seconds(n)));
    ASSERT_TRUE(store->commit(batch));
  }
  settle(*store, kFirstDue);
  settle(*store, kFirstDue + options.fold.age);
  auto answered = answer(*store, ListRuns{task_key(id_of(1)), 0, 500});
  EXPECT_EQ(std::get<RunPage>(*answered).records.size(), 20U);  // the piece that is written
}

TEST(ShardStore, FewLargeRowsAreKeptWithinThemToo) {
  Folder folder;
  ShardStoreOptions options = options_in(folder);
  options.log.bytes_max = 256 * 1024;
  auto store = open_shard(options);
  ASSERT_TRUE(store->commit(batch_of(1, 1, kFirstDue)));
  for (int64_t n = 0; n < 200; n++) {
    Batch batch;
    batch.counter = 1;
    batch.records.push_back(record_of(1, kFirstDue + seconds(n)));
    batch.records[0].outcome.detail = std::string(4'096, 'x');
    ASSERT_TRUE(store->commit(batch));
  }
  settle(*store, kFirstDue);
  settle(*store, kFirstDue + options.fold.age);
  auto answered = answer(*store, ListRuns{task_key(id_of(1)), 0, 500});
  const size_t kept = std::get<RunPage>(*answered).records.size();
  EXPECT_LE(kept, 64U) << "256 KiB";
  EXPECT_GE(kept, 32U) << "of those no more goes than the piece that is too much";
}

TEST(ShardStore, ABackupTakenDuringWritesOpensAndEquals) {
  Folder folder;
  auto store = open_shard(folder);
  ASSERT_TRUE(store->commit(batch_of(1, 5'000, kFirstDue)));
  RunningQuery running;
  running.query = Backup{folder.file("copy.db")};
  uint64_t next = 5'001;
  for (;;) {
    if (auto answered = store->query(running)) {
      ASSERT_TRUE(*answered) << answered->error().detail;
      EXPECT_GT(std::get<BackupDone>(**answered).bytes, 0U);
      break;
    }
    ASSERT_TRUE(store->commit(batch_of(next, next, kFirstDue)));
    next++;
  }
  ShardStoreOptions options = options_in(folder);
  options.path = folder.file("copy.db");
  auto copy = open_shard(options);
  auto original = scan_all(*store, kFirstDue, kFirstDue + hours(1));
  auto copied = scan_all(*copy, kFirstDue, kFirstDue + hours(1));
  ASSERT_EQ(copied.size(), next - 1);
  ASSERT_EQ(copied.size(), original.size());
  for (size_t i = 0; i < copied.size(); i++) EXPECT_EQ(copied[i].state, original[i].state);
}

TEST(ShardStore, ABackupNeverOverwrites) {
  Folder folder;
  auto store = open_shard(folder);
  std::ofstream(folder.file("copy.db")) << "precious";
  auto answered = answer(*store, Backup{folder.file("copy.db")});
  ASSERT_FALSE(answered);
  EXPECT_EQ(answered.error().code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(std::filesystem::file_size(folder.file("copy.db")), 8U);
}

TEST(ShardStore, TheTailToReplayIsBoundedUnderLoadWithoutBackgroundWork) {  // T3
  Folder folder;
  ShardStoreOptions options = options_in(folder);
  options.fold = {100, 100, 100, hours(1), 2};
  auto store = open_shard(options);
  for (uint64_t n = 0; n < 100; n++) {
    ASSERT_TRUE(store->commit(batch_of(n * 50 + 1, n * 50 + 50, kFirstDue)));
  }
  store.reset();
  store = open_shard(options);
  EXPECT_LE(store->metrics().fold_lag_tasks.value(), 1'000);
  EXPECT_EQ(scan_all(*store, kFirstDue, kFirstDue + hours(1)).size(), 5'000U);
}

}  // namespace
}  // namespace hourwheel::shard_store_test
