#include "engine/due.h"

#include "engine/base/check.h"

namespace hourwheel {
namespace {

OpenRun scheduled_run(const TaskState& state, Instant due) {
  OpenRun run;
  run.key = {state.generation, Trigger::kSchedule, due.ms};
  run.due = due;
  run.next_attempt = due;
  return run;
}

// One record for the `count` due instants from first to last.
RunRecord passed_over(const DueTask& task, Instant first, const Missed& passed, Instant now) {
  RunRecord record;
  record.task = task.number;
  record.task_version = task.state.version;
  record.key = {task.state.generation, Trigger::kSchedule, first.ms};
  record.due = first;
  record.last_due = passed.newest;
  record.count = passed.count;
  record.recorded = now;
  return record;
}

void skip(DueTask task, RunRecord record, SkipReason reason, std::vector<RunRecord>& skips) {
  record.state = RunState::kSkipped;
  record.skip_reason = reason;
  task.state.counts.skipped += record.count;
  skips.push_back(std::move(record));
}

}  // namespace

std::optional<Instant> next_action(const TaskState& state) {
  if (state.pause) return state.pause->until;
  if (state.open.empty()) return state.next_due;
  std::optional<Instant> earliest;
  for (const OpenRun& run : state.open) {
    if (run.in_flight) return std::nullopt;  // the rest waits for its end (C-12)
    if (!earliest || run.next_attempt < *earliest) earliest = run.next_attempt;
  }
  return earliest;
}

void open_next(DueTask task, Instant now, Duration tolerated, SkipReason reason,
               std::vector<RunRecord>& skips) {
  TaskState& state = task.state;
  HW_CHECK(state.next_due && *state.next_due <= now, "D2 no run is opened before its due instant");
  Instant due = *state.next_due;
  if (task.spec.type == TaskType::kOneTime) {
    state.open.push_back(scheduled_run(state, due));
    state.next_due.reset();
    return;
  }
  Instant newest = due;
  uint64_t missed_count = 0;
  if (now - due > tolerated) {
    auto missed = task.schedule.missed(due, now - tolerated - milliseconds(1));
    if (missed && missed->count > 1) {
      newest = missed->newest;
      missed_count = missed->count - 1;
      auto older = task.schedule.missed(due, newest - milliseconds(1));
      HW_CHECK(older && older->count == missed_count, "D1 every missed instant is counted once");
      skip(task, passed_over(task, due, *older, now), reason, skips);
    }
  }
  state.open.push_back(scheduled_run(state, newest));
  state.open.back().missed_count = missed_count;
  state.next_due = task.schedule.next_after(newest);
}

void buffer_one(DueTask task, Instant now, std::vector<RunRecord>& skips) {
  TaskState& state = task.state;
  HW_CHECK(!state.open.empty(), "only an open run makes others wait");
  if (!state.next_due || *state.next_due > now) return;
  // Of runs that have made no attempt yet, the first is about to start unless another one runs.
  size_t running = 0;
  size_t fresh = 0;
  for (const OpenRun& run : state.open) {
    ++(run.in_flight || run.attempts > 0 ? running : fresh);
  }
  const bool one_waits = fresh > (running > 0 ? 0 : 1);
  if (!one_waits) {
    Instant first = *state.next_due;
    state.open.push_back(scheduled_run(state, first));
    state.next_due = task.schedule.next_after(first);
    if (!state.next_due || *state.next_due > now) return;
  }
  auto passed = task.schedule.missed(*state.next_due, now);
  HW_CHECK(passed, "D1 next_due is an instant of the schedule");
  skip(task, passed_over(task, *state.next_due, *passed, now), SkipReason::kOverlap, skips);
  state.next_due = task.schedule.next_after(passed->newest);
}

void close_due(DueTask task, Instant now, RunState fate, SkipReason reason,
               std::vector<RunRecord>& records) {
  TaskState& state = task.state;
  if (state.next_due && *state.next_due <= now) {
    auto passed = task.schedule.missed(*state.next_due, now);
    HW_CHECK(passed, "D1 next_due is an instant of the schedule");
    RunRecord record = passed_over(task, *state.next_due, *passed, now);
    record.state = fate;
    record.skip_reason = reason;
    (fate == RunState::kSkipped ? state.counts.skipped : state.counts.other) += record.count;
    records.push_back(std::move(record));
  }
  state.next_due.reset();
}

}  // namespace hourwheel
