// Which due instants of a task become runs, which are skipped and which are still owed (C-4, C-11,
// C-12, C-16). Pure functions on a task's state; every instant they pass over is accounted for.
//
// A task's state has a cursor, next_due, and perhaps stretches of missed instants to catch up on.
//   D1  Each due instant below the cursor is covered by exactly one of: an open run, an ended run,
//       a skip record, a stretch of catch_up.
//   D2  No run is opened before its due instant, and none starts before that plus its jitter.
//   D3  No more runs are opened than max_runs leaves. With the last one the schedule is over: the
//       cursor is empty, and what was to be caught up on is skipped.
// The cursor only moves forward, and only here (and when a schedule is replaced).
//
// Of the instants that have come, two things are asked.
//   Was it seen?  Not those that came while the server was down, the task paused, or nobody had
//     room to look. Of these the ones later than misfire_after are misfires (C-11). fire_once: the
//     newest becomes one run that knows how many it stands for, the others are skipped. skip: all
//     are. fire_all: the newest max_count that are no older than max_age are owed, the others
//     skipped. Lateness counts from the due instant plus its jitter.
//   Is there a place?  The others take one under the overlap policy (C-12), oldest first; what
//     finds none is skipped. Two exceptions: under allow it stays at the cursor, which waits until
//     a place is free; under cancel_running the newest takes the place of all before it.
//
// What is owed is its own queue. Its oldest instant becomes a run when the pace allows and there is
// room: under allow a place beside the others, under all other policies no run of the schedule at
// all. So fresh dues go first, no overlap policy skips what is owed, and a fresh due that finds
// such a run open does what it would behind any other: under buffer_one it waits for the end of
// that one run, and further fresh ones are skipped.
//
// An excluded instant is never a run: it becomes a skip record as soon as it is looked at. What is
// counted and bounded above leaves such instants out.
// Cost: a few schedule steps, however many instants were missed (counted by arithmetic); about 40
// counts more when max_count cuts a stretch.
#pragma once

#include <vector>

#include "engine/overlap.h"
#include "engine/schedule/schedule.h"
#include "engine/task.h"

namespace hourwheel {

struct DueTask {
  TaskNumber number;
  TaskKey key;
  const TaskSpec& spec;
  const Schedule& schedule;
  TaskState& state;
};

// How the instants up to now went by.
struct Sight {
  Instant now;
  Instant unseen_before;  // nobody saw the due instants before this one when they came
  Duration tolerated;     // one of those that is no later than this is none too late
  SkipReason reason = SkipReason::kMisfire;  // of those that the misfire policy skips
  enum class Extent : uint8_t { kAll, kUnseen };
  Extent extent = Extent::kAll;  // kUnseen: later ones are not looked at
};

// How much later than its due instant a run of the schedule starts (C-16 jitter): a pure function
// of its identity, never to be changed.
Duration run_jitter(const ScheduleSpec& spec, const Schedule& schedule, TaskKey task,
                    const RunKey& run);

// What follows besides the new state.
struct Found {
  std::vector<RunRecord>& skips;
  // Open runs whose place a newer one has taken. They are to end canceled; none starts before.
  std::vector<RunKey> superseded{};
};

// Opens, skips and owes what has come due by sight.now. One-time tasks always fire, however late.
void look(DueTask task, const Sight& sight, Found& found);

// The schedule's run of that due instant has ended, is open no more and is counted: with
// fixed_delay the next due instant follows from that. It comes after `due` also if the clock was
// set back since (C-20): a due instant is a run's identity, and is not met again.
void follow_end(DueTask task, Instant due, Instant now);

// The schedule ends here (deleted or replaced): what had come due without becoming a run, and runs
// of which nothing was sent yet, are recorded as ended that way. Leaves the cursor empty.
void close_due(DueTask task, Instant now, RunState fate, SkipReason reason,
               std::vector<RunRecord>& records);

}  // namespace hourwheel
