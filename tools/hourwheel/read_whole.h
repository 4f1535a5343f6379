// A file that is read to its end; "-" is standard input.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

Result<std::string> read_whole(const std::string& path);

// The first line of a file, without the carriage return that some editors end it with: in the head
// of a request it would end the field.
Result<std::string> read_key(const std::string& path);

}  // namespace hourwheel
