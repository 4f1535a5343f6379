// The dates beside a recurrence rule (exdate, rdate): local date-times of the schedule's zone, or
// instants, which become what the zone's clocks show then. Thread: a pure function.
#pragma once

#include <vector>

#include "api/json_reader.h"
#include "api/problem.h"
#include "engine/schedule/civil_time.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {

// False: errors says why. Refuses instants that the clocks do not show for sure: those of an hour
// that they show twice.
bool read_dates(const JsonValue& list, TimeZone zone, std::vector<CivilSecond>& out,
                FieldErrors& errors);

}  // namespace hourwheel
