// `key`: makes, lists and revokes API keys, of a server that runs or, for the first key and when
// all are lost, in a data folder that no server uses.
#pragma once

#include "tools/hourwheel/options_key.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_key_command(const KeyOptions& options, Terminal& terminal);

}  // namespace hourwheel
