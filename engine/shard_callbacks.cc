// The part of the shard that does what follows from the end of a run beside its own task: the
// callback that tells of it (engine/callback.h), the line of the log, and a task that is over and
// is to go.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/callback.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

// Even one partition of all is missed once in e^1000 searches.
constexpr uint32_t kKeyTries = kPartitions * 1000;

}  // namespace

// Requires: the run is still open.
void Shard::call_back(const HotTask& task, const RunRecord& record) {
  if (!task.armed) return;  // B2
  const TaskSpec& of = task.armed->spec;
  const Callback* callback = callback_for(of.callbacks, record.state, record.skip_reason);
  if (callback == nullptr) return;
  const OpenRun* run = task.state.find_open(record.key);
  HW_CHECK(run != nullptr, "B1 a run is told of when it ends");
  auto spec = std::make_unique<TaskSpec>(callback_task(of, *callback, now_.utc));
  spec->payload = doors_.callbacks.tell({of, task.key, record, run->first_started, run->attempts});
  TaskChange made;
  made.kind = ChangeKind::kCreate;
  made.key = generate_task_key(now_.utc, random_, kKeyTries,
                               [this](TaskKey key) { return partitions_.test(partition_of(key)); });
  HW_CHECK(partitions_.test(partition_of(made.key)), "S4 what a shard makes is its own");
  spec->id = generated_id(made.key);
  made.number = {commit_.next_number()};
  made.state = first_state(*spec, made.number, now_.utc);
  made.state.created_by = task.state.created_by;
  made.spec = std::move(spec);
  count_place(made.state);
  metrics_.callbacks.add();
  ++batch_callbacks_;
  keep_or_leave(std::move(made));
}

void Shard::log_failure(const HotTask& task, const RunRecord& record) const {
  const bool ends = record.state == RunState::kDead || record.state == RunState::kUnknown;
  if (!ends && record.state != RunState::kRetrying) return;
  const LogLevel level = ends ? LogLevel::kWarning : LogLevel::kDebug;
  if (doors_.log == nullptr || !doors_.log->takes(level)) return;
  LogRecord line{level, "runs", "an attempt has failed"};
  if (record.state == RunState::kDead) line.message = "a run is dead";
  if (record.state == RunState::kUnknown) line.message = "a run may have been carried out or not";
  if (task.armed) line.fields.push_back({"task_id", task.armed->spec.id});
  line.fields.push_back({"run_id", run_id(task.key, record.key)});
  line.fields.push_back({"attempt", std::to_string(record.attempt)});
  if (record.outcome.status != 0) {
    line.fields.push_back({"status", std::to_string(record.outcome.status)});
  }
  if (!record.outcome.detail.empty()) line.fields.push_back({"err", record.outcome.detail});
  doors_.log->write(std::move(line));
}

// B4
void Shard::keep_or_leave(TaskChange made) {
  HotTask* task = tasks_.size() < line_limits_.callbacks_kept ? keep(made.key) : nullptr;
  if (task == nullptr) {
    unkept_.push_back({commit_.sequence(), made.number, *made.state.wake()});
    return add(std::move(made));
  }
  task->known = task->exists = true;
  task->number = made.number;
  task->state = std::move(made.state);
  change(*task, ChangeKind::kCreate, std::move(made.spec), Holds::kStarts);
}

// N5: what is durable and below the horizon would be found by nobody else.
void Shard::park_unkept() {
  while (!unkept_.empty() && unkept_.front().batch <= commit_.durable()) {
    const Unkept& task = unkept_.front();
    if (horizon_.covers(task.wake)) {
      parking_.park(ParkReason::memory(), {task.wake.ms >> kSliceBits, task.number}, task.wake);
      metrics_.parked.add();
    }
    unkept_.pop_front();
  }
}

// Its schedule is over, no run of it is open, and nothing is left to be looked at.
bool Shard::is_complete(const HotTask& task) {
  if (!task.armed || task.armed->spec.on_complete != OnComplete::kDelete) return false;
  const TaskState& state = task.state;
  const RunState last = state.last_run.state;
  return !state.next_due && state.catch_up.empty() && !state.backfill && state.open.empty() &&
         state.counts.dead == 0 && last != RunState::kUnknown;
}

// In the batch of its last run's end, and in place of the change that stores that.
void Shard::remove_complete(HotTask& task) {
  task.exists = false;
  task.state.updated = now_.utc;
  auto& changes = commit_.open().tasks;
  if (!changes.empty() && changes.back().number == task.number &&
      changes.back().kind == ChangeKind::kState) {
    changes.back().kind = ChangeKind::kRemove;
    changes.back().state.updated = now_.utc;
    task.counted.reset();
    task.held = task.dirty;
  } else {
    change(task, ChangeKind::kRemove, nullptr, Holds::kStarts);
  }
  if (task.armed) changes.back().id = task.armed->spec.id;
}

}  // namespace hourwheel
