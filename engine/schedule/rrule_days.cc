#include "engine/schedule/rrule_days.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace hourwheel {
namespace {

// The day of the month, or of anything else of that length, on which the n-th such weekday falls;
// 0 when there are fewer. `first_weekday` is that of day 1.
int64_t nth_weekday(NthWeekday day, int64_t first_weekday, int64_t length) {
  int64_t first = 1 + modulo(int64_t{day.weekday} - first_weekday, 7);
  if (day.n > 0) {
    int64_t found = first + 7 * (day.n - 1);
    return found <= length ? found : 0;
  }
  int64_t last = first + (length - first) / 7 * 7;
  return std::max<int64_t>(last + 7 * (day.n + 1), 0);
}

uint32_t bits_of_month(int64_t length) {
  return static_cast<uint32_t>((uint64_t{2} << length) - 2);
}

}  // namespace

RruleDays::RruleDays(const RruleParts& parts, CivilSecond dtstart)
    : parts_(parts), start_day_(day_of(dtstart)), start_(date_of(start_day_)) {
  fill_in(start_, weekday_of(start_day_));
  for (int week = 0; week < 6; ++week) {
    week_pattern_ |= uint64_t{parts_.weekdays} << (7 * week);
  }
}

// What RFC 5545 leaves to DTSTART: without a part that names days, the day is DTSTART's.
void RruleDays::fill_in(CivilDate start, uint32_t weekday) {
  bool no_days = !parts_.names_weekdays() && !parts_.names_month_days() && parts_.year_days.empty();
  switch (parts_.frequency) {
    case Frequency::kYearly:
      if (no_days && parts_.names_weeks()) {
        parts_.weekdays = uint32_t{1} << weekday;
      } else if (no_days) {
        parts_.month_days = uint32_t{1} << start.day;
        parts_.months = parts_.months != 0 ? parts_.months : uint32_t{1} << start.month;
      }
      break;
    case Frequency::kMonthly:
      if (no_days) parts_.month_days = uint32_t{1} << start.day;
      break;
    case Frequency::kWeekly:
      if (no_days) parts_.weekdays = uint32_t{1} << weekday;
      break;
    case Frequency::kDaily:
    case Frequency::kHourly:
    case Frequency::kMinutely:
      break;
  }
}

int64_t RruleDays::week_start(int64_t day) const {
  return day - modulo(int64_t{weekday_of(day)} - parts_.week_start, 7);
}

int64_t RruleDays::first_day(int32_t year) const {
  int64_t new_year = day_of(CivilDate{year, 1, 1});
  return parts_.frequency == Frequency::kWeekly ? week_start(new_year) : new_year;
}

int32_t RruleDays::year_of_span(int64_t day) const {
  // The week with 1 January ends in that January.
  return date_of(parts_.frequency == Frequency::kWeekly ? week_start(day) + 6 : day).year;
}

bool RruleDays::month_in_step(int32_t year, uint32_t month) const {
  if (parts_.frequency != Frequency::kMonthly) return true;
  int64_t months = (int64_t{year} - start_.year) * 12 + month - start_.month;
  return modulo(months, parts_.interval) == 0;
}

uint32_t RruleDays::days_of_month(int32_t year, uint32_t month, int64_t first) const {
  bool named = parts_.months == 0 || (parts_.months >> month & 1) != 0;
  if (!named || !month_in_step(year, month)) return 0;
  const int64_t length = days_in_month(year, month);
  const uint32_t all = bits_of_month(length);
  uint32_t days = all;
  if (parts_.names_month_days()) {
    uint32_t named_days = parts_.month_days;
    for (uint32_t rest = parts_.month_days_from_end; rest != 0; rest &= rest - 1) {
      int64_t day = length + 1 - std::countr_zero(rest);
      named_days |= day > 0 ? uint32_t{1} << day : 0;
    }
    days &= named_days;
  }
  const bool of_year = parts_.frequency == Frequency::kYearly && parts_.months == 0;
  if (!parts_.names_weekdays() || (of_year && !parts_.nth_weekdays.empty())) return days;
  const uint32_t first_weekday = weekday_of(first);
  auto weekdays = static_cast<uint32_t>(week_pattern_ >> first_weekday << 1);
  for (NthWeekday nth : parts_.nth_weekdays) {
    weekdays |= uint32_t{1} << nth_weekday(nth, first_weekday, length);  // bit 0: there is none
  }
  return days & weekdays & all;
}

// The days, or those of the weeks, that are a whole number of intervals away from DTSTART.
DaySet RruleDays::in_step(const Span& span) const {
  DaySet days;
  const bool weekly = parts_.frequency == Frequency::kWeekly;
  const int64_t length = weekly ? 7 : 1;
  const int64_t step = parts_.interval * length;
  const int64_t anchor = weekly ? week_start(start_day_) : start_day_;
  if (parts_.interval == 1) {
    days.add_range(0, span.length);
    return days;
  }
  for (int64_t day = modulo(anchor - span.first, step); day < span.length; day += step) {
    days.add_range(day, day + length);
  }
  return days;
}

int64_t RruleDays::first_week(int32_t year) const {
  return week_start(day_of(CivilDate{year, 1, 4}));
}

DaySet RruleDays::in_weeks(const Span& span) const {
  DaySet days;
  // The weeks of this year and those of its neighbours that reach into it.
  for (int32_t year = span.year - 1; year <= span.year + 1; ++year) {
    const int64_t first = first_week(year);
    const int64_t weeks = (first_week(year + 1) - first) / 7;
    for (int64_t week = 1; week <= weeks; ++week) {
      bool named =
          (parts_.weeks >> week & 1) != 0 || (parts_.weeks_from_end >> (weeks + 1 - week) & 1) != 0;
      int64_t day = first + 7 * (week - 1) - span.first;
      if (named) days.add_range(day, std::min(day + 7, span.length));
    }
  }
  return days;
}

DaySet RruleDays::in_year_days(const Span& span) const {
  DaySet days;
  for (int16_t n : parts_.year_days) {
    int64_t day = n > 0 ? n - 1 : span.length + n;
    if (day < span.length) days.add(day);
  }
  return days;
}

DaySet RruleDays::on_weekdays_of_year(const Span& span) const {
  DaySet days;
  const int64_t first_weekday = weekday_of(span.first);
  for (int64_t day = 0; day < span.length; day += 28) {  // four weeks of the pattern at a time
    constexpr uint64_t kFourWeeks = (uint64_t{1} << 28) - 1;
    days.add_bits(day, week_pattern_ >> first_weekday & kFourWeeks);
  }
  for (NthWeekday nth : parts_.nth_weekdays) {
    days.add(nth_weekday(nth, first_weekday, span.length) - 1);
  }
  return days;
}

RruleDays::Span RruleDays::span(int32_t year) const {
  Span span;
  span.year = year;
  span.first = first_day(year);
  span.length = first_day(year + 1) - span.first;
  if (parts_.frequency == Frequency::kYearly && modulo(year - start_.year, parts_.interval) != 0) {
    return span;
  }
  int64_t first = day_of(CivilDate{year, 1, 1});
  if (first > span.first) {  // the week of 1 January begins in December
    span.days.add_bits(first - 31 - 1 - span.first, days_of_month(year - 1, 12, first - 31));
  }
  for (uint32_t month = 1; month <= 12; ++month) {
    // Bit 0 stands for the day before the month.
    span.days.add_bits(first - 1 - span.first, days_of_month(year, month, first));
    first += days_in_month(year, month);
  }
  if (parts_.frequency == Frequency::kDaily || parts_.frequency == Frequency::kWeekly) {
    span.days &= in_step(span);  // RD2: cuts the days of December that belong to the next span
  }
  if (parts_.names_weeks()) span.days &= in_weeks(span);
  if (!parts_.year_days.empty()) span.days &= in_year_days(span);
  if (!parts_.nth_weekdays.empty() && parts_.frequency == Frequency::kYearly &&
      parts_.months == 0) {
    span.days &= on_weekdays_of_year(span);
  }
  return span;
}

RruleDays::Period RruleDays::period_of(const Span& span, int64_t day) const {
  if (parts_.frequency == Frequency::kWeekly) return {day - day % 7, day - day % 7 + 7};
  if (parts_.frequency != Frequency::kMonthly) return {0, span.length};
  CivilDate date = date_of(span.first + day);
  int64_t begin = day + 1 - date.day;
  return {begin, begin + days_in_month(date.year, date.month)};
}

int64_t RruleDays::years_of_cycle() const {
  int64_t steps = 0;  // of the frequency in the 400 years after which dates and weekdays repeat
  constexpr int64_t kDaysOfCycle = 146'097;
  switch (parts_.frequency) {
    case Frequency::kYearly:
      steps = 400;
      break;
    case Frequency::kMonthly:
      steps = 400 * 12;
      break;
    case Frequency::kWeekly:
      steps = kDaysOfCycle / 7;
      break;
    case Frequency::kDaily:
      steps = kDaysOfCycle;
      break;
    case Frequency::kHourly:
      steps = kDaysOfCycle * 24;
      break;
    case Frequency::kMinutely:
      steps = kDaysOfCycle * 24 * 60;
      break;
  }
  return 400 * (parts_.interval / std::gcd(parts_.interval, steps));
}

}  // namespace hourwheel
