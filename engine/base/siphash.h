// SipHash-2-4 with 128-bit output (Aumasson and Bernstein 2012), keyed with the bytes 0..15. Here
// it names things for ever (task keys, run ids), so the key is fixed and the function never
// changes.
#pragma once

#include <cstdint>
#include <string_view>

namespace hourwheel {

struct Hash128 {
  uint64_t first = 0;   // bytes 0..7 of the reference output, little endian
  uint64_t second = 0;  // bytes 8..15
};

Hash128 siphash128(std::string_view bytes);

}  // namespace hourwheel
