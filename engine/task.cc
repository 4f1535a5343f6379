#include "engine/task.h"

#include <algorithm>

namespace hourwheel {

size_t TaskSpec::bytes() const {
  size_t total = sizeof(TaskSpec) + id.size() + description.size() + payload.size() +
                 content_type.size() + target.url.size() + schedule.held_bytes();
  for (const auto& [key, value] : labels) total += sizeof(NamedText) + key.size() + value.size();
  for (const auto& [name, value] : target.headers) {
    total += sizeof(NamedText) + name.size() + value.size();
  }
  return total;
}

std::optional<Instant> TaskState::wake() const {
  // At once, whatever the clock of the next life shows (C-20).
  if (deleted) return open.empty() ? std::nullopt : std::optional(kFirstInstant);
  if (pause) return pause->until;
  if (open.empty()) return next_due;
  // What comes due meanwhile waits for the open runs (C-12). An earlier wake would lose the task:
  // it would be read with the range of that wake, have nothing to do there and be let go, and
  // nobody would find it in the range of its next attempt.
  Instant earliest = open.front().next_attempt;
  for (const OpenRun& run : open) earliest = std::min(earliest, run.next_attempt);
  return earliest;
}

TaskStatus status_of(const TaskState& state) {
  if (state.pause) return TaskStatus::kPaused;
  return state.next_due || !state.open.empty() ? TaskStatus::kActive : TaskStatus::kCompleted;
}

}  // namespace hourwheel
