// A recurrence rule (RFC 5545, RRULE) anchored at DTSTART, compiled. Knows the calendar and the
// clock face only, like Cron: zones and what happens when clocks are changed are Calendar's.
//
// DTSTART anchors: it gives what the rule leaves open and where INTERVAL counts from. It is an
// instance only if the rule matches it; COUNT counts the instances from it on.
//
// The days come from RruleDays a year at a time, the times of a day from RruleTimes. The instances
// of a period are all its days at all its times, numbered in order, and BYSETPOS chooses among the
// numbers: nothing is ever listed in order to be counted.
//
// Invariants
//   RR1  first_from(c) >= c, and it matches.
//   RR2  count(a, b) is how many steps of first_from lie in [a, b).
//   RR3  A rule that parse() returned has at least one instance.
// ended_after() may leave none.
// Cost: parse about 0.5 us, with COUNT 0.1 us more for every year that the instances take;
//   first_from 0.1 to 0.5 us (MINUTELY 2 us) and 0.1 us a year without an instance; count 0.1 us a
//   year of the range (BYSETPOS up to 1.5 us, HOURLY and MINUTELY 2 us), at most 8,000 of them.
// Thread: an immutable value, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/rrule_days.h"
#include "engine/schedule/rrule_times.h"

namespace hourwheel {

class Rrule {
 public:
  // kInvalidSchedule or kNeverFires for "/schedule", naming the part and its value. Requires:
  // dtstart in the years 1969 to 10000.
  static Result<Rrule> parse(std::string_view text, CivilSecond dtstart);

  // HOURLY and MINUTELY follow elapsed time when clocks are changed; from DAILY up the instances
  // are fixed times of a day (C-18).
  [[nodiscard]] bool follows_elapsed_time() const { return !times_.same_every_day(); }
  // An UNTIL that was written as an instant, which only its zone can turn into civil time. One that
  // was written as a local time is already heeded here.
  [[nodiscard]] std::optional<Instant> until() const { return until_; }
  // The same rule without what comes after `last`.
  [[nodiscard]] Rrule ended_after(CivilSecond last) const;

  [[nodiscard]] bool matches(CivilSecond c) const;
  // The first match at or after c; nullopt: there is none before the year 10001.
  [[nodiscard]] std::optional<CivilSecond> first_from(CivilSecond c) const;
  // How many seconds of [from, end) match.
  [[nodiscard]] uint64_t count(CivilSecond from, CivilSecond end) const;

 private:
  using Span = RruleDays::Span;
  struct Question;  // what one call remembers between spans
  Rrule() = default;

  [[nodiscard]] std::optional<CivilSecond> first_in(const Span& span, CivilSecond c,
                                                    Question& question) const;
  [[nodiscard]] int64_t count_in(const Span& span, CivilSecond end, Question& question) const;
  // The same when BYSETPOS chooses among the instances of whole periods.
  [[nodiscard]] std::optional<CivilSecond> first_chosen_in(const Span& span, CivilSecond c) const;
  [[nodiscard]] int64_t count_chosen_in(const Span& span, CivilSecond end,
                                        Question& question) const;
  // How many candidates of the span's days from `begin` on lie before c.
  [[nodiscard]] int64_t candidates_before(const Span& span, int64_t begin, CivilSecond c) const;
  [[nodiscard]] CivilSecond end_after(int64_t instances) const;

  RruleDays days_;
  RruleTimes times_;
  std::vector<int16_t> positions_;  // BYSETPOS, where it is not already heeded in times_
  int64_t years_of_cycle_ = 0;      // what does not come within them never does
  CivilSecond start_;
  CivilSecond end_;  // no instance at or after it: UNTIL, COUNT, or the last year
  std::optional<Instant> until_;
};

}  // namespace hourwheel
