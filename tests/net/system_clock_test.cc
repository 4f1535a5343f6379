#include "net/system_clock.h"

#include <gtest/gtest.h>

namespace hourwheel::system_clock_test {
namespace {

TEST(SystemClock, BothReadingsOfTheWallClockAgree) {
  SystemClock clock;
  Now before = clock.now();
  int64_t us = clock.precise_us();
  Now after = clock.now();
  EXPECT_LE(before.utc.ms, us / 1000);
  EXPECT_LE(us / 1000, after.utc.ms);
}

TEST(SystemClock, TheMonotonicClockDoesNotGoBack) {
  SystemClock clock;
  Monotonic last = clock.now().mono;
  for (int i = 0; i < 1000; ++i) {
    Monotonic next = clock.now().mono;
    ASSERT_LE(last, next);
    last = next;
  }
}

}  // namespace
}  // namespace hourwheel::system_clock_test
