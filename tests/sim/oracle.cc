#include "tests/sim/oracle.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {

Oracle::Oracle(const ScheduleSpec& spec) : spec_(spec) {
  if (spec.kind != ScheduleKind::kCron) return;
  auto compiled = Schedule::compile(spec, {});  // no expression of the workload has an H
  HW_CHECK(compiled, "the workload only makes expressions that compile");
  compiled_ = *compiled;
}

std::optional<Instant> Oracle::first_from(Instant t) const {
  if (compiled_) return compiled_->first_from(t);
  if (spec_.kind == ScheduleKind::kAt)
    return t <= spec_.at ? std::optional(spec_.at) : std::nullopt;
  int64_t n = 0;
  if (t > spec_.anchor) n = ((t - spec_.anchor).ms + spec_.every.ms - 1) / spec_.every.ms;
  return spec_.anchor + spec_.every * n;
}

std::optional<Instant> Oracle::next_after(Instant t) const {
  return first_from(t + milliseconds(1));
}

uint64_t Oracle::count(Instant from, Instant through) const {
  if (through < from) return 0;
  if (compiled_) {
    auto missed = compiled_->missed(from, through);
    return missed ? missed->count : 0;
  }
  auto first = first_from(from);
  if (!first || *first > through) return 0;
  if (spec_.kind == ScheduleKind::kAt) return 1;
  return static_cast<uint64_t>((through - *first).ms / spec_.every.ms) + 1;
}

}  // namespace hourwheel
