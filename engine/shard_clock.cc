// The part of the shard that follows steps of the wall clock (C-20).
//
// Due instants are of the wall clock: a step forward makes what it jumped over due now, by the
// misfire policy, and needs nothing here. Back-offs are lengths of time: the timers of retries in
// memory move with the step, so that they end when the monotonic clock says so, and are stored
// anew (what moves back before it is sent): a task may only leave memory if the due index has it
// where it now wakes (N1). Retries that are further off than the horizon stay at the instant once
// computed. What has begun by the clock before a step back has begun by the new one too, as far as
// its due instant allows: the next life goes by that, should this one end first. After a step back
// the wheel starts anew with what was in it, because its cursor never turns back. Cost: a step
// takes a look at every task in memory, up to some 10 ms for half a million of them, and stores
// those that wait for a retry or are in flight; one back moves every entry of the wheel, some 30 ns
// each.
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
  horizon_.pull_back(now_.utc, kHorizonAhead);
  if (step < kClockStep && step > kClockStep * -1) return;
  metrics_.clock_steps.add();
  if (step < Duration{}) wheel_.restart(now_.utc);
  shift_retries(step);
}

// True: the run moves with the step.
bool Shard::shift(OpenRun& run, Duration step) const {
  const bool retries = run.attempts > (run.in_flight ? 1U : 0U);
  // A first attempt goes by its due instant, or by a later one at which it has begun (D2).
  const Instant earliest = run.due + run.jitter;
  const bool has_begun = run.next_attempt > earliest && run.next_attempt <= now_.utc - step;
  if (!retries && (!has_begun || step > Duration{})) return false;
  run.next_attempt = run.next_attempt + step;
  if (run.awaited) run.awaited->until = run.awaited->until + step;
  if (!retries) run.next_attempt = std::max(run.next_attempt, earliest);
  return true;
}

void Shard::shift_retries(Duration step) {
  std::vector<SlabHandle> moved;
  tasks_.for_each([&](SlabHandle handle, HotTask& task) {
    bool moves = false;
    for (OpenRun& run : task.state.open) moves |= shift(run, step);
    if (!moves) return;
    // C-8: by what is stored so far, one that moved back may be behind the send mark.
    const bool back = step < Duration{};
    change(task, ChangeKind::kState, nullptr, back ? Holds::kStarts : Holds::kNothing);
    moved.push_back(handle);
  });
  // Settling may let go of the one it is about, and of no other.
  for (SlabHandle handle : moved) {
    if (HotTask* task = tasks_.find(handle)) settle(*task);
  }
}

}  // namespace hourwheel
