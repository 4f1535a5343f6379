// The part of the shard that knows how many of its tasks are in each state
// (engine/status_counts.h). The figures are those of what is durable (C-3). Tasks whose stored
// definition was found unusable in this life are shown as quarantined in place of what they are
// stored as.
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {

void Shard::count_statuses(const Batch& durable) {
  add_up(statuses_, counts_moved(durable));
  if (!damaged_.empty()) {
    for (const TaskChange& change : durable.tasks) {
      const auto damaged = damaged_.find(change.number);
      if (damaged == damaged_.end()) continue;
      const auto now = counts_as(change);
      if (now) {
        damaged->second = *now;
      } else {
        damaged_.erase(damaged);
      }
    }
  }
  show_statuses();
}

// Beyond the limit they are shown as what they are stored as.
void Shard::count_damaged(TaskNumber number, TaskStatus stored) {
  if (damaged_.size() >= kMaxDamagedKnown) return;
  damaged_.try_emplace(number, stored);
  show_statuses();
}

// Cost: a look at each task that is known to be damaged, of which there are few.
void Shard::show_statuses() {
  StatusCounts usable = statuses_;
  for (const auto& [number, stored] : damaged_) --usable.of(stored);
  metrics_.tasks(TaskStatus::kActive).set(usable.active);
  metrics_.tasks(TaskStatus::kPaused).set(usable.paused);
  metrics_.tasks(TaskStatus::kCompleted).set(usable.completed);
  metrics_.tasks(TaskStatus::kQuarantined).set(static_cast<int64_t>(damaged_.size()));
}

}  // namespace hourwheel
