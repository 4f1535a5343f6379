// Asks before something is done that cannot be taken back.
#pragma once

#include <string>

#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// The question says what would be done, to how many, and ends in "Go on?". kOk: somebody agreed;
// else the exit code, and nothing is to be done. Where nobody can be asked that is one of a wrong
// command line: --yes agrees beforehand.
int confirm(Terminal& terminal, const std::string& question);

}  // namespace hourwheel
