// The disk that loses power, by itself: with the tools of the shell instead of the server.
#include "tests/support/power_cut/power_cut.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace hourwheel::power_cut_test {
namespace {

namespace fs = std::filesystem;

class PowerCutTest : public testing::Test {
 protected:
  PowerCutTest() {
    std::string name = testing::TempDir() + "hourwheel-cut-XXXXXX";
    EXPECT_NE(nullptr, mkdtemp(name.data()));
    folder_ = name;
    write_file("old", std::string(4096, 'o'));
    disk_ = std::make_unique<PowerCut>(folder_);
  }
  ~PowerCutTest() override { fs::remove_all(folder_); }

  void write_file(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read_file(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/" + name, std::ios::binary).rdbuf();
    return text.str();
  }
  [[nodiscard]] bool exists(const std::string& name) const {
    return fs::exists(folder_ + "/" + name);
  }
  // Runs one program in the folder under the library, and catches up with what it did.
  int run(const std::string& command) {
    std::string line = "cd " + folder_ + " && exec env";
    for (const std::string& variable : disk_->environment()) line += " " + variable;
    const int status = std::system((line + " " + command + " 2>/dev/null").c_str());
    Status ended = disk_->process_ended();
    EXPECT_TRUE(ended) << ended.error().detail;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  void cut(Survival survival) { disk_->cut_power({survival, 50}, random_); }
  // Overwrites "old" from 2,000 on by 3,000 bytes 'n'.
  void overwrite(const std::string& how = "") {
    write_file("../" + fs::path(folder_).filename().string() + ".new", std::string(3'000, 'n'));
    ASSERT_EQ(0, run("dd if=" + folder_ + ".new of=old bs=1000 seek=2 conv=notrunc" + how));
    fs::remove(folder_ + ".new");
  }

  std::string folder_;
  std::unique_ptr<PowerCut> disk_;
  Random random_{1};
};

TEST_F(PowerCutTest, WithoutAFlushTheImageLacksWhatWasWritten) {
  overwrite();
  EXPECT_EQ(5'000U, read_file("old").size());
  EXPECT_EQ(3'000U, disk_->disk().unflushed_bytes());
  cut(Survival::kNothing);
  EXPECT_EQ(std::string(4096, 'o'), read_file("old"));
}

TEST_F(PowerCutTest, AfterAFlushTheImageHasIt) {
  overwrite(",fsync");
  cut(Survival::kNothing);
  EXPECT_EQ(std::string(2'000, 'o') + std::string(3'000, 'n'), read_file("old"));
}

TEST_F(PowerCutTest, SectorsAreTornOneByOne) {
  size_t halves = 0;
  std::set<size_t> lengths;
  for (int round = 0; round < 50; ++round) {
    overwrite();
    cut(Survival::kScattered);
    const std::string image = read_file("old");
    lengths.insert(image.size());
    size_t survived = 0;
    for (size_t sector = 0; sector * 512 < image.size(); ++sector) {
      const size_t from = std::max<size_t>(2'000, sector * 512);
      const size_t to = std::min(image.size(), (sector + 1) * 512);
      if (from >= to) continue;
      // Each of its writes or none, but never a part of one.
      const std::string part = image.substr(from, to - from);
      const bool crosses = sector == 5 || sector == 7;  // two writes meet there
      survived += part.find('n') != std::string::npos ? 1 : 0;
      EXPECT_TRUE(crosses || part.find_first_not_of(part[0]) == std::string::npos) << sector;
    }
    halves += survived > 0 && survived < 6 ? 1 : 0;
    write_file("old", std::string(4096, 'o'));
    disk_ = nullptr;
    disk_ = std::make_unique<PowerCut>(folder_);
  }
  EXPECT_GT(halves, 25U);
  EXPECT_EQ((std::set<size_t>{4'096, 5'000}), lengths);
}

TEST_F(PowerCutTest, InOrderMeansThatNothingIsThereWithoutWhatWasWrittenBefore) {
  for (int round = 0; round < 50; ++round) {
    overwrite();
    cut(Survival::kInOrder);
    const std::string image = read_file("old");
    const size_t end = image.find_last_of('n');
    if (end != std::string::npos) {
      EXPECT_EQ(std::string(end - 1'999, 'n'), image.substr(2'000, end - 1'999));
    }
    write_file("old", std::string(4096, 'o'));
    disk_ = nullptr;
    disk_ = std::make_unique<PowerCut>(folder_);
  }
}

TEST_F(PowerCutTest, ANameIsThereOnceItsFolderIsFlushed) {
  overwrite();
  ASSERT_EQ(0, run("dd if=old of=fresh conv=fsync"));
  EXPECT_TRUE(exists("fresh"));
  cut(Survival::kNothing);
  EXPECT_FALSE(exists("fresh"));

  ASSERT_EQ(0, run("dd if=old of=fresh conv=fsync"));
  ASSERT_EQ(0, run("sync " + folder_));
  cut(Survival::kNothing);
  EXPECT_EQ(std::string(4096, 'o'), read_file("fresh"));
}

TEST_F(PowerCutTest, ARenameAndARemovalWaitForTheFolderToo) {
  ASSERT_EQ(0, run("mv old older"));
  EXPECT_TRUE(exists("older"));
  cut(Survival::kNothing);
  EXPECT_TRUE(exists("old"));

  ASSERT_EQ(0, run("rm old"));
  EXPECT_FALSE(exists("old"));
  cut(Survival::kNothing);
  EXPECT_EQ(std::string(4096, 'o'), read_file("old"));

  ASSERT_EQ(0, run("mv old older"));
  ASSERT_EQ(0, run("sync ."));
  cut(Survival::kNothing);
  EXPECT_FALSE(exists("old"));
  EXPECT_EQ(std::string(4096, 'o'), read_file("older"));
}

TEST_F(PowerCutTest, ALengthWaitsForTheFlush) {
  ASSERT_EQ(0, run("truncate -s 100 old"));
  cut(Survival::kNothing);
  EXPECT_EQ(4'096U, read_file("old").size());
  ASSERT_EQ(0, run("truncate -s 100 old"));
  ASSERT_EQ(0, run("sync old"));
  cut(Survival::kNothing);
  EXPECT_EQ(100U, read_file("old").size());
}

TEST_F(PowerCutTest, ADiskThatLiesKeepsNothingOfAFlush) {
  disk_->lie(true);
  overwrite(",fsync");
  cut(Survival::kNothing);
  EXPECT_EQ(std::string(4096, 'o'), read_file("old"));
}

TEST_F(PowerCutTest, AnArmedPointKillsTheProcessThere) {
  disk_->arm(KillPoint::kDuringWrite, 2);
  write_file("../" + fs::path(folder_).filename().string() + ".new", std::string(3'000, 'n'));
  EXPECT_NE(0, run("dd if=" + folder_ + ".new of=old bs=1000 conv=notrunc"));
  fs::remove(folder_ + ".new");
  EXPECT_EQ(KillPoint::kDuringWrite, disk_->died_at());
  EXPECT_EQ(std::string(1'500, 'n') + std::string(2'596, 'o'), read_file("old"));
}

TEST_F(PowerCutTest, WhatIsWrittenPastTheLibraryIsNoticed) {
  write_file("old", "by nobody");
  EXPECT_FALSE(disk_->process_ended());
}

TEST_F(PowerCutTest, BeyondItsSpaceTheFolderIsFull) {
  disk_->leave_free(500);
  write_file("../" + fs::path(folder_).filename().string() + ".new", std::string(3'000, 'n'));
  EXPECT_NE(0, run("dd if=" + folder_ + ".new of=old bs=1000 seek=3 conv=notrunc"));
  EXPECT_EQ(4'596U, read_file("old").size());
  EXPECT_EQ(0, disk_->free_bytes());
  ASSERT_EQ(0, run("truncate -s 96 old"));
  EXPECT_EQ(4'500, disk_->free_bytes());
  fs::remove(folder_ + ".new");
}

TEST_F(PowerCutTest, AFlushCanFail) {
  disk_->fail_flushes(1);
  EXPECT_NE(0, run("sync old"));
  EXPECT_EQ(0, run("sync old"));
}

}  // namespace
}  // namespace hourwheel::power_cut_test
