// What `doctor` makes of what it has seen (doctor_probe.h): decisions only, so that they can be
// tested with facts that no machine at hand has.
//
// A check fails where the server would refuse to start or loses what it promises, and warns where
// it serves, but worse or less safely than it could. What could not be seen is a warning: nobody
// knows. Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

enum class CheckState : uint8_t { kOk, kWarn, kFail };

struct Diagnosis {
  std::string check;  // a stable name: "disk_flush"
  CheckState state = CheckState::kOk;
  std::string found;   // what was seen, a few words
  std::string advice;  // one sentence; empty when all is well
};

struct KeyFileSight {
  std::string path;
  std::optional<uint32_t> mode;  // its permission bits; nullopt: it is not there
};

struct FolderSight {
  std::string path;     // that was looked at
  bool is_made = true;  // else it is the folder above, in which it would be made
  bool is_folder = true;
  bool writable = true;
  uint32_t mode = 0750;
  std::optional<long> file_system;  // f_type of statfs(2)
  uint64_t volume_bytes = 0;        // 0: not known
  uint64_t free_bytes = 0;
  std::optional<double> flushes_a_second;
  std::string flush_error;  // why that is not known
  std::vector<KeyFileSight> key_files;
};

struct MachineSight {
  bool has_uring = true;
  std::string uring;  // its mode, or why there is none
  uint64_t open_files = 0;
  uint64_t locked_bytes = 0;
  std::optional<bool> clock_synchronized;
  int64_t clock_error_us = 0;  // at most, as the kernel estimates it
  std::string tzdata;          // "2026a"
  int year = 0;                // now
};

struct ServerSight {
  std::string url;
  bool named = false;  // by whoever runs this, not built in
  std::string error;   // why it did not answer; empty: it did
  bool ready = false;
  std::string version;  // empty: it did not tell
  std::string program;  // the version of this program
};

std::vector<Diagnosis> diagnose(const FolderSight& seen);
std::vector<Diagnosis> diagnose(const MachineSight& seen);
std::vector<Diagnosis> diagnose(const ServerSight& seen);

// The worst of them.
CheckState worst_of(const std::vector<Diagnosis>& all);
// "ok", "warn", "fail"
std::string_view word_of(CheckState state);

}  // namespace hourwheel
