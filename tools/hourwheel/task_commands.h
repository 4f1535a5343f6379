// `hourwheel task …`: the API from a terminal.
#pragma once

#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// The exit codes are those of answer_text.h.
int run_task_command(const TaskOptions& options, Terminal& terminal);

}  // namespace hourwheel
