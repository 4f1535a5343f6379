// What a call of the system that failed is told with. Thread: the one that made the call.
#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "engine/base/result.h"

namespace hourwheel {

// "cannot open /x: Permission denied", by errno.
inline tl::unexpected<Error> cannot(const std::string& what, const std::string& path) {
  return failure(ErrorCode::kIo, "", "cannot " + what + " " + path + ": " + std::strerror(errno));
}

}  // namespace hourwheel
