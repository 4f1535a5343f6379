// The stored facts of a schedule: what a task's definition holds and Schedule::compile turns into
// something that answers. The numbers of all enums are stored, so they only append.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/schedule/calendar.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/exclusions.h"

namespace hourwheel {

enum class TaskType : uint8_t { kOneTime = 1, kRecurring = 2 };

enum class ScheduleKind : uint8_t {
  kAt = 1,
  kEvery = 2,  // at a fixed rate
  kCron = 3,
  kRrule = 4,
  kFixedDelay = 5,  // a fixed time after the end of the last run
};

struct ScheduleSpec {
  ScheduleKind kind = ScheduleKind::kAt;
  Instant at;        // kAt
  Duration every;    // kEvery, kFixedDelay
  Instant anchor;    // kEvery: due at anchor + n * every, n = 0, 1, 2 ...; kFixedDelay: first due
  std::string cron;  // kCron
  std::string timezone;  // kCron, kRrule; empty: UTC
  std::string source;    // the schedule as the client gave it; opaque here

  ClockChanges changes{};  // kCron, kRrule

  // kCron
  ElapsedRule elapsed = ElapsedRule::kPattern;
  DomDow dom_dow = DomDow::kOr;

  // kRrule
  std::string rrule{};
  CivilSecond dtstart{};              // anchors the rule
  std::vector<CivilSecond> exdate{};  // no due instants at all, unlike `exclude`
  std::vector<CivilSecond> rdate{};   // due besides the rule's

  // All but kAt
  std::optional<Instant> start_at{};  // nothing is due before it
  std::optional<Instant> end_at{};    // nor at or after it
  uint64_t max_runs = 0;              // 0: no limit. Counted where runs end
  Duration jitter{};                  // a run starts up to this much later than it is due
  std::vector<Exclusion> exclude{};   // due instants in it are recorded, not run

  friend bool operator==(const ScheduleSpec&, const ScheduleSpec&) = default;
  // Memory held outside of the object.
  [[nodiscard]] size_t held_bytes() const;
};

// What a task with such a schedule is.
constexpr TaskType type_of(ScheduleKind kind) {
  return kind == ScheduleKind::kAt ? TaskType::kOneTime : TaskType::kRecurring;
}

}  // namespace hourwheel
