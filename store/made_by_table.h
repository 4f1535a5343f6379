// The figures of a shard's tasks by the key that made them (engine/made_by.h), beside the tasks.
//
//   MB1  A key's row is the number of definitions whose state names it; no row is zero.
// Tasks from before there was this table name nobody.
// Cost: of a batch one row for each key that made or lost tasks in it; of a start all rows, which
// are no more than the keys that there ever were. Thread: the store's.
#pragma once

#include "engine/made_by.h"
#include "store/database.h"

namespace hourwheel {

class MadeByTable {
 public:
  explicit MadeByTable(Database& database);

  // Within a transaction of the caller's.
  Status add(const MadeBy& more);
  Result<MadeBy> all();

 private:
  Statement add_;
  Statement drop_;
  Statement all_;
};

}  // namespace hourwheel
