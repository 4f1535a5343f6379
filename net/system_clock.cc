#include "net/system_clock.h"

#include <ctime>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

timespec read_clock(clockid_t clock) {
  timespec t{};
  HW_CHECK(clock_gettime(clock, &t) == 0, "the kernel has these clocks");
  return t;
}

int64_t whole_ms(const timespec& t) {
  return int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

int64_t whole_us(const timespec& t) {
  return int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace

Now SystemClock::now() const {
  return {.utc = Instant{whole_ms(read_clock(CLOCK_REALTIME))},
          .mono = Monotonic{whole_ms(read_clock(CLOCK_BOOTTIME))}};
}

int64_t SystemClock::precise_us() const {
  return whole_us(read_clock(CLOCK_REALTIME));
}

int64_t SystemClock::monotonic_us() const {
  return whole_us(read_clock(CLOCK_MONOTONIC));
}

int64_t SystemClock::thread_cpu_us() const {
  return whole_us(read_clock(CLOCK_THREAD_CPUTIME_ID));
}

}  // namespace hourwheel
