// A task's rule for when it is due. The body is being written beside this header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace hourwheel {

enum class TaskType : uint8_t { kOneTime = 1, kRecurring = 2 };
enum class ScheduleKind : uint8_t { kAt = 1, kEvery = 2, kCron = 3 };  // stored: only append

struct ScheduleSpec {
  ScheduleKind kind = ScheduleKind::kAt;
  Instant at;            // kAt
  Duration every;        // kEvery
  Instant anchor;        // kEvery: due at anchor + n * every
  std::string cron;      // kCron
  std::string timezone;  // kCron; empty: UTC
  std::string source;    // the schedule as the client gave it; opaque here
  friend bool operator==(const ScheduleSpec&, const ScheduleSpec&) = default;
};

}  // namespace hourwheel
