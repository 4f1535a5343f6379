// Reads YAML as far as JSON goes. The one file that knows yaml-cpp.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "tools/openapi/tree.h"

namespace hourwheel {

// What is quoted is text. What is not is null, a boolean, a number or text, as in YAML 1.2. Refused
// are names that stand twice in an object, and numbers that JSON would write otherwise.
Result<Tree> read_yaml(const std::string& text);

}  // namespace hourwheel
