// Which days of a month a cron expression names: its two day fields, also what depends on the month
// (its last day, its third Friday), as one bitset a month.
//
// Cost: in_month 5 ns, with words such as L, W and # 10 to 20 ns. Thread: an immutable value, any
// thread.
#pragma once

#include <cstdint>

namespace hourwheel {

// Of the day-of-month field, what is not a number.
struct MonthDayWords {
  uint32_t before_last = 0;      // L-n: bit n; bit 0 is L, the month's last day
  uint32_t nearest_weekday = 0;  // 15W: bits 1-31, the weekday nearest to that day, same month
  bool last_weekday = false;     // LW: the last day from Monday to Friday
  friend bool operator==(const MonthDayWords&, const MonthDayWords&) = default;
};

// Of the day-of-week field, what is not a number or a name. 0 is Sunday.
struct WeekdayWords {
  uint64_t nth = 0;   // 5#2: bit 7 * (n - 1) + day, n from 1 to 5
  uint32_t last = 0;  // 5L and 5#L: bits 0-6, the month's last such day
  friend bool operator==(const WeekdayWords&, const WeekdayWords&) = default;
};

struct DayRules {
  uint32_t days = 0;      // bits 1-31
  uint32_t weekdays = 0;  // bits 0-6
  MonthDayWords month_day_words;
  WeekdayWords weekday_words;
  bool any_day = false;      // day-of-month is * or ?
  bool any_weekday = false;  // day-of-week is * or ?
  bool both = false;         // two restricted fields must both match (C-19 dom_dow: and)

  // Bit d is set when day d of that month matches.
  [[nodiscard]] uint32_t in_month(int32_t year, uint32_t month) const;

  // Two restricted fields of which one is enough (C-19).
  [[nodiscard]] bool either() const { return !any_day && !any_weekday && !both; }
  friend bool operator==(const DayRules&, const DayRules&) = default;
};

}  // namespace hourwheel
