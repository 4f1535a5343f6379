// The times of a day at which a recurrence rule is due, once it is known which days are its own.
//
// From FREQ=DAILY up they are the same every day. HOURLY and MINUTELY count their INTERVAL from
// DTSTART on over all days, so that the hours (or minutes) of a day depend on the day; those of two
// days are the same when their distance is a multiple of the interval.
//
// Invariants
//   RT1  first_from(day, t) >= t, and nothing lies between.
//   RT2  count_before(day, t) is how many times of the day lie before t.
// Cost: a few ns when the times are the same every day; else some ns an hour (or minute) of the
//   day, once for each distance from DTSTART modulo the interval that a question meets.
// Thread: an immutable value, any thread; a Seen belongs to one question.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/schedule/rrule_parts.h"

namespace hourwheel {

class RruleTimes {
 public:
  // What a question has already learnt about days, by their distance from DTSTART.
  class Seen {
    friend class RruleTimes;
    std::vector<int64_t> counts_;
  };

  RruleTimes() = default;
  // Fills what the parts leave open from dtstart. For the frequencies up to DAILY, BYSETPOS chooses
  // among these times. kInvalidSchedule: more than kMaxRruleTimes; kNeverFires: none.
  static Result<RruleTimes> make(const RruleParts& parts, CivilSecond dtstart);

  [[nodiscard]] bool same_every_day() const { return unit_ == kSecondsPerDay; }
  // Requires: same_every_day().
  [[nodiscard]] int64_t per_day() const { return static_cast<int64_t>(offsets_.size()); }
  // The time of day with n others before it. Requires: same_every_day(), 0 <= n < per_day().
  [[nodiscard]] int64_t nth(int64_t n) const { return offsets_[static_cast<size_t>(n)]; }

  [[nodiscard]] int64_t count(int64_t day, Seen& seen) const;
  [[nodiscard]] int64_t count_before(int64_t day, int64_t time) const;
  [[nodiscard]] std::optional<int64_t> first_from(int64_t day, int64_t time, Seen& seen) const;

 private:
  // The first unit of the day that is a whole number of intervals away from DTSTART's.
  [[nodiscard]] int64_t first_unit(int64_t day) const;
  [[nodiscard]] bool allows(int64_t unit) const;
  // How many units of the day before `end` are due in.
  [[nodiscard]] int64_t units_before(int64_t day, int64_t end) const;
  [[nodiscard]] int64_t units_per_day() const { return kSecondsPerDay / unit_; }
  [[nodiscard]] int64_t offsets_before(int64_t offset) const;

  int64_t unit_ = kSecondsPerDay;  // seconds: a day, an hour or a minute
  int64_t interval_ = 1;           // in units; of a day it is a matter of the days
  int64_t start_unit_ = 0;         // DTSTART's, counted from 1970
  uint64_t minutes_ = 0;           // that FREQ=MINUTELY is limited to
  uint32_t hours_ = 0;             // that HOURLY and MINUTELY are limited to
  std::vector<uint32_t> offsets_;  // sorted: seconds from a unit's start that are due
};

}  // namespace hourwheel
