#include "store/made_by_table.h"

#include <string>

namespace hourwheel {

MadeByTable::MadeByTable(Database& database)
    : add_(database,
           "INSERT INTO made_by VALUES(?1, ?2) "
           "ON CONFLICT(key) DO UPDATE SET tasks = tasks + excluded.tasks"),
      drop_(database, "DELETE FROM made_by WHERE key = ? AND tasks <= 0"),
      all_(database, "SELECT key, tasks FROM made_by") {}

Status MadeByTable::add(const MadeBy& more) {
  for (const auto& [key, tasks] : more) {
    Status done = add_.run(std::string_view(key), tasks);
    if (done && tasks < 0) done = drop_.run(std::string_view(key));
    if (!done) return done;
  }
  return {};
}

Result<MadeBy> MadeByTable::all() {
  MadeBy all;
  Rows rows = all_.rows();
  while (rows.next()) all.emplace(rows.bytes(0), rows.integer(1));
  if (!rows.status()) return failure(rows.status().error());
  return all;
}

}  // namespace hourwheel
