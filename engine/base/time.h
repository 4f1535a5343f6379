// Instants and durations in whole milliseconds. Distinct types, so that a wall-clock instant, a
// monotonic one and a length of time cannot be mixed up. Nothing here reads a clock: the only
// readers are net/system_clock and the simulator.
#pragma once

#include <compare>
#include <cstdint>

namespace hourwheel {

struct Duration {
  int64_t ms = 0;
  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return {a.ms + b.ms}; }
  friend constexpr Duration operator-(Duration a, Duration b) { return {a.ms - b.ms}; }
  friend constexpr Duration operator*(Duration a, int64_t n) { return {a.ms * n}; }
};

constexpr Duration milliseconds(int64_t n) {
  return {n};
}
constexpr Duration seconds(int64_t n) {
  return {n * 1000};
}
constexpr Duration minutes(int64_t n) {
  return {n * 60'000};
}
constexpr Duration hours(int64_t n) {
  return {n * 3'600'000};
}

// A UTC instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
struct Instant {
  int64_t ms = 0;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant t, Duration d) { return {t.ms + d.ms}; }
  friend constexpr Instant operator-(Instant t, Duration d) { return {t.ms - d.ms}; }
  friend constexpr Duration operator-(Instant a, Instant b) { return {a.ms - b.ms}; }
};

// Milliseconds of the monotonic clock; means nothing outside this process and is never stored.
struct Monotonic {
  int64_t ms = 0;
  friend constexpr auto operator<=>(Monotonic, Monotonic) = default;
  friend constexpr Monotonic operator+(Monotonic t, Duration d) { return {t.ms + d.ms}; }
  friend constexpr Duration operator-(Monotonic a, Monotonic b) { return {a.ms - b.ms}; }
};

// What a turn is told of time: read once per loop turn, handed down.
struct Now {
  Instant utc;
  Monotonic mono;
};

// The least there is between two instants.
inline constexpr Duration kOneMs = milliseconds(1);

// The instants we accept and compute with: years 1970 to 9999. Sums of two stay far from overflow.
inline constexpr Instant kFirstInstant{0};
inline constexpr Instant kLastInstant{253'402'300'799'999};

}  // namespace hourwheel
