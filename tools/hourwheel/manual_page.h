// hourwheel(1), in roff.
#pragma once

#include <string>

#include "tools/hourwheel/verb_table.h"

namespace hourwheel {

std::string manual_page(const VerbWords& top);

}  // namespace hourwheel
