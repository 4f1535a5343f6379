// `hourwheel task …`: the API from a terminal.
#pragma once

#include "tools/hourwheel/options.h"

namespace hourwheel {

// Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 5 conflict, 6 server unreachable.
int run_task_command(const TaskOptions& options);

}  // namespace hourwheel
