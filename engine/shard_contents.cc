// What the shard holds, for checkers (engine/shard_contents.h).
#include "engine/shard_contents.h"

#include <algorithm>

#include "engine/shard.h"

namespace hourwheel {

ShardQueues Shard::queues() const {
  ShardQueues queues;
  queues.tasks = tasks_.size();
  queues.dormant = dormant_tasks();
  queues.commands = commands_waiting_;
  queues.queries = queries_;
  queues.fetches = fetches_;
  queues.wanting = wanting_.size() + wanting_later_.size();
  queues.in_line = admission_.waiting();
  queues.flights = flights_.size();
  queues.places = admission_.in_flight();
  queues.claims = claims_.size();
  queues.unkept = unkept_.size();
  queues.changes = commit_.changes();
  queues.callbacks = batch_callbacks_;
  queues.armed_bytes = armed_bytes_;
  return queues;
}

ShardContents Shard::contents() {
  ShardContents all;
  size_t largest = 0;
  tasks_.for_each([&](SlabHandle, const HotTask& task) {
    const bool stored = task.dirty <= commit_.durable() && !task.unstored;
    const bool waits =
        task.fetching || task.wanting || task.in_line || task.called_by || task.flights > 0;
    const bool lost = task.called_by && !task.fetching &&
                      std::find(called_.begin(), called_.end(), task.self) == called_.end();
    const bool knows = task.known && task.exists && !task.quarantined;
    const bool stuck = !task.waiting.empty() && !task.fetching && task.held <= commit_.durable();
    all.tasks.push_back({task.number, task.key,
                         task.in_wheel ? std::optional(task.wheel_due) : std::nullopt,
                         task.armed != nullptr, task.called_by.has_value(), lost, stuck,
                         stored && knows && !waits && task.waiting.empty()});
    const bool counts = task.armed && task.flights == 0 && !task.called_by;
    const size_t bytes = counts ? task.armed->bytes : 0;
    all.armed_bytes += bytes;
    const bool changing = task.held > commit_.durable() || !task.waiting.empty();
    if (!task.in_line || changing) return;
    all.line_bytes += bytes;
    largest = std::max(largest, bytes);
  });
  all.line_bytes -= largest;
  wheel_.for_each([&](const WheelEntry& entry) {
    const auto number = DormantTasks::number_in({entry.slot, entry.generation});
    if (number && dormant_.holds(*number, entry.due)) all.dormant.push_back({*number, entry.due});
  });
  all.stirred.assign(stirred_.begin(), stirred_.end());
  for (const Unkept& one : unkept_) all.unkept.push_back(one.number);
  all.horizon = horizon_.position();
  all.reading = horizon_.reading();
  all.parked = parking_.ranges();
  all.cells = dormant_.size();
  all.wheel_live = wheel_.size() - wheel_.stale();
  all.looks_at_due = !draining_ && !enough_gathered();
  all.heard_all = arrived_.empty() && commands_.empty();
  wheel_.verify();
  return all;
}

}  // namespace hourwheel
