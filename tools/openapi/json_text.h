// Trees as JSON. Thread: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "tools/openapi/tree.h"

namespace hourwheel {

std::string json_string(std::string_view text);
// Without any white space.
std::string json_text(const Tree& tree);
// A member or an entry a line, but what fits into one line in one.
std::string readable_json(const Tree& tree);

}  // namespace hourwheel
