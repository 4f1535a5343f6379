#include "store/database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/base/check.h"
#include "store/log_scan.h"

namespace hourwheel {
namespace {

// 16 KiB: a fifth less CPU an insert than 4 KiB, measured with a secondary index.
constexpr uint64_t kPageBytes = 16 * 1024;
// The log file is cut back to this when it is begun anew.
constexpr const char* kJournalSizeLimit = "67108864";

// SQLite's files take less than 128 KiB at once.
constexpr size_t kLogPiece = size_t{64} << 10;

bool is_want_of_space(int system) {
  return system == ENOSPC || system == EDQUOT || system == EFBIG;
}

}  // namespace

// --- rows and statements ---

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

bool Rows::next() {
  if (!status_) return false;
  int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    status_ = failure(database_.error(code));
  } else if (database_.lost_transaction()) {
    status_ = failure(database_.lost());
  }
  return false;
}

int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::optional<int64_t> Rows::maybe_integer(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return integer(column);
}

std::string_view Rows::bytes(int column) const {
  const auto* at = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column));
  return at == nullptr ? std::string_view() : std::string_view(at, size);
}

Statement::~Statement() {
  finalize();
}

void Statement::finalize() {
  sqlite3_finalize(statement_);
  statement_ = nullptr;
}

Status Statement::prepare() {
  if (statement_ != nullptr) return {};
  int code = sqlite3_prepare_v3(database_.connection_, sql_.data(), static_cast<int>(sql_.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) return failure(database_.error(code));
  return {};
}

void Statement::bind(int index, int64_t value) {
  int code = sqlite3_bind_int64(statement_, index, value);
  HW_CHECK(code == SQLITE_OK, sql_.c_str());
}

void Statement::bind(int index, const std::optional<int64_t>& value) {
  if (value) return bind(index, *value);
  int code = sqlite3_bind_null(statement_, index);
  HW_CHECK(code == SQLITE_OK, sql_.c_str());
}

void Statement::bind(int index, Blob value) {
  int code = sqlite3_bind_blob(statement_, index, value.bytes.data(),
                               static_cast<int>(value.bytes.size()), SQLITE_STATIC);
  HW_CHECK(code == SQLITE_OK, sql_.c_str());
}

void Statement::bind(int index, std::string_view text) {
  int code = sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()),
                               SQLITE_STATIC);
  HW_CHECK(code == SQLITE_OK, sql_.c_str());
}

// --- opening ---

Database::Database(std::string path)
    : path_(std::move(path)), mark_(*this, "INSERT OR REPLACE INTO meta VALUES('flushes',?)") {}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options) {
  std::unique_ptr<Database> database(new Database(options.path));
  for (auto step : {&Database::connect, &Database::check_owner, &Database::configure,
                    &Database::look_at_log, &Database::migrate, &Database::recover_mark}) {
    if (Status done = (database.get()->*step)(options); !done) {
      return failure(std::move(done.error()));
    }
  }
  return database;
}

Database::~Database() {
  mark_.finalize();
  int code = sqlite3_close(connection_);
  HW_CHECK(code == SQLITE_OK, "D1 every statement ends before its connection");
}

Status Database::connect(const DatabaseOptions& options) {
  if (options.vfs.empty()) {
    const std::string folder = path_.substr(0, path_.find_last_of('/') + 1);
    const auto type = options.file_system_type(folder.empty() ? "." : folder);
    if (type && is_network_file_system(*type)) {
      return failure(ErrorCode::kStateConflict, "",
                     path_ + " is on a network file system, where locks and flushes do not hold");
    }
  }
  int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int code = sqlite3_open_v2(path_.c_str(), &connection_, flags,
                             options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (code != SQLITE_OK) return failure(error(code));
  Status locking = execute("PRAGMA locking_mode=EXCLUSIVE");
  if (!locking) return locking;
  // Closed before look_at_log(), the log stays as it is.
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(connection_, &Database::on_wal, this);  // in place of the automatic checkpoint
  return {};
}

// Refuses what is not ours before anything is written.
Status Database::check_owner(const DatabaseOptions& options) {
  auto owner = pragma("application_id");
  if (!owner) return failure(std::move(owner.error()));
  auto version = pragma("user_version");
  if (!version) return failure(std::move(version.error()));
  auto tables = pragma_text("SELECT count(*) FROM sqlite_schema");
  if (!tables) return failure(std::move(tables.error()));
  bool empty = *owner == 0 && *version == 0 && *tables == "0";
  if (!empty && *owner != static_cast<int64_t>(options.application_id)) {
    return failure(ErrorCode::kStateConflict, "",
                   path_ + " is a database of something else, not one of Hourwheel's files");
  }
  auto known = static_cast<int64_t>(options.schema.size());
  if (*version > known) {
    return failure(ErrorCode::kStateConflict, "",
                   path_ + " has schema version " + std::to_string(*version) +
                       ", but this server knows only up to " + std::to_string(known));
  }
  return {};
}

Status Database::configure(const DatabaseOptions& options) {
  std::string sql = "PRAGMA page_size=" + std::to_string(kPageBytes) +
                    "; PRAGMA auto_vacuum=NONE; PRAGMA secure_delete=OFF; PRAGMA cache_size=-" +
                    std::to_string(options.cache_bytes / 1024) +
                    "; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF; "
                    "PRAGMA synchronous=FULL; PRAGMA cell_size_check=ON; "
                    "PRAGMA trusted_schema=OFF; PRAGMA journal_size_limit=" +
                    kJournalSizeLimit;
  if (Status done = execute(sql); !done) return done;
  auto journal = pragma_text("PRAGMA journal_mode=WAL");
  if (!journal) return failure(std::move(journal.error()));
  auto locking = pragma_text("PRAGMA locking_mode");
  if (!locking) return failure(std::move(locking.error()));
  if (*journal != "wal" || *locking != "exclusive") {
    return failure(ErrorCode::kStateConflict, "",
                   path_ + " cannot be locked for this server alone (journal " + *journal +
                       ", locking " + *locking + ")");
  }
  // Takes the lock now rather than with the first write (D1).
  if (Status locked = execute("BEGIN EXCLUSIVE; COMMIT"); !locked) return locked;
  auto page = pragma("page_size");
  if (!page) return failure(std::move(page.error()));
  page_bytes_ = static_cast<uint64_t>(*page);
  return {};
}

// Nothing has been written yet. After a clean stop there is no log.
Status Database::look_at_log(const DatabaseOptions& options) {
  sqlite3_file* log = nullptr;
  sqlite3_file_control(connection_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log != nullptr && log->pMethods != nullptr) {
    auto end = end_of_log(log, options.lost);
    if (!end) return failure(std::move(end.error()));
    if (Status again = write_log_again(log, *end); !again) return again;
  }
  sqlite3_db_config(connection_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
  return {};
}

// Behind it is what SQLite will not read. Flushed commits there are lost by damage (C-23).
Result<int64_t> Database::end_of_log(sqlite3_file* log, LostCommits lost) {
  sqlite3_int64 size = 0;
  if (int code = log->pMethods->xFileSize(log, &size); code != SQLITE_OK) {
    return failure(error(code));
  }
  constexpr auto kHeader = static_cast<int64_t>(LogScan::kHeaderBytes);
  if (size < kHeader) return size;
  std::string piece(LogScan::kHeaderBytes, '\0');
  int code = log->pMethods->xRead(log, piece.data(), static_cast<int>(kHeader), 0);
  LogScan scan(piece, static_cast<uint32_t>(page_bytes_));
  piece.resize(scan.frame_bytes());
  const auto frame = static_cast<int64_t>(piece.size());
  for (int64_t at = kHeader; code == SQLITE_OK && at + frame <= size; at += frame) {
    code = log->pMethods->xRead(log, piece.data(), static_cast<int>(frame), at);
    if (code == SQLITE_OK) scan.add(piece);
  }
  if (code != SQLITE_OK) return failure(error(code));
  const auto end = static_cast<int64_t>(scan.end().value_or(0));
  if (!scan.damaged_at()) return end;
  if (lost == LostCommits::kRefused) {
    return failure(ErrorCode::kCorrupt, "",
                   path_ + "-wal is damaged at byte " + std::to_string(*scan.damaged_at()) +
                       ", and changes that were acknowledged stand behind it (hourwheel db "
                       "give-up goes on without them)");
  }
  gave_up_commits_ = true;
  return end;
}

// What the process before this one wrote and never flushed is seen all the same. After a flush that
// failed, Linux calls such pages clean: no later one would write them, and a power cut would tear a
// hole into the log below what is acknowledged from now on (C-22; lwn.net/Articles/752063).
// Written again they are dirty, and are flushed. What is left behind the end goes (G2).
Status Database::write_log_again(sqlite3_file* log, int64_t end) {
  sqlite3_int64 size = 0;
  int code = log->pMethods->xFileSize(log, &size);
  if (code != SQLITE_OK) return failure(error(code));
  if (size == 0) return {};
  if (size > end) code = log->pMethods->xTruncate(log, end);
  std::vector<char> piece(kLogPiece);
  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < end;) {
    const auto count = static_cast<int>(std::min<sqlite3_int64>(end - at, std::ssize(piece)));
    code = log->pMethods->xRead(log, piece.data(), count, at);
    if (code == SQLITE_OK) code = log->pMethods->xWrite(log, piece.data(), count, at);
    at += count;
  }
  if (code == SQLITE_OK) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
  if (code != SQLITE_OK) return failure(error(code));
  return {};
}

Status Database::migrate(const DatabaseOptions& options) {
  auto version = pragma("user_version");
  if (!version) return failure(std::move(version.error()));
  for (auto step = static_cast<size_t>(*version); step < options.schema.size(); step++) {
    std::string sql =
        "BEGIN IMMEDIATE; PRAGMA application_id=" + std::to_string(options.application_id) + ";" +
        std::string(options.schema[step]) + "; PRAGMA user_version=" + std::to_string(step + 1) +
        "; COMMIT";
    if (Status done = execute(sql); !done) {
      rollback();
      return done;
    }
  }
  return {};
}

Status Database::recover_mark(const DatabaseOptions& /*options*/) {
  Statement last(*this, "SELECT value FROM meta WHERE name = 'flushes'");
  Rows rows = last.rows();
  if (rows.next()) marks_ = rows.number(0);
  return rows.status();
}

// --- transactions ---

Status Database::execute(const std::string& sql) {
  int code = sqlite3_exec(connection_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failure(error(code));
  if (lost_transaction()) return failure(lost());
  return {};
}

Status Database::begin(Flush flush) {
  if (left_frames_) flush = Flush::kNow;  // D4
  if (flush != flush_) {
    const char* sql =
        flush == Flush::kNow ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
    if (Status done = execute(sql); !done) return done;
    flush_ = flush;
  }
  if (Status begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
  in_transaction_ = true;
  return {};
}

Status Database::commit() {
  Status done;
  if (flush_ == Flush::kNow) done = mark_.run(++marks_);  // D4
  in_transaction_ = false;
  if (done) done = execute("COMMIT");
  if (!done) {
    rollback();
  } else if (flush_ == Flush::kNow) {
    left_frames_ = false;
  }
  return done;
}

void Database::rollback() {
  left_frames_ = left_frames_ || flush_ == Flush::kNow;
  end_transaction();
}

// A statement without an error may have rolled back all there was before it: so 3.40 does when
// memory for the end of one with OR REPLACE is wanting. What follows would be committed by itself.
bool Database::lost_transaction() const {
  return in_transaction_ && sqlite3_get_autocommit(connection_) != 0;
}

Error Database::lost() const {
  return {ErrorCode::kIo, "", path_ + ": SQLite has rolled the transaction back"};
}

void Database::end_transaction() {
  in_transaction_ = false;
  // Some failures have rolled back by themselves; then there is nothing left to do.
  if (sqlite3_get_autocommit(connection_) == 0) {
    sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

Status Database::checkpoint(CheckpointKind kind) {
  int mode =
      kind == CheckpointKind::kPassive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  int frames = 0;
  int copied = 0;
  int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, mode, &frames, &copied);
  if (code != SQLITE_OK) return failure(error(code));
  // Everything copied: the next commit begins the log anew.
  wal_pages_ = static_cast<uint64_t>(std::max(0, frames - copied));
  return {};
}

Result<uint64_t> Database::file_bytes() {
  auto pages = pragma("page_count");
  if (!pages) return failure(std::move(pages.error()));
  return static_cast<uint64_t>(*pages) * page_bytes_;
}

int64_t Database::rows_changed() const {
  return sqlite3_total_changes64(connection_);
}

Error Database::error(int code) const {
  std::string reason = connection_ != nullptr ? sqlite3_errmsg(connection_) : sqlite3_errstr(code);
  const int system = (code & 0xff) == SQLITE_IOERR ? last_errno() : 0;
  // A quota or the largest size of a file is no less an end of the space than the disk's own
  // (SQLite only knows that one). A failed flush is never taken for one: C-22.
  if (code == SQLITE_IOERR_WRITE && is_want_of_space(system)) {
    return {ErrorCode::kStorageLow, "", path_ + ": " + std::strerror(system)};
  }
  if (system != 0) reason += std::string(", ") + std::strerror(system);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {ErrorCode::kStorageLow, "", path_ + ": the disk is full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kStateConflict, "", path_ + " is in use by another process"};
    case SQLITE_NOTADB:
      return {ErrorCode::kStateConflict, "", path_ + " is not a database"};
    case SQLITE_CORRUPT:
      return {ErrorCode::kCorrupt, "", path_ + " is damaged: " + reason};
    case SQLITE_ERROR:
      // The version says that the schema is ours: what does not fit it has met damage (C-23).
      return {ErrorCode::kCorrupt, "", path_ + " has a damaged schema: " + reason};
    default:
      return {ErrorCode::kIo, "",
              path_ + ": " + reason + " (SQLite code " + std::to_string(code) + ")"};
  }
}

// What the system last said about the file or its log: what is no want of space, if there is such.
int Database::last_errno() const {
  int found = 0;
  for (int which : {SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER}) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(connection_, "main", which, static_cast<void*>(&file)) != SQLITE_OK ||
        file == nullptr || file->pMethods == nullptr) {
      continue;
    }
    int said = 0;
    file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &said);
    if (said != 0 && (found == 0 || !is_want_of_space(said))) found = said;
  }
  return found;
}

Result<int64_t> Database::pragma(const std::string& name) {
  auto text = pragma_text("PRAGMA " + name);
  if (!text) return failure(std::move(text.error()));
  return std::strtoll(text->c_str(), nullptr, 10);
}

Result<std::string> Database::pragma_text(const std::string& sql) {
  Statement statement(*this, sql);
  Rows rows = statement.rows();
  std::string text;
  // To the end: what a pragma changes is committed after its row, and may fail then.
  while (rows.next()) text = rows.bytes(0);  // numbers become text
  if (!rows.status()) return failure(rows.status().error());
  return text;
}

int Database::on_wal(void* self, sqlite3* /*connection*/, const char* /*schema*/, int pages) {
  static_cast<Database*>(self)->wal_pages_ = static_cast<uint64_t>(pages);
  return SQLITE_OK;
}

}  // namespace hourwheel
