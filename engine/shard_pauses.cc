// The part of the shard that knows what is due and may not start: because a global pause holds it,
// or because its destination's line is too long. Such tasks are parked: given up from memory, and
// read again from the due index when the reason is gone (N5, parking.h).
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {

void Shard::limit_lines(LineLimits limits) {
  line_limits_ = limits;
  admission_.limit(limits.in_flight, limits.in_flight_unproven);
  admission_.break_after(limits.breaker_failures);
}

// What is in the wheel, on its way or in line finds out when its turn comes. What has an attempt in
// flight is not parked and has no turn of its own: it looks again now.
void Shard::apply(PauseTable table) {
  pauses_.replace(std::move(table));
  std::vector<SlabHandle> flying;
  flights_.for_each([&flying](SlabHandle, const Flight& flight) { flying.push_back(flight.task); });
  for (SlabHandle handle : flying) {
    if (HotTask* task = tasks_.find(handle)) settle(*task);
  }
}

// Of a task whose definition is not there only a pause of everything is known to hold it.
const GlobalPause* Shard::pause_of(const HotTask& task) const {
  if (task.armed) return pauses_.holding(task.armed->spec.labels, now_.utc);
  return pauses_.holding_all(now_.utc);
}

// When the last of the global pauses ended through which the next due instant slept.
std::optional<Instant> Shard::slept_until(const HotTask& task) const {
  const auto& due = task.state.next_due;
  if (!due || *due > now_.utc) return std::nullopt;
  return pauses_.slept_until(task.armed->spec.labels, *due, now_.utc);
}

// C-24: a destination that answers has its line in memory while there is plenty; one that does not
// gets what it may use in a while.
size_t Shard::longest_line(Destination destination) const {
  const bool crowded = tasks_.size() > line_limits_.crowded || many_payloads();
  if (!admission_.is_proven(destination, now_.mono)) {
    return crowded ? std::max(1U, line_limits_.longest / kCrowdedShare) : line_limits_.longest;
  }
  return crowded ? line_limits_.longest : SIZE_MAX;
}

bool Shard::line_is_full(Destination destination) const {
  return admission_.waiting_for(destination) >= longest_line(destination);
}

// True: the task, whose next action has come, may not start. It may be gone from memory then.
bool Shard::hold_back(HotTask& task) {
  if (const GlobalPause* pause = pause_of(task)) {
    if (task.in_line || task.flights > 0) {
      stay_until_over(task, *pause);
    } else {
      park(task, ParkReason::pause(pause->id));
    }
    return true;
  }
  if (!task.armed || task.in_line || task.called_by || task.flights > 0) return false;
  if (task.armed->spec.target.kind != TargetKind::kHttp) return false;
  const Destination destination = task.armed->destination;
  if (!line_is_full(destination)) return false;
  park(task, ParkReason::line(destination));
  return true;
}

// It has its turn in the line, or the end of its attempt, and this at the latest.
void Shard::stay_until_over(HotTask& task, const GlobalPause& pause) {
  if (pause.until) enter_wheel(task, *pause.until);
  if (task.in_line && task.armed) thin_out(task, Hope::kNone);
}

// N5: what is not stored or not durable stays, and is looked at again when it is.
void Shard::park(HotTask& task, ParkReason reason) {
  leave_wheel(task);
  if (task.unstored) return change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  if (task.dirty > commit_.durable()) return;
  const auto wake = task.state.wake();
  HW_CHECK(wake, "N5 a task that has something to do has a place in the due index");
  parking_.park(reason, {wake->ms >> kSliceBits, task.number}, *wake);
  metrics_.parked.add();
  forget(task);
}

// The reason for which tasks were parked is gone.
bool Shard::is_served(ParkReason reason) const {
  switch (reason.kind) {
    case ParkReason::Kind::kPause:
      return !pauses_.in_force(reason.value, now_.utc);
    case ParkReason::Kind::kLine:
      return admission_.waiting_for({reason.value}) <= longest_line({reason.value}) / 2;
    case ParkReason::Kind::kMemory:
      return true;
  }
  return true;
}

void Shard::release_parked() {
  std::vector<ParkReason> gone;
  for (const auto& [reason, range] : parking_.parked()) {
    if (is_served(reason)) gone.push_back(reason);
  }
  for (ParkReason reason : gone) parking_.release(reason);
}

// The backlog that is read next. One that is read for lines is left when all of them are full.
void Shard::read_parked() {
  if (horizon_.backlog_asked()) return;
  const auto& reasons = parking_.reading_for();
  if (!horizon_.backlog_read()) {
    const bool in_vain =
        !reasons.empty() && std::all_of(reasons.begin(), reasons.end(), [this](ParkReason reason) {
          return reason.kind == ParkReason::Kind::kLine && line_is_full({reason.value});
        });
    if (!in_vain) return;
    parking_.leave_reading(horizon_.leave_backlog());
  } else if (!reasons.empty()) {
    parking_.end_reading();
  }
  if (auto range = parking_.begin_reading()) {
    horizon_.read_again(range->from, range->last + milliseconds(1));
  }
}

// When a pause for which tasks are parked ends by itself.
std::optional<Instant> Shard::next_release() const {
  std::optional<Instant> next;
  for (const auto& [reason, range] : parking_.parked()) {
    if (reason.kind != ParkReason::Kind::kPause) continue;
    auto until = pauses_.until(reason.value);
    if (until) next = next ? std::min(*next, *until) : until;
  }
  return next;
}

}  // namespace hourwheel
