#include "store/layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "store/database.h"
#include "store/descriptor.h"
#include "store/file_error.h"
#include "store/schema.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> refuse_folder(std::string sentence) {
  return failure(ErrorCode::kStateConflict, "", std::move(sentence));
}
std::string parent_of(const std::string& path) {
  size_t end = path.find_last_not_of('/');
  size_t slash = end == std::string::npos ? end : path.find_last_of('/', end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// What may lie in a data folder beside the files of shards.
bool is_ours(std::string_view name) {
  return name == "." || name == ".." || name == "lock" || name == "lost+found" ||
         name.starts_with("system.db") || name.starts_with("shard-") ||
         name.starts_with("signing-secrets") || name.starts_with("master.key") || name == "ballast";
}

}  // namespace

std::string shard_file_name(uint32_t shard) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "shard-%03u.db", shard);
  return name.data();
}

Status flush_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return cannot("open", path);
  if (::fsync(folder.get()) != 0) return cannot("flush", path);
  return {};
}

Result<std::unique_ptr<DataFolder>> DataFolder::open_or_create(const std::string& path,
                                                               uint32_t shards_wanted) {
  if (path.empty()) return refuse_folder("the data folder needs a name");
  if (shards_wanted == 0 || shards_wanted > kMaxShards) {
    return refuse_folder("the number of shards must be 1 to " + std::to_string(kMaxShards) +
                         ", not " + std::to_string(shards_wanted));
  }
  std::unique_ptr<DataFolder> folder(new DataFolder(path));
  Status done = folder->make_folder();
  if (done) done = folder->check_contents();
  if (done) done = folder->take_lock();
  if (done) done = folder->load(shards_wanted);
  if (!done) return failure(std::move(done.error()));
  return folder;
}

Result<std::unique_ptr<DataFolder>> DataFolder::open(const std::string& path) {
  struct stat found {};
  if (::stat((path + "/system.db").c_str(), &found) != 0) {
    return refuse_folder(path + " is no data folder: it has no system.db");
  }
  return open_or_create(path, 1);
}

DataFolder::~DataFolder() {
  if (lock_ >= 0) ::close(lock_);
}

std::string DataFolder::shard_file(uint32_t shard) const {
  return path_ + "/" + shard_file_name(shard);
}

Partitions DataFolder::partitions_of(uint32_t shard) const {
  Partitions own;
  for (uint32_t i = 0; i < kPartitions; ++i) own.set(i, partition_map_[i] == shard);
  return own;
}

Status DataFolder::make_folder() {
  if (::mkdir(path_.c_str(), 0750) == 0) return flush_folder(parent_of(path_));
  if (errno != EEXIST) return cannot("create the data folder", path_);
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return cannot("look at", path_);
  if (!S_ISDIR(found.st_mode)) return refuse_folder(path_ + " is not a folder");
  return {};
}

Status DataFolder::take_lock() {
  std::string file = path_ + "/lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock_ < 0) return cannot("open", file);
  std::array<char, 32> holder{};
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot("lock", file);
    ssize_t size = ::pread(lock_, holder.data(), holder.size() - 1, 0);
    std::string pid(holder.data(), size > 0 ? static_cast<size_t>(size) : 0);
    while (!pid.empty() && pid.back() == '\n') pid.pop_back();
    return refuse_folder(path_ + " is in use by another server (pid " + pid + ")");
  }
  int size = std::snprintf(holder.data(), holder.size(), "%d\n", ::getpid());
  if (::ftruncate(lock_, 0) != 0 ||
      ::pwrite(lock_, holder.data(), static_cast<size_t>(size), 0) < 0) {
    return cannot("write", file);
  }
  return {};
}

Status DataFolder::check_contents() {
  DIR* entries = ::opendir(path_.c_str());
  if (entries == nullptr) return cannot("read", path_);
  std::string foreign;
  bool system = false;
  bool shards = false;
  while (const dirent* entry = ::readdir(entries)) {
    std::string_view name = entry->d_name;
    system = system || name == "system.db";
    shards = shards || name.starts_with("shard-");
    if (!is_ours(name)) foreign = name;
  }
  ::closedir(entries);
  // A folder that has our system file is ours, whatever somebody put beside it.
  if (system) return {};
  if (!foreign.empty()) {
    return refuse_folder(path_ + " holds something else (" + foreign +
                         "); give an empty folder or one of Hourwheel's");
  }
  if (shards) {
    return failure(
        ErrorCode::kCorrupt, "",
        path_ + " has shard files but no system.db, which says how they belong together");
  }
  return {};
}

Status DataFolder::load(uint32_t shards_wanted) {
  DatabaseOptions options;
  options.path = system_file();
  options.cache_bytes = kSystemCacheBytes;
  options.application_id = kSystemApplicationId;
  options.schema = system_schema();
  auto database = Database::open(options);
  if (!database) return failure(std::move(database.error()));
  Database& system = **database;
  Statement count(system, "SELECT value FROM meta WHERE name = 'shards'");
  {
    Rows rows = count.rows();
    if (rows.next()) shards_ = static_cast<uint32_t>(rows.integer(0));
    if (!rows.status()) return rows.status();
  }
  if (shards_ == 0) {
    Statement entry(system, "SELECT 1 FROM partition_map LIMIT 1");
    Rows rows = entry.rows();
    const bool has_map = rows.next();
    if (!rows.status()) return rows.status();
    if (has_map) {
      return failure(ErrorCode::kCorrupt, "",
                     system.path() + " has a partition map, but no longer says of how many shards");
    }
  }
  if (shards_ == 0) {
    if (Status written = write_map(system, shards_wanted); !written) return written;
    shards_ = shards_wanted;
    created_ = true;
  }
  if (Status read = read_map(system); !read) return read;
  Status done = system.checkpoint(CheckpointKind::kTruncate);
  if (!done) return done;
  return flush_folder(path_);
}

Status DataFolder::write_map(Database& system, uint32_t shards) {
  Statement entry(system, "INSERT OR REPLACE INTO partition_map VALUES(?,?)");
  Statement count(system, "INSERT OR REPLACE INTO meta VALUES('shards', ?)");
  if (Status begun = system.begin(Flush::kNow); !begun) return begun;
  Status done = count.run(shards);
  for (uint32_t partition = 0; done && partition < kPartitions; partition++) {
    // Neighbouring partitions in one shard: a cluster will hand them out as ranges.
    done = entry.run(partition, partition * shards / kPartitions);
  }
  if (done) return system.commit();
  system.rollback();
  return done;
}

Status DataFolder::read_map(Database& system) {
  Statement entries(system, "SELECT partition, shard FROM partition_map ORDER BY partition");
  Rows rows = entries.rows();
  while (rows.next()) {
    auto shard = static_cast<uint32_t>(rows.integer(1));
    if (rows.number(0) != partition_map_.size() || shard >= shards_) break;
    partition_map_.push_back(shard);
  }
  if (!rows.status()) return rows.status();
  if (partition_map_.size() != kPartitions || shards_ > kMaxShards ||
      partition_map_.back() + 1 != shards_) {
    return failure(ErrorCode::kCorrupt, "", system.path() + " has a damaged partition map");
  }
  return {};
}

}  // namespace hourwheel
