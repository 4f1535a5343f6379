#include "store/system_file.h"

#include <algorithm>
#include <string>
#include <utility>

#include "store/crc32c.h"
#include "store/database.h"
#include "store/row_fields.h"
#include "store/schema.h"

namespace hourwheel {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr uint64_t kCheckpointBytes = uint64_t{1} << 20;

// The number is within the checksum: a body that strayed to another pause does not pass.
uint32_t checksum(uint64_t id, std::string_view fields) {
  return crc32c(fields, crc32c(std::to_string(id)));
}

std::string body_of(const GlobalPause& pause) {
  std::string fields;
  FieldWriter out(fields);
  put_text(out, 1, pause.reason);
  put_signed(out, 2, pause.since.ms);
  put_instant(out, 3, pause.until);
  put_instant(out, 4, pause.ended);
  for (const NamedText& label : pause.labels) write_pair(out, 5, label);
  const uint32_t sum = checksum(pause.id, fields);
  std::string body;
  for (unsigned shift = 0; shift < 32; shift += 8) body.push_back(static_cast<char>(sum >> shift));
  return body + fields;
}

bool read_body(std::string_view body, GlobalPause& pause) {
  if (body.size() < kChecksumBytes) return false;
  uint32_t sum = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    sum |= static_cast<uint32_t>(static_cast<unsigned char>(body[i])) << (8 * i);
  }
  body.remove_prefix(kChecksumBytes);
  if (sum != checksum(pause.id, body)) return false;
  FieldReader in(body);
  while (in.next()) {
    if (in.tag() == 1) pause.reason = get_text(in);
    if (in.tag() == 2) pause.since = get_instant(in);
    if (in.tag() == 3) pause.until = get_instant(in);
    if (in.tag() == 4) pause.ended = get_instant(in);
    if (in.tag() == 5) read_pair(in, pause.labels);
  }
  return in.good();
}

}  // namespace

SystemFile::SystemFile(std::unique_ptr<Database> database) : database_(std::move(database)) {}

SystemFile::~SystemFile() {
  // What is not checkpointed is in the write-ahead log, and found there.
  static_cast<void>(database_->checkpoint(CheckpointKind::kTruncate));
}

Result<std::unique_ptr<SystemFile>> SystemFile::open(const DataFolder& folder) {
  DatabaseOptions options;
  options.path = folder.system_file();
  options.cache_bytes = kSystemCacheBytes;
  options.application_id = kSystemApplicationId;
  options.schema = system_schema();
  auto database = Database::open(options);
  if (!database) return failure(std::move(database.error()));
  return std::unique_ptr<SystemFile>(new SystemFile(std::move(*database)));
}

Result<StoredPauses> SystemFile::pauses() {
  return read_pauses(*database_);
}

Result<StoredPauses> read_pauses(Database& database) {
  StoredPauses stored;
  {
    Statement last(database, "SELECT value FROM meta WHERE name = 'last_pause'");
    Rows rows = last.rows();
    if (rows.next()) stored.last_id = rows.number(0);
    if (!rows.status()) return failure(rows.status().error());
  }
  Statement all(database, "SELECT id, body FROM pause ORDER BY id");
  Rows rows = all.rows();
  while (rows.next()) {
    GlobalPause& pause = stored.pauses.emplace_back();
    pause.id = rows.number(0);
    stored.last_id = std::max(stored.last_id, pause.id);
    if (!read_body(rows.bytes(1), pause)) {
      return failure(ErrorCode::kCorrupt, "",
                     database.path() + ": pause " + std::to_string(pause.id) + " is damaged");
    }
  }
  if (!rows.status()) return failure(rows.status().error());
  return stored;
}

Status SystemFile::put(const GlobalPause& pause) {
  Status done = database_->transact(Flush::kNow, [&] { return write(pause); });
  if (!done) return done;
  if (database_->wal_bytes() < kCheckpointBytes) return {};
  // It can wait for the next change.
  static_cast<void>(database_->checkpoint(CheckpointKind::kPassive));
  return {};
}

Status SystemFile::write(const GlobalPause& pause) {
  const std::string body = body_of(pause);
  Statement row(*database_, "INSERT OR REPLACE INTO pause VALUES(?,?)");
  if (Status done = row.run(pause.id, Blob{body}); !done) return done;
  Statement last(*database_,
                 "INSERT INTO meta VALUES('last_pause', ?) ON CONFLICT(name) DO UPDATE SET value = "
                 "max(value, excluded.value)");
  return last.run(pause.id);
}

Status SystemFile::remove(uint64_t id) {
  Statement row(*database_, "DELETE FROM pause WHERE id = ?");
  return database_->transact(Flush::kNow, [&] { return row.run(id); });
}

}  // namespace hourwheel
