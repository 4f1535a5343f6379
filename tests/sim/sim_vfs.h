// A disk in memory for SQLite. Each file is what has reached the platter and, in order, the writes
// since its last sync; readers see both, as through an operating system's cache. A crash keeps a
// random subset of those writes, each torn at 512-byte sectors; changes of size that were not
// synced are undone unless a surviving write lies beyond.
//
// Faults: fail_after(n) lets the n-th operation from now on and all after it fail, as if the
// process had died in the middle of what it did. It has no shared memory: a WAL file needs
// locking_mode=EXCLUSIVE. Time, sleep and randomness are the simulator's. Thread: one disk is one
// world's. register_as() names it for sqlite3_open_v2.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"

struct sqlite3_vfs;

namespace hourwheel {

class SimVfs {
 public:
  explicit SimVfs(uint64_t seed);
  ~SimVfs();
  SimVfs(const SimVfs&) = delete;
  SimVfs& operator=(const SimVfs&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  void crash(Random& random);
  void fail_after(uint64_t operations) { left_ = operations; }
  [[nodiscard]] bool died() const { return left_ == 0; }
  void work_again() { left_ = UINT64_MAX; }
  [[nodiscard]] uint64_t syncs() const { return syncs_; }

  // --- what the callbacks work on ---
  struct Write {
    int64_t offset = 0;
    std::string bytes;
  };
  struct File {
    std::string seen;     // with everything written
    std::string durable;  // as of the last sync
    std::vector<Write> unsynced;
    void sync();
    void crash(Random& random);
  };
  // False: the fault has struck; nothing happens any more.
  bool may_work();
  std::shared_ptr<File> open(const std::string& path);
  bool exists(const std::string& path) const { return files_.contains(path); }
  void remove(const std::string& path) { files_.erase(path); }
  Random& random() { return random_; }
  void synced() { ++syncs_; }

 private:
  std::string name_;
  Random random_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  std::map<std::string, std::shared_ptr<File>> files_;
  uint64_t left_ = UINT64_MAX;
  uint64_t syncs_ = 0;
};

}  // namespace hourwheel
