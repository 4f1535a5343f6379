// hourwheel(1), and hourwheel.toml(5) of the options of serve that a file may hold, in roff. Both
// are made of the verbs and options that the parser knows.
#pragma once

#include <string>

#include "tools/hourwheel/verb_table.h"

namespace hourwheel {

std::string manual_page(const VerbWords& top);
std::string settings_page(const VerbWords& top);

}  // namespace hourwheel
