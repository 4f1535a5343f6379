// A start that reads damaged files says so, and never aborts (C-23).
#include <gmock/gmock.h>

#include "store/folder_check.h"
#include "store/schema.h"
#include "store/system_file.h"
#include "tests/store/builders.h"
#include "tests/store/thread_doors.h"

namespace hourwheel::damaged_start_test {
namespace {

using namespace store_test;
using ::testing::HasSubstr;

class DamagedStartTest : public ::testing::Test {
 protected:
  // Not closed cleanly: fresh tasks and a tail of the run log are left for the next start.
  DamagedStartTest() {
    auto store = open_shard(folder_);
    EXPECT_TRUE(store->commit(*batch_of(1, 1, 20)));
    auto batch = std::make_unique<Batch>();
    batch->sequence = 2;
    batch->counter = 20;
    for (uint64_t number = 1; number <= 3; ++number) {
      batch->records.push_back(record_of(number, kFirstDue));
    }
    EXPECT_TRUE(store->commit(*batch));
  }

  [[nodiscard]] std::string path() const { return folder_.file("shard-000.db"); }
  // Somebody else's hand in the file.
  void change(const std::string& sql) const {
    DatabaseOptions options;
    options.path = path();
    options.application_id = kShardApplicationId;
    options.schema = shard_schema();
    auto database = Database::open(options);
    ASSERT_TRUE(database) << database.error().detail;
    ASSERT_TRUE((*database)->execute(sql));
  }
  void expect_refusal(const std::string& what) const {
    ShardStoreOptions options;
    options.path = path();
    auto store = ShardStore::open(options);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, ErrorCode::kCorrupt) << store.error().detail;
    EXPECT_THAT(store.error().detail, HasSubstr(what));
    EXPECT_THAT(store.error().detail, HasSubstr(path())) << "the file is named";
    auto report = check_shard_file(path(), 0);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_GT(report->damaged, 0U) << "the check names it too";
  }

  Folder folder_;
};

TEST_F(DamagedStartTest, ATableThatIsGoneIsADamagedSchema) {
  change("DROP TABLE definition");
  expect_refusal("damaged schema: no such table: definition");
}

TEST_F(DamagedStartTest, ATaskThatWasNeverGivenOutIsDamage) {  // O2
  change("UPDATE definition SET number = 999 WHERE number = 20");
  expect_refusal("task 999");
}

TEST_F(DamagedStartTest, ARowThatIsMissingInTheTailOfTheLogIsDamage) {  // L1
  change("DELETE FROM run_1 WHERE seq = 2");
  expect_refusal("row 2 of the run log is missing");
}

TEST_F(DamagedStartTest, ALogThatEndsBeforeWhatWasFoldedIsDamage) {
  change("INSERT OR REPLACE INTO meta VALUES('fold_seq', 100)");
  expect_refusal("ends at row 3");
}

TEST_F(DamagedStartTest, APieceWithoutItsTableIsDamage) {
  change("UPDATE piece SET id = 7");
  expect_refusal("no such table: run_7");
}

TEST_F(DamagedStartTest, PiecesThatDoNotFollowEachOtherAreDamage) {  // L1
  change("INSERT INTO piece VALUES(0, 1, 40, 0, 0, 0)");
  expect_refusal("piece 1 of the run log does not follow");
}

TEST(DamagedFolder, AMapWithoutItsNumberOfShardsIsNotMadeAnew) {
  Folder folder;
  const std::string data = folder.file("data");
  ASSERT_TRUE(DataFolder::open_or_create(data, 2));
  DatabaseOptions options;
  options.path = data + "/system.db";
  options.application_id = kSystemApplicationId;
  options.schema = system_schema();
  for (const char* sql : {"UPDATE meta SET value = 3 WHERE name = 'shards'",
                          "DELETE FROM meta WHERE name = 'shards'"}) {
    auto database = Database::open(options);
    ASSERT_TRUE(database) << database.error().detail;
    ASSERT_TRUE((*database)->execute(sql));
    database->reset();
    auto opened = DataFolder::open_or_create(data, 1);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
    EXPECT_THAT(opened.error().detail, HasSubstr("system.db"));
  }
}

}  // namespace
}  // namespace hourwheel::damaged_start_test
