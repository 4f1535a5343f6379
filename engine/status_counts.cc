#include "engine/status_counts.h"

#include "engine/base/check.h"
#include "engine/change.h"

namespace hourwheel {

int64_t& StatusCounts::of(TaskStatus status) {
  switch (status) {
    case TaskStatus::kActive:
      return active;
    case TaskStatus::kPaused:
      return paused;
    case TaskStatus::kCompleted:
      return completed;
    case TaskStatus::kQuarantined:
      break;
  }
  HW_CHECK(false, "SC1 a task counts in a state that is stored");
}

std::optional<TaskStatus> counts_as(const TaskChange& change) {
  const bool gone = change.kind == ChangeKind::kRemove || change.kind == ChangeKind::kForget;
  if (gone || change.state.deleted) return std::nullopt;
  return status_of(change.state);
}

StatusCounts counts_moved(const Batch& batch) {
  StatusCounts moved;
  for (const TaskChange& change : batch.tasks) {
    if (change.was) --moved.of(*change.was);
    if (const auto now = counts_as(change)) ++moved.of(*now);
  }
  return moved;
}

void add_up(StatusCounts& all, const StatusCounts& more) {
  all.active += more.active;
  all.paused += more.paused;
  all.completed += more.completed;
}

}  // namespace hourwheel
