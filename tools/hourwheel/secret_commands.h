// `hourwheel secret …`: keeps, lists and deletes the secrets of a server; lists and deletes those
// of a data folder that no server uses, also without the key that opens them.
#pragma once

#include "tools/hourwheel/options_secret.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_secret_command(const SecretOptions& options, Terminal& terminal);

}  // namespace hourwheel
