#include "store/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "store/database.h"
#include "store/schema.h"
#include "tests/store/builders.h"

namespace hourwheel::layout_test {
namespace {

using store_test::Folder;
using ::testing::HasSubstr;

TEST(DataFolder, IsMadeWithAMapOfAllPartitions) {
  Folder parent;
  auto folder = DataFolder::open_or_create(parent.file("data"), 3);
  ASSERT_TRUE(folder) << folder.error().detail;
  EXPECT_TRUE((*folder)->created());
  EXPECT_EQ((*folder)->shards(), 3U);
  EXPECT_EQ((*folder)->shard_file(2), parent.file("data") + "/shard-002.db");
  std::vector<size_t> partitions(3);
  ASSERT_EQ((*folder)->partition_map().size(), kPartitions);
  for (uint32_t shard : (*folder)->partition_map()) partitions.at(shard)++;
  for (size_t count : partitions) EXPECT_GE(count, kPartitions / 3);
  struct stat found {};
  ASSERT_EQ(::stat(parent.file("data").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07, 0U);
}

TEST(DataFolder, SaysWhichPartitionsAreAShards) {
  Folder parent;
  auto folder = DataFolder::open_or_create(parent.file("data"), 3);
  ASSERT_TRUE(folder);
  Partitions all;
  for (uint32_t shard = 0; shard < 3; ++shard) {
    const Partitions own = (*folder)->partitions_of(shard);
    EXPECT_TRUE((own & all).none());
    all |= own;
    for (uint32_t i = 0; i < kPartitions; ++i) {
      EXPECT_EQ(own.test(i), (*folder)->partition_map()[i] == shard);
    }
  }
  EXPECT_TRUE(all.all());
}

TEST(DataFolder, MayHaveItsSigningSecretsBeforeAnythingElse) {
  Folder parent;
  std::ofstream(parent.file("signing-secrets")) << "x";
  std::ofstream(parent.file("master.key")) << "x";
  EXPECT_TRUE(DataFolder::open_or_create(parent.path(), 1));
}

TEST(DataFolder, KeepsTheNumberOfShardsItWasMadeWith) {
  Folder parent;
  std::vector<uint32_t> map = (*DataFolder::open_or_create(parent.file("d"), 4))->partition_map();
  auto again = DataFolder::open_or_create(parent.file("d"), 7);
  ASSERT_TRUE(again);
  EXPECT_FALSE((*again)->created());
  EXPECT_EQ((*again)->shards(), 4U);
  EXPECT_EQ((*again)->partition_map(), map);
}

TEST(DataFolder, IsForOneServer) {
  Folder parent;
  auto first = DataFolder::open_or_create(parent.path(), 1);
  ASSERT_TRUE(first);
  auto second = DataFolder::open_or_create(parent.path(), 1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().detail, parent.path() + " is in use by another server (pid " +
                                       std::to_string(::getpid()) + ")");
  first->reset();
  EXPECT_TRUE(DataFolder::open_or_create(parent.path(), 1));
}

TEST(DataFolder, RefusesAFolderOfSomethingElse) {
  Folder parent;
  std::ofstream(parent.file("thesis.txt")) << "x";
  auto folder = DataFolder::open_or_create(parent.path(), 1);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().detail, HasSubstr("thesis.txt"));
  EXPECT_FALSE(std::filesystem::exists(parent.file("system.db")));
}

TEST(DataFolder, RefusesAFile) {
  Folder parent;
  std::ofstream(parent.file("data")) << "x";
  auto folder = DataFolder::open_or_create(parent.file("data"), 1);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().detail, HasSubstr("is not a folder"));
}

TEST(DataFolder, RefusesALaterFormat) {
  Folder parent;
  DataFolder::open_or_create(parent.path(), 1)->reset();
  {
    DatabaseOptions options;
    options.path = parent.file("system.db");
    options.application_id = 0x48577379;
    options.schema = system_schema();
    auto system = Database::open(options);
    ASSERT_TRUE(system);
    ASSERT_TRUE((*system)->execute("PRAGMA user_version=12"));
  }
  auto folder = DataFolder::open_or_create(parent.path(), 1);
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().detail, HasSubstr("schema version 12"));
}

TEST(DataFolder, RefusesShardFilesThatLostTheirMap) {
  Folder parent;
  std::ofstream(parent.file("shard-000.db")) << "x";
  auto folder = DataFolder::open_or_create(parent.path(), 1);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::kCorrupt);
}

TEST(DataFolder, RefusesANumberOfShardsOutOfRange) {
  Folder parent;
  EXPECT_FALSE(DataFolder::open_or_create(parent.path(), 0));
  EXPECT_FALSE(DataFolder::open_or_create(parent.path(), kMaxShards + 1));
}

}  // namespace
}  // namespace hourwheel::layout_test
