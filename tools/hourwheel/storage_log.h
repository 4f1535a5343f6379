// The line of the log that tells of a change in the room on the disk.
#pragma once

#include "engine/metrics.h"
#include "tools/hourwheel/log.h"

namespace hourwheel {

void log_storage(Log& log, const StorageMetrics& now);

}  // namespace hourwheel
