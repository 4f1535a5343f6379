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
  queues.keys = keys_under_way_.size();
  queues.armed_bytes = armed_bytes_;
  queues.run_payload_bytes = payload_bytes_;
  return queues;
}

ShardContents::Held Shard::held_of(const HotTask& task) const {
  const bool durable = task.held <= commit_.durable();
  const bool stored = task.dirty <= commit_.durable() && !task.unstored;
  const bool waits = task.fetching || task.wanting || task.in_line || task.flights > 0;
  const bool knows = task.known && task.exists && !task.quarantined;
  ShardContents::Held held;
  held.number = task.number;
  held.key = task.key;
  if (task.in_wheel) held.in_wheel = task.wheel_due;
  held.armed = task.armed != nullptr;
  if (task.armed && task.flights == 0 && !task.called_by) held.definition = task.armed->bytes;
  held.payloads = task.state.payload_bytes();
  held.in_line = task.in_line && durable && task.waiting.empty();
  held.called = task.called_by.has_value();
  held.lost = task.called_by && !task.fetching &&
              std::find(called_.begin(), called_.end(), task.self) == called_.end();
  held.has_open = task.dirty <= commit_.durable() && task.exists && !task.state.open.empty();
  held.stuck = !task.waiting.empty() && !task.fetching && durable;
  held.at_rest = stored && knows && !waits && !task.called_by && task.waiting.empty();
  return held;
}

ShardContents Shard::contents() {
  ShardContents all;
  tasks_.for_each([&](SlabHandle, const HotTask& task) { all.tasks.push_back(held_of(task)); });
  wheel_.for_each([&](const WheelEntry& entry) {
    const auto number = DormantTasks::number_in({entry.slot, entry.generation});
    if (number && dormant_.holds(*number, entry.due)) all.dormant.push_back({*number, entry.due});
  });
  all.stirred.assign(stirred_.begin(), stirred_.end());
  for (const Unkept& one : unkept_) all.unkept.push_back(one.number);
  all.horizon = horizon_.position();
  all.latest = latest_;
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
