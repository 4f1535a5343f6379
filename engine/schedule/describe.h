// A schedule as one English sentence, so that people can check what they wrote: "At 09:00, Monday
// to Friday, Europe/Berlin". Calendar schedules name their zone unless it makes no difference.
//
// What cannot be put into plain words is quoted ("By cron '…'", "By rule FREQ=…"), never
// simplified.
//
// Cost: about 2 us; for requests of people. Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/schedule/schedule.h"

namespace hourwheel {

std::string describe(const ScheduleSpec& spec);

// "15 minutes", "1 hour and 30 minutes", "250 milliseconds", "2 days of 24 hours". Requires: d >=
// 0.
std::string describe(Duration d);

}  // namespace hourwheel
