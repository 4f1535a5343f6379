// Which runs of a task may be under way beside each other (C-12), and with that when the task has
// something to do next. Pure functions on a task's state.
//
// A scheduled run is running while an attempt of it is in flight and while it waits for a retry;
// before that it waits for its turn. An attempt that is left to its target counts as in flight
// here, whatever stops meanwhile. Runs that somebody asked for (manual, redriven and backfilled
// ones) stand beside the schedule: they are none of its runs, and only their attempts in flight are
// in anybody's way; those of backfilled runs as if they were the schedule's own.
//
//   O1  buffer_one and skip: nothing of the task is in flight beside anything else.
//   O2  buffer_all and cancel_running: no two scheduled or backfilled runs are in flight, and no
//       scheduled one starts while another one runs.
//   O3  At most kMaxOpenRuns scheduled runs are open, and one that cancels them; under allow and
//       for one-time tasks the next due instant waits for a place then.
//   O4  A run of a backfill is opened when no run of the schedule is open and no other of its
//       kind; under allow, while fewer than kMaxOpenRuns runs are.
// Cost: one pass over the open runs.
#pragma once

#include <optional>

#include "engine/task.h"

namespace hourwheel {

// Made by the schedule and not redriven since: counted by max_runs, and in the way of the
// schedule's other runs.
bool of_schedule(const OpenRun& run);

// Nothing of the task is in flight beside anything else (O1).
constexpr bool is_exclusive(Overlap overlap) {
  return overlap == Overlap::kBufferOne || overlap == Overlap::kSkip;
}
// What comes due is acted upon at once although a run is open; else it is looked at when that ends.
constexpr bool acts_beside(Overlap overlap) {
  return overlap == Overlap::kAllow || overlap == Overlap::kCancelRunning;
}

// The open runs, counted.
struct Lanes {
  size_t scheduled = 0;  // runs of the schedule
  size_t running = 0;    // of those: in flight, or waiting for a retry
  size_t in_flight = 0;  // of those and of backfilled ones: in flight
  size_t backfilled = 0;
  size_t others_in_flight = 0;
};
Lanes lanes_of(const TaskState& state);

// O3: whatever is due waits.
bool is_full(const TaskState& state, const Lanes& lanes);
// How many of the schedule's runs may be opened now. Not for cancel_running, which makes room.
size_t places(const TaskState& state, const Lanes& lanes);
// A missed instant may become a run as soon as the pace allows (C-11 fire_all).
bool has_room_to_catch_up(const TaskState& state, const Lanes& lanes);
// The next run of a backfill may be opened as soon as its pace allows (O4).
bool has_room_to_backfill(const TaskState& state, const Lanes& lanes);

// The run to start next, when its next_attempt has come; null: none until something else happens.
const OpenRun* next_to_start(const TaskState& state, const Lanes& lanes);

// The earliest instant at which a task in memory has something to do that is not waiting for an
// attempt to end. None: nothing until something else happens.
std::optional<Instant> next_action(const TaskState& state);

// The same after a stop, which leaves nothing in flight: what the due index is keyed by.
std::optional<Instant> next_action_after_stop(const TaskState& state);

}  // namespace hourwheel
