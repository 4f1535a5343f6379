// A cron expression in a time zone: which instants are due, also where clocks are changed (C-18).
//
//   Fixed times of a day: one that falls into a gap is due at the first instant after it (several
//   in one gap, or one that lands on another, are one); one in an overlap is due in the first pass.
//   A gap longer than three hours is a missing day: what falls into it is not due at all.
//   Expressions that follow elapsed time are due whenever the clocks show a match: never in a gap,
//   twice in an overlap.
//
// Invariants
//   CA1  Every due instant is a whole second in [kFirstInstant, kLastInstant].
//   CA2  first_from(t) >= t, and first_from(first_from(t)) == first_from(t).
//   CA3  count(from, through) is how many steps of first_from lie in [from, through].
// Cost: first_from 50 ns in UTC and 0.3 us elsewhere; count 5 ns a month of the range and 0.2 us a
//   change of the clocks; newest some dozens of counts over ranges that reach twice as far back as
//   the newest due instant, so it is the dearer the longer nothing has been due.
// Thread: an immutable value, any thread.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/schedule/cron.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {

class Calendar {
 public:
  Calendar(const Cron& cron, TimeZone zone) : cron_(cron), zone_(zone) {}

  // The first due instant at or after t; nullopt: there is none before the year 10000.
  [[nodiscard]] std::optional<Instant> first_from(Instant t) const;
  // How many due instants lie in [from, through].
  [[nodiscard]] uint64_t count(Instant from, Instant through) const;
  // The last due instant in [from, through].
  [[nodiscard]] std::optional<Instant> newest(Instant from, Instant through) const;

 private:
  [[nodiscard]] std::optional<Instant> fixed_from(Instant t) const;
  [[nodiscard]] std::optional<Instant> elapsed_from(Instant t) const;
  // The first civil second that the clocks have not yet shown by t, t itself not counted.
  [[nodiscard]] CivilSecond unseen_before(Instant t) const;

  Cron cron_;
  TimeZone zone_;
};

}  // namespace hourwheel
