// The calls that the preloaded library stands in for. Sockets are told apart by who began them; all
// other descriptors get the kernel's own calls. glibc's stdio does not pass here: what the server
// keeps in its folder it must not write with it (the log and the folder are compared after each
// kill).
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>

#include "tests/support/power_cut/preload/tap.h"

namespace hourwheel {
namespace {

// The library's functions are called with what the C library's are: its state has no other place.
constinit Tap tap;

__attribute__((constructor)) void begin() {
  tap.begin();
}

KillPoint before_send(int fd) {
  switch (tap.kind_of(fd)) {
    case Tap::Kind::kAccepted:
      return KillPoint::kBeforeAnswer;
    case Tap::Kind::kConnected:
      return KillPoint::kBeforeAttempt;
    case Tap::Kind::kOther:
    case Tap::Kind::kFile:
    case Tap::Kind::kFolder:
      break;
  }
  return KillPoint::kNone;
}

template <class Send>
ssize_t send_between(int fd, Send send) {
  const KillPoint before = before_send(fd);
  if (before == KillPoint::kNone) return send();
  tap.pass(before);
  const ssize_t sent = send();
  const int kept = errno;
  if (sent > 0) {
    tap.pass(before == KillPoint::kBeforeAnswer ? KillPoint::kAfterAnswer
                                                : KillPoint::kAfterAttempt);
  }
  errno = kept;
  return sent;
}

ssize_t received(int fd, ssize_t size) {
  const int kept = errno;
  if (size > 0 && tap.kind_of(fd) == Tap::Kind::kConnected) tap.pass(KillPoint::kBeforeResult);
  errno = kept;
  return size;
}

bool is_file(int fd) {
  return tap.kind_of(fd) == Tap::Kind::kFile;
}

int opened(int fd, Tap::Kind kind) {
  tap.opened(fd, kind);
  return fd;
}

int as_int(long result) {
  return static_cast<int>(result);
}

}  // namespace
}  // namespace hourwheel

using namespace hourwheel;  // NOLINT: below are only functions with C names

#define HW_OPEN_MODE(flags)                                         \
  mode_t mode = 0;                                                  \
  if (((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                                   \
    va_start(rest, flags);                                          \
    mode = va_arg(rest, mode_t);                                    \
    va_end(rest);                                                   \
  }

extern "C" {

// --- names and descriptors ---

int open(const char* path, int flags, ...) {
  HW_OPEN_MODE(flags)
  return tap.open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  HW_OPEN_MODE(flags)
  return tap.open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  HW_OPEN_MODE(flags)
  return tap.open_at(folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  HW_OPEN_MODE(flags)
  return tap.open_at(folder, path, flags, mode);
}
int creat(const char* path, mode_t mode) {
  return tap.open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
// What a build with _FORTIFY_SOURCE calls.
int __open_2(const char* path, int flags) {  // NOLINT
  return tap.open_at(AT_FDCWD, path, flags, 0);
}
int __open64_2(const char* path, int flags) {  // NOLINT
  return tap.open_at(AT_FDCWD, path, flags, 0);
}
int __openat_2(int folder, const char* path, int flags) {  // NOLINT
  return tap.open_at(folder, path, flags, 0);
}

int close(int fd) {
  tap.opened(fd, Tap::Kind::kOther);
  return as_int(syscall(SYS_close, fd));
}
int dup(int fd) noexcept {
  const int copy = as_int(syscall(SYS_dup, fd));
  tap.copied(fd, copy);
  return copy;
}
int dup2(int fd, int wanted) noexcept {
  const int copy = as_int(syscall(SYS_dup2, fd, wanted));
  tap.copied(fd, copy);
  return copy;
}
int dup3(int fd, int wanted, int flags) noexcept {
  const int copy = as_int(syscall(SYS_dup3, fd, wanted, flags));
  tap.copied(fd, copy);
  return copy;
}

int rename(const char* from, const char* to) noexcept {
  return tap.rename_at(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return tap.rename_at(from_folder, from, to_folder, to, 0);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return tap.rename_at(from_folder, from, to_folder, to, flags);
}
int unlink(const char* path) noexcept {
  return tap.unlink_at(AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return tap.unlink_at(folder, path, flags);
}
int remove(const char* path) noexcept {
  const int done = tap.unlink_at(AT_FDCWD, path, 0);
  return done != 0 && errno == EISDIR ? tap.unlink_at(AT_FDCWD, path, AT_REMOVEDIR) : done;
}

// --- files ---

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (is_file(fd)) return tap.write_at(fd, bytes, size, offset);
  return syscall(SYS_pwrite64, fd, bytes, size, offset);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return pwrite(fd, bytes, size, offset);
}
int ftruncate(int fd, off_t length) noexcept {
  return is_file(fd) ? tap.truncate(fd, length) : as_int(syscall(SYS_ftruncate, fd, length));
}
int ftruncate64(int fd, off64_t length) noexcept {
  return ftruncate(fd, length);
}
int fallocate(int fd, int mode, off_t offset, off_t length) {
  return is_file(fd) ? tap.allocate(fd, mode, offset, length)
                     : as_int(syscall(SYS_fallocate, fd, mode, offset, length));
}
int fallocate64(int fd, int mode, off64_t offset, off64_t length) {
  return fallocate(fd, mode, offset, length);
}
int posix_fallocate(int fd, off_t offset, off_t length) {
  const int kept = errno;
  const int failed = fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
  errno = kept;
  return failed;
}
int posix_fallocate64(int fd, off64_t offset, off64_t length) {
  return posix_fallocate(fd, offset, length);
}
int fsync(int fd) {
  const Tap::Kind kind = tap.kind_of(fd);
  if (kind == Tap::Kind::kFile || kind == Tap::Kind::kFolder) return tap.flush(fd);
  return as_int(syscall(SYS_fsync, fd));
}
int fdatasync(int fd) {
  return fsync(fd);
}

// What is free is what the test leaves.
int statvfs(const char* path, struct statvfs* found) noexcept {
  using Real = int (*)(const char*, struct statvfs*);
  const int done = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "statvfs"))(path, found);
  const int64_t free = tap.free_bytes();
  if (done != 0 || free < 0 || !tap.watches(AT_FDCWD, path)) return done;
  found->f_bfree = static_cast<uint64_t>(free) / found->f_frsize;
  found->f_bavail = found->f_bfree;
  return done;
}

// --- files or sockets ---

ssize_t write(int fd, const void* bytes, size_t size) {
  if (is_file(fd)) return tap.write(fd, bytes, size);
  return send_between(fd, [=] { return syscall(SYS_write, fd, bytes, size); });
}
ssize_t writev(int fd, const iovec* parts, int count) {
  if (!is_file(fd)) {
    return send_between(fd, [=] { return syscall(SYS_writev, fd, parts, count); });
  }
  ssize_t all = 0;
  for (int i = 0; i < count; ++i) {
    const ssize_t written = tap.write(fd, parts[i].iov_base, parts[i].iov_len);
    if (written < 0) return all > 0 ? all : written;
    all += written;
  }
  return all;
}
ssize_t read(int fd, void* bytes, size_t size) {
  return received(fd, syscall(SYS_read, fd, bytes, size));
}
ssize_t __read_chk(int fd, void* bytes, size_t size, size_t) {  // NOLINT
  return read(fd, bytes, size);
}
ssize_t readv(int fd, const iovec* parts, int count) {
  return received(fd, syscall(SYS_readv, fd, parts, count));
}

// --- sockets ---

int socket(int family, int type, int protocol) noexcept {
  return opened(as_int(syscall(SYS_socket, family, type, protocol)), Tap::Kind::kOther);
}
int accept(int fd, sockaddr* peer, socklen_t* size) {
  return opened(as_int(syscall(SYS_accept, fd, peer, size)), Tap::Kind::kAccepted);
}
int accept4(int fd, sockaddr* peer, socklen_t* size, int flags) {
  return opened(as_int(syscall(SYS_accept4, fd, peer, size, flags)), Tap::Kind::kAccepted);
}
int connect(int fd, const sockaddr* peer, socklen_t size) {
  tap.opened(fd, Tap::Kind::kConnected);
  return as_int(syscall(SYS_connect, fd, peer, size));
}
ssize_t send(int fd, const void* bytes, size_t size, int flags) {
  return send_between(fd, [=] { return syscall(SYS_sendto, fd, bytes, size, flags, nullptr, 0); });
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  return send_between(fd, [=] { return syscall(SYS_sendmsg, fd, message, flags); });
}
ssize_t recv(int fd, void* bytes, size_t size, int flags) {
  return received(fd, syscall(SYS_recvfrom, fd, bytes, size, flags, nullptr, nullptr));
}
ssize_t __recv_chk(int fd, void* bytes, size_t size, size_t, int flags) {  // NOLINT
  return recv(fd, bytes, size, flags);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  return received(fd, syscall(SYS_recvmsg, fd, message, flags));
}

}  // extern "C"
