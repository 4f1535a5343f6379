// One field of a cron expression: its text to the values it names. A field is a list of *, values,
// ranges (fri-mon wraps round), steps, and H (any one value, drawn for the task); the two day
// fields have words of their own (L, W, #).
//
// Cost: about 20 ns an entry. Thread: pure functions, any thread.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/result.h"
#include "engine/schedule/day_rules.h"
#include "engine/schedule/spread.h"

namespace hourwheel {

// In the order in which a full expression has them.
enum class CronFieldName : uint8_t {
  kSecond,
  kMinute,
  kHour,
  kDayOfMonth,
  kMonth,
  kDayOfWeek,
  kYear,
};
inline constexpr size_t kCronFields = 7;

inline constexpr int32_t kFirstCronYear = 1970;
inline constexpr int32_t kLastCronYear = 2199;
inline constexpr size_t kCronYears = kLastCronYear - kFirstCronYear + 1;

struct CronField {
  // Bit v is set when v is named: 0-59, 0-23, 1-31, 1-12, 0-6 (0 is Sunday); of a year, its
  // distance from kFirstCronYear.
  std::bitset<kCronYears> values;  // of any year: none
  MonthDayWords month_day_words;
  WeekdayWords weekday_words;
  bool any = false;      // written as * or ?
  bool spread = false;   // has a *, a range or a step; H alone has none
  bool starred = false;  // begins with *

  // The first 64 values. Requires: not a year.
  [[nodiscard]] uint64_t bits() const;
};

Result<CronField> parse_cron_field(CronFieldName name, std::string_view text, SpreadSeed seed);

}  // namespace hourwheel
