// A data folder that is looked at, copied and brought back without a server.
#include "store/folder_check.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "store/backup_folder.h"
#include "store/schema.h"
#include "tests/store/builders.h"
#include "tests/store/thread_doors.h"

namespace hourwheel::folder_check_test {
namespace {

using namespace store_test;
using ::testing::HasSubstr;

constexpr Instant kBackedUp = kFirstDue + hours(1);
constexpr Instant kRestored = kFirstDue + hours(2);

class FolderCheckTest : public ::testing::Test {
 protected:
  FolderCheckTest() {
    auto made = DataFolder::open_or_create(data(), 1);
    EXPECT_TRUE(made) << made.error().detail;
    auto store = open_store();
    EXPECT_TRUE(store->commit(*batch_of(1, 1, 50)));
    auto batch = std::make_unique<Batch>();
    batch->sequence = 2;
    batch->counter = 50;
    TaskState state;
    state.version = {1};
    state.next_due = kFirstDue + hours(5);
    batch->tasks.push_back(changed(1, state));
    batch->records.push_back(record_of(1, kFirstDue));
    EXPECT_TRUE(store->commit(*batch));
    EXPECT_TRUE(store->close_clean());
  }

  std::string data() const { return folder_.file("data"); }
  std::unique_ptr<ShardStore> open_store(const std::string& name = "data") const {
    ShardStoreOptions options;
    options.path = folder_.file(name) + "/shard-000.db";
    return open_shard(options);
  }
  // Somebody else's hand in the file.
  void change(const std::string& sql) const {
    DatabaseOptions options;
    options.path = data() + "/shard-000.db";
    options.application_id = kShardApplicationId;
    options.schema = shard_schema();
    auto database = Database::open(options);
    ASSERT_TRUE(database) << database.error().detail;
    ASSERT_TRUE((*database)->execute(sql));
  }
  FileReport report() const {
    auto found = check_shard_file(data() + "/shard-000.db", 0);
    EXPECT_TRUE(found) << found.error().detail;
    return found ? *found : FileReport{};
  }
  void expect_damage(const std::string& table, uint64_t row, const std::string& what) const {
    const FileReport found = report();
    EXPECT_EQ(found.damaged, 1U);
    ASSERT_FALSE(found.rows.empty());
    EXPECT_EQ(found.rows[0].table, table);
    EXPECT_EQ(found.rows[0].row, row);
    EXPECT_THAT(found.rows[0].what, HasSubstr(what));
  }
  BackupManifest back_up() const {
    auto folder = DataFolder::open(data());
    EXPECT_TRUE(folder) << folder.error().detail;
    EXPECT_TRUE(make_backup_folder(folder_.file("backup")));
    EXPECT_TRUE(copy_closed_folder(**folder, folder_.file("backup")));
    auto manifest = seal_backup(folder_.file("backup"), kBackedUp);
    EXPECT_TRUE(manifest) << manifest.error().detail;
    return manifest ? *manifest : BackupManifest{};
  }

  Folder folder_;
};

TEST_F(FolderCheckTest, FindsNothingWrongWithAFolderOfOurs) {  // C-23
  const FileReport found = report();
  EXPECT_EQ(found.damaged, 0U) << found.rows[0].table << ": " << found.rows[0].what;
  EXPECT_EQ(found.definitions, 50U);
  EXPECT_EQ(found.states, 1U);
  EXPECT_EQ(found.places, 50U);
  EXPECT_EQ(found.log_rows, 1U);
  auto folder = DataFolder::open(data());
  ASSERT_TRUE(folder);
  auto all = check_folder(**folder);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->size(), 2U);
}

TEST_F(FolderCheckTest, NamesTheDefinitionThatIsDamaged) {  // C-23
  change("UPDATE definition SET spec = zeroblob(40) WHERE number = 17");
  expect_damage("definition", 17, "task 17");
}

TEST_F(FolderCheckTest, NamesTheStateThatIsDamaged) {  // C-23
  change("UPDATE state SET state = zeroblob(40)");
  expect_damage("state", 1, "task 1");
}

TEST_F(FolderCheckTest, NamesTheTaskThatTheDueIndexHasLost) {  // C-23, S3
  change("DELETE FROM due WHERE number = 20");
  expect_damage("definition", 20, "missing in the due index");
}

TEST_F(FolderCheckTest, NamesThePlaceThatLeadsNowhere) {  // C-23
  change("INSERT INTO due VALUES(5, 999, 5 << 20)");
  expect_damage("due", 999, "leads to no task");
}

TEST_F(FolderCheckTest, NamesTheRowOfTheLogThatIsGone) {  // C-23: never dropped silently
  change("DELETE FROM run_1 WHERE seq = 1");
  EXPECT_EQ(report().rows.at(0).table, "run log");
}

TEST_F(FolderCheckTest, NamesTheRowThatTheIndexOfTheLogHasForAnotherTask) {  // C-23
  change("UPDATE run_1_task SET number = 2");
  const FileReport found = report();
  ASSERT_EQ(found.damaged, 2U);
  EXPECT_EQ(found.rows[0].row, 1U);
  EXPECT_THAT(found.rows[0].what, HasSubstr("index does not have it"));
  EXPECT_THAT(found.rows[1].what, HasSubstr("1 entries of the index are of no row"));
}

// Nor is it read as the other task's.
TEST_F(FolderCheckTest, ARunIsNotShownAsAnotherTasks) {  // C-23
  change("UPDATE run_1_task SET number = 2");
  auto store = open_store();
  auto runs = answer(*store, ListRuns{task_key(id_of(2)), 0, 50});
  ASSERT_TRUE(runs);
  EXPECT_TRUE(std::get<RunPage>(*runs).records.empty());
  ASSERT_TRUE(store->damage());
  EXPECT_THAT(store->damage()->detail, HasSubstr("another one's"));
}

TEST_F(FolderCheckTest, NamesTheFigureThatIsNotWhatIsThere) {  // SC1
  change("UPDATE meta SET value = 7 WHERE name = 'tasks_paused'");
  expect_damage("meta", 0, "tasks_paused says 7, and there are 0");
  change("DELETE FROM meta WHERE name LIKE 'tasks_%'");
  EXPECT_EQ(report().damaged, 0U) << "they are made at the next start";
}

// Two that were changed after the last fold: their states are in the log only.
TEST_F(FolderCheckTest, CountsWhatOnlyTheLogHas) {
  auto store = open_store();
  Batch batch;
  batch.counter = 50;
  TaskState paused;
  paused.version = {2};
  paused.pause = Pause{"test", kFirstDue, {}};
  batch.tasks.push_back(changed(2, paused));
  batch.tasks.push_back(removed(3));
  ASSERT_TRUE(store->commit(batch));
  store.reset();  // a crash
  EXPECT_EQ(report().damaged, 0U);
  EXPECT_EQ(open_store()->recovered().statuses, (StatusCounts{48, 1, 0}));
}

TEST_F(FolderCheckTest, RefusesAFolderInUseAndOneThatIsNone) {
  auto held = DataFolder::open(data());
  ASSERT_TRUE(held);
  EXPECT_THAT(DataFolder::open(data()).error().detail, HasSubstr("in use"));
  EXPECT_THAT(DataFolder::open(folder_.path()).error().detail, HasSubstr("no data folder"));
}

TEST_F(FolderCheckTest, ABackupComesBackWithEverythingInIt) {
  back_up();
  auto manifest = verify_backup(folder_.file("backup"));
  ASSERT_TRUE(manifest) << manifest.error().detail;
  ASSERT_TRUE(restore_backup(*manifest, folder_.file("backup"), folder_.file("again"), kRestored));
  auto folder = DataFolder::open(folder_.file("again"));
  ASSERT_TRUE(folder) << folder.error().detail;
  auto store = open_store("again");
  EXPECT_EQ(scan_all(*store, kFirstDue, kFirstDue + hours(9)).size(), 50U);
  EXPECT_EQ(store->recovered().send_mark, kRestored) << "C-8: what was due may have been sent";
  EXPECT_EQ(store->recovered().restored, kRestored);
  EXPECT_GT(store->recovered().counter, uint64_t{1} << 32) << "C-3: no version comes again";
  store.reset();
  EXPECT_EQ(open_store("again")->recovered().restored, kRestored) << "also in the lives after";
}

TEST_F(FolderCheckTest, NothingIsOverwritten) {
  const BackupManifest manifest = back_up();
  EXPECT_FALSE(make_backup_folder(folder_.file("backup")));
  EXPECT_FALSE(restore_backup(manifest, folder_.file("backup"), data(), kRestored));
}

TEST_F(FolderCheckTest, ABackupThatHasChangedIsNotRestored) {
  back_up();
  {
    std::fstream file(folder_.file("backup/shard-000.db"));
    file.seekp(20'000);
    file.put('x');
  }
  auto changed = verify_backup(folder_.file("backup"));
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(changed.error().detail, HasSubstr("shard-000.db"));
  EXPECT_FALSE(verify_backup(data())) << "without a manifest it is no backup";
}

}  // namespace
}  // namespace hourwheel::folder_check_test
