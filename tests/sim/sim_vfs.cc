#include "tests/sim/sim_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kSector = 512;

// SQLite gives the memory; it begins with its own head.
struct OpenFile {
  sqlite3_file head;
  SimVfs* disk;
  std::shared_ptr<SimVfs::File>* file;
};

SimVfs::File& file_of(sqlite3_file* file) {
  return **reinterpret_cast<OpenFile*>(file)->file;
}
SimVfs& disk_of(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file)->disk;
}
SimVfs& disk_of(sqlite3_vfs* vfs) {
  return *static_cast<SimVfs*>(vfs->pAppData);
}

int close_file(sqlite3_file* file) {
  delete reinterpret_cast<OpenFile*>(file)->file;
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int count, sqlite3_int64 offset) {
  if (!disk_of(file).may_work()) return SQLITE_IOERR_READ;
  const std::string& seen = file_of(file).seen;
  const auto from = static_cast<size_t>(offset);
  const auto wanted = static_cast<size_t>(count);
  const size_t there = from < seen.size() ? std::min(wanted, seen.size() - from) : 0;
  if (there > 0) std::memcpy(to, seen.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

void put(std::string& image, size_t offset, const char* bytes, size_t count) {
  if (image.size() < offset + count) image.resize(offset + count);
  std::memcpy(image.data() + offset, bytes, count);
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  if (!disk_of(file).may_work()) return SQLITE_IOERR_WRITE;
  SimVfs::File& it = file_of(file);
  std::string bytes(static_cast<const char*>(from), static_cast<size_t>(count));
  put(it.seen, static_cast<size_t>(offset), bytes.data(), bytes.size());
  it.unsynced.push_back({offset, std::move(bytes)});
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!disk_of(file).may_work()) return SQLITE_IOERR_TRUNCATE;
  file_of(file).seen.resize(static_cast<size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  // The fault may strike a sync: then nothing of it has happened (C-22).
  if (!disk_of(file).may_work()) return SQLITE_IOERR_FSYNC;
  file_of(file).sync();
  disk_of(file).synced();
  return SQLITE_OK;
}

int size_of(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).seen.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_lock(sqlite3_file*, int* held) {
  *held = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return static_cast<int>(kSector);
}
int characteristics(sqlite3_file*) {
  return 0;  // promises nothing: neither atomic nor ordered writes
}

constexpr sqlite3_io_methods kMethods = {
    1,         close_file, read_file,  write_file,   truncate_file, sync_file,       size_of,
    lock_file, lock_file,  check_lock, file_control, sector_size,   characteristics, nullptr,
    nullptr,   nullptr,    nullptr,    nullptr,      nullptr};

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  SimVfs& disk = disk_of(vfs);
  file->pMethods = nullptr;
  if (!disk.may_work()) return SQLITE_CANTOPEN;
  const std::string name = path != nullptr ? path : "";
  if ((flags & SQLITE_OPEN_CREATE) == 0 && !disk.exists(name)) return SQLITE_CANTOPEN;
  auto* opened = reinterpret_cast<OpenFile*>(file);
  opened->disk = &disk;
  // SQLite holds it as raw bytes until close_file() takes it back.
  auto kept = std::make_unique<std::shared_ptr<SimVfs::File>>(
      name.empty() ? std::make_shared<SimVfs::File>() : disk.open(name));
  opened->file = kept.release();
  file->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int) {
  if (!disk_of(vfs).may_work()) return SQLITE_IOERR_DELETE;
  if (!disk_of(vfs).exists(path)) return SQLITE_IOERR_DELETE_NOENT;
  disk_of(vfs).remove(path);
  return SQLITE_OK;
}
int access_file(sqlite3_vfs* vfs, const char* path, int, int* there) {
  *there = disk_of(vfs).exists(path) ? 1 : 0;
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* path, int room, char* out) {
  sqlite3_snprintf(room, out, "%s", path);
  return SQLITE_OK;
}
int randomness(sqlite3_vfs* vfs, int count, char* out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<char>(disk_of(vfs).random().next());
  return count;
}
int pretend_to_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}
int current_time(sqlite3_vfs*, double* julian_day) {
  *julian_day = 2460000.5;
  return SQLITE_OK;
}
int current_time_ms(sqlite3_vfs*, sqlite3_int64* julian_ms) {
  *julian_ms = sqlite3_int64{2460000} * 86'400'000;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

SimVfs::SimVfs(uint64_t seed) : random_(seed), vfs_(std::make_unique<sqlite3_vfs>()) {
  char text[32];
  sqlite3_snprintf(sizeof(text), text, "sim-%p", static_cast<void*>(this));
  name_ = text;
  *vfs_ = {};
  vfs_->iVersion = 2;
  vfs_->szOsFile = sizeof(OpenFile);
  vfs_->mxPathname = 512;
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->xOpen = open_file;
  vfs_->xDelete = delete_file;
  vfs_->xAccess = access_file;
  vfs_->xFullPathname = full_path;
  vfs_->xRandomness = randomness;
  vfs_->xSleep = pretend_to_sleep;
  vfs_->xCurrentTime = current_time;
  vfs_->xGetLastError = last_error;
  vfs_->xCurrentTimeInt64 = current_time_ms;
  HW_CHECK(sqlite3_vfs_register(vfs_.get(), 0) == SQLITE_OK, "SQLite takes the simulated disk");
}

SimVfs::~SimVfs() {
  sqlite3_vfs_unregister(vfs_.get());
}

bool SimVfs::may_work() {
  if (left_ == UINT64_MAX) return true;
  if (left_ == 0) return false;
  --left_;
  return true;
}

std::shared_ptr<SimVfs::File> SimVfs::open(const std::string& path) {
  auto& file = files_[path];
  if (!file) file = std::make_shared<File>();
  return file;
}

void SimVfs::crash(Random& random) {
  for (auto& [path, file] : files_) file->crash(random);
  work_again();
}

void SimVfs::File::sync() {
  durable = seen;
  unsynced.clear();
}

void SimVfs::File::crash(Random& random) {
  // All, most or few of the writes had reached the platter.
  const unsigned percent = random.chance(30) ? 100 : static_cast<unsigned>(random.below(101));
  for (const Write& write : unsynced) {
    for (size_t at = 0; at < write.bytes.size(); at += kSector) {
      if (!random.chance(percent)) continue;
      size_t count = std::min(kSector, write.bytes.size() - at);
      put(durable, static_cast<size_t>(write.offset) + at, write.bytes.data() + at, count);
    }
  }
  seen = durable;
  unsynced.clear();
}

}  // namespace hourwheel
