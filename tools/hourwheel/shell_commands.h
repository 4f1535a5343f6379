// `hourwheel completion`, `man` and `__complete`.
#pragma once

#include "tools/hourwheel/options_shell.h"

namespace hourwheel {

int run_shell_command(const ShellOptions& options, const VerbWords& top);

}  // namespace hourwheel
