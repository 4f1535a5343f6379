#include "tests/sim/status_check.h"

namespace hourwheel {

void check_statuses(const Ledger& ledger, const StatusCounts& found, const char* where,
                    Trace& trace) {
  StatusCounts there;
  for (const auto& [number, task] : ledger.tasks()) {
    if (task.has_spec) ++there.of(status_of(task.state));
  }
  if (found == there) return;
  trace.fail(
      "SC1 %s %lld active, %lld paused and %lld completed tasks, where %lld, %lld and %lld "
      "are there",
      where, static_cast<long long>(found.active), static_cast<long long>(found.paused),
      static_cast<long long>(found.completed), static_cast<long long>(there.active),
      static_cast<long long>(there.paused), static_cast<long long>(there.completed));
}

StatusCounts shown_statuses(const ShardMetrics& metrics) {
  StatusCounts shown;
  for (TaskStatus status : {TaskStatus::kActive, TaskStatus::kPaused, TaskStatus::kCompleted}) {
    shown.of(status) = metrics.tasks(status).value();
  }
  return shown;
}

}  // namespace hourwheel
