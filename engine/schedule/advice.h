// What is worth a word about a schedule that is valid: the cases in which people regularly mean
// something else. Shown beside a preview; never a reason to refuse.
//
// Invariant
//   AD1  The codes are stable: clients may switch on them.
// Cost: a few us, and at most kMostDues due instants are computed. Thread: a pure function, any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/schedule/schedule.h"

namespace hourwheel {

struct Advice {
  std::string_view code;  // kebab-case, a literal
  std::string detail;     // one sentence
};

// Requires: schedule is compiled from spec. from: what lies before it is of no interest.
std::vector<Advice> advise(const ScheduleSpec& spec, const Schedule& schedule, Instant from);

}  // namespace hourwheel
