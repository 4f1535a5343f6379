// What happened lately, in steps: the counters of all shards looked at every kStatsStep, and what
// they gained since the look before. For people who look at a page and have no Prometheus.
//
// A look is taken when there is a turn anyway, so that an idle server is not woken for it; a step
// may be longer than kStatsStep, and says how long it was.
// Cost: a look is some 100 us of CPU; kStatsKept / kStatsStep steps are kept. Thread: its owner's.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "engine/base/time.h"
#include "engine/metrics.h"

namespace hourwheel {

inline constexpr Duration kStatsStep = seconds(10);
inline constexpr Duration kStatsKept = hours(1);

struct StatsStep {
  Instant end;
  Duration length;
  std::array<uint64_t, ShardMetrics::kEnds> runs_ended{};  // from kSucceeded on
  uint64_t attempts = 0;
  // Of the runs that were started in it; none: there were none.
  std::optional<uint64_t> lateness_p50_us;
  std::optional<uint64_t> lateness_p99_us;
};

class StatsSeries {
 public:
  // Once a turn; does nothing until a step is over.
  void look(Now now, std::span<const ShardMetrics* const> shards);
  // Oldest first.
  [[nodiscard]] const std::deque<StatsStep>& steps() const { return steps_; }

 private:
  struct Look {
    Now at;
    std::array<uint64_t, ShardMetrics::kEnds> runs_ended{};
    uint64_t attempts = 0;
    Histogram lateness_us;
  };

  std::unique_ptr<Look> last_;  // null: none yet
  std::deque<StatsStep> steps_;
};

}  // namespace hourwheel
