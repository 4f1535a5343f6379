// `hourwheel run …`: runs from a terminal.
#pragma once

#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_run_command(const RunOptions& options, Terminal& terminal);

// One run that was asked for by its own id; the exit code.
int print_run(const View& view, const ApiAnswer& answer);

}  // namespace hourwheel
