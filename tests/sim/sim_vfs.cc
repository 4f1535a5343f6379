#include "tests/sim/sim_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// SQLite gives the memory; it begins with its own head.
struct OpenFile {
  sqlite3_file head;
  SimVfs* disk;
  std::shared_ptr<SimFile>* file;
};

SimFile& file_of(sqlite3_file* file) {
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
  if (!disk_of(file).may_read()) return SQLITE_IOERR_READ;
  const std::string& seen = file_of(file).seen();
  const auto from = static_cast<size_t>(offset);
  const auto wanted = static_cast<size_t>(count);
  const size_t there = from < seen.size() ? std::min(wanted, seen.size() - from) : 0;
  if (there > 0) std::memcpy(to, seen.data() + from, there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
  SimVfs& disk = disk_of(file);
  const auto at = static_cast<size_t>(offset);
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(count));
  if (!disk.may_work()) {
    // A short write: some of its sectors are there.
    const uint64_t sectors = disk.random().below(bytes.size() / kSector + 1);
    if (disk.striking()) file_of(file).write(at, bytes.substr(0, sectors * kSector));
    return SQLITE_IOERR_WRITE;
  }
  const size_t room = disk.room_for(file_of(file), at, bytes.size());
  file_of(file).write(at, bytes.substr(0, room));
  return room == bytes.size() ? SQLITE_OK : SQLITE_FULL;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  if (!disk_of(file).may_work()) return SQLITE_IOERR_TRUNCATE;
  file_of(file).truncate(static_cast<size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  if (!disk_of(file).may_work()) {
    disk_of(file).flush_failed(file_of(file));
    return SQLITE_IOERR_FSYNC;
  }
  // With the first flush of a new file the real one flushes its folder.
  if (file_of(file).flush()) disk_of(file).folder_flushed();
  return SQLITE_OK;
}

int size_of(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(file_of(file).size());
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
  auto kept = std::make_unique<std::shared_ptr<SimFile>>(name.empty() ? std::make_shared<SimFile>()
                                                                      : disk.open(name));
  opened->file = kept.release();
  file->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int flush_folder) {
  if (!disk_of(vfs).may_work()) return SQLITE_IOERR_DELETE;
  if (!disk_of(vfs).exists(path)) return SQLITE_IOERR_DELETE_NOENT;
  disk_of(vfs).remove(path,
                      flush_folder != 0 ? SimVfs::Removal::kFlushed : SimVfs::Removal::kUnflushed);
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

void SimVfs::fail(uint64_t after, Fail how, FailedFlush flush) {
  left_ = after;
  how_ = how;
  failed_flush_ = flush;
  struck_ = false;
}

void SimVfs::work_again() {
  left_.reset();
  failing_reads_ = 0;
  dead_ = false;
}

bool SimVfs::may_work() {
  ++counts_.operations;
  striking_ = false;
  if (left_ && (*left_)-- == 0) {
    left_.reset();
    struck_ = true;
    striking_ = true;
    dead_ = how_ == Fail::kForGood;
    ++counts_.errors;
    return false;
  }
  return !dead_;
}

bool SimVfs::may_read() {
  bool works = may_work();
  if (works && failing_reads_ > 0) {
    --failing_reads_;
    ++counts_.errors;
    works = false;
  }
  if (!works) ++counts_.reads;
  return works;
}

size_t SimVfs::room_for(const SimFile& file, size_t offset, size_t count) {
  const size_t end = offset + count;
  if (!space_ || end <= file.size()) return count;
  const size_t grows = end - file.size();
  if (grows <= *space_) {
    *space_ -= grows;
    return count;
  }
  ++counts_.full;
  const size_t within =
      std::exchange(*space_, 0) + (file.size() > offset ? file.size() - offset : 0);
  return file.size() < offset ? 0 : within;
}

void SimVfs::flush_failed(SimFile& file) {
  if (striking_ && failed_flush_ == FailedFlush::kDropped) file.lose_unflushed(random_);
}

std::shared_ptr<SimFile> SimVfs::open(const std::string& path) {
  auto& file = files_[path];
  if (!file) {
    file = std::make_shared<SimFile>();
    removed_.erase(path);
  }
  return file;
}

void SimVfs::remove(const std::string& path, Removal how) {
  auto file = files_.extract(path);
  if (how == Removal::kUnflushed) removed_.insert_or_assign(path, std::move(file.mapped()));
}

void SimVfs::power_cut(Random& random) {
  for (auto& [path, file] : removed_) {
    if (random.chance(50)) files_.emplace(path, std::move(file));
  }
  removed_.clear();
  for (auto& [path, file] : files_) counts_.lost_sectors += file->power_cut(random);
  work_again();
}

std::map<std::string, std::string> SimVfs::images() const {
  std::map<std::string, std::string> images;
  for (const auto& [path, file] : files_) images.emplace(path, file->seen());
  return images;
}

}  // namespace hourwheel
