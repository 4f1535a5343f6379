// The data folder: one file per shard, one for what holds for all of them, and a lock.
//
//   DIR/lock           held while a server uses the folder; says which process
//   DIR/system.db      format version, number of shards, which partition is in which shard
//   DIR/shard-000.db … one per shard
//
// Invariants
//   Y1  One server per folder: the lock is held from open_or_create() to the end.
//   Y2  The number of shards and the partition map are written once, before any shard file, and
//       never change: a folder's own number wins over the one asked for.
// Thread: that of start-up.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace hourwheel {

class Database;

inline constexpr uint32_t kMaxShards = 256;
inline constexpr uint32_t kSystemApplicationId = 0x48577379;  // "HWsy"
inline constexpr size_t kSystemCacheBytes = size_t{1} << 20;

// "shard-000.db"
std::string shard_file_name(uint32_t shard);
// That the names in a folder are durable.
Status flush_folder(const std::string& path);

class DataFolder {
 public:
  // Makes the folder (0750) and its contents if they are absent. Refuses, in one sentence: a folder
  // in use, one with somebody else's files, one of a later version, a network file system.
  static Result<std::unique_ptr<DataFolder>> open_or_create(const std::string& path,
                                                            uint32_t shards_wanted);
  // One that is there and has its system file; nothing is made. With the same refusals.
  static Result<std::unique_ptr<DataFolder>> open(const std::string& path);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // May differ from what was asked for (Y2).
  [[nodiscard]] uint32_t shards() const { return shards_; }
  [[nodiscard]] bool created() const { return created_; }
  [[nodiscard]] std::string shard_file(uint32_t shard) const;
  [[nodiscard]] std::string system_file() const { return path_ + "/system.db"; }
  // kPartitions entries: the shard of each partition.
  [[nodiscard]] const std::vector<uint32_t>& partition_map() const { return partition_map_; }
  [[nodiscard]] Partitions partitions_of(uint32_t shard) const;
  [[nodiscard]] uint32_t shard_of(TaskKey key) const { return partition_map_[partition_of(key)]; }

 private:
  explicit DataFolder(std::string path) : path_(std::move(path)) {}
  Status make_folder();
  Status take_lock();
  Status check_contents();
  Status load(uint32_t shards_wanted);
  static Status write_map(Database& system, uint32_t shards);
  Status read_map(Database& system);

  std::string path_;
  int lock_ = -1;
  bool created_ = false;
  uint32_t shards_ = 0;
  std::vector<uint32_t> partition_map_;
};

}  // namespace hourwheel
