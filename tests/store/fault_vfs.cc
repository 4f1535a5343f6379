#include "tests/store/fault_vfs.h"

#include <sqlite3.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace hourwheel {
namespace {

// The layer's file, with that of SQLite's own VFS right behind it.
struct FaultFile {
  sqlite3_file base;
  FaultVfs* owner;
  int last_errno;  // of the call that failed, as SQLite's own VFS keeps it
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

FaultFile& of(sqlite3_file* file) {
  return *reinterpret_cast<FaultFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return of(file).real();
}
Fault fault_of(sqlite3_file* file) {
  return of(file).owner->fault();
}
int failed(sqlite3_file* file, int why, int code) {
  of(file).last_errno = why;
  return code;
}

int close_file(sqlite3_file* file) {
  return real(file)->pMethods->xClose(real(file));
}
int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  if (fault_of(file) == Fault::kReading) return failed(file, EIO, SQLITE_IOERR_READ);
  return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}
int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  switch (fault_of(file)) {
    case Fault::kFull:
      return failed(file, 0, SQLITE_FULL);
    case Fault::kQuota:
      return failed(file, EDQUOT, SQLITE_IOERR_WRITE);
    case Fault::kReadOnly:
      return failed(file, EROFS, SQLITE_IOERR_WRITE);
    case Fault::kNone:
    case Fault::kFlush:
    case Fault::kReading:
      break;
  }
  return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return real(file)->pMethods->xTruncate(real(file), size);
}
int sync(sqlite3_file* file, int flags) {
  if (fault_of(file) == Fault::kFlush) return failed(file, EIO, SQLITE_IOERR_FSYNC);
  return real(file)->pMethods->xSync(real(file), flags);
}
int size_of(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_lock(sqlite3_file* file, int* taken) {
  return real(file)->pMethods->xCheckReservedLock(real(file), taken);
}
int control(sqlite3_file* file, int what, void* argument) {
  if (what == SQLITE_FCNTL_LAST_ERRNO && of(file).last_errno != 0) {
    *static_cast<int*>(argument) = of(file).last_errno;
    return SQLITE_OK;
  }
  return real(file)->pMethods->xFileControl(real(file), what, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

// Version 1: without shared memory, as with the simulator's disk.
constexpr sqlite3_io_methods kMethods{
    1,       close_file, read,    write,       truncate,        sync,    size_of, lock,
    unlock,  check_lock, control, sector_size, characteristics, nullptr, nullptr, nullptr,
    nullptr, nullptr,    nullptr};

sqlite3_vfs* below() {
  return sqlite3_vfs_find(nullptr);
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  FaultFile& made = of(file);
  made.owner = static_cast<FaultVfs*>(vfs->pAppData);
  made.last_errno = 0;
  made.base.pMethods = nullptr;
  const int code = below()->xOpen(below(), path, made.real(), flags, out_flags);
  if (made.real()->pMethods != nullptr) made.base.pMethods = &kMethods;
  return code;
}

}  // namespace

FaultVfs::FaultVfs()
    : name_("fault-" + std::to_string(reinterpret_cast<uintptr_t>(this))),
      vfs_(std::make_unique<sqlite3_vfs>(*below())) {
  vfs_->szOsFile = static_cast<int>(sizeof(FaultFile)) + below()->szOsFile;
  vfs_->zName = name_.c_str();
  vfs_->pNext = nullptr;
  vfs_->pAppData = this;
  vfs_->xOpen = open_file;
  sqlite3_vfs_register(vfs_.get(), 0);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(vfs_.get());
}

}  // namespace hourwheel
