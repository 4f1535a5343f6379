// Whether a JSON value is as a JSON Schema (draft 4) says. The one file that knows rapidjson.
#pragma once

#include <string>

namespace hourwheel {

// What is wrong with the value, with the pointer to where; empty: nothing.
std::string violation(const std::string& schema, const std::string& value);

}  // namespace hourwheel
