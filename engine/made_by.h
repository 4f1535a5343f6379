// How many tasks each API key has made, of those that are there (TaskState::created_by). Tasks
// without a maker are nobody's.
//
// A store keeps the figures beside its tasks and changes both in one transaction, so that a start
// reads a row for each key and looks at no task.
// Cost: a look into a map for each task that is made or removed. Thread: values.
#pragma once

#include "engine/change.h"

namespace hourwheel {

// How many more (or, less than zero, fewer) there are with this batch; no key has zero.
MadeBy tasks_made(const Batch& batch);

// The same figures with those of a batch.
void add_up(MadeBy& all, const MadeBy& more);

}  // namespace hourwheel
