#include "tools/hourwheel/diagnosis.h"

#include <linux/magic.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include "store/file_system.h"
#include "store/storage_watch.h"

namespace hourwheel {
namespace {

// A disk that keeps its word needs 50 us and more, so what is faster has most likely only promised.
constexpr double kFlushesTooMany = 20'000;
// Each acknowledgement waits for a flush: below, clients wait more than 10 ms one after the other.
constexpr double kFlushesFew = 100;
// With less than this the log of a data file alone fills the disk (store: 64 MiB).
constexpr uint64_t kRoomAtLeast = uint64_t{128} << 20;
// Half of what is over is the clients' (server.cc); below, some hundred clients are too many.
constexpr uint64_t kFilesFew = 4'096;
constexpr uint64_t kFilesTooFew = 256;
// What older kernels count a reactor's ring against.
constexpr uint64_t kLockedFew = uint64_t{8} << 20;
constexpr int64_t kClockErrorMuchUs = 100'000;
constexpr uint32_t kModeOfOthers = 07;
constexpr uint32_t kModeOfGroupAndOthers = 077;

std::string size_text(uint64_t bytes) {
  std::array<char, 32> text{};
  const double mib = static_cast<double>(bytes) / (1 << 20);
  std::snprintf(text.data(), text.size(), mib < 1024 ? "%.0f MiB" : "%.1f GiB",
                mib < 1024 ? mib : mib / 1024);
  return text.data();
}

std::string mode_text(uint32_t mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0%03o", mode & 0777);
  return text.data();
}

// Those that a data folder is usually found on.
std::string file_system_name(long type) {
  constexpr std::pair<long, const char*> kKnownSystems[] = {
      {EXT4_SUPER_MAGIC, "ext4"},         {XFS_SUPER_MAGIC, "xfs"}, {BTRFS_SUPER_MAGIC, "btrfs"},
      {F2FS_SUPER_MAGIC, "f2fs"},         {TMPFS_MAGIC, "tmpfs"},   {RAMFS_MAGIC, "ramfs"},
      {OVERLAYFS_SUPER_MAGIC, "overlay"}, {NFS_SUPER_MAGIC, "nfs"}, {0x2fc12fc1, "zfs"}};
  for (const auto& [known, name] : kKnownSystems) {
    if (known == type) return name;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "type 0x%lx", static_cast<unsigned long>(type));
  return text.data();
}

Diagnosis check_folder_access(const FolderSight& seen) {
  constexpr const char* kCheck = "data_folder";
  if (!seen.is_folder) {
    return {kCheck, CheckState::kFail, seen.path + " is not a folder", "name another one"};
  }
  const std::string found = seen.path + (seen.is_made ? ", mode " + mode_text(seen.mode)
                                                      : " (it would be made in there)");
  if (!seen.writable) {
    return {kCheck, CheckState::kFail, found + ", not writable",
            "give it to the user that the server runs as, and run this as that user"};
  }
  if (seen.is_made && (seen.mode & kModeOfOthers) != 0) {
    return {kCheck, CheckState::kWarn, found,
            "others on this machine may look into it: chmod o= " + seen.path};
  }
  return {kCheck, CheckState::kOk, found, ""};
}

Diagnosis check_file_system(const FolderSight& seen) {
  constexpr const char* kCheck = "file_system";
  if (!seen.file_system) {
    return {kCheck, CheckState::kWarn, "not known", "see that it is on a local disk"};
  }
  const long type = *seen.file_system;
  const std::string found = file_system_name(type);
  if (is_network_file_system(type)) {
    return {kCheck, CheckState::kFail, found + ", over a network or FUSE",
            "locks and flushes do not hold there, and the server refuses it: use a local disk"};
  }
  if (type == TMPFS_MAGIC || type == RAMFS_MAGIC) {
    return {kCheck, CheckState::kWarn, found, "it is memory: all is lost with the next reboot"};
  }
  if (type == OVERLAYFS_SUPER_MAGIC) {
    return {kCheck, CheckState::kWarn, found,
            "it goes with the container: mount a volume for the data folder"};
  }
  return {kCheck, CheckState::kOk, found, ""};
}

Diagnosis check_room(const FolderSight& seen) {
  constexpr const char* kCheck = "free_space";
  if (seen.volume_bytes == 0) {
    return {kCheck, CheckState::kWarn, "not known", "see that there is room for the run log"};
  }
  const std::string found = size_text(seen.free_bytes) + " free of " + size_text(seen.volume_bytes);
  if (seen.free_bytes < kRoomAtLeast) {
    return {kCheck, CheckState::kFail, found, "make room: the disk is as good as full"};
  }
  const uint64_t reserve = default_reserve(seen.volume_bytes);
  if (seen.free_bytes < reserve) {
    return {kCheck, CheckState::kWarn, found,
            "creates are refused with less than " + size_text(reserve) +
                " free: make room, or see serve --storage-reserve"};
  }
  return {kCheck, CheckState::kOk, found, ""};
}

Diagnosis check_flushes(const FolderSight& seen) {
  constexpr const char* kCheck = "disk_flush";
  if (!seen.flushes_a_second) {
    return {kCheck, CheckState::kWarn, "not measured: " + seen.flush_error,
            "run this as the user that the server runs as"};
  }
  const double rate = *seen.flushes_a_second;
  std::array<char, 48> found{};
  std::snprintf(found.data(), found.size(), "%.0f flushes a second", rate);
  if (rate > kFlushesTooMany) {
    return {kCheck, CheckState::kWarn, found.data(),
            "no disk flushes as fast: a power cut may lose what was acknowledged, unless its cache "
            "outlasts one"};
  }
  if (rate < kFlushesFew) {
    return {kCheck, CheckState::kWarn, found.data(),
            "each acknowledgement waits for a flush: use a faster disk"};
  }
  return {kCheck, CheckState::kOk, found.data(), ""};
}

Diagnosis check_key_file(const KeyFileSight& file) {
  constexpr const char* kCheck = "key_file";
  if (!file.mode) {
    return {kCheck, CheckState::kFail, file.path + " cannot be looked at",
            "see that it is there and may be read"};
  }
  const std::string found = file.path + ", mode " + mode_text(*file.mode);
  if ((*file.mode & kModeOfGroupAndOthers) != 0) {
    return {kCheck, CheckState::kFail, found,
            "others may use it, and the server refuses it: chmod 600 " + file.path};
  }
  return {kCheck, CheckState::kOk, found, ""};
}

Diagnosis check_uring(const MachineSight& seen) {
  constexpr const char* kCheck = "io_uring";
  if (seen.has_uring) return {kCheck, CheckState::kOk, seen.uring, ""};
  return {kCheck, CheckState::kWarn, seen.uring,
          "attempts use libevent, which works; to allow it: sysctl kernel.io_uring_disabled=0, and "
          "the seccomp profile of the container"};
}

Diagnosis check_open_files(const MachineSight& seen) {
  constexpr const char* kCheck = "open_files";
  const std::string found = "at most " + std::to_string(seen.open_files);
  const auto state = seen.open_files < kFilesTooFew ? CheckState::kFail
                     : seen.open_files < kFilesFew  ? CheckState::kWarn
                                                    : CheckState::kOk;
  if (state == CheckState::kOk) return {kCheck, state, found, ""};
  return {kCheck, state, found,
          "each client and each target takes one: raise ulimit -n, or LimitNOFILE of the unit"};
}

Diagnosis check_locked_memory(const MachineSight& seen) {
  constexpr const char* kCheck = "locked_memory";
  const std::string found =
      seen.locked_bytes == UINT64_MAX ? "no limit" : "at most " + size_text(seen.locked_bytes);
  // Where there is a ring, it was enough.
  if (seen.has_uring || seen.locked_bytes >= kLockedFew) {
    return {kCheck, CheckState::kOk, found, ""};
  }
  return {kCheck, CheckState::kWarn, found,
          "that may be why there is no io_uring: raise ulimit -l, or LimitMEMLOCK of the unit"};
}

Diagnosis check_clock(const MachineSight& seen) {
  constexpr const char* kCheck = "clock";
  if (!seen.clock_synchronized) {
    return {kCheck, CheckState::kWarn, "not known", "see that chrony or timesyncd runs"};
  }
  if (!*seen.clock_synchronized) {
    return {kCheck, CheckState::kWarn, "not synchronized",
            "runs are due by this clock: let chrony or timesyncd set it"};
  }
  const std::string found =
      "synchronized, at most " + std::to_string(seen.clock_error_us / 1000) + " ms off";
  if (seen.clock_error_us > kClockErrorMuchUs) {
    return {kCheck, CheckState::kWarn, found,
            "runs are due by this clock: see whether its servers are reached"};
  }
  return {kCheck, CheckState::kOk, found, ""};
}

Diagnosis check_zones(const MachineSight& seen) {
  constexpr const char* kCheck = "time_zones";
  int year = 0;
  const char* const begin = seen.tzdata.data();
  std::from_chars(begin, begin + std::min<size_t>(4, seen.tzdata.size()), year);
  if (year == 0) {
    return {kCheck, CheckState::kWarn, "release not known", "install tzdata with its tzdata.zi"};
  }
  // There are a few releases in most years.
  if (year < seen.year - 1) {
    return {kCheck, CheckState::kWarn, "release " + seen.tzdata,
            "zones have changed since: update tzdata, and start the server again"};
  }
  return {kCheck, CheckState::kOk, "release " + seen.tzdata, ""};
}

}  // namespace

std::vector<Diagnosis> diagnose(const FolderSight& seen) {
  std::vector<Diagnosis> all{check_folder_access(seen)};
  if (!seen.is_folder) return all;
  all.push_back(check_file_system(seen));
  all.push_back(check_room(seen));
  all.push_back(check_flushes(seen));
  for (const KeyFileSight& file : seen.key_files) all.push_back(check_key_file(file));
  return all;
}

std::vector<Diagnosis> diagnose(const MachineSight& seen) {
  return {check_uring(seen), check_open_files(seen), check_locked_memory(seen), check_clock(seen),
          check_zones(seen)};
}

std::vector<Diagnosis> diagnose(const ServerSight& seen) {
  if (!seen.error.empty()) {
    return {{"server", seen.named ? CheckState::kFail : CheckState::kWarn, seen.error,
             seen.named ? "see whether it runs and is reached from here"
                        : "none answers at " + seen.url + "; name another one, or say --offline"}};
  }
  std::vector<Diagnosis> all;
  if (seen.ready) {
    all.push_back({"server", CheckState::kOk, seen.url + " is ready", ""});
  } else {
    all.push_back({"server", CheckState::kFail, seen.url + " answers and is not ready",
                   "hourwheel health says why"});
  }
  if (seen.version.empty()) {
    all.push_back({"version", CheckState::kWarn, "the server does not tell",
                   "it may want an API key that may read: HOURWHEEL_TOKEN, or a context"});
  } else if (seen.version != seen.program) {
    all.push_back({"version", CheckState::kWarn,
                   "server " + seen.version + ", this program " + seen.program,
                   "install the same version on both sides"});
  } else {
    all.push_back({"version", CheckState::kOk, seen.version + " on both sides", ""});
  }
  return all;
}

CheckState worst_of(const std::vector<Diagnosis>& all) {
  CheckState worst = CheckState::kOk;
  for (const Diagnosis& one : all) worst = std::max(worst, one.state);
  return worst;
}

std::string_view word_of(CheckState state) {
  constexpr std::string_view kWords[] = {"ok", "warn", "fail"};
  return kWords[static_cast<size_t>(state)];
}

}  // namespace hourwheel
