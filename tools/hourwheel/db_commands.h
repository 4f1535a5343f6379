// `hourwheel db …`; the exit code.
#pragma once

#include "tools/hourwheel/options_db.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_db_command(const DbOptions& options, const Terminal& terminal);

}  // namespace hourwheel
