// The part of the shard that keeps to the quotas of keys (engine/task_quotas.h).
#include <string>

#include "engine/shard.h"

namespace hourwheel {

// A place for the task that this command makes. To ask for last: what is refused afterwards would
// keep it.
Status Shard::take_place(const Command& command) const {
  if (!command.max_tasks || doors_.quotas == nullptr) return {};
  if (doors_.quotas->take(command.actor.key, *command.max_tasks)) return {};
  const auto taken = doors_.quotas->taken(command.actor.key);
  if (!taken) return failure(ErrorCode::kQuotaExceeded, "", "the key was revoked");
  return failure(ErrorCode::kQuotaExceeded, "",
                 "the key has " + std::to_string(*taken) + " tasks, and its max_tasks is " +
                     std::to_string(*command.max_tasks));
}

// For a task that the shard makes: it is its maker's, of whom one is never refused (TQ1).
void Shard::count_place(const TaskState& made) const {
  if (doors_.quotas != nullptr && !made.created_by.empty()) doors_.quotas->add(made.created_by);
}

// Before anybody is told: who deletes a task may make another one as soon as that is acknowledged.
void Shard::give_places_back(const Batch& durable) const {
  if (doors_.quotas == nullptr) return;
  for (const TaskChange& change : durable.tasks) {
    const bool had_one = change.kind == ChangeKind::kRemove && !change.state.created_by.empty();
    if (had_one) doors_.quotas->give_back(change.state.created_by);
  }
}

}  // namespace hourwheel
