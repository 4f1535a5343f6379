#include "engine/schedule/cron.h"

#include <algorithm>
#include <bit>

namespace hourwheel {
namespace {

constexpr int kNone = 64;

// The lowest bit at or above `from`, kNone when there is none. Requires: from < 64.
int lowest_from(uint64_t bits, int64_t from) {
  return std::countr_zero(bits >> from << from);
}
bool has(uint64_t bits, int64_t bit) {
  return (bits >> bit & 1) != 0;
}
uint64_t population(uint64_t bits) {
  return static_cast<uint64_t>(std::popcount(bits));
}
// The bits below `end`. Requires: end < 64.
uint64_t below(uint64_t bits, int64_t end) {
  return bits & ((uint64_t{1} << end) - 1);
}
int64_t second_at(int64_t hour, int64_t minute, int64_t second) {
  return hour * 3600 + minute * 60 + second;
}

struct YearMonth {
  int32_t year;
  uint32_t month;
  void advance() {
    year += month == 12 ? 1 : 0;
    month = month == 12 ? 1 : month + 1;
  }
  friend bool operator==(const YearMonth&, const YearMonth&) = default;
};

}  // namespace

uint32_t Cron::matching_days(int32_t year, uint32_t month) const {
  return has(sets_.months, month) && matches_year(year) ? sets_.days.in_month(year, month) : 0;
}

bool Cron::matches_year(int32_t year) const {
  return sets_.any_year || (year >= kFirstCronYear && year <= kLastCronYear &&
                            sets_.years[static_cast<size_t>(year - kFirstCronYear)]);
}

std::optional<int32_t> Cron::year_from(int32_t year) const {
  for (year = std::max(year, kFirstCronYear); year <= kLastCronYear; ++year) {
    if (matches_year(year)) {
      return year;
    }
  }
  return std::nullopt;
}

bool Cron::matches_day(int64_t day) const {
  CivilDate date = date_of(day);
  return has(matching_days(date.year, date.month), date.day);
}

bool Cron::matches(CivilSecond c) const {
  int64_t time = second_of_day(c);
  return has(sets_.hours, time / 3600) && has(sets_.minutes, time / 60 % 60) &&
         has(sets_.seconds, time % 60) && matches_day(day_of(c));
}

std::optional<int64_t> Cron::time_from(int64_t second_of_day) const {
  int64_t hour = second_of_day / 3600;
  int64_t minute = second_of_day / 60 % 60;
  if (has(sets_.hours, hour)) {
    if (has(sets_.minutes, minute)) {
      if (int next = lowest_from(sets_.seconds, second_of_day % 60); next != kNone) {
        return second_at(hour, minute, next);
      }
    }
    if (int next = lowest_from(sets_.minutes, minute + 1); next != kNone) {
      return second_at(hour, next, lowest_from(sets_.seconds, 0));
    }
  }
  if (int next = lowest_from(sets_.hours, hour + 1); next != kNone) {
    return second_at(next, lowest_from(sets_.minutes, 0), lowest_from(sets_.seconds, 0));
  }
  return std::nullopt;
}

std::optional<CivilSecond> Cron::first_from(CivilSecond c) const {
  int64_t day = day_of(c);
  CivilDate date = date_of(day);
  YearMonth month{date.year, date.month};
  uint32_t days = matching_days(date.year, date.month);
  if (has(days, date.day)) {
    if (auto time = time_from(second_of_day(c))) {
      return CivilSecond{day * kSecondsPerDay + *time};
    }
  }
  days &= ~((uint32_t{2} << date.day) - 1);  // the days after this one
  // Dates and weekdays repeat after 400 years: what does not come within them never does.
  constexpr int kMonthsOfCycle = 400 * 12;
  for (int i = 0; i <= kMonthsOfCycle; ++i) {
    if (days != 0) {
      auto first = static_cast<uint32_t>(std::countr_zero(days));
      return CivilSecond{day_of(CivilDate{month.year, month.month, first}) * kSecondsPerDay +
                         *time_from(0)};
    }
    month.advance();
    if (!matches_year(month.year)) {
      auto year = year_from(month.year);
      if (!year) {
        return std::nullopt;
      }
      month = {*year, 1};
    }
    days = matching_days(month.year, month.month);
  }
  return std::nullopt;
}

uint64_t Cron::times_per_day() const {
  return population(sets_.hours) * population(sets_.minutes) * population(sets_.seconds);
}

uint64_t Cron::times_before(int64_t second_of_day) const {
  int64_t hour = second_of_day / 3600;
  int64_t minute = second_of_day / 60 % 60;
  uint64_t times =
      population(below(sets_.hours, hour)) * population(sets_.minutes) * population(sets_.seconds);
  if (has(sets_.hours, hour)) {
    times += population(below(sets_.minutes, minute)) * population(sets_.seconds);
    times += has(sets_.minutes, minute) ? population(below(sets_.seconds, second_of_day % 60)) : 0;
  }
  return times;
}

// Of the days [first, end), how many match.
uint64_t Cron::days_between(int64_t first, int64_t end) const {
  if (first >= end) {
    return 0;
  }
  CivilDate from = date_of(first);
  CivilDate last = date_of(end - 1);
  YearMonth month{from.year, from.month};
  const YearMonth last_month{last.year, last.month};
  uint32_t days = matching_days(month.year, month.month) & ~((uint32_t{1} << from.day) - 1);
  uint64_t count = 0;
  while (month != last_month) {
    count += population(days);
    month.advance();
    days = matching_days(month.year, month.month);
  }
  return count + population(days & ((uint32_t{2} << last.day) - 1));
}

uint64_t Cron::count(CivilSecond from, CivilSecond end) const {
  if (from >= end) {
    return 0;
  }
  int64_t first_day = day_of(from);
  int64_t last_day = day_of(end);
  uint64_t before_from = matches_day(first_day) ? times_before(second_of_day(from)) : 0;
  uint64_t before_end = matches_day(last_day) ? times_before(second_of_day(end)) : 0;
  // Whole days from the first one's start, corrected at both ends.
  return days_between(first_day, last_day) * times_per_day() + before_end - before_from;
}

}  // namespace hourwheel
