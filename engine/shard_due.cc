// The part of the shard that looks at what has come due, and carries out what due.h finds.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/due.h"
#include "engine/shard.h"

namespace hourwheel {

DueTask Shard::due_task(HotTask& task) {
  return {task.number, task.key, task.armed->spec, task.armed->schedule, task.state};
}

void Shard::open_due(HotTask& task) {
  end_given_up(task);
  // While a run is open its task is in memory, and what comes due is seen although nobody looks.
  look_at_due(task, task.state.open.empty() ? now_.utc : up_since_);
}

// What a global pause held first, then the rest.
void Shard::look_at_due(HotTask& task, Instant unseen_before) {
  if (auto until = slept_until(task)) look_after_pause(task, *until);
  look_at(task, {now_.utc, unseen_before, task.armed->spec.misfire_after});
}

// While a run was open others may have come due that only it kept from being looked at (C-12).
void Shard::look_before_end(HotTask& task) {
  const TaskState& state = task.state;
  // While a change of the task is not durable, what is armed is the old definition and knows
  // nothing of next_due.
  const bool current = task.armed && task.held <= commit_.durable();
  if (!current || state.deleted || state.pause || acts_beside(state.overlap)) return;
  if (pause_of(task) != nullptr) return;  // looked at when that is over
  look_at_due(task, up_since_);
}

// C-15: the misfire policy picks what still runs of the instants before `until`, the rest is one
// row. Those from then on came due as ever.
void Shard::look_after_pause(HotTask& task, Instant until) {
  look_at(task, {now_.utc, until, milliseconds(-1), SkipReason::kPaused, Sight::Extent::kUnseen});
}

void Shard::end_pause(HotTask& task) {
  const Instant until = task.state.pause->until.value_or(kLastInstant);
  task.state.pause.reset();
  task.state.updated = now_.utc;
  // Under a global pause the instants go on waiting for its end.
  const Instant over = std::min(until, now_.utc + milliseconds(1));
  if (pause_of(task) == nullptr) look_after_pause(task, over);
  change(task, ChangeKind::kState, nullptr, Holds::kNothing);
}

// What is passed over is stored with the cursor that passed it (D1); a run that was opened, with
// its end or when its task is let go.
void Shard::look_at(HotTask& task, const Sight& sight) {
  TaskState& state = task.state;
  auto& records = commit_.open().records;
  const size_t records_before = records.size();
  const auto cursor_before = state.next_due;
  const size_t open_before = state.open.size();
  Found found{records};
  look(due_task(task), sight, found);
  count_passed_over(records_before);
  flag_former_runs(state);
  for (const RunKey& run : found.superseded) cut_attempt(task, run);
  end_given_up(task);
  if (records.size() > records_before) {
    change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  } else if (state.next_due != cursor_before || state.open.size() != open_before) {
    task.unstored = true;
  }
}

// Due instants that became no run are told by the figures as runs that ended.
void Shard::count_passed_over(size_t records_before) {
  const auto& records = commit_.open().records;
  for (size_t i = records_before; i < records.size(); ++i) {
    metrics_.runs_ended(records[i].state).add(records[i].count);
  }
}

// The former life may have sent what was due before its mark, and stored nothing of it (C-8).
void Shard::flag_former_runs(TaskState& state) const {
  for (OpenRun& run : state.open) {
    // At most once: what was not claimed was not sent (C-6), unless by an earlier definition.
    const bool claimed = state.at_most_once && run.due >= state.claims_since;
    if (claimed && run.due + run.jitter > restored_) continue;
    if (run.attempts == 0 && of_schedule(run) && run.key.generation.value <= recovered_counter_ &&
        run.due + run.jitter <= recovered_mark_) {
      run.possible_duplicate = true;
    }
  }
}

// --- runs whose place a newer one has taken (C-12 cancel_running), or that were asked to end ---

void Shard::cut_attempt(const HotTask& task, const RunKey& run) {
  flights_.for_each([&](SlabHandle handle, Flight& flight) {
    if (flight.task != task.self || flight.run != run || flight.cut) return;
    flight.cut = true;
    doors_.dispatch.cancel({index_, handle.slot, handle.generation});
  });
}

// Those in flight end with their attempt, and so do those whose attempt was reported on (CO3); the
// others here, without another.
void Shard::end_given_up(HotTask& task) {
  auto is_over = [](const OpenRun& run) {
    return run.is_given_up() && !run.in_flight && !run.report;
  };
  while (true) {
    auto& open = task.state.open;
    auto run = std::find_if(open.begin(), open.end(), is_over);
    if (run == open.end()) return;
    end_canceled(task, run->key);
  }
}

}  // namespace hourwheel
