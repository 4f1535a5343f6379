// Which runs the retentions of tasks may have removed from the run log.
#include <algorithm>

#include "tests/sim/ledger.h"

namespace hourwheel {

std::set<uint64_t> Ledger::may_be_gone(const Task& task) const {
  std::set<uint64_t> gone = task.gone;
  if (task.spec.keep_runs == 0) return gone;
  std::set<RunKey> newest;
  std::set<RunKey> older;
  for (auto run = task.runs.rbegin(); run != task.runs.rend(); ++run) {
    const auto& [position, record] = *run;
    const RunKey& key = record.key;
    if (newest.contains(key) || task.state.find_open(key) != nullptr) continue;
    // Of a run that is not open the last row is its end.
    if (newest.size() < task.spec.keep_runs && !older.contains(key)) {
      newest.insert(key);
      continue;
    }
    older.insert(key);
    const auto letter = letters_.find(key);
    const bool is_kept =
        letter != letters_.end() && letter->second.ended + kDeadKept > trace_.latest();
    if (!is_kept) gone.insert(position);
  }
  return gone;
}

// What changes how many runs are kept, or which have ended, changes nothing about what is gone.
void Ledger::let_go(const Batch& batch) {
  auto note = [this](TaskNumber number) {
    const auto found = tasks_.find(number);
    if (found != tasks_.end()) found->second.gone = may_be_gone(found->second);
  };
  for (const TaskRun& run : batch.redriven) note(run.task);
  for (const TaskChange& change : batch.tasks) {
    if (change.kind == ChangeKind::kReplace) note(change.number);
  }
}

}  // namespace hourwheel
