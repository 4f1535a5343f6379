#include "store/aged_rows.h"

#include <utility>

namespace hourwheel {

AgedRows::AgedRows(Database& database, const std::string& table, const std::string& column,
                   Duration kept, std::string gone)
    : database_(database),
      kept_(kept),
      gone_(std::move(gone)),
      next_rows_(database,
                 "SELECT id, " + column + " FROM " + table + " WHERE id > ? ORDER BY id LIMIT ?"),
      delete_old_(database,
                  "DELETE FROM " + table + " WHERE id > ? AND id <= ? AND " + column + " <= ?"),
      note_gone_(database,
                 "INSERT INTO meta VALUES(?,?) ON CONFLICT(name) DO UPDATE SET value = max(value, "
                 "excluded.value)") {}

Status AgedRows::load() {
  oldest_.reset();
  Rows rows = next_rows_.rows(passed_, uint64_t{1});
  if (rows.next()) oldest_ = Instant{rows.integer(1)};
  return rows.status();
}

Result<bool> AgedRows::drop_some(Instant now, uint64_t kept) {
  if (!oldest_ || (*oldest_ + kept_ > now && *oldest_ <= now)) return false;
  uint64_t last = passed_;
  bool some_old = false;
  {
    Rows rows = next_rows_.rows(passed_, kDroppedAtOnce);
    while (rows.next()) {
      const Instant at{rows.integer(1)};
      const bool old = at + kept_ <= now;
      if ((!old && at <= now) || rows.number(0) >= kept) break;
      some_old = some_old || old;
      last = rows.number(0);
    }
    if (!rows.status()) return failure(rows.status().error());
  }
  if (some_old) {
    Status done = delete_up_to(last, now);
    if (!done) return failure(done.error());
  }
  const bool moved = last != passed_;
  passed_ = last;
  if (Status loaded = load(); !loaded) return failure(loaded.error());
  return moved;
}

// D4: what changes meta is flushed.
Status AgedRows::delete_up_to(uint64_t last, Instant now) {
  if (gone_.empty()) {
    return drop_rows(database_, Flush::kLater,
                     [&] { return delete_old_.run(passed_, last, (now - kept_).ms); });
  }
  return database_.transact(Flush::kNow, [&]() -> Status {
    Status done =
        drop_rows(database_, [&] { return delete_old_.run(passed_, last, (now - kept_).ms); });
    return done ? note_gone_.run(std::string_view(gone_), last) : done;
  });
}

}  // namespace hourwheel
