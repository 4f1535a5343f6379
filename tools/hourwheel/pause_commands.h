// `hourwheel pause` and `hourwheel resume`: global pauses from a terminal.
#pragma once

#include "engine/base/time.h"
#include "tools/hourwheel/options.h"

namespace hourwheel {

// Prints the pause as the server's JSON. Exit codes: 0 ok, 1 failure, 2 usage, 3 not found,
// 5 conflict, 6 server unreachable.
int run_pause_command(const PauseOptions& options, Instant now);

}  // namespace hourwheel
