// The request head guard: no input makes it read beyond its bytes or accept what it must refuse.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/head_guard.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static_cast<void>(hourwheel::inspect_head({reinterpret_cast<const char*>(bytes), size}));
  return 0;
}
