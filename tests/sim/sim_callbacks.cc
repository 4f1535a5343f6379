#include "tests/sim/sim_callbacks.h"

#include <algorithm>

#include "tests/sim/ledger.h"

namespace hourwheel {
namespace {

std::string words_of(const std::string& id, const RunRecord& record) {
  return id + " " + run_id(task_key(id), record.key) + " " +
         std::to_string(static_cast<int>(record.state)) + " after " +
         std::to_string(record.attempt);
}

// By the contract's words once more.
std::string expected_url(const Callbacks& callbacks, const RunRecord& record) {
  const bool dead = record.state == RunState::kDead;
  const bool failed =
      dead || record.state == RunState::kUnknown ||
      (record.state == RunState::kSkipped && record.skip_reason == SkipReason::kExpired);
  if (record.state == RunState::kSucceeded && callbacks.on_success) {
    return callbacks.on_success->url;
  }
  if (dead && callbacks.on_dead) return callbacks.on_dead->url;
  if (failed && callbacks.on_failure) return callbacks.on_failure->url;
  return "";
}

bool is_callback(const TaskChange& change) {
  return change.kind == ChangeKind::kCreate && !change.spec->labels.empty() &&
         change.spec->labels.front().first == "callback-of";
}

bool is_removed(const Batch& batch, TaskNumber task) {
  return std::any_of(batch.tasks.begin(), batch.tasks.end(), [task](const TaskChange& change) {
    return change.kind == ChangeKind::kRemove && change.number == task;
  });
}

bool may_go(const TaskSpec& spec, const TaskState& state) {
  return spec.on_complete == OnComplete::kDelete && !state.next_due && state.open.empty() &&
         state.catch_up.empty() && !state.backfill && state.counts.dead == 0 &&
         state.last_run.state != RunState::kUnknown;
}

}  // namespace

std::string SimTeller::tell(const RunEnd& end) const {
  return words_of(end.spec.id, end.record);
}

Partitions partitions_of(uint32_t shard, uint32_t shards) {
  Partitions own;
  for (uint32_t i = 0; i < kPartitions; ++i) own.set(i, i % shards == shard);
  return own;
}

void CallbackCheck::check_made(const Made& made, const Batch& batch) {
  const TaskChange& change = *made.change;
  ++seen_;
  if (!made.explained) {
    trace_.fail("B1 batch %llu makes a callback of no end: %s",
                static_cast<unsigned long long>(batch.sequence), change.spec->payload.c_str());
  }
  if (!own_.test(partition_of(change.key))) {
    trace_.fail("S4 a callback's id belongs to another shard: %s", change.spec->id.c_str());
  }
  if (change.state.next_due != change.state.created) {
    trace_.fail("B4 a callback is due %lld ms after it was made",
                static_cast<long long>((*change.state.next_due - change.state.created).ms));
  }
}

void CallbackCheck::before(const Batch& batch, const Ledger& ledger) {
  std::vector<Made> made;
  for (const TaskChange& change : batch.tasks) {
    if (is_callback(change)) made.push_back({&change});
  }
  for (const RunRecord& record : batch.records) {
    if (is_end(record.state)) explain(record, batch, ledger, made);
  }
  for (const Made& one : made) check_made(one, batch);
  for (const TaskChange& change : batch.tasks) {
    const Ledger::Task* task = ledger.task(change.number);
    if (change.kind == ChangeKind::kReplace && task != nullptr) {
      former_[change.number] = {task->spec.callbacks, batch.sequence};
    }
  }
}

void CallbackCheck::new_life() {
  former_.clear();
  due_to_go_.clear();
}

void CallbackCheck::explain(const RunRecord& record, const Batch& batch, const Ledger& ledger,
                            std::vector<Made>& made) {
  const Ledger::Task* task = ledger.task(record.task);
  if (task == nullptr) return;
  // Ends are judged by the definition in memory: the one before, until its change is durable, and
  // for good if the task was deleted meanwhile.
  std::string urls[] = {expected_url(task->spec.callbacks, record), ""};
  auto former = former_.find(record.task);
  const bool in_doubt =
      former != former_.end() && (former->second.batch + 1 == batch.sequence || !task->has_spec);
  if (in_doubt) urls[1] = expected_url(former->second.callbacks, record);
  // B2: of a deleted task; a claim of a former life may be lost by the delete itself.
  const bool lost = record.state == RunState::kUnknown &&
                    record.outcome.result == AttemptResult::kNone && is_removed(batch, record.task);
  const bool must = task->has_spec && !lost && !urls[0].empty() && (!in_doubt || !urls[1].empty());
  const std::string words = words_of(task->spec.id, record);
  size_t found = 0;
  for (Made& one : made) {
    const TaskSpec& spec = *one.change->spec;
    const bool right_url = spec.target.url == urls[0] || spec.target.url == urls[1];
    const bool right_task = spec.labels.front().second == task->spec.id;
    if (spec.payload != words || !right_task || !right_url) continue;
    one.explained = true;
    ++found;
  }
  if (found > 1 || (must && found == 0)) {
    trace_.fail("B1 %zu callbacks for the end of a run: %s", found, words.c_str());
  }
}

void CallbackCheck::after(const Batch& batch, const Ledger& ledger) {
  for (const TaskChange& change : batch.tasks) {
    const Ledger::Task* task = ledger.task(change.number);
    if (task == nullptr) continue;
    if (change.kind == ChangeKind::kRemove && may_go(task->spec, change.state)) {
      completed_.emplace(change.key, change.state.version);
    }
    if (task->has_spec && may_go(task->spec, task->state)) {
      due_to_go_.insert(change.number);
    }
  }
  // It may take a few batches: a task with commands that wait for a fetch goes after them.
  std::erase_if(due_to_go_, [&ledger](TaskNumber number) {
    const Ledger::Task* task = ledger.task(number);
    return !task->has_spec || !may_go(task->spec, task->state);
  });
}

void CallbackCheck::at_rest() {
  if (due_to_go_.empty()) return;
  trace_.fail("task %llu is over and is there at rest",
              static_cast<unsigned long long>(due_to_go_.begin()->value));
}

}  // namespace hourwheel
