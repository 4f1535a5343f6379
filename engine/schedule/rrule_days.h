// The days of a recurrence rule, a span at a time: a calendar year, or for FREQ=WEEKLY the whole
// weeks from the one with its 1 January on. Every part about days comes down to a set of the span's
// days, and the rule's days are what all sets have in common. The parts read DTSTART for what they
// leave open: a yearly rule without days is due on its date, a weekly one on its weekday.
//
// A day belongs to the calendar year and month that its date shows, also when its week (BYWEEKNO)
// is counted as one of the year beside it.
//
// Invariants
//   RD1  span_of(d) covers d, and spans follow each other without a gap.
//   RD2  No day of a span's set lies outside it.
// Cost: 0.1 to 0.4 us a span. Thread: an immutable value, any thread.
#pragma once

#include <cstdint>

#include "engine/schedule/day_set.h"
#include "engine/schedule/rrule_parts.h"

namespace hourwheel {

class RruleDays {
 public:
  struct Span {
    int32_t year = 1970;
    int64_t first = 0;   // day number
    int64_t length = 0;  // in days
    DaySet days;         // counted from `first`
  };
  // A run of days within which BYSETPOS counts: [begin, end) counted from the span's first.
  struct Period {
    int64_t begin = 0;
    int64_t end = 0;
  };

  RruleDays() = default;
  RruleDays(const RruleParts& parts, CivilSecond dtstart);

  [[nodiscard]] int32_t year_of_span(int64_t day) const;
  [[nodiscard]] Span span(int32_t year) const;
  // The week, month or year of a day of the span.
  [[nodiscard]] Period period_of(const Span& span, int64_t day) const;
  // After so many years the days, and the times of INTERVAL, come again as they were.
  [[nodiscard]] int64_t years_of_cycle() const;

 private:
  void fill_in(CivilDate start, uint32_t weekday);
  [[nodiscard]] int64_t first_day(int32_t year) const;
  [[nodiscard]] int64_t week_start(int64_t day) const;
  [[nodiscard]] bool month_in_step(int32_t year, uint32_t month) const;
  // Bit d is set when day d of the month passes the parts that look at no more than its month.
  [[nodiscard]] uint32_t days_of_month(int32_t year, uint32_t month, int64_t first) const;
  [[nodiscard]] DaySet in_step(const Span& span) const;
  [[nodiscard]] DaySet in_weeks(const Span& span) const;
  [[nodiscard]] DaySet in_year_days(const Span& span) const;
  [[nodiscard]] DaySet on_weekdays_of_year(const Span& span) const;
  // The day on which week 1 of the year begins: the first week with at least four days in it.
  [[nodiscard]] int64_t first_week(int32_t year) const;

  RruleParts parts_;
  int64_t start_day_ = 0;  // DTSTART's
  CivilDate start_;
  uint64_t week_pattern_ = 0;  // parts_.weekdays, repeated for six weeks
};

}  // namespace hourwheel
