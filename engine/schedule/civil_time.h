// Civil time: what a calendar and a clock on a wall show, without a zone. Counted in seconds from
// 1970-01-01T00:00:00 of the proleptic Gregorian calendar, every day having 86,400 of them, so that
// calendar arithmetic never sees an offset. Only TimeZone turns it into an instant and back.
//
// Cost: a few nanoseconds each. Thread: pure functions, any thread.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#include "engine/base/time.h"

namespace hourwheel {

struct CivilSecond {
  int64_t s = 0;
  friend constexpr auto operator<=>(CivilSecond, CivilSecond) = default;
};

// A date-time as a client writes it without an offset.
struct LocalTime {
  CivilSecond second;
  int32_t ms = 0;
  friend constexpr bool operator==(LocalTime, LocalTime) = default;
};

struct CivilDate {
  int32_t year = 1970;
  uint32_t month = 1;
  uint32_t day = 1;
  friend constexpr auto operator<=>(CivilDate, CivilDate) = default;
};

inline constexpr int64_t kSecondsPerDay = 86'400;

// Rounds towards the past, where the operator / rounds towards zero.
constexpr int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}
// Never negative. Requires: b > 0.
constexpr int64_t modulo(int64_t a, int64_t b) {
  return a - floor_divide(a, b) * b;
}
// The whole second that t lies in.
constexpr int64_t whole_second(Instant t) {
  return floor_divide(t.ms, 1000);
}

constexpr int64_t day_of(CivilSecond c) {
  return floor_divide(c.s, kSecondsPerDay);
}
constexpr int64_t second_of_day(CivilSecond c) {
  return c.s - day_of(c) * kSecondsPerDay;
}

// Days are numbered from 1970-01-01 = 0. Requires: a date that exists.
constexpr int64_t day_of(CivilDate date) {
  std::chrono::year_month_day ymd{std::chrono::year{date.year}, std::chrono::month{date.month},
                                  std::chrono::day{date.day}};
  return std::chrono::sys_days{ymd}.time_since_epoch().count();
}
constexpr CivilDate date_of(int64_t day) {
  std::chrono::year_month_day ymd{
      std::chrono::sys_days{std::chrono::days{static_cast<int32_t>(day)}}};
  return {static_cast<int32_t>(ymd.year()), static_cast<uint32_t>(ymd.month()),
          static_cast<uint32_t>(ymd.day())};
}
// 0 is Sunday. 1970-01-01 was a Thursday.
constexpr uint32_t weekday_of(int64_t day) {
  return static_cast<uint32_t>(day + 4 - 7 * floor_divide(day + 4, 7));
}
constexpr uint32_t days_in_month(int32_t year, uint32_t month) {
  constexpr uint32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && std::chrono::year{year}.is_leap() ? 29 : kDays[month - 1];
}

}  // namespace hourwheel
