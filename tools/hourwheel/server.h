// The server program: opens the data folder, starts a store thread for each shard and a reactor for
// each core, serves until told to stop, and stops in order (C-26).
#pragma once

#include "tools/hourwheel/options.h"

namespace hourwheel {

// Exit codes: 0 a clean stop, 1 it could not start, 70 a store failed (C-22), 78 an unsafe
// configuration was refused.
int serve(const ServeOptions& options);

}  // namespace hourwheel
