// How many tasks there are in each state (TaskStatus), of those that are there.
//
// Each change says how its task stood before (TaskChange::was), so that what a batch adds is told
// by the batch alone. A store keeps the figures beside its tasks and changes both in one
// transaction, so that a start reads a row for each state and looks at no task.
//
//   SC1  A task counts from its creation to its removal, by the last of its changes.
// Cost: O(1) a change. Thread: values.
#pragma once

#include <optional>

#include "engine/task.h"

namespace hourwheel {

struct Batch;
struct TaskChange;

// That a stored definition cannot be used is not stored: such a task counts as what it was.
struct StatusCounts {
  int64_t active = 0;
  int64_t paused = 0;
  int64_t completed = 0;
  friend bool operator==(const StatusCounts&, const StatusCounts&) = default;

  // Requires: a status that is stored.
  int64_t& of(TaskStatus status);
};

// As what the task of the change counts afterwards; none: it does not count any more.
std::optional<TaskStatus> counts_as(const TaskChange& change);

// How many more (or, less than zero, fewer) there are with this batch.
StatusCounts counts_moved(const Batch& batch);

// The same figures with those of a batch.
void add_up(StatusCounts& all, const StatusCounts& more);

}  // namespace hourwheel
