// What the engine asks the store to make durable. A batch is one commit and one flush (C-1); its
// changes are applied in order, its replies leave when it is durable (S1).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/answer.h"
#include "engine/audit.h"
#include "engine/status_counts.h"
#include "engine/task.h"

namespace hourwheel {

enum class ChangeKind : uint8_t {
  kCreate,   // a new task: definition and state
  kReplace,  // a stored task's definition and state
  kState,    // the state only (a firing, a pause)
  kRemove,   // the definition; the state too unless it has open runs (state.deleted is set)
  kForget,   // the state of a deleted task, whose last open run has ended
};

struct TaskChange {
  ChangeKind kind = ChangeKind::kState;
  TaskNumber number;
  TaskKey key;
  std::unique_ptr<TaskSpec> spec;   // kCreate and kReplace only
  TaskState state;                  // after the change; empty for kForget
  std::optional<TaskStatus> was{};  // how it counted before; none: it did not (SC1)
  std::string id;  // kRemove only, for those who follow: nobody can look it up later
};

struct TaskRun {  // a run, as the store finds it
  TaskNumber task;
  RunKey run;
};

struct Batch {
  uint64_t sequence = 0;  // 1, 2, 3 … within one life of the shard
  std::vector<TaskChange> tasks;
  std::vector<RunRecord> records;   // appended to the run log
  std::vector<TaskRun> redriven;    // whose dead letters go
  std::vector<TaskRun> discarded;   // the same, and they stay dead
  std::vector<DeadRun> died;        // become dead letters; a removed task's go with it
  std::vector<KeptAnswer> answers;  // to commands with a key (AK2)
  std::vector<AuditEntry> audit;    // of the commands (AU1), in the order of the changes
  // Highest number or version handed out so far (C-3); always stored with the batch.
  uint64_t counter = 0;
  // Sends may happen up to here (C-8). Unset: as it was. Zero: a clean stop, nothing in flight.
  std::optional<Instant> send_mark;
  size_t bytes = 0;  // an estimate, for the bounds
};

// Numbers of tasks by the id of the key that made them (engine/made_by.h).
using MadeBy = std::map<std::string, int64_t, std::less<>>;

// What a shard must know of its past to go on; everything else it reads through scans.
struct RecoveredShard {
  uint64_t counter = 0;
  Instant send_mark;  // zero: the last stop was clean
  // Brought back from a backup then: whatever was due up to then, the server that made the backup
  // may have sent since, also what is to be sent at most once. Zero: never.
  Instant restored{};
  // What is stored of each key; for the quotas, not for the shard.
  MadeBy made_by{};
  StatusCounts statuses{};  // of all tasks that are stored
};

}  // namespace hourwheel
