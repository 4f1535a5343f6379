// Sits between a process and its system calls: writes down what is done to the files of one folder,
// refuses what the test wants refused, and kills the process where the test wants it killed.
//
// Invariants
//   L1  No deed on a watched file overtakes another: one lock goes around record and deed.
//   L2  A flush is written down before it returns; nothing is really flushed, as only the log
//   counts. L3  Without controls in the environment every call is the kernel's own.
// Cost: a system call more for each write.
// Thread: any. It must not call the functions that it stands in for, so it calls the kernel.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "tests/support/power_cut/controls.h"
#include "tests/support/power_cut/disk_log.h"

namespace hourwheel {

class Tap {
 public:
  enum class Kind : uint8_t { kOther, kFile, kFolder, kAccepted, kConnected };

  // Finds the controls; until then L3 holds.
  void begin();

  int open_at(int folder, const char* path, int flags, mode_t mode);
  void opened(int fd, Kind kind) { remember(fd, kind, 0); }
  void copied(int from, int to);
  [[nodiscard]] Kind kind_of(int fd) const;

  // Of a watched file.
  ssize_t write_at(int fd, const void* bytes, size_t size, off_t offset);
  ssize_t write(int fd, const void* bytes, size_t size);
  int truncate(int fd, off_t length);
  int allocate(int fd, int mode, off_t offset, off_t length);
  int flush(int fd);

  int rename_at(int from_folder, const char* from, int to_folder, const char* to, unsigned flags);
  int unlink_at(int folder, const char* path, int flags);

  void pass(KillPoint point);
  // -1: not limited.
  [[nodiscard]] int64_t free_bytes() const;
  [[nodiscard]] bool watches(int folder, const char* path) const;

 private:
  static constexpr int kMaxDescriptors = 1 << 16;
  struct Path {
    std::array<char, 1024> text;
    // From the folder on; empty: it is not within.
    const char* name;
  };

  void remember(int fd, Kind kind, uint64_t inode);
  [[nodiscard]] uint64_t inode_of(int fd) const;
  void find_path(int folder, const char* path, Path& found) const;
  void record(DiskDeed deed, uint64_t inode, uint64_t offset, const void* bytes, size_t size);
  ssize_t write_locked(int fd, const void* bytes, size_t size, off_t offset);
  size_t take_space(int fd, size_t size, off_t offset);
  void give_space(int64_t bytes);

  Controls* controls_ = nullptr;
  int log_ = -1;
  std::mutex mutex_;
  std::array<std::atomic<uint64_t>, kMaxDescriptors> descriptors_{};  // inode << 3 | kind
};

}  // namespace hourwheel
