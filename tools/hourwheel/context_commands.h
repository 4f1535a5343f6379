// `hourwheel context …`: named servers.
#pragma once

#include "tools/hourwheel/options_context.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_context_command(const ContextOptions& options, const Terminal& terminal);

}  // namespace hourwheel
