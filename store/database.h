// SQLite behind RAII: one file, one exclusive connection (reference: two connections can corrupt a
// WAL file in the packaged version). Nothing outside database.cc and database_copy.cc knows
// sqlite3.h.
//
// Invariants
//   D1  The file is locked exclusively from open() to the end: a second open is refused.
//   D2  A transaction begun with Flush::kNow is on the disk when commit() has returned. One begun
//       with kLater is at the latest when the next kNow one is, and never before an earlier one.
//   D3  No checkpoint happens but in checkpoint().
//   D4  A transaction begun with kNow changes `meta`, the schema's first table; one with kLater
//       must not. That is how a damaged write-ahead log is told from a torn one (log_scan.h).
//       What a kNow one that failed has left in the log, whatever is committed next is written
//       over: that is a kNow one too, whatever was asked for.
// Thread: one at a time; the owner's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "store/file_system.h"

struct sqlite3;
struct sqlite3_file;
struct sqlite3_stmt;

namespace hourwheel {

struct Blob {
  std::string_view bytes;
};

class Database;

// The rows a statement is giving; resets the statement when it goes.
class Rows {
 public:
  ~Rows();
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  // Moves to the next row: false at the end and on failure, which status() tells apart.
  bool next();
  [[nodiscard]] const Status& status() const { return status_; }
  [[nodiscard]] int64_t integer(int column) const;
  [[nodiscard]] uint64_t number(int column) const { return static_cast<uint64_t>(integer(column)); }
  [[nodiscard]] std::optional<int64_t> maybe_integer(int column) const;
  // Valid until the next call of next().
  [[nodiscard]] std::string_view bytes(int column) const;

 private:
  friend class Statement;
  Rows(Database& database, sqlite3_stmt* statement, Status status)
      : database_(database), statement_(statement), status_(std::move(status)) {}

  Database& database_;
  sqlite3_stmt* statement_;
  Status status_;
};

// Prepared at its first use and kept.
class Statement {
 public:
  Statement(Database& database, std::string sql) : database_(database), sql_(std::move(sql)) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  // It is prepared anew at the next use.
  void finalize();

  // Runs to the end; rows it gives are dropped.
  template <class... Args>
  Status run(const Args&... args) {
    Rows rows = this->rows(args...);
    while (rows.next()) {
    }
    return rows.status();
  }
  // Blobs must live until the rows are read.
  template <class... Args>
  Rows rows(const Args&... args) {
    Status ready = prepare();
    int index = 0;
    if (ready) (bind(++index, args), ...);
    return Rows(database_, statement_, std::move(ready));
  }

 private:
  Status prepare();
  void bind(int index, int64_t value);
  void bind(int index, uint64_t value) { bind(index, static_cast<int64_t>(value)); }
  void bind(int index, uint32_t value) { bind(index, static_cast<int64_t>(value)); }
  void bind(int index, TaskNumber value) { bind(index, static_cast<int64_t>(value.value)); }
  void bind(int index, const std::optional<int64_t>& value);
  void bind(int index, Blob value);
  void bind(int index, std::string_view text);

  Database& database_;
  std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
};

enum class Flush : uint8_t { kNow, kLater };
enum class CheckpointKind : uint8_t { kPassive, kTruncate };

// Flushed commits behind damage in the write-ahead log: the file is refused, or they are given up.
enum class LostCommits : uint8_t { kRefused, kGivenUp };

struct DatabaseOptions {
  std::string path;
  std::string vfs;  // empty: the default, on the real disk
  size_t cache_bytes = size_t{64} << 20;
  uint32_t application_id = 0;               // stamped on the file; another one is refused
  std::span<const std::string_view> schema;  // migrations, oldest first; the first table is meta
  LostCommits lost = LostCommits::kRefused;
  // Asked where the file is to be, on the real disk.
  std::optional<long> (*file_system_type)(const std::string& folder) = &hourwheel::file_system_type;
};

class Database {
 public:
  // Creates the file if it is absent and brings its schema up to date. Refuses, naming the file: a
  // network file system, a file in use, one that is not ours, one from a later version, one with
  // damage in its write-ahead log (kCorrupt).
  static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  Status execute(const std::string& sql);
  Status begin(Flush flush);
  // While it lives reads share one transaction, whose beginning and end cost as much as finding a
  // row. Nothing is written meanwhile. Should it not begin, each read has its own as ever.
  class Reading {
   public:
    explicit Reading(Database& database) : database_(database) {
      begun_ = database_.execute("BEGIN").has_value();
    }
    ~Reading() {
      if (begun_) database_.end_transaction();
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;

   private:
    Database& database_;
    bool begun_ = false;
  };
  // On failure nothing of the transaction is left.
  Status commit();
  void rollback();
  // All of it: what `write` does is committed if it succeeds, else nothing of it is left.
  template <class Write>
  Status transact(Flush flush, Write&& write) {
    if (Status begun = begin(flush); !begun) return begun;
    Status done = write();
    if (done) return commit();
    rollback();
    return done;
  }

  Status checkpoint(CheckpointKind kind);
  // Rows that were inserted, changed or deleted since it was opened.
  [[nodiscard]] int64_t rows_changed() const;
  // What the write-ahead log holds that a checkpoint has not copied yet.
  [[nodiscard]] uint64_t wal_bytes() const { return wal_pages_ * page_bytes_; }
  [[nodiscard]] Result<uint64_t> file_bytes();
  [[nodiscard]] const std::string& path() const { return path_; }
  // LostCommits::kGivenUp: there were such.
  [[nodiscard]] bool gave_up_commits() const { return gave_up_commits_; }
  // What the last failed call means, with the file's name.
  [[nodiscard]] Error error(int code) const;

 private:
  friend class Statement;
  friend class Rows;
  friend class DatabaseCopy;
  explicit Database(std::string path);

  Status connect(const DatabaseOptions& options);
  Status configure(const DatabaseOptions& options);
  Status check_owner(const DatabaseOptions& options);
  Result<int64_t> end_of_log(sqlite3_file* log, LostCommits lost);
  Status look_at_log(const DatabaseOptions& options);
  Status write_log_again(sqlite3_file* log, int64_t end);
  void end_transaction();
  Status migrate(const DatabaseOptions& options);
  Status recover_mark(const DatabaseOptions& options);
  [[nodiscard]] int last_errno() const;
  [[nodiscard]] bool lost_transaction() const;
  [[nodiscard]] Error lost() const;
  Result<int64_t> pragma(const std::string& name);
  Result<std::string> pragma_text(const std::string& sql);
  static int on_wal(void* self, sqlite3* connection, const char* schema, int pages);

  std::string path_;
  sqlite3* connection_ = nullptr;
  Flush flush_ = Flush::kNow;
  bool in_transaction_ = false;
  bool left_frames_ = false;  // a kNow transaction may have, and failed (D4)
  uint64_t wal_pages_ = 0;
  uint64_t page_bytes_ = 0;
  bool gave_up_commits_ = false;
  Statement mark_;      // D4
  uint64_t marks_ = 0;  // the last one
};

}  // namespace hourwheel
