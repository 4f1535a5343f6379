#include "tools/wire/clock.h"

#include <ctime>

namespace hourwheel {
namespace {

int64_t read_us(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

int64_t wall_us() {
  return read_us(CLOCK_REALTIME);
}

int64_t monotonic_us() {
  return read_us(CLOCK_MONOTONIC);
}

}  // namespace hourwheel
