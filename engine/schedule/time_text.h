// Instants, local date-times and durations as text. All refusals are kValidationFailed without a
// field: the caller knows where the text stood.
//
// Cost: linear in the text, which may be of any length; only the parsers' errors allocate.
// Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/schedule/civil_time.h"

namespace hourwheel {

// RFC 3339 with any offset: "2026-12-24T08:00:00.123+01:00". Lower-case t and z are fine, 1 to 9
// decimals are cut to milliseconds, second 60 is the next second. From kFirstInstant to
// kLastInstant.
Result<Instant> parse_instant(std::string_view text);

// The same without an offset: what a clock in some zone shows.
Result<LocalTime> parse_local_time(std::string_view text);

// A date: "2026-12-25", from the first to the last day of these years.
Result<CivilDate> parse_date(std::string_view text);

// Always UTC and three decimals: "2026-12-24T07:00:00.123Z". Requires: kFirstInstant <= t <=
// kLastInstant.
std::string to_text(Instant t);
void append_text(std::string& out, Instant t);

// Without an offset, and with three decimals only where there are some: "2026-12-24T08:00:00".
std::string to_text(LocalTime local);

// ISO 8601 with units of a fixed length ("P2W", "P1DT2H3M4.5S") or the short form ("250ms", "90s",
// "1h30m", "2d"), never negative, at most as long as the time from kFirstInstant to kLastInstant.
Result<Duration> parse_duration(std::string_view text);

// Canonical ISO 8601: "PT1H30M", "P1DT0.25S", "PT0S"; a minus sign in front of a negative one.
std::string to_text(Duration d);

}  // namespace hourwheel
