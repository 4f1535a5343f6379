// Damage in the write-ahead log of a process that died (C-23): told from a torn write, and named.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "store/backup_folder.h"
#include "store/folder_check.h"
#include "tests/store/builders.h"
#include "tests/store/thread_doors.h"

namespace hourwheel::log_damage_test {
namespace {

using namespace store_test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kCommits = 6;
constexpr Instant kNow = kFirstDue + hours(1);

class LogDamageTest : public ::testing::Test {
 protected:
  LogDamageTest() {
    std::filesystem::create_directory(folder_.file("live"));
    EXPECT_TRUE(DataFolder::open_or_create(folder_.file("data"), 1));
    ShardStoreOptions options;
    options.path = folder_.file("live/shard-000.db");
    auto store = open_shard(options);
    for (uint64_t i = 1; i <= kCommits; ++i) {
      ends_.push_back(std::filesystem::file_size(options.path + "-wal"));
      EXPECT_TRUE(store->commit(*batch_of(i, 10 * i, 10 * i + 9)));
    }
    ends_.push_back(std::filesystem::file_size(options.path + "-wal"));
    // What a process that is killed leaves.
    for (const char* end : {"", "-wal"}) {
      std::filesystem::copy_file(options.path + end, path() + end);
    }
  }

  [[nodiscard]] std::string path() const { return folder_.file("data/shard-000.db"); }
  void damage(uint64_t at) const {
    std::fstream log(path() + "-wal", std::ios::in | std::ios::out | std::ios::binary);
    log.seekg(static_cast<std::streamoff>(at));
    const auto turned = static_cast<char>(log.get() ^ 4);
    log.seekp(static_cast<std::streamoff>(at));
    log.put(turned);
  }
  [[nodiscard]] Result<std::unique_ptr<ShardStore>> open() const {
    ShardStoreOptions options;
    options.path = path();
    return ShardStore::open(options);
  }
  void expect_refusal() const {
    const auto size = std::filesystem::file_size(path() + "-wal");
    for (int look = 0; look < 2; ++look) {
      auto store = open();
      ASSERT_FALSE(store);
      EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
      EXPECT_THAT(store.error().detail, HasSubstr(path() + "-wal is damaged at byte"));
      auto report = check_shard_file(path(), 0);
      ASSERT_TRUE(report) << report.error().detail;
      EXPECT_EQ(report->damaged, 1U);
      EXPECT_EQ(std::filesystem::file_size(path() + "-wal"), size) << "nothing is thrown away";
    }
  }
  void expect_counter(uint64_t counter) const {
    auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ((*store)->recovered().counter, counter);
  }
  // The middle of what the n-th commit wrote, from 1.
  [[nodiscard]] uint64_t within(uint64_t n) const { return (ends_[n - 1] + ends_[n]) / 2; }

  Folder folder_;
  std::vector<uint64_t> ends_;  // of the log, before each commit and after the last
};

TEST_F(LogDamageTest, AWholeLogIsReadToItsEnd) {
  expect_counter(10 * kCommits + 9);
}

TEST_F(LogDamageTest, DamageBeforeFlushedCommitsIsNamed) {
  damage(within(3));
  expect_refusal();
}

TEST_F(LogDamageTest, DamageInTheLastCommitButOneIsNamed) {
  damage(within(kCommits - 1));
  expect_refusal();
}

TEST_F(LogDamageTest, ADamagedChecksumOfAFrameIsNamed) {
  damage(ends_[2] + 16);
  expect_refusal();
}

TEST_F(LogDamageTest, ADamagedHeaderIsNamed) {
  damage(17);  // the salts
  expect_refusal();
}

TEST_F(LogDamageTest, DamageInTheSchemaOfANewFileIsNamed) {
  damage(200);
  expect_refusal();
}

TEST_F(LogDamageTest, ATornLastCommitIsDropped) {  // C-1: it was never acknowledged
  damage(within(kCommits));
  expect_counter(10 * (kCommits - 1) + 9);
}

TEST_F(LogDamageTest, AnEarlierTornCommitIsNoProofAfterALaterOne) {  // G2
  damage(within(kCommits));
  expect_counter(10 * (kCommits - 1) + 9);
  expect_counter(10 * (kCommits - 1) + 9);
}

TEST_F(LogDamageTest, GivingUpGoesOnFromBeforeTheDamage) {
  damage(within(3));
  auto files = give_up_lost_commits(folder_.file("data"), kNow);
  ASSERT_TRUE(files) << files.error().detail;
  EXPECT_THAT(*files, ElementsAre(path()));
  auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  EXPECT_EQ((*store)->recovered().restored, kNow) << "C-8: what was due may have been sent";
  EXPECT_GT((*store)->recovered().counter, uint64_t{1} << 32) << "C-3: no version comes again";
  EXPECT_TRUE((*store)->fetch({{task_key(id_of(29)), {}}}).found[0]);
  EXPECT_FALSE((*store)->fetch({{task_key(id_of(30)), {}}}).found[0]);
  store->reset();
  auto again = give_up_lost_commits(folder_.file("data"), kNow);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->empty());
}

}  // namespace
}  // namespace hourwheel::log_damage_test
