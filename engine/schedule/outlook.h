// What lies ahead of a schedule: its due instants in a range, with what the clocks or an exclusion
// make of each, and the local times that are left out between them.
//
// Invariants
//   OL1  At most `most` lines, ascending; a line stands for one due instant, or for all that one
//        excluded range holds.
//   OL2  The work is bounded by `most`, kFarthestLook and the schedule's own bounds, never by how
//        much is due.
// Cost: 0.3 us a line in UTC, about 1 us elsewhere; the dearest cases we know take 2 to 4 ms
//   (bench/engine/schedule/outlook_bench.cc). Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/schedule/schedule.h"

namespace hourwheel {

// Dates and weekdays repeat after 400 years: nothing new comes behind them.
inline constexpr Duration kFarthestLook = hours(24) * 146'097;

// [from, end), or from `from` on.
struct OutlookRange {
  Instant from;
  std::optional<Instant> end;
  uint32_t most = 0;
  uint64_t runs_left = 0;  // how many runs there may be; 0: no limit
};

struct OutlookLine {
  Occurrence occurrence;
  uint64_t count = 1;    // of an excluded range: how many due instants it holds from here on
  Instant latest_start;  // of its run; after the due instant only with jitter
  std::optional<Instant> fire_at{};  // when its run starts, for whoever knows the run's identity
};

struct Outlook {
  std::vector<OutlookLine> lines;
  std::vector<LeftOut> left_out;
  bool cut = false;  // the range holds more than `most`
};

Outlook look_ahead(const Schedule& schedule, const OutlookRange& range);

}  // namespace hourwheel
