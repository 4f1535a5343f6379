#include "store/database_copy.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace hourwheel {
namespace {

bool flush_path(const std::string& path, int flags) {
  int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return false;
  bool flushed = ::fsync(file) == 0;
  ::close(file);
  return flushed;
}

}  // namespace

DatabaseCopy::DatabaseCopy(Database& from, const std::string& path)
    : from_(from), path_(path), part_(path + ".part") {}

Result<std::unique_ptr<DatabaseCopy>> DatabaseCopy::begin(Database& from, const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) {
    return failure(ErrorCode::kAlreadyExists, "/path", path + " exists; a backup never overwrites");
  }
  std::unique_ptr<DatabaseCopy> copy(new DatabaseCopy(from, path));
  if (Status connected = copy->connect(); !connected) return failure(connected.error());
  return copy;
}

Status DatabaseCopy::connect() {
  int file = ::open(part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
  if (file < 0) return failed("cannot be created: " + std::string(std::strerror(errno)));
  ::close(file);
  reserved_ = true;
  int code =
      sqlite3_open_v2(part_.c_str(), &to_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  // The file is flushed once, by us, at the end; until then it does not have its name.
  if (code == SQLITE_OK) {
    code = sqlite3_exec(to_, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", nullptr, nullptr,
                        nullptr);
  }
  if (code != SQLITE_OK) return failed(sqlite3_errstr(code));
  backup_ = sqlite3_backup_init(to_, "main", from_.connection_, "main");
  if (backup_ == nullptr) return failed(sqlite3_errmsg(to_));
  return {};
}

DatabaseCopy::~DatabaseCopy() {
  disconnect();
  if (reserved_) ::unlink(part_.c_str());
}

void DatabaseCopy::disconnect() {
  if (backup_ != nullptr) sqlite3_backup_finish(backup_);
  sqlite3_close(to_);
  backup_ = nullptr;
  to_ = nullptr;
}

Result<bool> DatabaseCopy::step(int pages) {
  int code = sqlite3_backup_step(backup_, pages);
  if (code == SQLITE_OK) return false;
  if (code != SQLITE_DONE) return failed(sqlite3_errstr(code));
  if (Status done = finish(); !done) return failure(done.error());
  return true;
}

Status DatabaseCopy::finish() {
  disconnect();
  struct stat file {};
  if (::stat(part_.c_str(), &file) != 0 || !flush_path(part_, O_RDONLY)) {
    return failed("cannot be flushed: " + std::string(std::strerror(errno)));
  }
  bytes_ = static_cast<uint64_t>(file.st_size);
  if (::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0) {
    return failed("cannot get its name: " + std::string(std::strerror(errno)));
  }
  reserved_ = false;
  std::string folder = path_.substr(0, path_.find_last_of('/') + 1);
  if (!flush_path(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY)) {
    return failed("is written, but its folder cannot be flushed");
  }
  return {};
}

tl::unexpected<Error> DatabaseCopy::failed(const std::string& what) const {
  // Never kIo: a backup that fails does not put the shard itself in doubt.
  return failure(ErrorCode::kInternal, "/path", "the backup " + path_ + " " + what);
}

}  // namespace hourwheel
