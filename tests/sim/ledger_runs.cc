// The part of the ledger that follows attempts on the wire, dead letters, what is redriven, and
// backfills.
#include <algorithm>
#include <set>

#include "tests/sim/ledger.h"
#include "tests/sim/sim_wire.h"

namespace hourwheel {

// What task.state says here is still what was durable before this batch: of an attempt that was
// reported on while it was in flight the end may never have been seen.
void Ledger::check_wire(const Task& task, const RunRecord& record) {
  const AttemptOutcome& outcome = record.outcome;
  const AttemptWire told = outcome.result == AttemptResult::kRecorded
                               ? AttemptWire{}
                               : sim_wire(record.key, record.attempt);
  if (outcome.wire == told) return;
  const OpenRun* open = task.state.find_open(record.key);
  const bool reported = outcome.result == AttemptResult::kReportedSuccess ||
                        outcome.result == AttemptResult::kReportedFailure;
  const bool seen = open != nullptr && open->awaited;
  if (reported && !seen && outcome.wire == AttemptWire{}) return;
  trace_.fail("AW2 run %lld, attempt %u has the wire of another or of none",
              static_cast<long long>(record.key.instant_or_nonce), record.attempt);
}

// --- dead letters ---

void Ledger::take_letter(const TaskRun& run, const char* fate) {
  if (letters_.erase(run.run) > 0) return;
  trace_.fail("C-14 run %lld of task %llu is %s and has no dead letter",
              static_cast<long long>(run.run.instant_or_nonce), shown(run.task.value), fate);
}

void Ledger::redrive(const TaskRun& run) {
  take_letter(run, "redriven");
  ended_.erase(run.run);
}

// It stays dead.
void Ledger::discard(const TaskRun& run) {
  take_letter(run, "discarded");
}

// Each death has its letter, in the same batch, unless the task is gone.
void Ledger::bury(const Batch& batch) {
  std::set<RunKey> buried;
  for (const DeadRun& dead : batch.died) {
    buried.insert(dead.run);
    letters_.insert_or_assign(dead.run, dead);
  }
  std::set<RunKey> died;
  for (const RunRecord& record : batch.records) {
    if (record.state != RunState::kDead) continue;
    died.insert(record.key);
    const Task* of = task(record.task);
    bool removed = std::any_of(batch.tasks.begin(), batch.tasks.end(), [&](const auto& change) {
      return change.number == record.task && change.kind == ChangeKind::kRemove;
    });
    if (of != nullptr && of->has_spec && !removed && !buried.contains(record.key)) {
      trace_.fail("C-14 run %lld of task %llu died without a dead letter",
                  static_cast<long long>(record.key.instant_or_nonce), shown(record.task.value));
    }
  }
  for (const RunKey& run : buried) {
    if (!died.contains(run)) {
      trace_.fail("C-14 run %lld has a dead letter and did not die",
                  static_cast<long long>(run.instant_or_nonce));
    }
  }
}

void Ledger::check_open(const Task& task) {
  if (!task.has_state) return;
  std::set<RunKey> seen;
  for (const OpenRun& run : task.state.open) {
    if (!seen.insert(run.key).second || ended_.contains(run.key)) {
      trace_.fail("S2 run %lld of task %llu is open %s",
                  static_cast<long long>(run.key.instant_or_nonce), shown(task.number.value),
                  ended_.contains(run.key) ? "and has ended" : "twice");
    }
  }
}

bool Ledger::is_open(TaskKey key, const RunKey& run) const {
  const Task* task = live(key);
  return task != nullptr && std::any_of(task->state.open.begin(), task->state.open.end(),
                                        [&run](const OpenRun& open) { return open.key == run; });
}

bool Ledger::is_redriven(TaskKey key, const RunKey& run) const {
  const Task* task = live(key);
  auto is_it = [&run](const OpenRun& open) { return open.key == run && open.redrive_count > 0; };
  return task != nullptr && std::any_of(task->state.open.begin(), task->state.open.end(), is_it);
}

// --- backfill ---

// What a state says of an order, and of its runs.
void Ledger::follow_backfill(const Task& task) {
  if (const auto& order = task.state.backfill) {
    orders_.try_emplace(
        order->order,
        Order{task.number, Oracle(task.spec.schedule, task.key), order->next, order->last, {}});
  }
  for (const OpenRun& run : task.state.open) {
    auto order = orders_.find(run.key.generation);
    if (run.key.trigger == Trigger::kBackfill && order != orders_.end()) {
      order->second.made.insert(run.due);
    }
  }
}

void Ledger::check_backfill(const Task& task) {
  for (const auto& [number, order] : orders_) {
    if (order.task != task.number) continue;
    const auto& now = task.state.backfill;
    const bool under_way = task.has_state && now && now->order == number;
    std::optional<Instant> expected = order.first;
    for (Instant made : order.made) {
      if (expected != made || made > order.last) {
        trace_.fail("BF1 task %llu: the backfill made a run for %lld, expected was %lld",
                    shown(task.number.value), shown(made), shown(expected));
      }
      expected = order.oracle.next_run_after(made);
    }
    if (under_way && expected != now->next) {
      trace_.fail("BF1 task %llu: the backfill has come to %lld, its runs to %lld",
                  shown(task.number.value), shown(now->next), shown(expected));
    }
  }
}

}  // namespace hourwheel
