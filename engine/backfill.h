// Backfill: a past range of a task's due instants becomes runs of their own, one after the other.
// Pure functions on a task's state.
//
// An order has a cursor, Backfill::next: every due instant of its range before it has become a run
// with the identity (order, instant). The order's number is used once, so that its runs collide
// with nobody's, not even with those of another order for the same range.
//
//   BF1  Each due instant of the range that is not excluded becomes exactly one run, unless the
//        order is ended early.
//
//   BF2  No two runs of an order are opened within its gap.
//
//   BF3  A run and the cursor that passed it are durable before the run is sent (the shard holds
//        the task), so that no crash makes it twice under two identities or loses it.
//
// Cost: a few schedule steps a run; the count of a range by arithmetic.
#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/due.h"
#include "engine/message.h"

namespace hourwheel {

struct BackfillPlan {
  uint64_t count = 0;
  Instant first;  // of the due instants; means nothing if there are none
  Instant last;
};

// What an order for the range would make; excluded instants are left out. Refused: a range that is
// empty, reaches into the future, or holds more than kMaxBackfill due instants; a fixed delay,
// which has no past ones.
Result<BackfillPlan> plan_backfill(const Schedule& schedule, const BackfillRange& range,
                                   Instant now);

// The plan of an order for this task as it stands. Refused besides: one-time tasks, a second order
// beside one under way, a range in which nothing was due.
Result<BackfillPlan> plan_order(const TaskSpec& spec, const TaskState& state,
                                const Schedule& schedule, const BackfillRange& range, Instant now);

// Requires: the plan has due instants.
Backfill begin_backfill(const BackfillPlan& plan, Generation order, uint32_t rate, Instant now);

// Opens the next run of the order if its time has come and no other run is in the way (C-12).
// False: nothing was opened.
bool open_backfilled(DueTask task, Instant now);

}  // namespace hourwheel
