// `hourwheel task export` and `task import`: tasks as lines of JSON, to and from a file of any
// size.
#pragma once

#include "tools/hourwheel/options.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Exit codes: 0 ok, 1 some lines failed or the file cannot be read or written, 6 the server cannot
// be reached; a refusal of the whole has that of its status.
int run_export(const TaskOptions& options, const Terminal& terminal);
int run_import(const TaskOptions& options, const Terminal& terminal);

}  // namespace hourwheel
