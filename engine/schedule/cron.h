// A cron expression, compiled to one bitset a field. Knows the calendar and the clock face only:
// zones and what happens when clocks are changed are Calendar's.
//
// Accepted (C-16, this far): 5 fields (minute hour day-of-month month day-of-week), 6 with seconds
// first, and @yearly @annually @monthly @weekly @daily @midnight @hourly. A field is a list of *,
// values, ranges (fri-mon wraps round) and steps; jan-dec and sun-sat in any case, 0 and 7 are
// Sunday, ? for * in the two day fields. Two restricted day fields match on either (C-19);
// restricted means: written other than * or ?.
//
// Invariants
//   CR1  second, minute, hour, day-of-month, month and day-of-week each have at least one bit.
//   CR2  first_from(c) >= c, and it matches.
// Cost: parse about 0.3 us; matches a few ns; first_from 10 to 30 ns a month without a matching
//   day, at most 400 years of them; count 5 ns a month of the range.
// Thread: an immutable value, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"
#include "engine/schedule/civil_time.h"

namespace hourwheel {

class Cron {
 public:
  // Refusals are kInvalidSchedule for "/schedule" and name the cron field and value.
  static Result<Cron> parse(std::string_view text);

  // Whether the time of day has a *, a range or a step: such an expression follows elapsed time
  // when clocks are changed, the others are fixed times of a day (C-18).
  [[nodiscard]] bool follows_elapsed_time() const { return follows_elapsed_time_; }

  [[nodiscard]] bool matches(CivilSecond c) const;
  // The first match at or after c; nullopt: there is none, ever.
  [[nodiscard]] std::optional<CivilSecond> first_from(CivilSecond c) const;
  // How many seconds of [from, end) match.
  [[nodiscard]] uint64_t count(CivilSecond from, CivilSecond end) const;

 private:
  Cron() = default;
  static Result<Cron> parse_fields(std::string_view text);

  // Bit d is set when day d of that month matches. All the dialect's rules for days end here.
  [[nodiscard]] uint32_t matching_days(int32_t year, uint32_t month) const;
  [[nodiscard]] bool matches_day(int64_t day) const;
  [[nodiscard]] std::optional<int64_t> time_from(int64_t second_of_day) const;
  [[nodiscard]] uint64_t times_before(int64_t second_of_day) const;
  [[nodiscard]] uint64_t times_per_day() const;
  [[nodiscard]] uint64_t days_between(int64_t first, int64_t end) const;

  uint64_t seconds_ = 1;  // bits 0-59
  uint64_t minutes_ = 0;  // bits 0-59
  uint64_t hours_ = 0;    // bits 0-23
  uint64_t weeks_ = 0;    // day of the week, bit 0 a Sunday, repeated for six weeks
  uint32_t days_ = 0;     // bits 1-31
  uint32_t months_ = 0;   // bits 1-12
  bool either_day_ = false;
  bool follows_elapsed_time_ = false;
};

}  // namespace hourwheel
