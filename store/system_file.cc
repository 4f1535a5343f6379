#include "store/system_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "store/audit_log.h"
#include "store/crc32c.h"
#include "store/database.h"
#include "store/row_fields.h"
#include "store/schema.h"

namespace hourwheel {
namespace {

constexpr size_t kChecksumBytes = 4;
constexpr std::string_view kLastPause = "last_pause";
constexpr std::string_view kLastSecret = "last_secret";
// Where a key's digest stands. Versions that know of no selection find none of a narrowed key, and
// so nothing that opens it: to them it would reach everything.
constexpr uint32_t kDigestTag = 1;
constexpr uint32_t kNarrowedDigestTag = 13;
constexpr uint64_t kSystemCheckpointBytes = uint64_t{1} << 20;

// Whose row it is is within the checksum: a body that strayed to another one does not pass.
uint32_t checksum(std::string_view id, std::string_view fields) {
  return crc32c(fields, crc32c(id));
}

std::string seal(std::string_view id, std::string_view fields) {
  const uint32_t sum = checksum(id, fields);
  std::string body;
  for (unsigned shift = 0; shift < 32; shift += 8) body.push_back(static_cast<char>(sum >> shift));
  return body.append(fields);
}

// The fields of a body; nullopt: it is damaged.
std::optional<std::string_view> unseal(std::string_view id, std::string_view body) {
  if (body.size() < kChecksumBytes) return std::nullopt;
  uint32_t sum = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    sum |= static_cast<uint32_t>(static_cast<unsigned char>(body[i])) << (8 * i);
  }
  body.remove_prefix(kChecksumBytes);
  return sum == checksum(id, body) ? std::optional(body) : std::nullopt;
}

void read_digest(FieldReader& in, std::array<uint8_t, 32>& digest) {
  const std::string_view bytes = in.bytes();
  if (bytes.size() != digest.size()) {
    in.fail();
    return;
  }
  std::copy(bytes.begin(), bytes.end(), digest.begin());
}

void write_key(FieldWriter& out, const IdempotencyKey& key) {
  out.number(1, key.scope.high);
  out.number(2, key.scope.low);
  out.bytes(3, {reinterpret_cast<const char*>(key.body.data()), key.body.size()});
}

// Takes the field the outer reader stands on.
void read_key(FieldReader& outer, IdempotencyKey& key) {
  FieldReader in(outer.bytes());
  bool has_body = false;
  while (in.next()) {
    if (in.tag() == 1) key.scope.high = in.number();
    if (in.tag() == 2) key.scope.low = in.number();
    if (in.tag() == 3) read_digest(in, key.body);
    has_body = has_body || in.tag() == 3;
  }
  if (!in.good() || !has_body) outer.fail();
}

std::string body_of(const GlobalPause& pause) {
  std::string fields;
  FieldWriter out(fields);
  put_text(out, 1, pause.reason);
  put_signed(out, 2, pause.since.ms);
  put_instant(out, 3, pause.until);
  put_instant(out, 4, pause.ended);
  for (const NamedText& label : pause.labels) write_pair(out, 5, label);
  if (pause.idempotency) {
    out.fields(6, [&pause](FieldWriter& inner) { write_key(inner, *pause.idempotency); });
  }
  return seal(std::to_string(pause.id), fields);
}

bool read_body(std::string_view body, GlobalPause& pause) {
  const auto fields = unseal(std::to_string(pause.id), body);
  if (!fields) return false;
  FieldReader in(*fields);
  while (in.next()) {
    if (in.tag() == 1) pause.reason = get_text(in);
    if (in.tag() == 2) pause.since = get_instant(in);
    if (in.tag() == 3) pause.until = get_instant(in);
    if (in.tag() == 4) pause.ended = get_instant(in);
    if (in.tag() == 5) read_pair(in, pause.labels);
    if (in.tag() == 6) read_key(in, pause.idempotency.emplace());
  }
  return in.good();
}

std::string body_of(const ApiKey& key) {
  std::string fields;
  FieldWriter out(fields);
  const uint32_t digest = key.selection.empty() ? kDigestTag : kNarrowedDigestTag;
  out.bytes(digest, {reinterpret_cast<const char*>(key.digest.data()), key.digest.size()});
  put_text(out, 2, key.name);
  put_number(out, 3, key.rights.bits());
  for (const std::string& network : key.networks) out.bytes(4, network);
  put_signed(out, 5, key.created.ms);
  put_text(out, 6, key.created_by);
  put_instant(out, 7, key.expires);
  put_instant(out, 8, key.last_used);
  if (key.rate_limit) {
    put_number(out, 9, key.rate_limit->count);
    put_signed(out, 10, key.rate_limit->per.ms);
  }
  if (key.max_tasks) put_number(out, 11, *key.max_tasks);
  for (const NamedText& label : key.selection) write_pair(out, 12, label);
  return seal(key.id, fields);
}

// What bounds a key beside its rights.
void read_bound(FieldReader& in, ApiKey& key, RateLimit& limit) {
  if (in.tag() == 4) key.networks.push_back(get_text(in));
  if (in.tag() == 7) key.expires = get_instant(in);
  if (in.tag() == 9) limit.count = get_narrow<uint32_t>(in);
  if (in.tag() == 10) limit.per = get_duration(in);
  if (in.tag() == 11) key.max_tasks = get_narrow<uint32_t>(in);
  if (in.tag() == 12) read_pair(in, key.selection);
}

bool read_body(std::string_view body, ApiKey& key) {
  const auto fields = unseal(key.id, body);
  if (!fields) return false;
  FieldReader in(*fields);
  RateLimit limit;
  bool narrowed = false;
  while (in.next()) {
    if (in.tag() == kDigestTag || in.tag() == kNarrowedDigestTag) read_digest(in, key.digest);
    narrowed = narrowed || in.tag() == kNarrowedDigestTag;
    if (in.tag() == 2) key.name = get_text(in);
    if (in.tag() == 3) key.rights = Rights(get_narrow<uint32_t>(in));
    if (in.tag() == 5) key.created = get_instant(in);
    if (in.tag() == 6) key.created_by = get_text(in);
    if (in.tag() == 8) key.last_used = get_instant(in);
    read_bound(in, key, limit);
  }
  if (limit != RateLimit{}) key.rate_limit = limit;
  return in.good() && (limit.count > 0) == (limit.per.ms > 0) && narrowed == !key.selection.empty();
}

std::string body_of(const StoredSecret& secret) {
  std::string fields;
  FieldWriter out(fields);
  write_secret(out, secret);
  return seal(secret.name, fields);
}

bool read_body(std::string_view body, StoredSecret& secret) {
  const auto fields = unseal(secret.name, body);
  if (!fields) return false;
  FieldReader in(*fields);
  read_secret(in, secret);
  return in.good();
}

// The highest number of its kind that was given out.
Result<uint64_t> read_last(Database& database, std::string_view name) {
  Statement last(database, "SELECT value FROM meta WHERE name = ?");
  Rows rows = last.rows(name);
  const uint64_t number = rows.next() ? rows.number(0) : 0;
  if (!rows.status()) return failure(rows.status().error());
  return number;
}

}  // namespace

SystemFile::SystemFile(std::unique_ptr<Database> database)
    : database_(std::move(database)), audit_(std::make_unique<AuditLog>(*database_)) {}

SystemFile::~SystemFile() {
  audit_.reset();
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
  std::unique_ptr<SystemFile> file(new SystemFile(std::move(*database)));
  if (Status loaded = file->audit_->load(); !loaded) return failure(std::move(loaded.error()));
  return file;
}

Result<StoredPauses> SystemFile::pauses() {
  return read_pauses(*database_);
}

Result<std::vector<ApiKey>> SystemFile::keys() {
  return read_keys(*database_);
}

Result<StoredSecrets> SystemFile::secrets() {
  return read_secrets(*database_);
}

Result<StoredPauses> read_pauses(Database& database) {
  StoredPauses stored;
  auto last = read_last(database, kLastPause);
  if (!last) return failure(std::move(last.error()));
  stored.last_id = *last;
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

Result<std::vector<ApiKey>> read_keys(Database& database) {
  std::vector<ApiKey> keys;
  Statement all(database, "SELECT id, body FROM api_key ORDER BY id");
  Rows rows = all.rows();
  while (rows.next()) {
    ApiKey& key = keys.emplace_back();
    key.id = std::string(rows.bytes(0));
    if (!read_body(rows.bytes(1), key)) {
      return failure(ErrorCode::kCorrupt, "",
                     database.path() + ": API key " + key.id + " is damaged");
    }
  }
  if (!rows.status()) return failure(rows.status().error());
  return keys;
}

Result<StoredSecrets> read_secrets(Database& database) {
  StoredSecrets stored;
  auto last = read_last(database, kLastSecret);
  if (!last) return failure(std::move(last.error()));
  stored.last = {*last};
  Statement all(database, "SELECT name, body FROM secret ORDER BY name");
  Rows rows = all.rows();
  while (rows.next()) {
    StoredSecret& secret = stored.secrets.emplace_back();
    secret.name = std::string(rows.bytes(0));
    if (!read_body(rows.bytes(1), secret)) {
      return failure(ErrorCode::kCorrupt, "",
                     database.path() + ": secret " + secret.name + " is damaged");
    }
    stored.last = std::max(stored.last, secret.value.version);
  }
  if (!rows.status()) return failure(rows.status().error());
  return stored;
}

// A change and what tells of it. The checkpoint can wait for the next one.
template <class Write>
Status SystemFile::transact(const AuditEntry* told, Write&& write) {
  Status done = database_->transact(Flush::kNow, [&]() -> Status {
    Status written = write();
    if (written && told != nullptr) written = audit_->append({told, 1});
    return written;
  });
  if (!done) {
    audit_->rolled_back();
    return done;
  }
  audit_->committed();
  if (database_->wal_bytes() >= kSystemCheckpointBytes) {
    static_cast<void>(database_->checkpoint(CheckpointKind::kPassive));
  }
  // Nothing rests on it: what cannot be deleted now is with a later change.
  if (told != nullptr) static_cast<void>(audit_->drop_some(told->at));
  return done;
}

Status SystemFile::put(const GlobalPause& pause, const AuditEntry* told) {
  return transact(told, [&] { return write(pause); });
}

Status SystemFile::write(const GlobalPause& pause) {
  const std::string body = body_of(pause);
  Statement row(*database_, "INSERT OR REPLACE INTO pause VALUES(?,?)");
  if (Status done = row.run(pause.id, Blob{body}); !done) return done;
  return note_last(kLastPause, pause.id);
}

Status SystemFile::note_last(std::string_view name, uint64_t number) {
  Statement last(*database_,
                 "INSERT INTO meta VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = "
                 "max(value, excluded.value)");
  return last.run(name, number);
}

Status SystemFile::remove(uint64_t id) {
  Statement row(*database_, "DELETE FROM pause WHERE id = ?");
  return transact(nullptr, [&] { return row.run(id); });
}

Status SystemFile::put(const ApiKey& key, const AuditEntry* told) {
  const std::string body = body_of(key);
  Statement row(*database_, "INSERT OR REPLACE INTO api_key VALUES(?,?)");
  return transact(told, [&] { return row.run(std::string_view(key.id), Blob{body}); });
}

Status SystemFile::remove_key(const std::string& id, const AuditEntry& told) {
  Statement row(*database_, "DELETE FROM api_key WHERE id = ?");
  return transact(&told, [&] { return row.run(std::string_view(id)); });
}

Status SystemFile::put(const StoredSecret& secret, const AuditEntry* told) {
  return transact(told, [&] { return write(secret); });
}

Status SystemFile::write(const StoredSecret& secret) {
  const std::string body = body_of(secret);
  Statement row(*database_, "INSERT OR REPLACE INTO secret VALUES(?,?)");
  if (Status done = row.run(std::string_view(secret.name), Blob{body}); !done) return done;
  return note_last(kLastSecret, secret.value.version.value);
}

Status SystemFile::remove_secret(const std::string& name, const AuditEntry& told) {
  Statement row(*database_, "DELETE FROM secret WHERE name = ?");
  return transact(&told, [&] { return row.run(std::string_view(name)); });
}

Status SystemFile::keep(const AuditEntry& entry) {
  return transact(&entry, [] { return Status(); });
}

Result<AuditPage> SystemFile::list(const ListAudit& query) {
  AuditLog::Search search;
  auto whole = audit_->find(search, query);
  while (whole && !*whole) whole = audit_->find(search, query);
  if (!whole) return failure(std::move(whole.error()));
  return std::move(search.page);
}

Result<AuditVerdict> SystemFile::verify(const VerifyAudit& query) {
  AuditLog::Check check;
  auto piece = audit_->verify(check, query);
  while (piece && !*piece) piece = audit_->verify(check, query);
  if (!piece) return failure(std::move(piece.error()));
  return std::move(check.verdict);
}

}  // namespace hourwheel
