#include "engine/schedule/exclusions.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace hourwheel {

Exclusions::Exclusions(std::span<const Exclusion> exclusions, TimeZone zone) {
  for (const Exclusion& exclusion : exclusions) {
    if (exclusion.date) {
      add_date(*exclusion.date, zone);
    } else if (exclusion.range.from < exclusion.range.to) {
      ranges_.push_back(exclusion.range);
    }
  }
  join();
}

// All instants at which the clocks show that date: where they are set back over midnight, these are
// two ranges; where they jump over the day, none.
void Exclusions::add_date(CivilDate date, TimeZone zone) {
  const CivilSecond first{day_of(date) * kSecondsPerDay};
  const CivilSecond next{first.s + kSecondsPerDay};
  // A gap's end and both passes of an overlap lie between the two readings.
  CivilLookup at_first = zone.lookup(first);
  CivilLookup at_next = zone.lookup(next);
  Instant begin = std::min(at_first.before, at_first.after);
  const Instant end = std::max(at_next.before, at_next.after);
  while (begin < end) {
    Instant stop = std::min(zone.next_transition(begin).value_or(end), end);
    CivilSecond shown = zone.civil_at(begin);
    int64_t skipped = std::max<int64_t>(first.s - shown.s, 0);
    int64_t shown_until = shown.s + (stop - begin).ms / 1000;
    int64_t beyond = std::max<int64_t>(shown_until - next.s, 0);
    InstantRange part{begin + seconds(skipped), stop - seconds(beyond)};
    if (part.from < part.to) {
      ranges_.push_back(part);
    }
    begin = stop;
  }
}

void Exclusions::join() {
  std::sort(ranges_.begin(), ranges_.end(),
            [](const InstantRange& a, const InstantRange& b) { return a.from < b.from; });
  std::vector<InstantRange> joined;
  for (const InstantRange& range : ranges_) {
    if (!joined.empty() && range.from <= joined.back().to) {
      joined.back().to = std::max(joined.back().to, range.to);
    } else {
      joined.push_back(range);
    }
  }
  ranges_ = std::move(joined);
}

std::optional<InstantRange> Exclusions::at(Instant t) const {
  auto behind = std::upper_bound(
      ranges_.begin(), ranges_.end(), t,
      [](Instant instant, const InstantRange& range) { return instant < range.from; });
  if (behind == ranges_.begin() || std::prev(behind)->to <= t) {
    return std::nullopt;
  }
  return *std::prev(behind);
}

}  // namespace hourwheel
