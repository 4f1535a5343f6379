// Scripts that let a shell complete what is typed after `hourwheel`.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/verb_table.h"

namespace hourwheel {

enum class Shell : uint8_t { kBash, kZsh, kFish };

// Ids come from `hourwheel __complete`, which asks the server that a command would ask.
std::string completion_script(Shell shell, const VerbWords& top);

}  // namespace hourwheel
