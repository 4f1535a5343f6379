// Which due instants of a task become runs and which are skipped (C-4, C-11, C-12). Pure functions
// on a task's state; every instant they pass over is accounted for, in a run or in a skip record.
//
// A task's state has a cursor, next_due: everything before it is in the ledger or an open run. The
// cursor only moves forward, and only here (and when a schedule is replaced).
//   D1  Each due instant below the cursor is covered by exactly one open run, ended run or skip.
//   D2  No run is opened before its due instant.
// Cost: a few schedule steps, however many instants were missed (counted by arithmetic).
#pragma once

#include <vector>

#include "engine/schedule/schedule.h"
#include "engine/task.h"

namespace hourwheel {

struct DueTask {
  TaskNumber number;
  const TaskSpec& spec;
  const Schedule& schedule;
  TaskState& state;
};

// The earliest instant at which a task in memory has something to do that is not waiting for an
// attempt to end. None: nothing until something else happens.
std::optional<Instant> next_action(const TaskState& state);

// Opens the run for next_due, which must have come (D2) while no run is open. If it is later than
// `tolerated`, it is a misfire: one run is opened for the newest such instant, the others become
// one skip with `reason` (C-11 fire_once; C-15 on resume). One-time tasks always fire, however
// late.
void open_next(DueTask task, Instant now, Duration tolerated, SkipReason reason,
               std::vector<RunRecord>& skips);

// A run is open: of the due instants that have come since, the first waits, the rest are skipped
// (C-12 buffer_one).
void buffer_one(DueTask task, Instant now, std::vector<RunRecord>& skips);

// The schedule ends here (deleted or replaced): what had come due without becoming a run is
// recorded as ended that way. Leaves the cursor empty.
void close_due(DueTask task, Instant now, RunState fate, SkipReason reason,
               std::vector<RunRecord>& records);

}  // namespace hourwheel
