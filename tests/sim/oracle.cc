#include "tests/sim/oracle.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/due.h"

namespace hourwheel {
namespace {

Schedule compiled(const ScheduleSpec& spec, TaskKey task) {
  auto schedule = Schedule::compile(spec, spread_seed(task));
  HW_CHECK(schedule, "the workload only makes schedules that compile");
  return *schedule;
}

bool is_calendar(const ScheduleSpec& spec) {
  return spec.kind == ScheduleKind::kCron || spec.kind == ScheduleKind::kRrule;
}

}  // namespace

Oracle::Oracle(const ScheduleSpec& spec, TaskKey task)
    : spec_(spec), task_(task), compiled_(compiled(spec, task)) {}

std::optional<Instant> Oracle::first_from(Instant t) const {
  if (is_calendar(spec_)) return compiled_.first_from(t);
  if (spec_.kind == ScheduleKind::kAt)
    return t <= spec_.at ? std::optional(spec_.at) : std::nullopt;
  if (spec_.kind == ScheduleKind::kFixedDelay) return std::max(t, spec_.anchor);
  int64_t n = 0;
  if (t > spec_.anchor) n = ((t - spec_.anchor).ms + spec_.every.ms - 1) / spec_.every.ms;
  return spec_.anchor + spec_.every * n;
}

std::optional<Instant> Oracle::next_after(Instant t) const {
  if (is_fixed_delay()) return std::nullopt;  // not known before the run has ended
  return first_from(t + milliseconds(1));
}

std::optional<Instant> Oracle::next_run_after(Instant t) const {
  auto due = next_after(t);
  while (due && is_excluded(*due)) due = next_after(*due);
  return due;
}

uint64_t Oracle::count(Instant from, Instant through) const {
  if (through < from) return 0;
  if (is_fixed_delay()) return 1;
  if (is_calendar(spec_)) {
    auto missed = compiled_.missed(from, through);
    return missed ? missed->count : 0;
  }
  auto first = first_from(from);
  if (!first || *first > through) return 0;
  if (spec_.kind == ScheduleKind::kAt) return 1;
  return static_cast<uint64_t>((through - *first).ms / spec_.every.ms) + 1;
}

bool Oracle::is_excluded(Instant due) const {
  return std::any_of(spec_.exclude.begin(), spec_.exclude.end(),
                     [due](const Exclusion& e) { return e.range.from <= due && due < e.range.to; });
}

Instant Oracle::fire_at(Generation generation, Instant due) const {
  return due + run_jitter(spec_, compiled_, task_, {generation, Trigger::kSchedule, due.ms});
}

bool Oracle::holds_back(Generation generation, Instant now) const {
  auto due = first_from(now - spec_.jitter);
  for (; due && *due <= now; due = next_after(*due)) {
    if (fire_at(generation, *due) > now) return true;
  }
  return false;
}

}  // namespace hourwheel
