#include "tests/support/power_cut/preload/tap.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace hourwheel {
namespace {

// The lines of a test's own: it cannot go on when it does not see everything.
[[noreturn]] void give_up(const char* why) {
  syscall(SYS_write, STDERR_FILENO, why, std::strlen(why));
  std::abort();
}

bool look_at(int fd, struct stat& found) {
  return syscall(SYS_newfstatat, fd, "", &found, AT_EMPTY_PATH) == 0;
}

}  // namespace

void Tap::begin() {
  const char* name = std::getenv(kControlsVariable);
  if (name == nullptr) return;
  auto file = static_cast<int>(syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC, 0));
  if (file < 0) give_up("power cut: no controls\n");
  void* memory = mmap(nullptr, sizeof(Controls), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  syscall(SYS_close, file);
  if (memory == MAP_FAILED) give_up("power cut: the controls cannot be mapped\n");
  auto* controls = static_cast<Controls*>(memory);
  log_ = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, controls->log.data(), O_WRONLY | O_APPEND | O_CLOEXEC, 0));
  if (log_ < 0) give_up("power cut: no log\n");
  controls_ = controls;
}

// --- descriptors and paths ---

void Tap::remember(int fd, Kind kind, uint64_t inode) {
  if (fd < 0 || fd >= kMaxDescriptors) return;
  descriptors_[static_cast<size_t>(fd)] = inode << 3 | static_cast<uint64_t>(kind);
}

Tap::Kind Tap::kind_of(int fd) const {
  if (controls_ == nullptr || fd < 0 || fd >= kMaxDescriptors) return Kind::kOther;
  return static_cast<Kind>(descriptors_[static_cast<size_t>(fd)] & 7);
}

uint64_t Tap::inode_of(int fd) const {
  return descriptors_[static_cast<size_t>(fd)] >> 3;
}

void Tap::copied(int from, int to) {
  if (to < 0 || from == to) return;
  Kind kind = kind_of(from);
  remember(to, kind, kind == Kind::kOther ? 0 : inode_of(from));
}

// By the real path of the folder that holds the name: the name itself may be new.
void Tap::find_path(int folder, const char* path, Path& found) const {
  found.name = "";
  const char* slash = std::strrchr(path, '/');
  std::array<char, 1024> parent{};
  size_t length = slash == nullptr ? 0 : static_cast<size_t>(slash - path);
  if (length >= parent.size()) return;
  std::memcpy(parent.data(), path, length);
  const char* within = slash == path ? "/" : slash == nullptr ? "." : parent.data();
  auto fd =
      static_cast<int>(syscall(SYS_openat, folder, within, O_PATH | O_DIRECTORY | O_CLOEXEC, 0));
  if (fd < 0) return;
  std::array<char, 64> link{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
  ssize_t got =
      syscall(SYS_readlinkat, AT_FDCWD, link.data(), found.text.data(), found.text.size() - 256);
  syscall(SYS_close, fd);
  if (got <= 0) return;
  auto end = static_cast<size_t>(got);
  const char* last = slash == nullptr ? path : slash + 1;
  std::snprintf(found.text.data() + end, found.text.size() - end, "/%s", last);
  const size_t root = std::strlen(controls_->folder.data());
  if (std::strncmp(found.text.data(), controls_->folder.data(), root) != 0) return;
  if (found.text[root] == '/') found.name = found.text.data() + root + 1;
}

bool Tap::watches(int folder, const char* path) const {
  if (controls_ == nullptr) return false;
  Path found{};
  find_path(folder, path, found);
  if (*found.name != 0) return true;
  std::array<char, PATH_MAX> real{};
  return realpath(path, real.data()) != nullptr &&
         std::strcmp(real.data(), controls_->folder.data()) == 0;
}

int Tap::open_at(int folder, const char* path, int flags, mode_t mode) {
  auto open_now = [&](int with) {
    return static_cast<int>(syscall(SYS_openat, folder, path, with, mode));
  };
  if (controls_ == nullptr) return open_now(flags);
  std::lock_guard lock(mutex_);
  Path found{};
  find_path(folder, path, found);
  const bool creates = (flags & O_CREAT) != 0 && syscall(SYS_faccessat, folder, path, F_OK) != 0;
  const bool within = *found.name != 0;
  const int fd = open_now(within ? flags & ~O_TRUNC : flags);
  if (fd < 0) return fd;
  remember(fd, Kind::kOther, 0);
  const int kept = errno;
  struct stat is {};
  if (!look_at(fd, is)) give_up("power cut: an open file cannot be looked at\n");
  std::array<char, PATH_MAX> real{};
  if (S_ISREG(is.st_mode) && within) {
    remember(fd, Kind::kFile, is.st_ino);
    if (creates) record(DiskDeed::kCreate, is.st_ino, 0, found.name, std::strlen(found.name));
    if ((flags & O_TRUNC) != 0 && is.st_size > 0) {
      record(DiskDeed::kTruncate, is.st_ino, 0, nullptr, 0);
      syscall(SYS_ftruncate, fd, 0);
      give_space(is.st_size);
    }
  } else if (S_ISDIR(is.st_mode) && realpath(path, real.data()) != nullptr &&
             std::strcmp(real.data(), controls_->folder.data()) == 0) {
    remember(fd, Kind::kFolder, is.st_ino);
  }
  errno = kept;
  return fd;
}

// --- the log ---

void Tap::record(DiskDeed deed, uint64_t inode, uint64_t offset, const void* bytes, size_t size) {
  DiskRecord head{deed, static_cast<uint32_t>(size), inode, offset};
  std::array<iovec, 2> parts{{{&head, sizeof(head)}, {const_cast<void*>(bytes), size}}};
  const ssize_t written = syscall(SYS_writev, log_, parts.data(), size == 0 ? 1 : 2);
  if (written != static_cast<ssize_t>(sizeof(head) + size)) give_up("power cut: no room to log\n");
}

// --- deeds ---

// How much of a write fits in what is left.
size_t Tap::take_space(int fd, size_t size, off_t offset) {
  if (controls_->free_bytes == kEndlessSpace) return size;
  struct stat is {};
  if (!look_at(fd, is)) give_up("power cut: an open file cannot be looked at\n");
  const int64_t free = std::max<int64_t>(0, controls_->free_bytes);
  const int64_t end = offset + static_cast<int64_t>(size);
  const int64_t fits = std::min(end, std::max<int64_t>(is.st_size, offset) + free);
  if (fits <= offset) return 0;
  controls_->free_bytes -= std::max<int64_t>(0, fits - std::max<int64_t>(is.st_size, offset));
  return static_cast<size_t>(fits - offset);
}

void Tap::give_space(int64_t bytes) {
  if (controls_->free_bytes != kEndlessSpace) controls_->free_bytes += bytes;
}

int64_t Tap::free_bytes() const {
  if (controls_ == nullptr || controls_->free_bytes == kEndlessSpace) return -1;
  return std::max<int64_t>(0, controls_->free_bytes);
}

ssize_t Tap::write_at(int fd, const void* bytes, size_t size, off_t offset) {
  std::lock_guard lock(mutex_);
  return write_locked(fd, bytes, size, offset);
}

ssize_t Tap::write(int fd, const void* bytes, size_t size) {
  std::lock_guard lock(mutex_);
  const bool appends = (syscall(SYS_fcntl, fd, F_GETFL) & O_APPEND) != 0;
  const off_t offset = syscall(SYS_lseek, fd, 0, appends ? SEEK_END : SEEK_CUR);
  const ssize_t written = write_locked(fd, bytes, size, offset);
  if (written > 0) syscall(SYS_lseek, fd, offset + written, SEEK_SET);
  return written;
}

ssize_t Tap::write_locked(int fd, const void* bytes, size_t size, off_t offset) {
  pass(KillPoint::kBeforeWrite);
  const size_t fits = take_space(fd, size, offset);
  if (fits == 0 && size > 0) {
    errno = ENOSPC;
    return -1;
  }
  record(DiskDeed::kWrite, inode_of(fd), static_cast<uint64_t>(offset), bytes, fits);
  ssize_t done = syscall(SYS_pwrite64, fd, bytes, fits / 2, offset);
  pass(KillPoint::kDuringWrite);
  done += syscall(SYS_pwrite64, fd, static_cast<const char*>(bytes) + fits / 2, fits - fits / 2,
                  offset + static_cast<off_t>(fits / 2));
  if (done != static_cast<ssize_t>(fits)) give_up("power cut: the real disk is full\n");
  pass(KillPoint::kAfterWrite);
  return done;
}

int Tap::truncate(int fd, off_t length) {
  std::lock_guard lock(mutex_);
  pass(KillPoint::kBeforeWrite);
  struct stat is {};
  if (!look_at(fd, is)) return -1;
  record(DiskDeed::kTruncate, inode_of(fd), static_cast<uint64_t>(length), nullptr, 0);
  const auto done = static_cast<int>(syscall(SYS_ftruncate, fd, length));
  if (done == 0 && length < is.st_size) give_space(is.st_size - length);
  pass(KillPoint::kAfterWrite);
  return done;
}

// Only what makes files longer: nobody punches holes.
int Tap::allocate(int fd, int mode, off_t offset, off_t length) {
  if (mode != 0 && mode != FALLOC_FL_KEEP_SIZE) give_up("power cut: unknown way to allocate\n");
  std::lock_guard lock(mutex_);
  pass(KillPoint::kBeforeWrite);
  struct stat is {};
  if (!look_at(fd, is)) return -1;
  const off_t end = offset + length;
  const int64_t more = std::max<int64_t>(0, end - is.st_size);
  if (const int64_t free = free_bytes(); free >= 0 && more > free) {
    errno = ENOSPC;
    return -1;
  }
  if (mode == 0 && more > 0) {
    give_space(-more);
    record(DiskDeed::kTruncate, inode_of(fd), static_cast<uint64_t>(end), nullptr, 0);
  }
  return static_cast<int>(syscall(SYS_fallocate, fd, mode, offset, length));
}

int Tap::flush(int fd) {
  if (const int64_t us = controls_->flush_us; us > 0) {
    const timespec wait{us / 1'000'000, us % 1'000'000 * 1'000};
    syscall(SYS_ppoll, nullptr, 0, &wait, nullptr, 0);
  }
  std::lock_guard lock(mutex_);
  pass(KillPoint::kBeforeFlush);
  if (controls_->failing_flushes > 0) {
    --controls_->failing_flushes;
    errno = EIO;
    return -1;
  }
  if (controls_->lies == 0) {
    record(kind_of(fd) == Kind::kFolder ? DiskDeed::kFlushFolder : DiskDeed::kFlush, inode_of(fd),
           0, nullptr, 0);
  }
  pass(KillPoint::kAfterFlush);
  return 0;
}

int Tap::rename_at(int from_folder, const char* from, int to_folder, const char* to,
                   unsigned flags) {
  auto rename_now = [&] {
    return static_cast<int>(syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  };
  if (controls_ == nullptr) return rename_now();
  std::lock_guard lock(mutex_);
  Path old_path{};
  Path new_path{};
  find_path(from_folder, from, old_path);
  find_path(to_folder, to, new_path);
  if (*old_path.name == 0 && *new_path.name == 0) return rename_now();
  if (*old_path.name == 0 || *new_path.name == 0) {
    give_up("power cut: a file moves into or out of the folder\n");
  }
  struct stat is {};
  const bool there = syscall(SYS_newfstatat, from_folder, from, &is, 0) == 0;
  const bool replaces = syscall(SYS_faccessat, to_folder, to, F_OK) == 0;
  if (!there || (replaces && flags != 0)) return rename_now();  // it will be refused
  pass(KillPoint::kBeforeWrite);
  std::array<char, 2048> names{};
  const int size =
      std::snprintf(names.data(), names.size(), "%s%c%s", old_path.name, 0, new_path.name);
  record(DiskDeed::kRename, is.st_ino, 0, names.data(), static_cast<size_t>(size));
  const int done = rename_now();
  if (done != 0) give_up("power cut: a rename was refused\n");
  pass(KillPoint::kAfterWrite);
  return done;
}

int Tap::unlink_at(int folder, const char* path, int flags) {
  auto unlink_now = [&] { return static_cast<int>(syscall(SYS_unlinkat, folder, path, flags)); };
  if (controls_ == nullptr) return unlink_now();
  std::lock_guard lock(mutex_);
  Path found{};
  find_path(folder, path, found);
  struct stat is {};
  if (*found.name == 0 || syscall(SYS_newfstatat, folder, path, &is, AT_SYMLINK_NOFOLLOW) != 0 ||
      !S_ISREG(is.st_mode)) {
    return unlink_now();
  }
  pass(KillPoint::kBeforeWrite);
  record(DiskDeed::kUnlink, is.st_ino, 0, found.name, std::strlen(found.name));
  const int done = unlink_now();
  give_space(is.st_size);
  pass(KillPoint::kAfterWrite);
  return done;
}

// --- the end ---

void Tap::pass(KillPoint point) {
  if (controls_ == nullptr) return;
  ++controls_->passed[static_cast<size_t>(point)];
  if (controls_->armed != point || --controls_->countdown != 0) return;
  controls_->died_at = point;
  syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
  while (true) pause();
}

}  // namespace hourwheel
