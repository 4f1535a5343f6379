// Times as people say them: "in 4m (09:00 CET)", "3m ago", "+10m", "now-1d".
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace hourwheel {

// How far t is from now; what lies ahead with the time that a clock on the wall will show, in the
// zone of the user (TZ, else the machine's).
std::string time_phrase(Instant t, Instant now);

// "12s", "4m", "3h", "5d", "2y": the largest unit, rounded down. Requires: d >= 0.
std::string rough_length(Duration d);

// "now", "+10m", "-1d", "now+1h30m" become an instant as the API takes it; what does not begin so
// stays as it is, for the server to judge.
Result<std::string> settled_instant(std::string_view text, Instant now);

}  // namespace hourwheel
