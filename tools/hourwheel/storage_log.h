// The line of the log that tells of a change in the room on the disk.
#pragma once

#include "engine/metrics.h"

namespace hourwheel {

void log_storage(const StorageMetrics& now);

}  // namespace hourwheel
