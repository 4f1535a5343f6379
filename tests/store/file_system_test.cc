// A data file is only opened where locks and flushes hold (T-17).
#include "store/file_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "store/database.h"
#include "store/schema.h"
#include "tests/store/builders.h"

namespace hourwheel::file_system_test {
namespace {

using ::testing::HasSubstr;

DatabaseOptions options_in(const store_test::Folder& folder) {
  DatabaseOptions options;
  options.path = folder.file("shard-000.db");
  options.application_id = kShardApplicationId;
  options.schema = shard_schema();
  return options;
}

TEST(FileSystem, ThoseOfNetworksAreKnownByTheirNumbers) {
  // As statfs(2) lists them: NFS, SMB, SMB2, CIFS, CODA, AFS, 9P, CEPH, FUSE.
  for (long type : {0x6969L, 0x517bL, 0xfe534d42L, 0xff534d42L, 0x73757245L, 0x5346414fL,
                    0x01021997L, 0x00c36400L, 0x65735546L}) {
    EXPECT_TRUE(is_network_file_system(type)) << type;
  }
  // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS, F2FS.
  for (long type : {0xef53L, 0x58465342L, 0x9123683eL, 0x01021994L, 0x794c7630L, 0x2fc12fc1L,
                    0xf2f52010L, 0L}) {
    EXPECT_FALSE(is_network_file_system(type)) << type;
  }
}

TEST(FileSystem, AFolderSaysWhatItLiesOn) {
  store_test::Folder folder;
  EXPECT_EQ(file_system_type("/proc"), 0x9fa0);
  EXPECT_TRUE(file_system_type(folder.path()));
  EXPECT_FALSE(file_system_type(folder.file("absent")));
}

TEST(FileSystem, ADataFileOnANetworkIsRefusedBeforeAnythingIsWritten) {
  store_test::Folder folder;
  DatabaseOptions options = options_in(folder);
  options.file_system_type = [](const std::string& /*folder*/) {
    return std::optional<long>(0x6969);
  };
  const auto refused = Database::open(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kStateConflict);
  EXPECT_THAT(refused.error().detail, HasSubstr(options.path));
  EXPECT_THAT(refused.error().detail, HasSubstr("network file system"));
  EXPECT_FALSE(std::filesystem::exists(options.path));
}

// The folder is asked about, not the file, which is not there yet.
TEST(FileSystem, OnALocalDiskAndWhereNothingIsToldItIsOpened) {
  store_test::Folder folder;
  DatabaseOptions options = options_in(folder);
  options.file_system_type = [](const std::string& asked) {
    return std::filesystem::is_directory(asked) ? std::optional<long>(0xef53)
                                                : std::optional<long>(0x6969);
  };
  EXPECT_TRUE(Database::open(options));
  options.file_system_type = [](const std::string& /*folder*/) { return std::optional<long>(); };
  EXPECT_TRUE(Database::open(options));
}

}  // namespace
}  // namespace hourwheel::file_system_test
