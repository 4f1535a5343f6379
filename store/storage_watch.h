// Watches the free space of the data folder's volume (C-21), and keeps a ballast file there.
//
//   free >= reserve                     ok
//   free < reserve                      low: what uses the reserve goes on, the rest is refused
//   a commit found no space:            the ballast is removed; the commit is tried again
//   ... and found none again            full, until it comes through
//
// The reserve is for what must go on: ends of runs, deletes, pauses. Nobody else on the volume
// knows of it, hence the ballast: space that only we can free. It is made when there is room for it
// beside the reserve, so at the start and again after space has returned.
//
// Invariants
//   R1  Low is left at an eighth above the reserve, so that the state does not flicker.
//   R2  The ballast alone never makes the state low.
// Thread: look() to commit_went() from any store thread; metrics() from anywhere, without waiting.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/metrics.h"
#include "store/storage_room.h"

namespace hourwheel {

struct VolumeSpace {
  uint64_t bytes = 0;  // of the volume
  uint64_t free = 0;   // to us
};

class Volume {
 public:
  virtual ~Volume() = default;
  [[nodiscard]] virtual Result<VolumeSpace> space() = 0;
};

// The volume a folder lies on.
class FolderVolume final : public Volume {
 public:
  explicit FolderVolume(std::string folder) : folder_(std::move(folder)) {}
  [[nodiscard]] Result<VolumeSpace> space() override;

 private:
  const std::string folder_;
};

// Told of each change, on the thread that met it.
class StorageListener {
 public:
  virtual ~StorageListener() = default;
  virtual void on_storage_changed(const StorageMetrics& now) = 0;
};

struct StorageLimits {
  std::optional<uint64_t> reserve_bytes;        // none: default_reserve()
  uint64_t ballast_bytes = uint64_t{64} << 20;  // at most; never more than a quarter of the reserve
};
// 5 % of the volume, at least 256 MiB and at most 8 GiB; of a small one a quarter.
uint64_t default_reserve(uint64_t volume_bytes);

class StorageWatch final : public StorageRoom {
 public:
  // The listener and the volume outlive it. Removes a ballast that stands in the way of a start.
  StorageWatch(std::string folder, const StorageLimits& limits, Volume& volume,
               StorageListener& listener);

  StorageState look() override;
  bool make_room() override;
  void commit_stuck() override;
  void commit_went() override;

  [[nodiscard]] const StorageMetrics& metrics() const { return metrics_; }

 private:
  StorageState settle();
  void keep_ballast(const VolumeSpace& space, uint64_t reserve);
  bool drop_ballast();
  [[nodiscard]] std::string ballast_file() const { return folder_ + "/ballast"; }

  const std::string folder_;
  const StorageLimits limits_;
  Volume& volume_;
  StorageListener& listener_;

  std::mutex mutex_;  // of all below
  StorageState state_ = StorageState::kOk;
  VolumeSpace space_;
  uint64_t ballast_ = 0;  // bytes it has
  uint32_t stuck_ = 0;    // commits that wait for space

  StorageMetrics metrics_;
};

}  // namespace hourwheel
