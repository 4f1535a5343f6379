// The due instants of a schedule between two instants, cut where an exclusion begins or ends
// (C-16): what is excluded is recorded, what is not may run, and both are counted by arithmetic.
//
//   T1  Stretches ascend, are maximal, and each due instant in the range is in exactly one.
// Cost: a few schedule steps a stretch; at most two stretches an excluded range.
#pragma once

#include <algorithm>
#include <optional>

#include "engine/base/check.h"
#include "engine/schedule/schedule.h"

namespace hourwheel {

// Due instants next to each other, all of them excluded or none.
struct Stretch {
  Instant first;
  Missed passed;
  bool excluded = false;
};

// The first instant after t from which on what is due is excluded if at t it is not, or the
// reverse.
std::optional<Instant> exclusion_change_after(const Schedule& schedule, Instant t);

// Visits the due instants in [from, through]. Of a fixed delay, `from` is the one there is.
template <class Visit>
void each_stretch(const Schedule& schedule, Instant from, Instant through, Visit&& visit) {
  auto first = schedule.first_from(from);
  while (first && *first <= through) {
    const auto change = exclusion_change_after(schedule, *first);
    const Instant to = change ? std::min(through, *change - milliseconds(1)) : through;
    auto passed = schedule.missed(*first, to);
    HW_CHECK(passed, "T1 a stretch begins with an instant of the schedule");
    visit(Stretch{*first, *passed, schedule.excluded(*first)});
    first = schedule.next_after(to);
  }
}

// How many instants in [from, through] are not excluded, and the last of them.
uint64_t count_runs(const Schedule& schedule, Instant from, Instant through);
std::optional<Instant> newest_run(const Schedule& schedule, Instant from, Instant through);

}  // namespace hourwheel
