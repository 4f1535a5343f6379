#include "engine/schedule/outlook.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// The excluded range that begins at or holds `due`.
std::optional<InstantRange> excluded_range(const Schedule& schedule, Instant due) {
  auto ranges = schedule.exclusions();
  auto behind =
      std::upper_bound(ranges.begin(), ranges.end(), due,
                       [](Instant t, const InstantRange& range) { return t < range.from; });
  if (behind == ranges.begin()) return std::nullopt;
  InstantRange found = *std::prev(behind);
  return due < found.to ? std::optional(found) : std::nullopt;
}

// Folds what an excluded range holds before `end` into its first line; the last instant that the
// line speaks of.
Instant fold_excluded(const Schedule& schedule, Instant end, OutlookLine& line) {
  Instant due = line.occurrence.due;
  auto range = excluded_range(schedule, due);
  HW_CHECK(range.has_value(), "an excluded due instant lies in an excluded range");
  Instant last = std::min(range->to, end) - milliseconds(1);
  line.count = schedule.count(due, last);
  return last;
}

Instant end_of(const OutlookRange& range) {
  return std::min({range.end.value_or(kLastInstant), range.from + kFarthestLook, kLastInstant});
}

}  // namespace

Outlook look_ahead(const Schedule& schedule, const OutlookRange& range) {
  Outlook out;
  const Instant end = end_of(range);
  uint64_t runs = 0;
  auto due = schedule.first_from(range.from);
  while (due && *due < end && (range.runs_left == 0 || runs < range.runs_left)) {
    if (out.lines.size() >= range.most) {
      out.cut = true;
      break;
    }
    OutlookLine line{schedule.explain(*due), 1, *due};
    Instant last = *due;
    if (line.occurrence.excluded) last = fold_excluded(schedule, end, line);
    due = schedule.next_after(last);
    if (!line.occurrence.excluded) {
      ++runs;
      line.latest_start = schedule.latest_start(last, due);
    }
    out.lines.push_back(line);
  }
  // Without an end, nobody asks for more than what was listed.
  Instant seen = range.end && !out.cut ? end : range.from;
  if (!out.lines.empty()) seen = std::max(seen, out.lines.back().occurrence.due + milliseconds(1));
  out.left_out = schedule.left_out(range.from, seen, range.most);
  return out;
}

}  // namespace hourwheel
