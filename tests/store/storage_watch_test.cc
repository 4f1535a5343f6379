#include "store/storage_watch.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "tests/store/builders.h"

namespace hourwheel::storage_watch_test {
namespace {

using store_test::Folder;

constexpr uint64_t kMiB = uint64_t{1} << 20;

class FakeVolume : public Volume {
 public:
  Result<VolumeSpace> space() override { return VolumeSpace{1'000 * kMiB, free}; }
  uint64_t free = 500 * kMiB;
};

class Heard : public StorageListener {
 public:
  void on_storage_changed(const StorageMetrics& now) override { states.push_back(now.storage()); }
  std::vector<StorageState> states;
};

class StorageWatchTest : public ::testing::Test {
 protected:
  StorageWatchTest() { open(); }
  void open() {
    StorageLimits limits;
    limits.reserve_bytes = 80 * kMiB;
    limits.ballast_bytes = 8 * kMiB;
    watch_ = std::make_unique<StorageWatch>(folder_.path(), limits, volume_, heard_);
  }
  StorageState with_free(uint64_t mebibytes) {
    volume_.free = mebibytes * kMiB;
    return watch_->look();
  }
  [[nodiscard]] uint64_t ballast() const {
    const std::string file = folder_.file("ballast");
    return std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
  }

  Folder folder_;
  FakeVolume volume_;
  Heard heard_;
  std::unique_ptr<StorageWatch> watch_;
};

TEST_F(StorageWatchTest, IsLowBelowTheReserveAndOkWellAboveIt) {  // C-21, R1
  EXPECT_EQ(with_free(80), StorageState::kOk);
  EXPECT_EQ(with_free(79), StorageState::kLow);
  EXPECT_EQ(with_free(89), StorageState::kLow);
  EXPECT_EQ(with_free(90), StorageState::kOk);
  EXPECT_EQ(heard_.states, (std::vector{StorageState::kLow, StorageState::kOk}));
}

TEST_F(StorageWatchTest, KeepsABallastAndGivesItUpOnce) {  // C-21
  EXPECT_EQ(ballast(), 8 * kMiB);
  with_free(0);
  EXPECT_EQ(ballast(), 8 * kMiB) << "it is for a commit that finds no space";
  EXPECT_TRUE(watch_->make_room());
  EXPECT_EQ(ballast(), 0U);
  EXPECT_FALSE(watch_->make_room());
  with_free(97);
  EXPECT_EQ(ballast(), 0U) << "R2: there is no room for it beside the reserve";
  with_free(98);
  EXPECT_EQ(ballast(), 8 * kMiB);
}

TEST_F(StorageWatchTest, IsFullWhileAnyCommitWaits) {  // C-21
  watch_->commit_stuck();
  watch_->commit_stuck();
  EXPECT_EQ(with_free(500), StorageState::kFull);
  watch_->commit_went();
  EXPECT_EQ(watch_->look(), StorageState::kFull);
  watch_->commit_went();
  EXPECT_EQ(watch_->look(), StorageState::kOk);
  EXPECT_EQ(heard_.states, (std::vector{StorageState::kFull, StorageState::kOk}));
}

TEST_F(StorageWatchTest, AStartOnAFullVolumeGivesTheBallastUp) {
  volume_.free = 1 * kMiB;
  open();
  EXPECT_EQ(ballast(), 0U);
  EXPECT_EQ(watch_->metrics().storage(), StorageState::kLow);
}

TEST_F(StorageWatchTest, AStartKeepsABallastThatIsThere) {
  volume_.free = 50 * kMiB;
  open();
  EXPECT_EQ(ballast(), 8 * kMiB);
  EXPECT_EQ(watch_->metrics().ballast_bytes.value(), 8 * static_cast<int64_t>(kMiB));
}

TEST(StorageReserveTest, IsAShareOfTheVolumeWithinBounds) {
  EXPECT_EQ(default_reserve(100 * kMiB), 25 * kMiB);
  EXPECT_EQ(default_reserve(2'000 * kMiB), 256 * kMiB);
  EXPECT_EQ(default_reserve(10'240 * kMiB), 512 * kMiB);
  EXPECT_EQ(default_reserve(10'000'000 * kMiB), 8'192 * kMiB);
}

TEST(FolderVolumeTest, AsksTheFileSystem) {
  Folder folder;
  auto space = FolderVolume(folder.path()).space();
  ASSERT_TRUE(space);
  EXPECT_GE(space->bytes, space->free);
  EXPECT_FALSE(FolderVolume(folder.file("absent")).space());
}

}  // namespace
}  // namespace hourwheel::storage_watch_test
