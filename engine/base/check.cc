#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace hourwheel {

void check_failed(const char* file, int line, const char* condition, const char* message) {
  std::fprintf(stderr, "%s:%d: check failed: %s (%s)\n", file, line, message, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace hourwheel
