// The clocks of the load generator and the webhook sink, in microseconds.
#pragma once

#include <cstdint>

namespace hourwheel {

int64_t wall_us();
int64_t monotonic_us();

}  // namespace hourwheel
