// A file that is read to its end; "-" is standard input.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

Result<std::string> read_whole(const std::string& path);

}  // namespace hourwheel
