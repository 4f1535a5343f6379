// `hourwheel server`, `stats`, `health`, `log-level`, `drain` and `version`.
#pragma once

#include "tools/hourwheel/options.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_server_command(const ServerOptions& options, Terminal& terminal);
int print_version(const VersionOptions& options);

}  // namespace hourwheel
