// The sentence of a cron expression, for describe(). Two halves: the time of the day, and the days.
#pragma once

#include <string>

#include "engine/schedule/schedule_spec.h"
#include "engine/schedule/written_cron.h"

namespace hourwheel {

struct TimePhrase {
  std::string text;         // "At 09:00", "Every 15 minutes, 09:00 to 17:59"
  bool once_or_more_a_day;  // names times of a day, so that "every day" makes it a sentence
  bool same_in_every_hour;  // says nothing about hours: no zone needed to read it
};
TimePhrase describe_time(const WrittenCron& cron);

// What follows the time: " every day", ", Monday to Friday", " on the last day of the month".
std::string describe_days(const WrittenCron& cron, DomDow dom_dow, const TimePhrase& time);

}  // namespace hourwheel
