#include "engine/schedule/day_rules.h"

#include <bit>

#include "engine/schedule/civil_time.h"

namespace hourwheel {
namespace {

constexpr uint32_t kSunday = 0;
constexpr uint32_t kSaturday = 6;

struct Month {
  uint32_t first_weekday;
  uint32_t length;
  [[nodiscard]] uint32_t weekday(uint32_t day) const { return (first_weekday + day - 1) % 7; }
  // The first day of the month that is such a weekday.
  [[nodiscard]] uint32_t first(uint32_t weekday) const {
    return 1 + (weekday + 7 - first_weekday) % 7;
  }
};

constexpr uint32_t bit(uint32_t day) {
  return uint32_t{1} << day;
}

// Moves a Saturday back and a Sunday on, unless that leaves the month: then the other way.
uint32_t nearest_weekday(const Month& month, uint32_t day) {
  if (month.weekday(day) == kSaturday) {
    return day > 1 ? day - 1 : day + 2;
  }
  if (month.weekday(day) == kSunday) {
    return day < month.length ? day + 1 : day - 2;
  }
  return day;
}

uint32_t days_of(const MonthDayWords& words, const Month& month) {
  uint32_t days = 0;
  for (uint32_t rest = words.before_last; rest != 0; rest &= rest - 1) {
    auto n = static_cast<uint32_t>(std::countr_zero(rest));
    days |= n < month.length ? bit(month.length - n) : 0;
  }
  for (uint32_t rest = words.nearest_weekday; rest != 0; rest &= rest - 1) {
    auto day = static_cast<uint32_t>(std::countr_zero(rest));
    days |= day <= month.length ? bit(nearest_weekday(month, day)) : 0;
  }
  if (words.last_weekday) {
    uint32_t last = month.weekday(month.length);
    days |= bit(month.length - (last == kSaturday ? 1 : last == kSunday ? 2 : 0));
  }
  return days;
}

uint32_t days_of(const WeekdayWords& words, const Month& month) {
  uint32_t days = 0;
  for (uint64_t rest = words.nth; rest != 0; rest &= rest - 1) {
    auto n = static_cast<uint32_t>(std::countr_zero(rest));
    uint32_t day = month.first(n % 7) + n / 7 * 7;
    days |= day <= month.length ? bit(day) : 0;
  }
  for (uint32_t rest = words.last; rest != 0; rest &= rest - 1) {
    uint32_t day = month.first(static_cast<uint32_t>(std::countr_zero(rest)));
    days |= bit(day + (month.length - day) / 7 * 7);
  }
  return days;
}

// One week's bits, six times: bit 0 of the pattern shifted by a weekday is then that weekday.
uint64_t six_weeks(uint32_t weekdays) {
  constexpr uint64_t kEachWeek = 0x8'1020'4081;  // bits 0, 7, 14 ... 35
  return weekdays * kEachWeek;
}

}  // namespace

uint32_t DayRules::in_month(int32_t year, uint32_t month) const {
  const Month shape{weekday_of(day_of(CivilDate{year, month, 1})), days_in_month(year, month)};
  uint32_t by_day = days;
  if (month_day_words != MonthDayWords{}) {
    by_day |= days_of(month_day_words, shape);
  }
  // Bit 0 of the shifted pattern is the month's first day.
  auto by_weekday = static_cast<uint32_t>(six_weeks(weekdays) >> shape.first_weekday << 1);
  if (weekday_words != WeekdayWords{}) {
    by_weekday |= days_of(weekday_words, shape);
  }
  uint32_t matching = either() ? by_day | by_weekday : by_day & by_weekday;
  return matching & ((uint32_t{2} << shape.length) - 2);
}

}  // namespace hourwheel
