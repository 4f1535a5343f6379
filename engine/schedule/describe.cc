#include "engine/schedule/describe.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/schedule/describe_cron.h"
#include "engine/schedule/describe_rrule.h"
#include "engine/schedule/phrases.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

// "2026-12-24 08:00:00 UTC", with decimals only where there are some.
std::string readable(Instant t) {
  std::string text = to_text(t);  // "2026-12-24T08:00:00.000Z"
  std::string second = text.substr(0, 10) + " " + text.substr(11, 8);
  return second + (t.ms % 1000 == 0 ? "" : text.substr(19, 4)) + " UTC";
}

// "Every hour", "Every 15 minutes".
std::string describe_every(Duration every) {
  std::string length = describe(every);
  bool one_unit = length.starts_with("1 ") && length.find(' ', 2) == std::string::npos;
  return "Every " + (one_unit ? length.substr(2) : length);
}

std::string describe_cron(const ScheduleSpec& spec) {
  const std::string zone = ", " + (spec.timezone.empty() ? "UTC" : spec.timezone);
  auto cron = read_written_cron(spec.cron);
  if (!cron) return "By cron " + quoted(spec.cron) + zone;
  TimePhrase time = describe_time(*cron);
  std::string days = describe_days(*cron, spec.dom_dow, time);
  bool zone_shows = !time.same_in_every_hour || !days.empty() || !spec.timezone.empty();
  return time.text + days + (zone_shows ? zone : "");
}

std::string describe_recurrence(const ScheduleSpec& spec) {
  std::string out = describe_rrule(spec.rrule);
  if (!spec.exdate.empty()) {
    out += ", without " + counted(static_cast<int64_t>(spec.exdate.size()), "date");
  }
  if (!spec.rdate.empty()) {
    out += ", and on " + counted(static_cast<int64_t>(spec.rdate.size()), "more date");
  }
  return out + ", " + (spec.timezone.empty() ? "UTC" : spec.timezone);
}

std::string describe_rule(const ScheduleSpec& spec) {
  switch (spec.kind) {
    case ScheduleKind::kAt:
      return "Once, at " + readable(spec.at);
    case ScheduleKind::kEvery:
      return describe_every(spec.every);
    case ScheduleKind::kCron:
      return describe_cron(spec);
    case ScheduleKind::kRrule:
      return describe_recurrence(spec);
    case ScheduleKind::kFixedDelay:
      return "Again " + describe(spec.every) + " after the end of each run";
  }
  HW_CHECK(false, "a schedule's kind is one of ours");
}

}  // namespace

std::string describe(const ScheduleSpec& spec) {
  std::string out = describe_rule(spec);
  if (spec.start_at) out += ", from " + readable(*spec.start_at);
  if (spec.end_at) out += ", before " + readable(*spec.end_at);
  if (spec.max_runs > 0) {
    out += ", at most " + counted(static_cast<int64_t>(spec.max_runs), "time");
  }
  if (spec.jitter > Duration{}) out += ", each up to " + describe(spec.jitter) + " later";
  if (!spec.exclude.empty()) {
    out += ", except on " + counted(static_cast<int64_t>(spec.exclude.size()), "excluded range");
  }
  return out;
}

std::string describe(Duration d) {
  struct Unit {
    int64_t ms;
    std::string_view name;
  };
  constexpr Unit kUnits[] = {
      {3'600'000, "hour"}, {60'000, "minute"}, {1'000, "second"}, {1, "millisecond"}};
  constexpr int64_t kDay = 24 * 3'600'000;
  // A day here is elapsed time, not a date: 24 hours, also when clocks are changed.
  if (d.ms > kDay && d.ms % kDay == 0) return counted(d.ms / kDay, "day") + " of 24 hours";
  Phrases parts;
  int64_t rest = d.ms;
  for (const Unit& unit : kUnits) {
    if (rest / unit.ms > 0) parts.push_back(counted(rest / unit.ms, unit.name));
    rest %= unit.ms;
  }
  return parts.empty() ? "0 seconds" : join(parts);
}

}  // namespace hourwheel
