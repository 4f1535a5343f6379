// `hourwheel import crontab FILE`: says what a crontab means here, and creates its tasks.
#pragma once

#include "tools/hourwheel/options.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Exit codes: 0 every line was taken, or it was a dry run; 1 some were not, or nothing was created.
int run_crontab_import(const ImportOptions& options, Terminal& terminal);

}  // namespace hourwheel
