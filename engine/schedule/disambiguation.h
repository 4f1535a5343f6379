// One-time local times where clocks are changed (C-18): an appointment keeps its distance to what
// lies around it, where a recurring time of a day would fire at the end of the gap.
//
// Cost: one look-up in the zone. Thread: a pure function, any thread.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {

enum class Disambiguation : uint8_t {
  kCompatible,  // in a gap forward by its length; in an overlap the first pass
  kEarlier,     // in a gap back by its length; in an overlap the first pass
  kLater,       // in a gap forward by its length; in an overlap the second pass
  kReject,      // refuse both
};

// kInvalidSchedule: rejected, or outside the years 1970 to 9999. Names no field.
Result<Instant> resolve(LocalTime local, TimeZone zone, Disambiguation disambiguation);

}  // namespace hourwheel
