#include "store/backup_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "store/crc32c.h"
#include "store/database_copy.h"
#include "store/descriptor.h"
#include "store/file_error.h"
#include "store/schema.h"
#include "store/shard_store.h"

namespace hourwheel {
namespace {

constexpr const char* kManifest = "/manifest";
constexpr const char* kSystemFile = "system.db";
constexpr const char* kSecretsFile = "signing-secrets";
constexpr size_t kChunk = size_t{1} << 20;
constexpr int kAllPages = -1;
// Numbers left out at a restore: as many as no server gives out in a day, and a million for each
// second since the backup.
constexpr int64_t kCounterGap = int64_t{1} << 32;
constexpr int64_t kCounterGapPerMs = 1'000;

tl::unexpected<Error> refuse_backup(std::string sentence) {
  return failure(ErrorCode::kStateConflict, "", std::move(sentence));
}

int open_file(const std::string& path, int flags, mode_t mode = 0) {
  return ::open(path.c_str(), flags | O_CLOEXEC, mode);
}

// Hands the file's bytes over in pieces.
template <class Take>
Status read_file(const std::string& path, Take&& take) {
  Descriptor file(open_file(path, O_RDONLY));
  if (file.get() < 0) return cannot("open", path);
  std::string chunk(kChunk, '\0');
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk.data(), chunk.size());
    if (got < 0) return cannot("read", path);
    if (got == 0) return {};
    if (Status done = take({chunk.data(), static_cast<size_t>(got)}); !done) return done;
  }
}

Status write_all(int file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0) return cannot("write", path);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

// Flushed; the file must not exist.
Status copy_file(const std::string& from, const std::string& to, mode_t mode) {
  Descriptor file(open_file(to, O_WRONLY | O_CREAT | O_EXCL, mode));
  if (file.get() < 0) return cannot("create", to);
  Status done =
      read_file(from, [&](std::string_view bytes) { return write_all(file.get(), bytes, to); });
  if (done && ::fsync(file.get()) != 0) return cannot("flush", to);
  return done;
}

// Flushed; the file must not exist.
Status write_file(const std::string& path, std::string_view bytes) {
  Descriptor file(open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0640));
  if (file.get() < 0) return cannot("create", path);
  Status done = write_all(file.get(), bytes, path);
  if (done && ::fsync(file.get()) != 0) return cannot("flush", path);
  return done;
}

Result<BackupFile> measure(const std::string& folder, const std::string& name) {
  BackupFile file{name, 0, 0};
  Status done = read_file(folder + "/" + name, [&file](std::string_view bytes) {
    file.bytes += bytes.size();
    file.checksum = crc32c(bytes, file.checksum);
    return Status{};
  });
  if (!done) return failure(std::move(done.error()));
  return file;
}

DatabaseOptions shard_options(const std::string& path) {
  DatabaseOptions options;
  options.path = path;
  options.application_id = kShardApplicationId;
  options.schema = shard_schema();
  return options;
}
DatabaseOptions system_options(const std::string& path) {
  DatabaseOptions options;
  options.path = path;
  options.cache_bytes = kSystemCacheBytes;
  options.application_id = kSystemApplicationId;
  options.schema = system_schema();
  return options;
}

Status copy_database(const DatabaseOptions& from, const std::string& to) {
  auto database = Database::open(from);
  if (!database) return failure(std::move(database.error()));
  auto copy = DatabaseCopy::begin(**database, to);
  if (!copy) return failure(std::move(copy.error()));
  auto whole = (*copy)->step(kAllPages);
  if (!whole) return failure(std::move(whole.error()));
  return {};
}

bool exists(const std::string& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0;
}

Status copy_secrets(const std::string& from, const std::string& to) {
  const std::string file = from + "/" + kSecretsFile;
  if (!exists(file)) return {};  // the server was given others with --signing-secrets
  return copy_file(file, to + "/" + kSecretsFile, 0600);
}

struct SystemBytes {
  std::string file;
  std::string log;
  bool operator==(const SystemBytes&) const = default;
};

Result<std::string> read_whole(const std::string& path) {
  std::string text;
  Status done = read_file(path, [&text](std::string_view bytes) {
    text += bytes;
    return Status{};
  });
  if (!done) return failure(std::move(done.error()));
  return text;
}

Result<SystemBytes> look_at_system_file(const std::string& folder) {
  const std::string path = folder + std::string("/") + kSystemFile;
  SystemBytes seen;
  auto file = read_whole(path);
  if (!file) return failure(std::move(file.error()));
  seen.file = std::move(*file);
  if (!exists(path + "-wal")) return seen;
  auto log = read_whole(path + "-wal");
  if (!log) return failure(std::move(log.error()));
  seen.log = std::move(*log);
  return seen;
}

std::string text_of(const BackupManifest& manifest) {
  std::string text = "hourwheel-backup 1\ncreated " + std::to_string(manifest.created.ms) + "\n";
  for (const BackupFile& file : manifest.files) {
    std::array<char, 16> checksum{};
    std::snprintf(checksum.data(), checksum.size(), "%08" PRIx32, file.checksum);
    text += "file " + file.name + " " + std::to_string(file.bytes) + " " + checksum.data() + "\n";
  }
  return text;
}

Result<BackupManifest> read_manifest(const std::string& folder) {
  const std::string path = folder + kManifest;
  if (!exists(path)) {
    return refuse_backup(folder + " is no backup, or not a whole one: no manifest");
  }
  auto read = read_whole(path);
  if (!read) return failure(std::move(read.error()));
  const std::string& text = *read;
  BackupManifest manifest;
  size_t at = text.find('\n') + 1;
  bool good = text.starts_with("hourwheel-backup 1\n") &&
              std::sscanf(text.c_str() + at, "created %" SCNd64, &manifest.created.ms) == 1;
  for (at = text.find('\n', at) + 1; good && at < text.size(); at = text.find('\n', at) + 1) {
    std::array<char, 64> name{};
    BackupFile file;
    good = std::sscanf(text.c_str() + at, "file %63s %" SCNu64 " %" SCNx32, name.data(),
                       &file.bytes, &file.checksum) == 3;
    file.name = name.data();
    good = good && file.name.find('/') == std::string::npos;
    manifest.files.push_back(std::move(file));
    if (text.find('\n', at) == std::string::npos) good = false;
  }
  if (!good || manifest.files.empty()) {
    return failure(ErrorCode::kCorrupt, "", path + " is damaged");
  }
  return manifest;
}

// See the header: what the former server did since is not known.
Status mark_restored(Database& database, Instant created, Instant now) {
  {
    TaskTables tables(database);
    auto counter = tables.figure("counter");
    if (!counter) return failure(std::move(counter.error()));
    const int64_t since = std::max<int64_t>(0, (now - created).ms);
    const int64_t ahead = counter->value_or(0) + kCounterGap + since * kCounterGapPerMs;
    Status done = database.transact(Flush::kNow, [&] {
      Status set = tables.set_figure("counter", ahead);
      if (set) set = tables.set_figure("restored_ms", now.ms);
      if (set) set = tables.set_figure("clean", 0);  // every row is read once after the start
      return set;
    });
    if (!done) return done;
  }
  return database.checkpoint(CheckpointKind::kTruncate);
}

Status mark_restored(const std::string& path, Instant created, Instant now) {
  auto database = Database::open(shard_options(path));
  if (!database) return failure(std::move(database.error()));
  return mark_restored(**database, created, now);
}

// The same for what the system file numbers: versions of secrets, and pauses.
Status mark_system_restored(Database& database, Instant created, Instant now) {
  const int64_t since = std::max<int64_t>(0, (now - created).ms);
  const int64_t ahead = kCounterGap + since * kCounterGapPerMs;
  Status done = database.transact(Flush::kNow, [&]() -> Status {
    for (const std::string_view name :
         {std::string_view("last_secret"), std::string_view("last_pause")}) {
      Statement last(
          database,
          "INSERT INTO meta VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = value "
          "+ excluded.value");
      if (Status set = last.run(name, ahead); !set) return set;
    }
    return {};
  });
  if (!done) return done;
  return database.checkpoint(CheckpointKind::kTruncate);
}

// Under its own name only when it is whole: with it the folder is one.
Status restore_system_file(const std::string& from, const std::string& to, Instant created,
                           Instant now) {
  const std::string part = to + ".part";
  if (Status done = copy_file(from, part, 0640); !done) return done;
  {
    auto database = Database::open(system_options(part));
    if (!database) return failure(std::move(database.error()));
    if (Status done = mark_system_restored(**database, created, now); !done) return done;
  }
  const std::string log = part + "-wal";  // empty
  if (::unlink(log.c_str()) != 0 && errno != ENOENT) return cannot("remove", log);
  if (::rename(part.c_str(), to.c_str()) != 0) return cannot("create", to);
  return {};
}

}  // namespace

Status make_backup_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return cannot("create", path);
  std::error_code failed;
  if (!std::filesystem::is_empty(path, failed) || failed) {
    return refuse_backup(path + " is not an empty folder; nothing is ever overwritten");
  }
  return {};
}

Status copy_closed_folder(const DataFolder& from, const std::string& to) {
  for (uint32_t shard = 0; shard < from.shards(); ++shard) {
    Status done =
        copy_database(shard_options(from.shard_file(shard)), to + "/" + shard_file_name(shard));
    if (!done) return done;
  }
  Status done = copy_database(system_options(from.system_file()), to + "/" + kSystemFile);
  if (done) done = copy_secrets(from.path(), to);
  return done;
}

// The server writes this small file seldom and has it locked for itself: it and its log are read
// until two looks in a row find the same.
Status copy_beside_server(const std::string& from, const std::string& to) {
  constexpr int kMostLooks = 100;
  auto seen = look_at_system_file(from);
  for (int i = 0; seen; ++i) {
    auto again = look_at_system_file(from);
    if (!again || *seen == *again) break;
    if (i == kMostLooks) return refuse_backup("pauses are changed all the time; try again");
    seen = std::move(again);
  }
  if (!seen) return failure(std::move(seen.error()));
  const std::string copy = to + std::string("/") + kSystemFile;
  Status done = write_file(copy, seen->file);
  if (done && !seen->log.empty()) done = write_file(copy + "-wal", seen->log);
  if (done) done = copy_secrets(from, to);
  if (!done) return done;
  // Opening brings in what is in the log.
  auto database = Database::open(system_options(copy));
  if (!database) return failure(std::move(database.error()));
  return (*database)->checkpoint(CheckpointKind::kTruncate);
}

Result<BackupManifest> seal_backup(const std::string& folder, Instant now) {
  BackupManifest manifest;
  manifest.created = now;
  std::vector<std::string> names;
  for (uint32_t shard = 0; exists(folder + "/" + shard_file_name(shard)); ++shard) {
    names.push_back(shard_file_name(shard));
  }
  for (const char* name : {kSystemFile, kSecretsFile}) {
    if (exists(folder + "/" + name)) names.emplace_back(name);
  }
  for (const std::string& name : names) {
    auto file = measure(folder, name);
    if (!file) return failure(std::move(file.error()));
    manifest.files.push_back(std::move(*file));
  }
  const std::string path = folder + kManifest;
  const std::string part = path + ".part";
  {
    Descriptor file(open_file(part, O_WRONLY | O_CREAT | O_TRUNC, 0640));
    if (file.get() < 0) return cannot("create", part);
    Status written = write_all(file.get(), text_of(manifest), part);
    if (!written) return failure(std::move(written.error()));
    if (::fsync(file.get()) != 0) return cannot("flush", part);
  }
  if (::rename(part.c_str(), path.c_str()) != 0) return cannot("create", path);
  if (Status flushed = flush_folder(folder); !flushed) return failure(std::move(flushed.error()));
  return manifest;
}

Result<BackupManifest> verify_backup(const std::string& folder) {
  auto manifest = read_manifest(folder);
  if (!manifest) return manifest;
  for (const BackupFile& file : manifest->files) {
    auto found = measure(folder, file.name);
    if (!found) return failure(std::move(found.error()));
    if (found->bytes == file.bytes && found->checksum == file.checksum) continue;
    return failure(ErrorCode::kCorrupt, "",
                   folder + "/" + file.name + " is not as it was written (" +
                       std::to_string(found->bytes) + " bytes, " + std::to_string(file.bytes) +
                       " expected, or another checksum)");
  }
  return manifest;
}

Status restore_backup(const BackupManifest& manifest, const std::string& from,
                      const std::string& to, Instant now) {
  if (Status made = make_backup_folder(to); !made) return made;
  for (const BackupFile& file : manifest.files) {
    if (file.name == kSystemFile) continue;
    const std::string target = to + "/" + file.name;
    const bool secret = file.name == kSecretsFile;
    Status done = copy_file(from + "/" + file.name, target, secret ? 0600 : 0640);
    if (done && !secret) done = mark_restored(target, manifest.created, now);
    if (!done) return done;
  }
  if (Status flushed = flush_folder(to); !flushed) return flushed;
  const std::string system = std::string("/") + kSystemFile;
  Status done = restore_system_file(from + system, to + system, manifest.created, now);
  if (!done) return done;
  return flush_folder(to);
}

Result<std::vector<std::string>> give_up_lost_commits(const std::string& path, Instant now) {
  std::vector<std::string> files;
  {
    // The folder does not open before it.
    DatabaseOptions options = system_options(path + "/" + kSystemFile);
    if (!exists(options.path)) {
      return refuse_backup(path + " is no data folder: it has no system.db");
    }
    options.lost = LostCommits::kGivenUp;
    auto database = Database::open(options);
    if (!database) return failure(std::move(database.error()));
    if ((*database)->gave_up_commits()) {
      Status marked = mark_system_restored(**database, now, now);
      if (!marked) return failure(std::move(marked.error()));
      files.push_back(options.path);
    }
  }
  auto folder = DataFolder::open(path);
  if (!folder) return failure(std::move(folder.error()));
  for (uint32_t shard = 0; shard < (*folder)->shards(); ++shard) {
    DatabaseOptions options = shard_options((*folder)->shard_file(shard));
    options.lost = LostCommits::kGivenUp;
    auto database = Database::open(options);
    if (!database) return failure(std::move(database.error()));
    if (!(*database)->gave_up_commits()) continue;
    Status marked = mark_restored(**database, now, now);
    if (!marked) return failure(std::move(marked.error()));
    files.push_back(options.path);
  }
  return files;
}

}  // namespace hourwheel
