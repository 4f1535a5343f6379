// Thread: before others begin.
#pragma once

#include <cstdlib>
#include <string>

namespace hourwheel {

// Empty: it is not set, or empty.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace hourwheel
