// `doctor`: what it makes of facts that no machine at hand has, and the little it does by itself.
#include <gtest/gtest.h>
#include <linux/magic.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/tools/asked_program.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/diagnosis.h"
#include "tools/hourwheel/doctor_command.h"
#include "tools/hourwheel/doctor_probe.h"

namespace hourwheel::doctor_test {
namespace {

constexpr uint64_t kGib = uint64_t{1} << 30;

FolderSight good_folder() {
  FolderSight seen;
  seen.path = "/var/lib/hourwheel";
  seen.file_system = EXT4_SUPER_MAGIC;
  seen.volume_bytes = 100 * kGib;
  seen.free_bytes = 50 * kGib;
  seen.flushes_a_second = 2'000;
  seen.key_files = {{"/var/lib/hourwheel/master.key", 0600}};
  return seen;
}

MachineSight good_machine() {
  MachineSight seen;
  seen.uring = "deferred";
  seen.open_files = 1'048'576;
  seen.locked_bytes = 8 << 20;
  seen.clock_synchronized = true;
  seen.clock_error_us = 2'000;
  seen.tzdata = "2026a";
  seen.year = 2026;
  return seen;
}

// The state of one check; advice is there whenever it is not "ok", and only then.
template <class Sight>
std::string state_of(const Sight& seen, const std::string& check) {
  for (const Diagnosis& one : diagnose(seen)) {
    EXPECT_EQ(one.advice.empty(), one.state == CheckState::kOk) << one.check;
    EXPECT_FALSE(one.found.empty()) << one.check;
    if (one.check == check) return std::string(word_of(one.state));
  }
  return "none";
}

TEST(Diagnosis, WhereAllIsWellNothingIsAdvised) {
  EXPECT_EQ(worst_of(diagnose(good_folder())), CheckState::kOk);
  EXPECT_EQ(worst_of(diagnose(good_machine())), CheckState::kOk);
  EXPECT_EQ(diagnose(good_folder()).size(), 5U);
  EXPECT_EQ(diagnose(good_machine()).size(), 5U);
  EXPECT_EQ(advice_text(diagnose(good_machine())), "");
}

TEST(Diagnosis, ADiskThatIsTooFastOrTooSlowIsSuspicious) {
  auto at = [](std::optional<double> rate) {
    FolderSight seen = good_folder();
    seen.flushes_a_second = rate;
    return state_of(seen, "disk_flush");
  };
  EXPECT_EQ(at(20'001), "warn");
  EXPECT_EQ(at(20'000), "ok");
  EXPECT_EQ(at(100), "ok");
  EXPECT_EQ(at(99), "warn");
  EXPECT_EQ(at(std::nullopt), "warn");
}

TEST(Diagnosis, FileSystemsThatForgetWarnAndThoseThatTheServerRefusesFail) {
  auto on = [](std::optional<long> type) {
    FolderSight seen = good_folder();
    seen.file_system = type;
    return state_of(seen, "file_system");
  };
  EXPECT_EQ(on(XFS_SUPER_MAGIC), "ok");
  EXPECT_EQ(on(0x1234), "ok") << "one that nobody knows is not bad for that";
  EXPECT_EQ(on(TMPFS_MAGIC), "warn");
  EXPECT_EQ(on(OVERLAYFS_SUPER_MAGIC), "warn");
  EXPECT_EQ(on(NFS_SUPER_MAGIC), "fail");
  EXPECT_EQ(on(std::nullopt), "warn");
}

TEST(Diagnosis, RoomIsComparedWithTheServersReserve) {
  auto with = [](uint64_t free) {
    FolderSight seen = good_folder();
    seen.free_bytes = free;
    return state_of(seen, "free_space");
  };
  EXPECT_EQ(with(6 * kGib), "ok");
  EXPECT_EQ(with(4 * kGib), "warn") << "the reserve is 5 % of 100 GiB";
  EXPECT_EQ(with(100 << 20), "fail");
  FolderSight unseen = good_folder();
  unseen.volume_bytes = 0;
  EXPECT_EQ(state_of(unseen, "free_space"), "warn");
}

TEST(Diagnosis, FoldersAndKeysAreForTheirOwnerOnly) {
  FolderSight seen = good_folder();
  seen.mode = 0755;
  EXPECT_EQ(state_of(seen, "data_folder"), "warn");
  seen.is_made = false;
  EXPECT_EQ(state_of(seen, "data_folder"), "ok") << "it is the folder above that is seen";
  seen.writable = false;
  EXPECT_EQ(state_of(seen, "data_folder"), "fail");
  seen.is_folder = false;
  EXPECT_EQ(state_of(seen, "data_folder"), "fail");
  EXPECT_EQ(diagnose(seen).size(), 1U) << "nothing else is said of a file";
  seen = good_folder();
  seen.key_files.front().mode = 0640;
  EXPECT_EQ(state_of(seen, "key_file"), "fail");
  seen.key_files.front().mode.reset();
  EXPECT_EQ(state_of(seen, "key_file"), "fail");
}

TEST(Diagnosis, WithoutARingLockedMemoryMayBeWhy) {
  MachineSight seen = good_machine();
  seen.locked_bytes = 64 << 10;
  EXPECT_EQ(state_of(seen, "locked_memory"), "ok") << "there is a ring";
  seen.has_uring = false;
  seen.uring = "the kernel refuses it";
  EXPECT_EQ(state_of(seen, "locked_memory"), "warn");
  EXPECT_EQ(state_of(seen, "io_uring"), "warn");
  seen.locked_bytes = UINT64_MAX;
  EXPECT_EQ(state_of(seen, "locked_memory"), "ok");
}

TEST(Diagnosis, LimitsOfDescriptorsHaveTwoBounds) {
  auto with = [](uint64_t most) {
    MachineSight seen = good_machine();
    seen.open_files = most;
    return state_of(seen, "open_files");
  };
  EXPECT_EQ(with(4'096), "ok");
  EXPECT_EQ(with(1'024), "warn");
  EXPECT_EQ(with(255), "fail");
}

TEST(Diagnosis, ClocksAndZonesGrowOld) {
  MachineSight seen = good_machine();
  seen.clock_synchronized = false;
  EXPECT_EQ(state_of(seen, "clock"), "warn");
  seen.clock_synchronized.reset();
  EXPECT_EQ(state_of(seen, "clock"), "warn");
  seen.clock_synchronized = true;
  seen.clock_error_us = 100'001;
  EXPECT_EQ(state_of(seen, "clock"), "warn");
  seen.tzdata = "2025b";
  EXPECT_EQ(state_of(seen, "time_zones"), "ok");
  seen.tzdata = "2024b";
  EXPECT_EQ(state_of(seen, "time_zones"), "warn");
  seen.tzdata = "unknown";
  EXPECT_EQ(state_of(seen, "time_zones"), "warn");
  seen.tzdata = "";
  EXPECT_EQ(state_of(seen, "time_zones"), "warn");
}

TEST(Diagnosis, AServerThatSomebodyNamedMustAnswer) {
  ServerSight seen;
  seen.url = "http://h.example";
  seen.error = "no answer from http://h.example";
  EXPECT_EQ(state_of(seen, "server"), "warn") << "nobody said that there is one";
  seen.named = true;
  EXPECT_EQ(state_of(seen, "server"), "fail");
  seen.error.clear();
  seen.program = "1.2.0";
  EXPECT_EQ(state_of(seen, "server"), "fail") << "it is not ready";
  EXPECT_EQ(state_of(seen, "version"), "warn") << "it does not say";
  seen.ready = true;
  seen.version = "1.1.9";
  EXPECT_EQ(state_of(seen, "server"), "ok");
  EXPECT_EQ(state_of(seen, "version"), "warn");
  seen.version = "1.2.0";
  EXPECT_EQ(state_of(seen, "version"), "ok");
}

TEST(Diagnosis, IsToldAsJsonAndAsLinesOfAdvice) {
  const std::vector<Diagnosis> all{{"a", CheckState::kOk, "1", ""},
                                   {"b", CheckState::kWarn, "\"2\"", "do\nit"},
                                   {"c", CheckState::kFail, "\xff", "now"}};
  EXPECT_EQ(diagnoses_json(all),
            R"({"state":"fail","checks":[{"check":"a","state":"ok","found":"1"},)"
            R"({"check":"b","state":"warn","found":"\"2\"","advice":"do\nit"},)"
            R"({"check":"c","state":"fail","found":"not UTF-8","advice":"now"}]})");
  EXPECT_EQ(advice_text(all), "b: do it\nc: now\n");
  EXPECT_EQ(worst_of({all[0], all[1]}), CheckState::kWarn);
}

class DoctorFolder : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_.data()), nullptr); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] bool is_empty() const { return std::filesystem::is_empty(folder_); }

  std::string folder_ = std::filesystem::temp_directory_path().string() + "/doctor-XXXXXX";
};

TEST_F(DoctorFolder, FlushesAreCountedByTheClockAndLeaveNothing) {
  VirtualTerminal clock;
  clock.pass_at_each_look(milliseconds(100));
  const auto rate = measure_flushes(folder_, clock);
  ASSERT_TRUE(rate) << rate.error().detail;
  EXPECT_EQ(*rate, 10) << "one between two looks, for a second";
  EXPECT_TRUE(is_empty());
  EXPECT_FALSE(measure_flushes(folder_ + "/none", clock));
}

TEST_F(DoctorFolder, WhereItIsNotMadeTheFolderAboveIsLookedAt) {
  VirtualTerminal clock;
  clock.pass_at_each_look(seconds(1));
  const FolderSight seen = look_at_folder(folder_ + "/a/b", {folder_ + "/key"}, clock);
  EXPECT_EQ(seen.path, folder_);
  EXPECT_FALSE(seen.is_made);
  EXPECT_TRUE(seen.is_folder);
  EXPECT_GT(seen.volume_bytes, 0U);
  ASSERT_EQ(seen.key_files.size(), 1U);
  EXPECT_FALSE(seen.key_files[0].mode) << "it is not there";
  EXPECT_TRUE(is_empty());
}

TEST_F(DoctorFolder, TheProgramAsksTheServerAndItsExitCodeIsTheWorst) {
  Asked asked = ask_all("doctor -o json --data " + folder_,
                        {{200, "ready\n"}, {200, R"({"version":"0.0.0-other"})"}});
  EXPECT_TRUE(asked.requests[0].starts_with("GET /readyz HTTP/1.1"));
  EXPECT_TRUE(asked.requests[1].starts_with("GET /v1/server HTTP/1.1"));
  const std::string& output = asked.client.output;
  for (const char* part : {R"({"check":"disk_flush","state":")", R"({"check":"io_uring","state":")",
                           R"({"check":"server","state":"ok","found":"http://)",
                           R"({"check":"version","state":"warn","found":"server 0.0.0-other, )"}) {
    EXPECT_TRUE(has(output, part)) << part << " in " << output;
  }
  EXPECT_EQ(asked.client.code, output.starts_with(R"({"state":"fail")") ? 1 : 0) << output;
  EXPECT_TRUE(is_empty());
}

TEST_F(DoctorFolder, OfflineNoServerIsAskedAndPeopleGetAdvice) {
  const FinishedProgram program =
      run_alone("doctor --offline --data " + folder_ + " --key-file " + folder_ + "/none");
  EXPECT_FALSE(has(program.output, "\nserver ")) << program.output;
  EXPECT_TRUE(has(program.output, "key_file: see that it is there")) << program.output;
  EXPECT_EQ(program.code, 1);
}

}  // namespace
}  // namespace hourwheel::doctor_test
