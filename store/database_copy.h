// An online copy of a database into a new file, in steps between which the database is written on.
// SQLite carries every later write over as well, so the copy is of the moment at which it ends.
//
// Thread: that of the database it copies.
#pragma once

#include <memory>
#include <string>

#include "store/database.h"

struct sqlite3_backup;

namespace hourwheel {

class DatabaseCopy {
 public:
  // The file must not exist. It gets its name only when the copy is whole and flushed.
  static Result<std::unique_ptr<DatabaseCopy>> begin(Database& from, const std::string& path);
  ~DatabaseCopy();  // an unfinished copy is removed
  DatabaseCopy(const DatabaseCopy&) = delete;
  DatabaseCopy& operator=(const DatabaseCopy&) = delete;

  // Copies up to `pages`; true: the copy is whole and in place.
  Result<bool> step(int pages);
  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  DatabaseCopy(Database& from, const std::string& path);
  Status connect();
  Status finish();
  void disconnect();
  [[nodiscard]] tl::unexpected<Error> failed(const std::string& what) const;

  Database& from_;
  std::string path_;
  std::string part_;
  sqlite3* to_ = nullptr;
  sqlite3_backup* backup_ = nullptr;
  uint64_t bytes_ = 0;
  bool reserved_ = false;  // the part file is ours to remove
};

}  // namespace hourwheel
