// The retention of a table whose ids ascend with the instants in one of its columns, as far as the
// clock did: what is older than it has to be is deleted from the oldest on, a few rows at a time.
// Rows from the future, left by a clock that was wrong, are passed over until the next start.
// Cost: a quantum deletes at most kDroppedAtOnce rows. Thread: the store's.
#pragma once

#include <optional>
#include <string>

#include "engine/base/time.h"
#include "store/database.h"

namespace hourwheel {

class AgedRows {
 public:
  static constexpr uint64_t kDroppedAtOnce = 256;

  // `gone`: the figure of meta that says up to which id rows were deleted; empty: nothing does.
  AgedRows(Database& database, const std::string& table, const std::string& column, Duration kept,
           std::string gone = {});

  // Reads how old the oldest is.
  Status load();
  // A row of that instant is durable.
  void added(Instant at) {
    if (!oldest_) oldest_ = at;
  }
  // A transaction of its own; true: there may be more to do. kCorrupt: what is to go is not where
  // it stands.
  // Rows from id `kept` on stay.
  Result<bool> drop_some(Instant now, uint64_t kept = INT64_MAX);

 private:
  Status delete_up_to(uint64_t last, Instant now);

  Database& database_;
  Duration kept_;
  std::string gone_;
  uint64_t passed_ = 0;            // rows up to here are looked at no more
  std::optional<Instant> oldest_;  // of those behind; none: there are none
  Statement next_rows_;
  Statement delete_old_;
  Statement note_gone_;
};

// Deletes within a transaction of the caller's. Without a row less there would be no end of trying:
// then it is kCorrupt.
template <class Delete>
Status drop_rows(Database& database, Delete&& delete_them) {
  const int64_t before = database.rows_changed();
  Status done = delete_them();
  if (done && database.rows_changed() == before) {
    return failure(ErrorCode::kCorrupt, "",
                   database.path() + ": rows that are to go are not where they stand");
  }
  return done;
}
// The same in a transaction of its own.
template <class Delete>
Status drop_rows(Database& database, Flush flush, Delete&& delete_them) {
  return database.transact(flush, [&] { return drop_rows(database, delete_them); });
}

}  // namespace hourwheel
