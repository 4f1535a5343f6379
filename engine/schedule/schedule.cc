#include "engine/schedule/schedule.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/invalid_schedule.h"
#include "engine/schedule/quoted.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

tl::unexpected<Error> never_fires(std::string detail) {
  return failure(ErrorCode::kNeverFires, "/schedule", std::move(detail));
}

bool in_range(Instant t) {
  return t >= kFirstInstant && t <= kLastInstant;
}

Result<TimeZone> zone_of(const ScheduleSpec& spec) {
  return spec.timezone.empty() ? TimeZone() : TimeZone::find(spec.timezone);
}

Result<Calendar> compile_cron(const ScheduleSpec& spec, SpreadSeed seed) {
  auto cron = Cron::parse(spec.cron, {spec.dom_dow, spec.elapsed, seed});
  if (!cron) {
    return failure(std::move(cron.error()));
  }
  if (!cron->first_from(CivilSecond{})) {
    return never_fires(quoted(spec.cron) + " names no date that exists");
  }
  auto zone = zone_of(spec);
  if (!zone) {
    return failure(std::move(zone.error()));
  }
  Calendar calendar(*cron, *zone, spec.changes);
  if (!calendar.first_from(kFirstInstant)) {
    return never_fires(quoted(spec.cron) + " names only times that the clocks of " +
                       quoted(spec.timezone) + " leave out");
  }
  return calendar;
}

// An UNTIL that is an instant becomes what the zone's clocks show then. Only in the hour that they
// show twice is that less exact: an hourly rule then ends with the second pass.
Result<Rrule> compile_rule_of(const ScheduleSpec& spec, TimeZone zone) {
  if (spec.dtstart.s < -kSecondsPerDay || spec.dtstart.s > whole_second(kLastInstant)) {
    return invalid_schedule("the start of the recurrence rule is outside the years 1970 to 9999");
  }
  if (spec.exdate.size() > kMaxRruleDates || spec.rdate.size() > kMaxRruleDates) {
    return invalid_schedule("exdate and rdate have at most " + std::to_string(kMaxRruleDates) +
                            " entries");
  }
  for (const auto* dates : {&spec.exdate, &spec.rdate}) {
    for (CivilSecond date : *dates) {
      if (date.s < 0 || date.s > whole_second(kLastInstant)) {
        return invalid_schedule("an entry of exdate or rdate is outside the years 1970 to 9999");
      }
    }
  }
  auto rule = Rrule::parse(spec.rrule, spec.dtstart);
  if (rule && rule->until()) {
    return rule->ended_after(zone.civil_at(*rule->until()));
  }
  return rule;
}

Result<Calendar> compile_rrule(const ScheduleSpec& spec) {
  auto zone = zone_of(spec);
  if (!zone) {
    return failure(std::move(zone.error()));
  }
  auto rule = compile_rule_of(spec, *zone);
  if (!rule) {
    return failure(std::move(rule.error()));
  }
  RecurrenceSet set(std::move(*rule), spec.exdate, spec.rdate);
  if (!set.first_from(CivilSecond{})) {
    return never_fires("UNTIL or exdate leaves nothing of " + quoted(spec.rrule));
  }
  Calendar calendar(std::move(set), *zone, spec.changes);
  if (!calendar.first_from(kFirstInstant)) {
    return never_fires(quoted(spec.rrule) + " names only times that the clocks of " +
                       quoted(spec.timezone) + " leave out");
  }
  return calendar;
}

Status check_interval(const ScheduleSpec& spec) {
  if (spec.every < kShortestInterval || spec.every > kLastInstant - kFirstInstant) {
    return invalid_schedule("an interval of " + to_text(spec.every) + " is not from " +
                            to_text(kShortestInterval) + " to the year 9999");
  }
  if (!in_range(spec.anchor)) {
    return invalid_schedule("the anchor is outside the years 1970 to 9999");
  }
  return {};
}

}  // namespace

size_t ScheduleSpec::held_bytes() const {
  return cron.size() + timezone.size() + source.size() + exclude.size() * sizeof(Exclusion) +
         rrule.size() + (exdate.size() + rdate.size()) * sizeof(CivilSecond);
}

Result<Schedule::Rule> Schedule::compile_rule(const ScheduleSpec& spec, SpreadSeed seed) {
  switch (spec.kind) {
    case ScheduleKind::kAt:
      if (!in_range(spec.at)) {
        return invalid_schedule("the instant is outside the years 1970 to 9999");
      }
      return At{spec.at};
    case ScheduleKind::kEvery:
    case ScheduleKind::kFixedDelay:
      if (auto checked = check_interval(spec); !checked) {
        return failure(std::move(checked.error()));
      }
      if (spec.kind == ScheduleKind::kFixedDelay) {
        return FixedDelay{spec.anchor, spec.every};
      }
      return Every{spec.anchor, spec.every};
    case ScheduleKind::kCron: {
      auto calendar = compile_cron(spec, seed);
      if (!calendar) {
        return failure(std::move(calendar.error()));
      }
      return *calendar;
    }
    case ScheduleKind::kRrule: {
      auto calendar = compile_rrule(spec);
      if (!calendar) {
        return failure(std::move(calendar.error()));
      }
      return std::move(*calendar);
    }
  }
  // Rows of a newer version are refused before they are decoded.
  HW_CHECK(false, "a schedule's kind is one of ours");
}

Result<Schedule> Schedule::compile(const ScheduleSpec& spec, SpreadSeed seed) {
  auto rule = compile_rule(spec, seed);
  if (!rule) {
    return failure(std::move(rule.error()));
  }
  Schedule schedule(*rule);
  if (spec.kind == ScheduleKind::kAt) {
    return schedule;
  }
  if (spec.exclude.size() > kMaxExclusions) {
    return invalid_schedule("a schedule has at most " + std::to_string(kMaxExclusions) +
                            " exclusions");
  }
  schedule.start_ = std::max(spec.start_at.value_or(kFirstInstant), kFirstInstant);
  schedule.last_ =
      spec.end_at ? std::min(*spec.end_at - milliseconds(1), kLastInstant) : kLastInstant;
  schedule.jitter_ = spec.jitter;
  if (!spec.exclude.empty()) {
    bool has_zone = spec.kind == ScheduleKind::kCron || spec.kind == ScheduleKind::kRrule;
    auto zone = has_zone ? zone_of(spec) : TimeZone();
    if (!zone) {
      return failure(std::move(zone.error()));
    }
    schedule.exclusions_ = Exclusions(spec.exclude, *zone);
  }
  if (auto fires = schedule.check_fires(spec); !fires) {
    return failure(std::move(fires.error()));
  }
  return schedule;
}

// At most one search more than there are excluded ranges.
Status Schedule::check_fires(const ScheduleSpec& spec) const {
  std::optional<Instant> due = first_from(kFirstInstant);
  if (!due) {
    return never_fires("nothing is due from start_at on and before end_at");
  }
  while (due) {
    auto range = exclusions_.at(*due);
    if (!range) {
      return {};
    }
    due = first_from(range->to);
  }
  return never_fires("each due instant is excluded by one of the " +
                     std::to_string(spec.exclude.size()) + " exclusions");
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

std::optional<Instant> Schedule::rule_first_from(Instant t) const {
  if (const At* at = std::get_if<At>(&rule_)) {
    return at->due >= t ? std::optional(at->due) : std::nullopt;
  }
  if (const Every* every = std::get_if<Every>(&rule_)) {
    return first_of(*every, t);
  }
  if (const FixedDelay* delay = std::get_if<FixedDelay>(&rule_)) {
    return std::max(t, delay->first);
  }
  return std::get<Calendar>(rule_).first_from(t);
}

std::optional<Instant> Schedule::first_from(Instant t) const {
  auto due = rule_first_from(std::max(t, start_));
  HW_CHECK(!due || *due >= t, "SC1 no answer lies before what was asked for");
  return due && *due <= last_ ? due : std::nullopt;
}

std::optional<Instant> Schedule::next_after(Instant t) const {
  if (t >= kLastInstant) {
    return std::nullopt;
  }
  if (is_fixed_delay()) {
    auto first = first_from(kFirstInstant);
    return first && *first > t ? first : std::nullopt;
  }
  return first_from(t + milliseconds(1));
}

std::optional<Instant> Schedule::after_end(Instant ended) const {
  const FixedDelay* delay = std::get_if<FixedDelay>(&rule_);
  if (delay == nullptr || ended > kLastInstant) {
    return std::nullopt;
  }
  return first_from(ended + delay->delay);
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
  from = std::max(from, start_);
  through = std::min(through, last_);
  if (from > through) {
    return std::nullopt;
  }
  if (const Every* every = std::get_if<Every>(&rule_)) {
    return missed_of(*every, from, through);
  }
  if (const Calendar* calendar = std::get_if<Calendar>(&rule_)) {
    return missed_of(*calendar, from, through);
  }
  auto due = rule_first_from(from);
  return due && *due <= through ? std::optional(Missed{1, *due}) : std::nullopt;
}

uint64_t Schedule::count(Instant from, Instant through) const {
  if (const Calendar* calendar = std::get_if<Calendar>(&rule_)) {
    from = std::max(from, start_);
    through = std::min(through, last_);
    return from > through ? 0 : calendar->count(from, through);
  }
  auto found = missed(from, through);
  return found ? found->count : 0;
}

Instant Schedule::latest_start(Instant due, std::optional<Instant> next) const {
  Instant latest = std::min(due + jitter_, kLastInstant);
  if (next) latest = std::min(latest, *next - milliseconds(1));
  return std::max(due, latest);
}

Duration Schedule::jitter_of(uint64_t run_seed, Instant due, std::optional<Instant> next) const {
  // The range is cut, not the draw: cut draws would pile up right before the next due instant.
  const Instant latest = latest_start(due, next);
  if (latest == due) return {};
  auto choices = static_cast<uint64_t>((latest - due).ms) + 1;
  return {static_cast<int64_t>(Random(run_seed).below(choices))};
}

Occurrence Schedule::explain(Instant due) const {
  Occurrence out;
  if (const Calendar* calendar = std::get_if<Calendar>(&rule_)) {
    out = calendar->explain(due);
  } else {
    out.due = due;
    out.local = out.meant = {whole_second(due)};
  }
  out.excluded = excluded(due);
  return out;
}

std::vector<LeftOut> Schedule::left_out(Instant from, Instant end, size_t most) const {
  const Calendar* calendar = std::get_if<Calendar>(&rule_);
  if (calendar == nullptr) {
    return {};
  }
  return calendar->left_out(std::max(from, start_), std::min(end, last_ + milliseconds(1)), most);
}

bool Schedule::follows_elapsed_time() const {
  const Calendar* calendar = std::get_if<Calendar>(&rule_);
  return calendar == nullptr || calendar->follows_elapsed_time();
}

const Cron* Schedule::cron() const {
  const Calendar* calendar = std::get_if<Calendar>(&rule_);
  return calendar != nullptr ? std::get_if<Cron>(&calendar->rule()) : nullptr;
}

Status check_not_past(const ScheduleSpec& spec, Instant now) {
  if (spec.kind != ScheduleKind::kAt || spec.at >= now - kPastGrace) return {};
  return failure(ErrorCode::kPastInstant, "/schedule",
                 "the instant is more than a minute ago; allow_past accepts it");
}

}  // namespace hourwheel
