// A disk in memory for SQLite, with faults (what a file keeps is sim_files.h's).
//
//   fail(after, how)   the operation after so many fails with an I/O error: that one only, or it
//   and
//                      all that follow. Of a write that fails some sectors may have been written;
//                      after a flush that fails the cache keeps its pages for another one, or calls
//                      them clean (kDropped), which only a power cut shows.
//   limit_space(n)     writes may make the files n bytes larger, and no more: the disk is full
//   kill(), power_cut() how a process ends in the middle of its work
// It has no shared memory: a WAL file needs locking_mode=EXCLUSIVE. Time, sleep and randomness are
// the simulator's. Thread: one disk is one world's. name() is for sqlite3_open_v2.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/random.h"
#include "tests/sim/sim_files.h"

struct sqlite3_vfs;

namespace hourwheel {

class SimVfs {
 public:
  explicit SimVfs(uint64_t seed);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }

  enum class Fail : uint8_t { kOnce, kForGood };
  enum class FailedFlush : uint8_t { kKept, kDropped };
  void fail(uint64_t after, Fail how, FailedFlush flush);
  // So many reads to come fail; they can be done again.
  void fail_reads(uint64_t count) { failing_reads_ = count; }
  // Fails for good, and has struck.
  [[nodiscard]] bool died() const { return dead_; }
  // The fault has struck since it was asked for.
  [[nodiscard]] bool struck() const { return struck_; }
  void limit_space(std::optional<uint64_t> bytes) { space_ = bytes; }
  [[nodiscard]] bool is_full() const { return space_.has_value(); }
  void work_again();
  // Whatever the process still tries has no effect: it is over.
  void die() { dead_ = true; }

  // The process is gone; what it had written is in the cache.
  void kill() { work_again(); }
  // The machine is gone, too. The space is as it was.
  void power_cut(Random& random);

  // The files as they are seen, by name.
  [[nodiscard]] std::map<std::string, std::string> images() const;

  struct Counts {  // since the disk was made
    uint64_t operations = 0;
    uint64_t errors = 0;
    uint64_t full = 0;
    uint64_t reads = 0;         // that failed
    uint64_t lost_sectors = 0;  // by power cuts
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

  // --- what SQLite's callbacks work on ---
  // False: this operation fails.
  bool may_work();
  bool may_read();
  // The fault strikes the operation under way itself.
  [[nodiscard]] bool striking() const { return striking_; }
  // How many of these bytes may be written there; the rest meets a full disk.
  size_t room_for(const SimFile& file, size_t offset, size_t count);
  void flush_failed(SimFile& file);
  std::shared_ptr<SimFile> open(const std::string& path);
  [[nodiscard]] bool exists(const std::string& path) const { return files_.contains(path); }
  enum class Removal : uint8_t { kFlushed, kUnflushed };
  void remove(const std::string& path, Removal how);
  void folder_flushed() { removed_.clear(); }
  Random& random() { return random_; }

 private:
  std::string name_;
  Random random_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::map<std::string, std::shared_ptr<SimFile>> files_;
  std::map<std::string, std::shared_ptr<SimFile>> removed_;  // a power cut may bring them back
  std::optional<uint64_t> left_;                             // operations until the fault strikes
  Fail how_ = Fail::kOnce;
  FailedFlush failed_flush_ = FailedFlush::kKept;
  uint64_t failing_reads_ = 0;
  bool dead_ = false;
  bool struck_ = false;
  bool striking_ = false;
  std::optional<uint64_t> space_;
  Counts counts_;
};

}  // namespace hourwheel
