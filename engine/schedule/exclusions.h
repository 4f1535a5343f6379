// When a schedule's due instants are not to run: dates and ranges, resolved to instants.
//
// Invariant
//   EX1  The ranges ascend, none is empty, and between two of them lies at least a millisecond.
// Cost: resolve about 0.5 us a date; at() a binary search of at most kMaxExclusions ranges (a date
// on
//   which clocks are changed may be two). Thread: an immutable value, any thread.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {

// [from, to)
struct InstantRange {
  Instant from;
  Instant to;
  friend bool operator==(const InstantRange&, const InstantRange&) = default;
};

// As it is stored: a date of the schedule's zone, or else a range.
struct Exclusion {
  std::optional<CivilDate> date;
  InstantRange range;  // without a meaning if there is a date
  friend bool operator==(const Exclusion&, const Exclusion&) = default;
};

class Exclusions {
 public:
  Exclusions() = default;
  // Requires: dates that exist.
  Exclusions(std::span<const Exclusion> exclusions, TimeZone zone);

  // The range that t lies in.
  [[nodiscard]] std::optional<InstantRange> at(Instant t) const;
  [[nodiscard]] std::span<const InstantRange> ranges() const { return ranges_; }

 private:
  void add_date(CivilDate date, TimeZone zone);
  void join();

  std::vector<InstantRange> ranges_;
};

}  // namespace hourwheel
