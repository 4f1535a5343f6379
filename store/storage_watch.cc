#include "store/storage_watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr uint64_t kLeastReserve = uint64_t{256} << 20;
constexpr uint64_t kMostReserve = uint64_t{8} << 30;

}  // namespace

uint64_t default_reserve(uint64_t volume_bytes) {
  const uint64_t share = std::clamp(volume_bytes / 20, kLeastReserve, kMostReserve);
  return std::min(share, volume_bytes / 4);
}

Result<VolumeSpace> FolderVolume::space() {
  struct statvfs found {};
  if (::statvfs(folder_.c_str(), &found) != 0) {
    return failure(ErrorCode::kIo, "",
                   "cannot ask for the space of " + folder_ + ": " + std::strerror(errno));
  }
  return VolumeSpace{found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize};
}

StorageWatch::StorageWatch(std::string folder, const StorageLimits& limits, Volume& volume,
                           StorageListener& listener)
    : folder_(std::move(folder)), limits_(limits), volume_(volume), listener_(listener) {
  struct stat found {};
  if (::stat(ballast_file().c_str(), &found) == 0) ballast_ = static_cast<uint64_t>(found.st_size);
  std::lock_guard lock(mutex_);
  // A start writes a little to every file. What is freed here is made anew when there is room.
  auto space = volume_.space();
  if (space && space->free < ballast_) drop_ballast();
  settle();
}

StorageState StorageWatch::look() {
  std::lock_guard lock(mutex_);
  return settle();
}

bool StorageWatch::make_room() {
  std::lock_guard lock(mutex_);
  const bool made = drop_ballast();
  settle();
  return made;
}

void StorageWatch::commit_stuck() {
  std::lock_guard lock(mutex_);
  ++stuck_;
  settle();
}

void StorageWatch::commit_went() {
  std::lock_guard lock(mutex_);
  HW_CHECK(stuck_ > 0, "only a commit that waited can come through");
  --stuck_;
  settle();
}

StorageState StorageWatch::settle() {
  // What cannot be asked now is as it was; the next look may tell.
  if (auto space = volume_.space()) space_ = *space;
  const uint64_t reserve = limits_.reserve_bytes.value_or(default_reserve(space_.bytes));
  const bool was_ok = state_ == StorageState::kOk;
  const uint64_t needed = was_ok ? reserve : reserve + reserve / 8;  // R1
  const StorageState before = state_;
  state_ = space_.free < needed ? StorageState::kLow : StorageState::kOk;
  if (stuck_ > 0) state_ = StorageState::kFull;
  if (state_ == StorageState::kOk) keep_ballast(space_, reserve);
  metrics_.state.set(static_cast<int64_t>(state_));
  metrics_.free_bytes.set(static_cast<int64_t>(space_.free));
  metrics_.volume_bytes.set(static_cast<int64_t>(space_.bytes));
  metrics_.reserve_bytes.set(static_cast<int64_t>(reserve));
  metrics_.ballast_bytes.set(static_cast<int64_t>(ballast_));
  if (state_ != before) listener_.on_storage_changed(metrics_);
  return state_;
}

// R2: only where there is room for it beside the reserve. Space that is only promised (a sparse
// file) would be none.
void StorageWatch::keep_ballast(const VolumeSpace& space, uint64_t reserve) {
  const uint64_t wanted = std::min(limits_.ballast_bytes, reserve / 4);
  if (ballast_ >= wanted || space.free < reserve + reserve / 8 + wanted) return;
  const int file = ::open(ballast_file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return;
  if (::posix_fallocate(file, 0, static_cast<off_t>(wanted)) == 0) {
    ballast_ = wanted;
  } else {
    drop_ballast();
  }
  ::close(file);
}

bool StorageWatch::drop_ballast() {
  const bool held = std::exchange(ballast_, 0) > 0;
  return ::unlink(ballast_file().c_str()) == 0 && held;
}

}  // namespace hourwheel
