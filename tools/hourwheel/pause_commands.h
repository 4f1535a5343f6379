// `hourwheel pause` and `hourwheel resume`: global pauses from a terminal.
#pragma once

#include "tools/hourwheel/options.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Prints the pause, or all that were ended. Exit codes: 0 ok, 1 failure, 2 usage, 3 not found,
// 5 conflict, 6 server unreachable.
int run_pause_command(const PauseOptions& options, const Terminal& terminal);

}  // namespace hourwheel
