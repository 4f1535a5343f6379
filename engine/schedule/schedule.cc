#include "engine/schedule/schedule.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> refuse(std::string detail) {
  return failure(ErrorCode::kInvalidSchedule, "/schedule", std::move(detail));
}

bool in_range(Instant t) {
  return t >= kFirstInstant && t <= kLastInstant;
}

Result<Calendar> compile_cron(const ScheduleSpec& spec) {
  auto cron = Cron::parse(spec.cron);
  if (!cron) {
    return failure(std::move(cron.error()));
  }
  if (!cron->first_from(CivilSecond{})) {
    return failure(ErrorCode::kNeverFires, "/schedule",
                   quoted(spec.cron) + " names no date that exists");
  }
  auto zone = spec.timezone.empty() ? TimeZone() : TimeZone::find(spec.timezone);
  if (!zone) {
    return failure(std::move(zone.error()));
  }
  Calendar calendar(*cron, *zone);
  if (!calendar.first_from(kFirstInstant)) {
    return failure(ErrorCode::kNeverFires, "/schedule",
                   quoted(spec.cron) + " names only times that the clocks of " +
                       quoted(spec.timezone) + " leave out");
  }
  return calendar;
}

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
  spec.anchor = now;
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
    return refuse(quoted(text) + " from now is after the year 9999");
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
    return refuse(quoted(text) +
                  " is not an instant (2026-12-24T08:00:00Z), cron fields (0 9 * * 1-5) or a "
                  "duration (PT15M, 15m)");
  }
  return type == TaskType::kOneTime ? once_after(text, now) : interval_from(text, now);
}

}  // namespace

Result<Schedule> Schedule::compile(const ScheduleSpec& spec) {
  switch (spec.kind) {
    case ScheduleKind::kAt:
      if (!in_range(spec.at)) {
        return refuse("the instant is outside the years 1970 to 9999");
      }
      return Schedule(At{spec.at});
    case ScheduleKind::kEvery:
      if (spec.every < kShortestInterval || spec.every > kLastInstant - kFirstInstant) {
        return refuse("an interval of " + to_text(spec.every) + " is not from " +
                      to_text(kShortestInterval) + " to the year 9999");
      }
      if (!in_range(spec.anchor)) {
        return refuse("the anchor is outside the years 1970 to 9999");
      }
      return Schedule(Every{spec.anchor, spec.every});
    case ScheduleKind::kCron: {
      auto calendar = compile_cron(spec);
      if (!calendar) {
        return failure(std::move(calendar.error()));
      }
      return Schedule(*calendar);
    }
  }
  // Rows of a newer version are refused before they are decoded.
  HW_CHECK(false, "a schedule's kind is one of ours");
}

std::optional<Instant> Schedule::first_of(const Every& every, Instant t) {
  if (t <= every.anchor) {
    return every.anchor;
  }
  if (t > kLastInstant) {
    return std::nullopt;
  }
  int64_t n = (t - every.anchor - milliseconds(1)).ms / every.step.ms + 1;
  Instant due = every.anchor + every.step * n;
  return due > kLastInstant ? std::nullopt : std::optional(due);
}

std::optional<Instant> Schedule::first_from(Instant t) const {
  std::optional<Instant> due;
  if (const At* at = std::get_if<At>(&rule_)) {
    due = at->due >= t ? std::optional(at->due) : std::nullopt;
  } else if (const Every* every = std::get_if<Every>(&rule_)) {
    due = first_of(*every, t);
  } else {
    due = std::get<Calendar>(rule_).first_from(t);
  }
  HW_CHECK(!due || *due >= t, "SC1 no answer lies before what was asked for");
  return due;
}

std::optional<Instant> Schedule::next_after(Instant t) const {
  if (t >= kLastInstant) {
    return std::nullopt;
  }
  return first_from(t + milliseconds(1));
}

std::optional<Missed> Schedule::missed_of(const Every& every, Instant from, Instant through) {
  auto first = first_of(every, from);
  if (!first || *first > through) {
    return std::nullopt;
  }
  int64_t further = (std::min(through, kLastInstant) - *first).ms / every.step.ms;
  return Missed{static_cast<uint64_t>(further) + 1, *first + every.step * further};
}

std::optional<Missed> Schedule::missed_of(const Calendar& calendar, Instant from, Instant through) {
  uint64_t count = calendar.count(from, through);
  if (count == 0) {
    return std::nullopt;
  }
  // The usual case, after a short stop: one step forward is cheaper than a search back.
  auto newest = count == 1 ? calendar.first_from(from) : calendar.newest(from, through);
  HW_CHECK(newest && *newest >= from && *newest <= through,
           "CA3 what was counted lies in the range");
  return Missed{count, *newest};
}

std::optional<Missed> Schedule::missed(Instant from, Instant through) const {
  if (const At* at = std::get_if<At>(&rule_)) {
    bool within = at->due >= from && at->due <= through;
    return within ? std::optional(Missed{1, at->due}) : std::nullopt;
  }
  if (const Every* every = std::get_if<Every>(&rule_)) {
    return missed_of(*every, from, through);
  }
  return missed_of(std::get<Calendar>(rule_), from, through);
}

Result<ScheduleSpec> parse_schedule_text(std::string_view text, std::optional<TaskType> type,
                                         Instant now) {
  if (text.size() > kMaxScheduleText) {
    return refuse("a schedule of " + std::to_string(text.size()) + " bytes is longer than " +
                  std::to_string(kMaxScheduleText));
  }
  auto spec = read_text(text, type, now);
  if (spec && type && *type != type_of(spec->kind)) {
    return *type == TaskType::kOneTime
               ? refuse("a one-time task is due once, unlike " + quoted(text))
               : refuse("a recurring task needs cron fields or an interval, unlike " +
                        quoted(text));
  }
  return spec;
}

Result<ScheduleSpec> parse_cron_text(std::string_view text, std::string_view timezone,
                                     Instant now) {
  constexpr std::string_view kEveryMacro = "@every ";
  if (text.starts_with(kEveryMacro)) {
    return interval_from(text.substr(kEveryMacro.size()), now);
  }
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kCron;
  spec.cron = text;
  spec.timezone = timezone;
  return spec;
}

}  // namespace hourwheel
