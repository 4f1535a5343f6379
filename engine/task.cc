#include "engine/task.h"

#include <algorithm>

namespace hourwheel {

size_t TaskSpec::bytes() const {
  size_t total = sizeof(TaskSpec) + id.size() + description.size() + payload.size() +
                 content_type.size() + target.url.size() + schedule.cron.size() +
                 schedule.timezone.size() + schedule.source.size();
  for (const auto& [key, value] : labels) total += sizeof(NamedText) + key.size() + value.size();
  for (const auto& [name, value] : target.headers) {
    total += sizeof(NamedText) + name.size() + value.size();
  }
  return total;
}

std::optional<Instant> TaskState::wake() const {
  if (deleted) return open.empty() ? std::nullopt : std::optional(updated);
  std::optional<Instant> earliest;
  auto consider = [&earliest](Instant t) { earliest = earliest ? std::min(*earliest, t) : t; };
  if (pause) {
    // A run in flight when the pause came still has to be accounted for if its process is gone.
    for (const OpenRun& run : open) {
      if (run.in_flight) consider(run.next_attempt);
    }
    if (pause->until) consider(*pause->until);
    return earliest;
  }
  if (next_due) consider(*next_due);
  for (const OpenRun& run : open) consider(run.next_attempt);
  return earliest;
}

TaskStatus status_of(const TaskState& state) {
  if (state.pause) return TaskStatus::kPaused;
  return state.next_due || !state.open.empty() ? TaskStatus::kActive : TaskStatus::kCompleted;
}

}  // namespace hourwheel
