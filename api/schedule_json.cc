#include "api/schedule_json.h"

#include <algorithm>

#include "api/members.h"
#include "api/schedule_dates.h"
#include "api/schedule_options.h"
#include "api/words.h"
#include "engine/schedule/disambiguation.h"
#include "engine/schedule/time_text.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {
namespace {

// The members of a schedule object as they stood; which of them belong together is judged after.
struct Parts {
  FieldErrors& errors;
  std::optional<JsonValue> at{};
  std::optional<JsonValue> delay{};
  std::optional<JsonValue> every{};
  std::optional<JsonValue> cron{};
  std::optional<JsonValue> rrule{};
  std::optional<JsonValue> exdate{};
  std::optional<JsonValue> rdate{};
  std::optional<JsonValue> timezone{};
  std::optional<JsonValue> disambiguation{};
  std::optional<JsonValue> allow_past{};
  std::optional<JsonValue> anchor{};
  std::optional<JsonValue> mode{};
  ScheduleOptions options{};
};

using Options = ScheduleOptions;
// Puts a value where it belongs.
template <std::optional<JsonValue> Parts::*part>
void take(Parts& parts, const JsonValue& value) {
  parts.*part = value;
}
template <std::optional<JsonValue> Options::*option>
void take_option(Parts& parts, const JsonValue& value) {
  parts.options.*option = value;
}

constexpr Member<Parts> kScheduleMembers[] = {
    {"at", take<&Parts::at>},
    {"delay", take<&Parts::delay>},
    {"every", take<&Parts::every>},
    {"cron", take<&Parts::cron>},
    {"rrule", take<&Parts::rrule>},
    {"exdate", take<&Parts::exdate>},
    {"rdate", take<&Parts::rdate>},
    {"timezone", take<&Parts::timezone>},
    {"disambiguation", take<&Parts::disambiguation>},
    {"allow_past", take<&Parts::allow_past>},
    {"anchor", take<&Parts::anchor>},
    {"mode", take<&Parts::mode>},
    {"dst", take_option<&Options::dst>},
    {"dst_gap", take_option<&Options::dst_gap>},
    {"dst_overlap", take_option<&Options::dst_overlap>},
    {"dom_dow", take_option<&Options::dom_dow>},
    {"start_at", take_option<&Options::start_at>},
    {"end_at", take_option<&Options::end_at>},
    {"max_runs", take_option<&Options::max_runs>},
    {"jitter", take_option<&Options::jitter>},
    {"exclude", take_option<&Options::exclude>},
};

constexpr Word<Disambiguation> kDisambiguationWords[] = {
    {"compatible", Disambiguation::kCompatible},
    {"earlier", Disambiguation::kEarlier},
    {"later", Disambiguation::kLater},
    {"reject", Disambiguation::kReject},
};
constexpr Word<ScheduleKind> kModeWords[] = {
    {"fixed_rate", ScheduleKind::kEvery},
    {"fixed_delay", ScheduleKind::kFixedDelay},
};

// A date-time without an offset, in the zone named beside it.
std::optional<Instant> local_instant(const JsonValue& at, const JsonValue& timezone,
                                     Disambiguation disambiguation, FieldErrors& errors) {
  auto local = parse_local_time(at.text());
  if (!local) {
    errors.add(at, local.error());
    return std::nullopt;
  }
  auto zone = TimeZone::find(timezone.text());
  if (!zone) {
    errors.add(timezone, zone.error());
    return std::nullopt;
  }
  auto resolved = resolve(*local, *zone, disambiguation);
  if (!resolved) {
    errors.add(at, resolved.error());
    return std::nullopt;
  }
  return *resolved;
}

std::optional<ScheduleSpec> read_at(const Parts& parts, FieldErrors& errors) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kAt;
  Disambiguation disambiguation = Disambiguation::kCompatible;
  if (parts.disambiguation &&
      !read_word(*parts.disambiguation, kDisambiguationWords, disambiguation, errors)) {
    return std::nullopt;
  }
  if (!parts.at->is(JsonKind::kString) || !parts.timezone || parse_instant(parts.at->text())) {
    return read_instant(*parts.at, spec.at, errors) ? std::optional(spec) : std::nullopt;
  }
  auto resolved = local_instant(*parts.at, *parts.timezone, disambiguation, errors);
  if (!resolved) return std::nullopt;
  spec.at = *resolved;
  return spec;
}

std::optional<ScheduleSpec> read_delay(const Parts& parts, Instant now, FieldErrors& errors) {
  DurationRange range{milliseconds(0), kLastInstant - now};
  Duration delay;
  if (parts.delay->is(JsonKind::kNumber)) {
    if (!read_whole(*parts.delay, {0, range.max.ms}, delay.ms, errors)) return std::nullopt;
  } else if (!read_duration(*parts.delay, range, delay, errors)) {
    return std::nullopt;
  }
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kAt;
  spec.at = now + delay;
  return spec;
}

// Where intervals are counted from, unless the client says: from the start of the window, so that
// the first one is due there. Otherwise the first has passed an interval from now; were it due now,
// whether it still is when the shard decides would be left to chance.
Instant default_anchor(const ScheduleSpec& spec, Instant now) {
  if (spec.kind == ScheduleKind::kFixedDelay) return spec.start_at.value_or(now);
  return spec.start_at.value_or(std::min(now + spec.every, kLastInstant));
}

std::optional<ScheduleSpec> read_every(const Parts& parts, Instant now, FieldErrors& errors) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kEvery;
  bool good = read_duration(*parts.every, {kShortestInterval, kLastInstant - kFirstInstant},
                            spec.every, errors);
  if (parts.mode) good = read_word(*parts.mode, kModeWords, spec.kind, errors) && good;
  good = read_recurring_options(parts.options, spec, errors) && good;
  spec.anchor = default_anchor(spec, now);
  if (parts.anchor) good = read_instant(*parts.anchor, spec.anchor, errors) && good;
  return good ? std::optional(std::move(spec)) : std::nullopt;
}

std::optional<ScheduleSpec> read_cron(const Parts& parts, Instant now, FieldErrors& errors) {
  std::string cron;
  std::string timezone;
  if (!read_text(*parts.cron, kMaxScheduleText, cron, errors)) return std::nullopt;
  if (parts.timezone && !read_text(*parts.timezone, kMaxScheduleText, timezone, errors)) {
    return std::nullopt;
  }
  auto spec = parse_cron_text(cron, timezone, now);
  if (!spec) {
    errors.add(*parts.cron, spec.error());
    return std::nullopt;
  }
  bool good = read_clock_options(parts.options, *spec, errors);
  good = read_recurring_options(parts.options, *spec, errors) && good;
  if (spec->kind == ScheduleKind::kEvery) spec->anchor = default_anchor(*spec, now);
  return good ? std::optional(std::move(*spec)) : std::nullopt;
}

// What the zone's clocks show at the first whole second that is not before t.
CivilSecond first_shown_from(Instant t, TimeZone zone) {
  return zone.civil_at(Instant{-floor_divide(-t.ms, 1000) * 1000});
}

std::optional<ScheduleSpec> read_rrule(const Parts& parts, Instant now, FieldErrors& errors) {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kRrule;
  if (!read_text(*parts.rrule, kMaxScheduleText, spec.rrule, errors)) return std::nullopt;
  if (parts.timezone && !read_text(*parts.timezone, kMaxScheduleText, spec.timezone, errors)) {
    return std::nullopt;
  }
  auto zone = spec.timezone.empty() ? TimeZone() : TimeZone::find(spec.timezone);
  if (!zone) {
    errors.add(*parts.timezone, zone.error());
    return std::nullopt;
  }
  bool good = read_clock_options(parts.options, spec, errors);
  good = read_recurring_options(parts.options, spec, errors) && good;
  if (parts.exdate) good = read_dates(*parts.exdate, *zone, spec.exdate, errors) && good;
  if (parts.rdate) good = read_dates(*parts.rdate, *zone, spec.rdate, errors) && good;
  spec.dtstart = first_shown_from(spec.start_at.value_or(now), *zone);
  return good ? std::optional(std::move(spec)) : std::nullopt;
}

// Options that stand beside a kind they do not belong to.
bool check_options(const Parts& parts, FieldErrors& errors) {
  bool good = true;
  auto refuse = [&](const std::optional<JsonValue>& option, bool belongs) {
    if (!option || belongs) return;
    refuse_unknown(*option, errors);
    good = false;
  };
  refuse(parts.timezone, parts.at || parts.cron || parts.rrule);
  refuse(parts.disambiguation, parts.at.has_value());
  refuse(parts.allow_past, parts.at.has_value());
  refuse(parts.exdate, parts.rrule.has_value());
  refuse(parts.rdate, parts.rrule.has_value());
  refuse(parts.anchor, parts.every.has_value());
  refuse(parts.mode, parts.every.has_value());
  const ScheduleOptions& options = parts.options;
  refuse(options.dom_dow, parts.cron.has_value());
  for (const auto* option : {&options.dst, &options.dst_gap, &options.dst_overlap}) {
    refuse(*option, parts.cron || parts.rrule);
  }
  for (const auto* option :
       {&options.start_at, &options.end_at, &options.max_runs, &options.jitter, &options.exclude}) {
    refuse(*option, parts.every || parts.cron || parts.rrule);
  }
  if (parts.timezone && !parts.timezone->is(JsonKind::kString)) {
    errors.add(*parts.timezone, "wrong-type", "a string is expected");
    good = false;
  }
  return good;
}

std::optional<ScheduleSpec> read_kind(const JsonValue& value, const Parts& parts, Instant now,
                                      FieldErrors& errors) {
  int kinds = 0;
  for (const auto* kind : {&parts.at, &parts.delay, &parts.every, &parts.cron, &parts.rrule}) {
    kinds += kind->has_value() ? 1 : 0;
  }
  if (kinds != 1) {
    errors.add({ErrorCode::kInvalidSchedule, value.pointer(), "invalid-schedule",
                "a schedule has exactly one of at, delay, every, cron and rrule"});
    return std::nullopt;
  }
  if (!check_options(parts, errors)) return std::nullopt;
  if (parts.at) return read_at(parts, errors);
  if (parts.delay) return read_delay(parts, now, errors);
  if (parts.every) return read_every(parts, now, errors);
  if (parts.rrule) return read_rrule(parts, now, errors);
  return read_cron(parts, now, errors);
}

// Where a refusal of the compiled schedule belongs: the zone's own member if that is what is wrong
// (or the expression that names it).
void refuse(const JsonValue& value, const Error& error, FieldErrors& errors) {
  std::optional<JsonValue> member;
  if (value.is(JsonKind::kObject)) {
    bool about_zone = error.code == ErrorCode::kInvalidTimezone;
    if (about_zone) member = value.find("timezone");
    if (error.code == ErrorCode::kInvalidSchedule || (about_zone && !member)) {
      member = value.find("cron");
      if (!member) member = value.find("rrule");
    }
  }
  errors.add(member ? *member : value, error);
}

// Where H lies for this task is not known here: the shard, which knows the id, has the last word on
// whether it ever fires.
bool depends_on_the_id(const ScheduleSpec& spec, const Error& error) {
  return error.code == ErrorCode::kNeverFires && spec.kind == ScheduleKind::kCron &&
         spec.cron.find_first_of("Hh") != std::string::npos;
}

std::optional<ScheduleSpec> read_form(const JsonValue& value, std::optional<TaskType> type,
                                      const TaskReading& reading, FieldErrors& errors) {
  if (value.is(JsonKind::kString)) {
    auto parsed = parse_schedule_text(value.text(), type, reading.now);
    if (!parsed) {
      errors.add(value, parsed.error());
      return std::nullopt;
    }
    return std::move(*parsed);
  }
  Parts parts{errors};
  std::span<const Member<Parts>> members = kScheduleMembers;
  if (!read_members(value, members, unknown_of(reading.shape), parts)) return std::nullopt;
  auto spec = read_kind(value, parts, reading.now, errors);
  if (!spec) return std::nullopt;
  bool allow_past = false;  // the shard's business (C-17); here only its type
  if (parts.allow_past && !read_truth(*parts.allow_past, allow_past, errors)) return std::nullopt;
  if (type && *type != type_of(spec->kind)) {
    errors.add(value, {ErrorCode::kInvalidSchedule, "",
                       "the schedule is " + std::string(word_of(type_of(spec->kind))) +
                           ", the type says " + std::string(word_of(*type))});
    return std::nullopt;
  }
  return spec;
}

// What lies between the tokens of a valid JSON text says nothing: two texts that differ in it only
// are one schedule.
std::string without_blanks(std::string_view json) {
  std::string kept;
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (in_string || !blank) kept += c;
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = c == '\\' && !escaped;
  }
  return kept;
}

}  // namespace

PastInstant past_of(const JsonValue& schedule, Shape shape) {
  if (shape == Shape::kSeed) return PastInstant::kAccept;
  auto allowed =
      schedule.is(JsonKind::kObject) ? schedule.find("allow_past") : std::optional<JsonValue>();
  return allowed && allowed->truth() ? PastInstant::kAccept : PastInstant::kRefuse;
}

std::optional<ScheduleSpec> read_schedule(const JsonValue& value, std::optional<TaskType> type,
                                          const TaskReading& reading, FieldErrors& errors) {
  if (!value.is(JsonKind::kString) && !value.is(JsonKind::kObject)) {
    errors.add(value, "wrong-type", "a schedule is a string or an object");
    return std::nullopt;
  }
  const size_t most = value.is(JsonKind::kString) ? kMaxScheduleText : kMaxScheduleObject;
  if (value.raw().size() > most) {
    errors.add(value, "too-long", "must be at most " + std::to_string(most) + " bytes");
    return std::nullopt;
  }
  auto spec = read_form(value, type, reading, errors);
  if (!spec) return std::nullopt;
  spec->source = without_blanks(value.raw());
  auto compiled = Schedule::compile(*spec, {});
  if (!compiled && !depends_on_the_id(*spec, compiled.error())) {
    refuse(value, compiled.error(), errors);
    return std::nullopt;
  }
  return spec;
}

}  // namespace hourwheel
