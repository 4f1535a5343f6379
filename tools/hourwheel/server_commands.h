// `hourwheel server`, `health` and `version`.
#pragma once

#include "tools/hourwheel/options.h"

namespace hourwheel {

int run_server_command(const ServerOptions& options);
int print_version(const VersionOptions& options);

}  // namespace hourwheel
