// Open runs of many tasks, canceled by filter: the action `cancel` of POST /v1/runs:bulk.
#pragma once

#include "api/calls.h"
#include "engine/message.h"

namespace hourwheel {

// Requires: the filter names a task or labels. dry_run: they are only counted.
enum class CancelMode : uint8_t { kCancel, kDryRun };
void cancel_open_runs(Calls& calls, Call& call, DeadFilter filter, CancelMode mode);

}  // namespace hourwheel
