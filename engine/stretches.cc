#include "engine/stretches.h"

namespace hourwheel {

std::optional<Instant> exclusion_change_after(const Schedule& schedule, Instant t) {
  const auto ranges = schedule.exclusions();
  auto range = std::upper_bound(ranges.begin(), ranges.end(), t,
                                [](Instant at, const InstantRange& r) { return at < r.to; });
  if (range == ranges.end()) return std::nullopt;
  return t < range->from ? range->from : range->to;
}

uint64_t count_runs(const Schedule& schedule, Instant from, Instant through) {
  uint64_t count = 0;
  each_stretch(schedule, from, through, [&count](const Stretch& stretch) {
    if (!stretch.excluded) count += stretch.passed.count;
  });
  return count;
}

std::optional<Instant> newest_run(const Schedule& schedule, Instant from, Instant through) {
  std::optional<Instant> newest;
  each_stretch(schedule, from, through, [&newest](const Stretch& stretch) {
    if (!stretch.excluded) newest = stretch.passed.newest;
  });
  return newest;
}

}  // namespace hourwheel
