#include "engine/due.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/limits.h"
#include "engine/stretches.h"

namespace hourwheel {
namespace {

// How due instants that become no run end.
struct Fate {
  RunState state = RunState::kSkipped;
  SkipReason reason = SkipReason::kNone;
};
constexpr Fate skipped(SkipReason reason) {
  return {RunState::kSkipped, reason};
}

// A task whose schedule has one due instant at a time: the cursor, and then perhaps none.
bool is_single(const DueTask& task) {
  return task.spec.type == TaskType::kOneTime || task.schedule.is_fixed_delay();
}

void count_passed(TaskState& state, Fate fate, uint64_t count) {
  (fate.state == RunState::kSkipped ? state.counts.skipped : state.counts.other) += count;
}

struct DueRange {  // of instants, both ends in it
  Instant from;
  Instant through;
};

// Records all due instants of the range: one row for each stretch.
void pass_over(const DueTask& task, DueRange range, const Sight& sight, Fate fate,
               std::vector<RunRecord>& records) {
  each_stretch(task.schedule, range.from, range.through, [&](const Stretch& stretch) {
    const Fate its = stretch.excluded ? skipped(SkipReason::kExcluded) : fate;
    RunRecord record;
    record.task = task.number;
    record.task_version = task.state.version;
    record.key = {task.state.generation, Trigger::kSchedule, stretch.first.ms};
    record.state = its.state;
    record.skip_reason = its.reason;
    record.due = stretch.first;
    record.last_due = stretch.passed.newest;
    record.count = stretch.passed.count;
    record.recorded = sight.now;
    count_passed(task.state, its, record.count);
    records.push_back(std::move(record));
  });
}

Duration jitter_of(const DueTask& task, Instant due) {
  return run_jitter(task.spec.schedule, task.schedule, task.key,
                    {task.state.generation, Trigger::kSchedule, due.ms});
}

OpenRun scheduled_run(const DueTask& task, Instant due) {
  OpenRun run;
  run.key = {task.state.generation, Trigger::kSchedule, due.ms};
  run.due = due;
  run.jitter = jitter_of(task, due);
  run.next_attempt = due + run.jitter;
  return run;
}

bool has_runs_left(const DueTask& task) {
  const uint64_t most = task.spec.schedule.max_runs;
  if (most == 0) return true;
  uint64_t begun = task.state.ended_runs;
  for (const OpenRun& run : task.state.open) {
    if (of_schedule(run) && run.key.generation == task.state.generation) ++begun;
  }
  return begun < most;
}

// The cursor stands behind the run already.
void open(const DueTask& task, OpenRun run, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  HW_CHECK(run.due <= sight.now, "D2 no run is opened before its due instant");
  state.open.push_back(std::move(run));
  if (has_runs_left(task)) return;
  state.next_due.reset();
  for (const CatchUp& owed : std::exchange(state.catch_up, {})) {
    pass_over(task, {owed.next, owed.last}, sight, skipped(SkipReason::kMisfire), found.skips);
  }
}

// A run of the schedule of which nothing has been sent, in no life.
bool is_unsent(const OpenRun& run) {
  return of_schedule(run) && run.attempts == 0 && !run.possible_duplicate;
}

void drop_unsent(const DueTask& task, const Sight& sight, Fate fate,
                 std::vector<RunRecord>& records) {
  for (const OpenRun& run : task.state.open) {
    if (!is_unsent(run)) continue;
    RunRecord record = record_of(task.number, task.state.version, run, sight.now);
    record.state = fate.state;
    record.skip_reason = fate.reason;
    count_passed(task.state, fate, 1);
    records.push_back(std::move(record));
  }
  std::erase_if(task.state.open, is_unsent);
}

// All runs of the schedule make room for a newer one (C-12 cancel_running). One that was never sent
// is skipped; the others end canceled.
void supersede_open(const DueTask& task, const Sight& sight, Found& found) {
  for (OpenRun& run : task.state.open) {
    if (!of_schedule(run)) continue;
    if (is_unsent(run)) continue;
    run.superseded = true;
    found.superseded.push_back(run.key);
  }
  drop_unsent(task, sight, skipped(SkipReason::kOverlap), found.skips);
}

// One instant behind which the cursor stands: it becomes a run if there is a place for it.
bool place(const DueTask& task, OpenRun run, const Sight& sight, Found& found) {
  if (task.state.overlap == Overlap::kCancelRunning) supersede_open(task, sight, found);
  if (places(task.state, lanes_of(task.state)) == 0) {
    pass_over(task, {run.due, run.due}, sight, skipped(SkipReason::kOverlap), found.skips);
    return false;
  }
  open(task, std::move(run), sight, found);
  return true;
}

// --- misfires (C-11) ---

// The newest of the instants from the cursor on that are misfires.
std::optional<Instant> newest_misfire(const DueTask& task, const Sight& sight) {
  const Instant from = *task.state.next_due;
  const Instant before = std::min(sight.unseen_before, sight.now - sight.tolerated);
  if (from >= before) return std::nullopt;
  auto late_enough = [&](Instant due) {
    return due + jitter_of(task, due) + sight.tolerated < sight.now;
  };
  if (is_single(task)) {
    return late_enough(from) ? std::optional(from) : std::nullopt;
  }
  auto passed = task.schedule.missed(from, before - kOneMs);
  // Jitter ends before the next due instant, so only the newest can still be in time.
  if (passed && !late_enough(passed->newest)) {
    passed = task.schedule.missed(from, passed->newest - kOneMs);
  }
  return passed ? std::optional(passed->newest) : std::nullopt;
}

void fire_once(const DueTask& task, Instant through, const Sight& sight, Found& found) {
  const Instant from = *task.state.next_due;
  const Fate fate = skipped(sight.reason);
  auto newest = newest_run(task.schedule, from, through);
  task.state.next_due = task.schedule.next_after(through);
  if (!newest) return pass_over(task, {from, through}, sight, fate, found.skips);
  OpenRun run = scheduled_run(task, *newest);
  run.missed_count = count_runs(task.schedule, from, *newest - kOneMs);
  pass_over(task, {from, *newest - kOneMs}, sight, fate, found.skips);
  if (auto next = task.schedule.next_after(*newest)) {
    pass_over(task, {*next, through}, sight, fate, found.skips);
  }
  place(task, std::move(run), sight, found);
}

// The first instant from which on at most `room` runs follow through `through`; beyond it if none.
Instant cut_by_count(const DueTask& task, const CatchUp& owed, uint64_t room) {
  Instant from = owed.next;
  Instant beyond = owed.last + kOneMs;
  if (count_runs(task.schedule, from, owed.last) <= room) return from;
  // More than `room` follow `from`, not more follow `beyond`.
  while (beyond - from > kOneMs) {
    const Instant middle = from + Duration{(beyond - from).ms / 2};
    (count_runs(task.schedule, middle, owed.last) > room ? from : beyond) = middle;
  }
  return beyond;
}

// Keeps the newest max_count of what is owed, no older than max_age; the rest is skipped.
void bound_catch_up(const DueTask& task, const Sight& sight, Found& found) {
  const Misfire& misfire = task.spec.misfire;
  std::vector<CatchUp>& stretches = task.state.catch_up;
  uint64_t room = misfire.max_count;
  for (size_t i = stretches.size(); i-- > 0;) {
    CatchUp& owed = stretches[i];
    const bool too_many = stretches.size() - i > kMaxCatchUps;
    const Instant keep =
        std::max(sight.now - misfire.max_age, cut_by_count(task, owed, too_many ? 0 : room));
    if (keep > owed.next) {
      pass_over(task, {owed.next, std::min(owed.last, keep - kOneMs)}, sight, skipped(sight.reason),
                found.skips);
      owed.next = task.schedule.first_from(keep).value_or(owed.last + kOneMs);
    }
    if (owed.next <= owed.last) room -= count_runs(task.schedule, owed.next, owed.last);
  }
  std::erase_if(stretches, [](const CatchUp& owed) { return owed.next > owed.last; });
}

void misfire(const DueTask& task, Instant through, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  const Instant from = *state.next_due;
  switch (task.spec.misfire.policy) {
    case MisfirePolicy::kFireOnce:
      return fire_once(task, through, sight, found);
    case MisfirePolicy::kSkip:
      pass_over(task, {from, through}, sight, skipped(sight.reason), found.skips);
      state.next_due = task.schedule.next_after(through);
      return;
    case MisfirePolicy::kFireAll:
      state.next_due = task.schedule.next_after(through);
      state.catch_up.push_back({from, through});
      return bound_catch_up(task, sight, found);
  }
}

// Opens the oldest of what is owed when the pace and the overlap policy allow it.
void catch_up(const DueTask& task, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  while (!state.catch_up.empty()) {
    CatchUp& owed = state.catch_up.front();
    const Instant due = owed.next;
    if (due > sight.now) return;  // the clock was set back
    const bool excluded = task.schedule.excluded(due);
    if (!excluded &&
        (sight.now < state.catch_up_after || !has_room_to_catch_up(state, lanes_of(state)))) {
      return;
    }
    Instant through = due;
    if (excluded) {
      auto change = exclusion_change_after(task.schedule, due);
      through = change ? std::min(owed.last, *change - kOneMs) : owed.last;
    }
    owed.next = task.schedule.next_after(through).value_or(owed.last + kOneMs);
    if (owed.next > owed.last) state.catch_up.erase(state.catch_up.begin());
    if (excluded) {
      pass_over(task, {due, through}, sight, skipped(SkipReason::kExcluded), found.skips);
      continue;
    }
    const int64_t rate = std::max<int64_t>(1, task.spec.misfire.rate);
    state.catch_up_after = sight.now + milliseconds((1'000 + rate - 1) / rate);
    OpenRun run = scheduled_run(task, due);
    run.next_attempt = std::max(run.next_attempt, sight.now);  // D2, with the clock set back
    open(task, std::move(run), sight, found);
  }
}

// --- places (C-12) ---

// The newest takes the place of all before it.
void place_newest(const DueTask& task, const Sight& sight, Found& found) {
  const Instant from = *task.state.next_due;
  const Fate fate = skipped(SkipReason::kOverlap);
  auto newest = newest_run(task.schedule, from, sight.now);
  task.state.next_due = task.schedule.next_after(sight.now);
  if (!newest) return pass_over(task, {from, sight.now}, sight, fate, found.skips);
  pass_over(task, {from, *newest - kOneMs}, sight, fate, found.skips);
  if (auto next = task.schedule.next_after(*newest)) {
    pass_over(task, {*next, sight.now}, sight, fate, found.skips);
  }
  place(task, scheduled_run(task, *newest), sight, found);
}

void place_in_turn(const DueTask& task, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  auto has_come = [&] { return state.next_due && *state.next_due <= sight.now; };
  size_t room = places(state, lanes_of(state));
  while (has_come() && room > 0) {
    const Instant due = *state.next_due;
    if (task.schedule.excluded(due)) {
      auto change = exclusion_change_after(task.schedule, due);
      const Instant through = change ? std::min(sight.now, *change - kOneMs) : sight.now;
      pass_over(task, {due, through}, sight, skipped(SkipReason::kExcluded), found.skips);
      state.next_due = task.schedule.next_after(through);
      continue;
    }
    state.next_due = task.schedule.next_after(due);
    open(task, scheduled_run(task, due), sight, found);
    --room;
  }
  if (!has_come() || state.overlap == Overlap::kAllow) return;
  pass_over(task, {*state.next_due, sight.now}, sight, skipped(SkipReason::kOverlap), found.skips);
  state.next_due = task.schedule.next_after(sight.now);
}

// The one due instant of a schedule that has one at a time. When it becomes no run, a fixed delay
// counts from now on.
void look_at_single(const DueTask& task, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  const Instant due = *state.next_due;
  state.next_due.reset();
  const bool once = task.spec.type == TaskType::kOneTime;
  if (once) return open(task, scheduled_run(task, due), sight, found);
  state.next_due = due;
  const bool missed =
      task.spec.misfire.policy == MisfirePolicy::kSkip && newest_misfire(task, sight).has_value();
  state.next_due.reset();
  bool opened = false;
  if (missed || task.schedule.excluded(due)) {
    pass_over(task, {due, due}, sight, skipped(sight.reason), found.skips);
  } else {
    opened = place(task, scheduled_run(task, due), sight, found);
  }
  if (!opened) state.next_due = task.schedule.after_end(sight.now);
}

}  // namespace

Duration run_jitter(const ScheduleSpec& spec, const Schedule& schedule, TaskKey task,
                    const RunKey& run) {
  if (spec.jitter == Duration{}) return {};
  const Instant due{run.instant_or_nonce};
  const uint64_t seed = Random(spread_seed(task).value ^ Random(run.generation.value).next() ^
                               static_cast<uint64_t>(due.ms))
                            .next();
  return schedule.jitter_of(seed, due, schedule.next_after(due));
}

void look(DueTask task, const Sight& sight, Found& found) {
  TaskState& state = task.state;
  // Where nothing is passed over for want of a place the cursor waits for one (O3).
  const bool may_wait = acts_beside(state.overlap) || task.spec.type == TaskType::kOneTime;
  const bool waits = may_wait && is_full(state, lanes_of(state));
  const bool only_unseen = sight.extent == Sight::Extent::kUnseen;
  if (only_unseen && state.next_due && *state.next_due >= sight.unseen_before) return;
  if (state.next_due && *state.next_due <= sight.now && !waits) {
    if (is_single(task)) return look_at_single(task, sight, found);
    if (auto through = newest_misfire(task, sight)) misfire(task, *through, sight, found);
    if (only_unseen) return;
    if (state.next_due && *state.next_due <= sight.now) {
      if (state.overlap == Overlap::kCancelRunning) {
        place_newest(task, sight, found);
      } else {
        place_in_turn(task, sight, found);
      }
    }
  }
  catch_up(task, sight, found);
}

void follow_end(DueTask task, Instant due, Instant now) {
  if (task.schedule.is_fixed_delay() && !task.state.next_due && has_runs_left(task)) {
    task.state.next_due = task.schedule.after_end(std::max(due, now));
  }
}

void close_due(DueTask task, Instant now, RunState fate, SkipReason reason,
               std::vector<RunRecord>& records) {
  TaskState& state = task.state;
  const Sight sight{now, now, {}, reason};
  drop_unsent(task, sight, {fate, reason}, records);
  for (const CatchUp& owed : std::exchange(state.catch_up, {})) {
    pass_over(task, {owed.next, owed.last}, sight, {fate, reason}, records);
  }
  if (state.next_due && *state.next_due <= now) {
    pass_over(task, {*state.next_due, now}, sight, {fate, reason}, records);
  }
  state.next_due.reset();
}

}  // namespace hourwheel
