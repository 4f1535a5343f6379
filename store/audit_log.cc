#include "store/audit_log.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "store/row_fields.h"

namespace hourwheel {
namespace {

constexpr uint64_t kRowsPerRead = 32;  // of one quantum
constexpr size_t kEntriesARow = 512;
constexpr size_t kEntriesAtOnce = 4'096;  // of one quantum, about; 2 ms
constexpr uint64_t kRowsAPiece = 512;     // of the chain, looked at for one question
constexpr int kLooks = 64;                // of a list: then its page is short
constexpr uint32_t kEntriesMax = 1'000;
// A position is a row and a place in it.
constexpr unsigned kPlaceBits = 20;
constexpr uint32_t kPlaces = uint32_t{1} << kPlaceBits;
// Ids ascend with the instants as far as the clock did: it may have been set back by this much.
constexpr Duration kClockSlack = hours(24);

std::array<char, 16> head_of(uint64_t id, Instant at) {
  std::array<char, 16> bytes{};
  const auto ms = static_cast<uint64_t>(at.ms);
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(id >> (8 * (7 - i)));
    bytes[8 + i] = static_cast<char>(ms >> (8 * (7 - i)));
  }
  return bytes;
}

std::string name_of(uint64_t row) {
  return "row " + std::to_string(row) + " of the audit log";
}

// Columns of both ways to read.
constexpr int kId = 0;
constexpr int kAt = 1;
constexpr int kPrevious = 2;
constexpr int kDigest = 3;
constexpr int kEntries = 4;

}  // namespace

AuditLog::AuditLog(Database& database)
    : aged_(database, "audit", "at_ms", kAuditKept, "audit_gone"),
      insert_(database, "INSERT INTO audit VALUES(?,?,?,?,?)"),
      note_last_(database, "INSERT OR REPLACE INTO meta VALUES('audit_last',?)"),
      rows_down_(database,
                 "SELECT id, at_ms, previous, digest, entries FROM audit WHERE id <= ? "
                 "ORDER BY id DESC LIMIT ?"),
      rows_up_(database,
               "SELECT id, at_ms, previous, digest, entries FROM audit WHERE id >= ? ORDER BY id "
               "LIMIT ?"),
      figure_(database, "SELECT value FROM meta WHERE name = ?") {}

Result<uint64_t> AuditLog::figure(std::string_view name) {
  Rows rows = figure_.rows(name);
  const uint64_t value = rows.next() ? rows.number(0) : 0;
  if (!rows.status()) return failure(rows.status().error());
  return value;
}

// A log that was tampered with is told by verify(), and goes on behind what is there.
Status AuditLog::load() {
  auto last = figure("audit_last");
  if (!last) return failure(std::move(last.error()));
  last_.id = *last;
  {
    Rows rows = rows_down_.rows(uint64_t{INT64_MAX}, uint64_t{1});
    if (rows.next()) {
      last_.id = std::max(last_.id, rows.number(kId));
      const std::string_view digest = rows.bytes(kDigest);
      if (digest.size() == last_.digest.size()) {
        std::copy(digest.begin(), digest.end(), last_.digest.begin());
      }
    }
    if (!rows.status()) return rows.status();
  }
  return aged_.load();
}

AuditDigest AuditLog::digest_of(uint64_t id, Instant at, std::string_view previous,
                                std::string_view entries) {
  const auto head = head_of(id, at);
  return digester_.of(std::string_view(head.data(), head.size()), previous, entries);
}

Status AuditLog::append(std::span<const AuditEntry> entries) {
  HW_CHECK(!entries.empty(), "a row has entries");
  AuditLink before = last_;
  for (size_t at = 0; at < entries.size(); at += kEntriesARow) {
    const auto some = entries.subspan(at, std::min(kEntriesARow, entries.size() - at));
    entries_.clear();
    FieldWriter out(entries_);
    write_audit(out, some);
    AuditLink& link = appended_.emplace();
    link.id = before.id + 1;
    link.at = some.back().at;
    link.digest = digest_of(link.id, link.at, bytes_of(before.digest), entries_);
    Status done = insert_.run(link.id, link.at.ms, Blob{bytes_of(before.digest)},
                              Blob{bytes_of(link.digest)}, Blob{entries_});
    if (!done) return done;
    before = link;
  }
  return note_last_.run(before.id);
}

void AuditLog::committed() {
  if (!appended_) return;
  last_ = *std::exchange(appended_, std::nullopt);
  aged_.added(last_.at);
}

// --- reading ---

void AuditLog::take(uint64_t row, std::vector<AuditEntry> entries, const ListAudit& query,
                    Search& search) {
  const size_t limit = std::clamp<uint32_t>(query.limit, 1, kEntriesMax);
  AuditPage& page = search.page;
  size_t at = search.upper == 0 ? entries.size() : std::min<size_t>(search.upper, entries.size());
  search.upper = 0;
  while (at > 0 && page.entries.size() < limit) {
    --at;
    if (!matches(query.filter, entries[at])) continue;
    page.entries.push_back(std::move(entries[at]));
    page.positions.push_back(row << kPlaceBits | at);
  }
  if (at > 0) {
    search.row = row;
    search.upper = static_cast<uint32_t>(at);
  } else {
    search.row = row - 1;
  }
}

void AuditLog::begin(Search& search, const ListAudit& query) {
  search.looks_left = kLooks;
  search.row = query.before == 0 ? last_.id : query.before >> kPlaceBits;
  search.upper = static_cast<uint32_t>(query.before & (kPlaces - 1));
  if (query.before != 0 && search.upper == 0 && search.row > 0) --search.row;
}

Result<bool> AuditLog::find(Search& search, const ListAudit& query) {
  if (search.looks_left < 0) begin(search, query);
  const size_t limit = std::clamp<uint32_t>(query.limit, 1, kEntriesMax);
  size_t examined = 0;
  uint64_t given = 0;
  Rows rows = rows_down_.rows(search.row, kRowsPerRead);
  bool full = false;
  while (!full && examined < kEntriesAtOnce && rows.next()) {
    ++given;
    const uint64_t row = rows.number(kId);
    if (search.upper != 0 && row != search.row) search.upper = 0;  // the row it is of is gone
    const Instant at{rows.integer(kAt)};
    if (query.filter.after && at + kClockSlack < *query.filter.after) {
      search.row = 0;
      break;
    }
    auto entries = read(rows);
    if (!entries) {
      search.page.damage.push_back(std::move(entries.error().detail));
      search.row = row - 1;
      search.upper = 0;
      continue;
    }
    examined += entries->size();
    take(row, std::move(*entries), query, search);
    full = search.page.entries.size() >= limit;
  }
  if (!rows.status()) return failure(rows.status().error());
  if (given == 0) search.row = 0;
  if (search.row != 0 && !full && --search.looks_left > 0) return false;
  search.page.next = search.row == 0
                         ? 0
                         : (search.upper == 0 ? (search.row + 1) << kPlaceBits
                                              : search.row << kPlaceBits | search.upper);
  return true;
}

Result<std::vector<AuditEntry>> AuditLog::read(const Rows& rows) {
  const uint64_t id = rows.number(kId);
  const AuditDigest digest =
      digest_of(id, {rows.integer(kAt)}, rows.bytes(kPrevious), rows.bytes(kEntries));
  if (rows.bytes(kDigest) != bytes_of(digest)) {
    return failure(ErrorCode::kCorrupt, "", name_of(id) + " does not match its digest");
  }
  std::vector<AuditEntry> entries;
  FieldReader in(rows.bytes(kEntries));
  read_audit(in, entries);
  if (!in.good()) return failure(ErrorCode::kCorrupt, "", name_of(id) + " does not decode");
  return entries;
}

// --- the chain ---

// AL1, AL2, of the next row.
std::optional<std::string> AuditLog::follow(const Rows& rows, Check& check) {
  const uint64_t id = rows.number(kId);
  AuditVerdict& verdict = check.verdict;
  if (id != check.row) return name_of(check.row) + " is missing";
  // Of the first one that is kept nobody knows what stood before it.
  const bool follows = id == 1 || (verdict.rows > 0 && id == verdict.last_row + 1);
  if (follows && rows.bytes(kPrevious) != bytes_of(verdict.head)) {
    return name_of(id) + " does not follow the one before it";
  }
  auto entries = read(rows);
  if (!entries) return std::move(entries.error().detail);
  if (verdict.rows++ == 0) verdict.first_row = id;
  verdict.entries += entries->size();
  verdict.last_row = id;
  const std::string_view digest = rows.bytes(kDigest);
  std::copy(digest.begin(), digest.end(), verdict.head.begin());
  ++check.row;
  return std::nullopt;
}

Status AuditLog::begin(Check& check, const VerifyAudit& query) {
  auto gone = figure("audit_gone");
  if (!gone) return failure(std::move(gone.error()));
  check.verdict = query.so_far;
  check.row = std::max(*gone, check.verdict.last_row) + 1;
  check.last = last_.id;
  check.until = check.row + kRowsAPiece;
  return {};
}

Result<bool> AuditLog::verify(Check& check, const VerifyAudit& query) {
  if (check.row == 0) {
    if (Status begun = begin(check, query); !begun) return failure(begun.error());
  }
  AuditVerdict& verdict = check.verdict;
  bool any = false;
  {
    Rows rows = rows_up_.rows(check.row, kRowsPerRead);
    while (check.row <= check.last && !verdict.broken && rows.next()) {
      any = true;
      verdict.broken = follow(rows, check);
    }
    if (!rows.status()) return failure(rows.status().error());
  }
  if (!any && check.row <= check.last && !verdict.broken) {
    verdict.broken = name_of(check.row) + " is missing";
  }
  verdict.whole = verdict.broken || check.row > check.last;
  return verdict.whole || check.row >= check.until;
}

}  // namespace hourwheel
