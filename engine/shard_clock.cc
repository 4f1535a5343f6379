// The part of the shard that follows steps of the wall clock (C-20).
//
// Due instants are of the wall clock: a step forward makes what it jumped over due now, by the
// misfire policy, and needs nothing here. Back-offs are lengths of time: the timers of retries in
// memory, and the instants at which runs that were owed have begun, move with the step, so that
// they end when the monotonic clock says so, and are stored anew (that of an attempt in flight too:
// the next life goes by it, should this one end before the attempt): a task may only leave memory
// if the due index has it where it now wakes (N1). Retries that are further off than the horizon
// stay at the instant once computed. After a step back the wheel starts anew with what was in it,
// because its cursor never turns back. Cost: a step takes a look at every task in memory, up to
// some 10 ms for half a million of them, and stores those that wait for a retry; one back moves
// every entry of the wheel, some 30 ns each.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {

void Shard::follow_clock() {
  const Duration offset{now_.utc.ms - now_.mono.ms};
  // Set back while the store was opened: nobody knows by how much.
  if (!clock_offset_ && now_.utc < up_since_) wheel_.restart(now_.utc);
  const Duration step = offset - std::exchange(clock_offset_, offset).value_or(offset);
  horizon_.pull_back(now_.utc);
  if (step < kClockStep && step > kClockStep * -1) return;
  metrics_.clock_steps.add();
  if (step < Duration{}) wheel_.restart(now_.utc);
  shift_retries(step);
}

void Shard::shift_retries(Duration step) {
  std::vector<SlabHandle> moved;
  tasks_.for_each([&](SlabHandle handle, HotTask& task) {
    bool moves = false;
    for (OpenRun& run : task.state.open) {
      const bool retries = run.attempts > (run.in_flight ? 1U : 0U);
      // One that was owed began at an instant of its own, which stays past.
      const bool was_owed = run.next_attempt > run.due + run.jitter && step < Duration{} &&
                            run.next_attempt <= now_.utc - step;
      if (!retries && !was_owed) continue;  // it goes by its due instant
      run.next_attempt = run.next_attempt + step;
      if (!retries) run.next_attempt = std::max(run.next_attempt, run.due);
      moves = true;
    }
    if (!moves) return;
    change(task, ChangeKind::kState, nullptr, Holds::kNothing);
    moved.push_back(handle);
  });
  // Settling may let go of the one it is about, and of no other.
  for (SlabHandle handle : moved) {
    if (HotTask* task = tasks_.find(handle)) settle(*task);
  }
}

}  // namespace hourwheel
