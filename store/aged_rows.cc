#include "store/aged_rows.h"

namespace hourwheel {

AgedRows::AgedRows(Database& database, const std::string& table, const std::string& column,
                   Duration kept)
    : database_(database),
      kept_(kept),
      next_rows_(database,
                 "SELECT id, " + column + " FROM " + table + " WHERE id > ? ORDER BY id LIMIT ?"),
      delete_old_(database,
                  "DELETE FROM " + table + " WHERE id > ? AND id <= ? AND " + column + " <= ?") {}

Status AgedRows::load() {
  oldest_.reset();
  Rows rows = next_rows_.rows(passed_, uint64_t{1});
  if (rows.next()) oldest_ = Instant{rows.integer(1)};
  return rows.status();
}

Result<bool> AgedRows::drop_some(Instant now) {
  if (!oldest_ || (*oldest_ + kept_ > now && *oldest_ <= now)) return false;
  uint64_t last = passed_;
  bool some_old = false;
  {
    Rows rows = next_rows_.rows(passed_, kDroppedAtOnce);
    while (rows.next()) {
      const Instant at{rows.integer(1)};
      const bool old = at + kept_ <= now;
      if (!old && at <= now) break;
      some_old = some_old || old;
      last = rows.number(0);
    }
    if (!rows.status()) return failure(rows.status().error());
  }
  if (some_old) {
    Status done =
        drop_rows(database_, [&] { return delete_old_.run(passed_, last, (now - kept_).ms); });
    if (!done) return failure(done.error());
  }
  const bool moved = last != passed_;
  passed_ = last;
  if (Status loaded = load(); !loaded) return failure(loaded.error());
  return moved;
}

}  // namespace hourwheel
