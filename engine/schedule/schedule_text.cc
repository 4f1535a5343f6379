// The string forms of a schedule.
#include <algorithm>

#include "engine/limits.h"
#include "engine/schedule/invalid_schedule.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/schedule.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

// "2026-…": no duration and no cron field begins like this.
bool looks_like_a_date(std::string_view text) {
  return text.size() > 4 && text[4] == '-' &&
         text.substr(0, 4).find_first_not_of("0123456789") == std::string_view::npos &&
         text.find_first_of("*,/") == std::string_view::npos;
}

// An error of a text parser, which does not know where the text stood.
tl::unexpected<Error> in_schedule(Error error) {
  return failure(ErrorCode::kInvalidSchedule, "/schedule", std::move(error.detail));
}

Result<ScheduleSpec> interval_from(std::string_view text, Instant now) {
  auto every = parse_duration(text);
  if (!every) {
    return in_schedule(std::move(every.error()));
  }
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kEvery;
  spec.every = *every;
  spec.anchor = std::min(now + *every, kLastInstant);
  return spec;
}

Result<ScheduleSpec> once_after(std::string_view text, Instant now) {
  auto delay = parse_duration(text);
  if (!delay) {
    return in_schedule(std::move(delay.error()));
  }
  ScheduleSpec spec;
  spec.at = now + *delay;
  if (spec.at > kLastInstant) {
    return invalid_schedule(quoted(text) + " from now is after the year 9999");
  }
  return spec;
}

Result<ScheduleSpec> read_text(std::string_view text, std::optional<TaskType> type, Instant now) {
  if (looks_like_a_date(text)) {
    auto at = parse_instant(text);
    if (!at) {
      return in_schedule(std::move(at.error()));
    }
    ScheduleSpec spec;
    spec.at = *at;
    return spec;
  }
  if (text.starts_with('@') || text.find_first_of(" \t") != std::string_view::npos) {
    return parse_cron_text(text, "", now);
  }
  bool begins_a_duration =
      !text.empty() && (text[0] == 'P' || text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
  if (!begins_a_duration) {
    return invalid_schedule(
        quoted(text) +
        " is not an instant (2026-12-24T08:00:00Z), cron fields (0 9 * * 1-5) or a "
        "duration (PT15M, 15m)");
  }
  return type == TaskType::kOneTime ? once_after(text, now) : interval_from(text, now);
}

// A zone in front of an expression, as some crontabs have it.
struct ZonedCron {
  std::optional<std::string_view> zone;
  std::string_view cron;
};
ZonedCron split_zone(std::string_view text) {
  for (std::string_view prefix : {"CRON_TZ=", "TZ="}) {
    size_t blank = text.find_first_of(" \t");
    if (!text.starts_with(prefix) || blank == std::string_view::npos) {
      continue;
    }
    size_t cron = text.find_first_not_of(" \t", blank);
    std::string_view rest = cron == std::string_view::npos ? "" : text.substr(cron);
    return {text.substr(prefix.size(), blank - prefix.size()), rest};
  }
  return {std::nullopt, text};
}

}  // namespace

Result<ScheduleSpec> parse_schedule_text(std::string_view text, std::optional<TaskType> type,
                                         Instant now) {
  if (text.size() > kMaxScheduleText) {
    return invalid_schedule("a schedule of " + std::to_string(text.size()) +
                            " bytes is longer than " + std::to_string(kMaxScheduleText));
  }
  auto spec = read_text(text, type, now);
  if (spec && type && *type != type_of(spec->kind)) {
    return *type == TaskType::kOneTime
               ? invalid_schedule("a one-time task is due once, unlike " + quoted(text))
               : invalid_schedule("a recurring task needs cron fields or an interval, unlike " +
                                  quoted(text));
  }
  return spec;
}

Result<ScheduleSpec> parse_cron_text(std::string_view text, std::string_view timezone,
                                     Instant now) {
  auto [zone, cron] = split_zone(text);
  if (zone && zone->empty()) {
    return invalid_schedule(quoted(text) + " names no zone behind its TZ=");
  }
  if (zone && !timezone.empty() && *zone != timezone) {
    return invalid_schedule("the expression is for " + quoted(*zone) +
                            ", the timezone beside it is " + quoted(timezone));
  }
  constexpr std::string_view kEveryMacro = "@every ";
  if (cron.starts_with(kEveryMacro)) {
    return interval_from(cron.substr(kEveryMacro.size()), now);
  }
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kCron;
  spec.cron = cron;
  spec.timezone = zone.value_or(timezone);
  return spec;
}

}  // namespace hourwheel
