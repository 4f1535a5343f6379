// What a recurrence rule means, by walking: every day (hour, minute) one after the other, every
// part of the rule asked of each in the plainest way. Knows nothing of sets, spans and numbers.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/schedule/rrule_parts.h"

namespace hourwheel {

class RruleOracle {
 public:
  RruleOracle(RruleParts parts, CivilSecond dtstart)
      : parts_(std::move(parts)), start_(dtstart), start_date_(date_of(day_of(dtstart))) {}

  // All instances before `end`, in order.
  [[nodiscard]] std::vector<CivilSecond> instances(CivilSecond end) const {
    std::vector<CivilSecond> out;
    for (CivilSecond begin = period_start(start_); begin < end;) {
      CivilSecond next = period_end(begin);
      if (in_step(begin)) add_period(begin, next, out);
      begin = next;
    }
    std::erase_if(out, [&](CivilSecond c) {
      return c < start_ || c >= end || (parts_.until && c > *parts_.until);
    });
    if (parts_.count && out.size() > static_cast<size_t>(*parts_.count)) {
      out.resize(static_cast<size_t>(*parts_.count));
    }
    return out;
  }

 private:
  static bool bit(uint64_t bits, int64_t n) { return n >= 0 && n < 64 && (bits >> n & 1) != 0; }
  static CivilSecond midnight(int64_t day) { return {day * kSecondsPerDay}; }

  [[nodiscard]] int64_t week_start(int64_t day) const {
    while (weekday_of(day) != parts_.week_start) --day;
    return day;
  }

  // --- periods ---

  [[nodiscard]] CivilSecond period_start(CivilSecond c) const {
    CivilDate date = date_of(day_of(c));
    switch (parts_.frequency) {
      case Frequency::kMinutely:
        return {c.s - second_of_day(c) % 60};
      case Frequency::kHourly:
        return {c.s - second_of_day(c) % 3600};
      case Frequency::kDaily:
        break;
      case Frequency::kWeekly:
        return midnight(week_start(day_of(c)));
      case Frequency::kMonthly:
        return midnight(day_of(CivilDate{date.year, date.month, 1}));
      case Frequency::kYearly:
        return midnight(day_of(CivilDate{date.year, 1, 1}));
    }
    return midnight(day_of(c));
  }
  [[nodiscard]] CivilSecond period_end(CivilSecond begin) const {
    CivilDate date = date_of(day_of(begin));
    switch (parts_.frequency) {
      case Frequency::kMinutely:
        return {begin.s + 60};
      case Frequency::kHourly:
        return {begin.s + 3600};
      case Frequency::kDaily:
        break;
      case Frequency::kWeekly:
        return midnight(day_of(begin) + 7);
      case Frequency::kMonthly:
        return midnight(day_of(begin) + days_in_month(date.year, date.month));
      case Frequency::kYearly:
        return midnight(day_of(CivilDate{date.year + 1, 1, 1}));
    }
    return midnight(day_of(begin) + 1);
  }
  // Never before DTSTART's period, so that no remainder is negative.
  [[nodiscard]] bool in_step(CivilSecond begin) const {
    CivilDate date = date_of(day_of(begin));
    int64_t steps = 0;
    switch (parts_.frequency) {
      case Frequency::kMinutely:
        steps = (begin.s - period_start(start_).s) / 60;
        break;
      case Frequency::kHourly:
        steps = (begin.s - period_start(start_).s) / 3600;
        break;
      case Frequency::kDaily:
        steps = day_of(begin) - day_of(start_);
        break;
      case Frequency::kWeekly:
        steps = (begin.s - period_start(start_).s) / kSecondsPerDay / 7;
        break;
      case Frequency::kMonthly:
        steps = (date.year - start_date_.year) * 12 + int64_t{date.month} - start_date_.month;
        break;
      case Frequency::kYearly:
        steps = date.year - start_date_.year;
        break;
    }
    return steps % parts_.interval == 0;
  }

  void add_period(CivilSecond begin, CivilSecond end, std::vector<CivilSecond>& out) const {
    std::vector<CivilSecond> set;
    for (int64_t day = day_of(begin); midnight(day) < end; ++day) {
      if (day_passes(day)) add_day(day, begin, end, set);
    }
    for (size_t i = 0; i < set.size(); ++i) {
      if (chosen(static_cast<int64_t>(i), static_cast<int64_t>(set.size()))) out.push_back(set[i]);
    }
  }
  [[nodiscard]] bool chosen(int64_t i, int64_t size) const {
    const auto& positions = parts_.set_positions;
    return positions.empty() || std::any_of(positions.begin(), positions.end(),
                                            [&](int64_t p) { return p == i + 1 || p == i - size; });
  }

  // --- times ---

  void add_day(int64_t day, CivilSecond begin, CivilSecond end,
               std::vector<CivilSecond>& set) const {
    int64_t start = second_of_day(start_);
    const int64_t midnight_s = midnight(day).s;
    for (int64_t hour = 0; hour < 24; ++hour) {
      if (outside({midnight_s + hour * 3600}, 3600, begin, end)) continue;
      if (!passes(parts_.hours, hour, start / 3600, parts_.frequency > Frequency::kHourly))
        continue;
      for (int64_t minute = 0; minute < 60; ++minute) {
        if (outside({midnight_s + hour * 3600 + minute * 60}, 60, begin, end)) continue;
        bool left_open = parts_.frequency > Frequency::kMinutely;
        if (!passes(parts_.minutes, minute, start / 60 % 60, left_open)) continue;
        for (int64_t second = 0; second < 60; ++second) {
          if (passes(parts_.seconds, second, start % 60, true)) {
            set.push_back({midnight_s + hour * 3600 + minute * 60 + second});
          }
        }
      }
    }
  }
  static bool outside(CivilSecond c, int64_t length, CivilSecond begin, CivilSecond end) {
    return c.s + length <= begin.s || c >= end;
  }
  static bool passes(uint64_t named, int64_t value, int64_t from_start, bool left_to_start) {
    if (named != 0) return bit(named, value);
    return !left_to_start || value == from_start;
  }

  // --- days ---

  [[nodiscard]] bool day_passes(int64_t day) const {
    CivilDate date = date_of(day);
    int64_t month_length = days_in_month(date.year, date.month);
    if (parts_.months != 0 && !bit(parts_.months, date.month)) return false;
    if (parts_.names_month_days() && !bit(parts_.month_days, date.day) &&
        !bit(parts_.month_days_from_end, month_length - date.day + 1)) {
      return false;
    }
    if (parts_.names_weeks() && !week_passes(day)) return false;
    if (!parts_.year_days.empty() && !year_day_passes(day)) return false;
    if (parts_.names_weekdays() && !weekday_passes(day)) return false;
    return left_to_start_passes(day);
  }
  // The week's number is that of its fourth day in that day's year.
  [[nodiscard]] bool week_passes(int64_t day) const {
    int64_t fourth = week_start(day) + 3;
    int32_t year = date_of(fourth).year;
    int64_t weeks_before = 0;
    int64_t weeks_behind = 0;
    for (int64_t d = fourth - 7; date_of(d).year == year; d -= 7) ++weeks_before;
    for (int64_t d = fourth + 7; date_of(d).year == year; d += 7) ++weeks_behind;
    return bit(parts_.weeks, weeks_before + 1) || bit(parts_.weeks_from_end, weeks_behind + 1);
  }
  [[nodiscard]] bool year_day_passes(int64_t day) const {
    int32_t year = date_of(day).year;
    int64_t from_start = day - day_of(CivilDate{year, 1, 1}) + 1;
    int64_t from_end = day - day_of(CivilDate{year + 1, 1, 1});
    return std::any_of(parts_.year_days.begin(), parts_.year_days.end(),
                       [&](int64_t n) { return n == from_start || n == from_end; });
  }
  [[nodiscard]] bool weekday_passes(int64_t day) const {
    if (bit(parts_.weekdays, weekday_of(day))) return true;
    CivilDate date = date_of(day);
    bool of_year = parts_.frequency == Frequency::kYearly && parts_.months == 0;
    auto inside = [&](int64_t d) {
      CivilDate other = date_of(d);
      return other.year == date.year && (of_year || other.month == date.month);
    };
    int64_t from_start = 1;
    int64_t from_end = -1;
    for (int64_t d = day - 7; inside(d); d -= 7) ++from_start;
    for (int64_t d = day + 7; inside(d); d += 7) --from_end;
    return std::any_of(parts_.nth_weekdays.begin(), parts_.nth_weekdays.end(), [&](NthWeekday n) {
      return n.weekday == weekday_of(day) && (n.n == from_start || n.n == from_end);
    });
  }
  [[nodiscard]] bool left_to_start_passes(int64_t day) const {
    if (parts_.names_weekdays() || parts_.names_month_days() || !parts_.year_days.empty()) {
      return true;
    }
    CivilDate date = date_of(day);
    bool same_weekday = weekday_of(day) == weekday_of(day_of(start_));
    switch (parts_.frequency) {
      case Frequency::kYearly:
        if (parts_.names_weeks()) return same_weekday;
        return date.day == start_date_.day &&
               (parts_.months != 0 || date.month == start_date_.month);
      case Frequency::kMonthly:
        return date.day == start_date_.day;
      case Frequency::kWeekly:
        return same_weekday;
      case Frequency::kDaily:
      case Frequency::kHourly:
      case Frequency::kMinutely:
        break;
    }
    return true;
  }

  RruleParts parts_;
  CivilSecond start_;
  CivilDate start_date_;
};

}  // namespace hourwheel
