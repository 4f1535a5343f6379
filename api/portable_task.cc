#include "api/portable_task.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "api/task_json.h"
#include "engine/schedule/time_text.h"
#include "engine/schedule/time_zone.h"

namespace hourwheel {
namespace {

constexpr size_t kReadable = 64;  // that the reader wants behind a text

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The object with one more member, in front of its own.
std::string with_member(std::string_view object, std::string_view name, Instant value) {
  return "{" + quoted(name) + ":" + quoted(to_text(value)) + "," + std::string(object.substr(1));
}

// A delay as the instant that it came to.
std::optional<std::string> fixed_instant(const ScheduleSpec& schedule, const JsonValue& source) {
  const bool is_delay = source.is(JsonKind::kObject) ? source.find("delay").has_value()
                                                     : !parse_instant(source.text());
  return is_delay ? std::optional(quoted(to_text(schedule.at))) : std::nullopt;
}

// An interval that was written as text ("15m"), or as a macro among cron's ("@every 15m").
std::string interval_object(const ScheduleSpec& schedule, const JsonValue& source) {
  static constexpr std::array<std::string_view, 5> kKept{"start_at", "end_at", "max_runs", "jitter",
                                                         "exclude"};
  std::string out = R"({"anchor":)" + quoted(to_text(schedule.anchor)) + R"(,"every":)" +
                    quoted(to_text(schedule.every));
  if (source.is(JsonKind::kObject)) {
    for (auto member = source.first(); member; member = member->next()) {
      if (std::find(kKept.begin(), kKept.end(), member->name()) == kKept.end()) continue;
      out.append(",").append(quoted(member->name())).append(":").append(member->raw());
    }
  }
  return out + "}";
}

std::optional<std::string> anchored(const ScheduleSpec& schedule, const JsonValue& source) {
  if (!source.is(JsonKind::kObject) || !source.find("every")) {
    return interval_object(schedule, source);
  }
  if (source.find("anchor")) return std::nullopt;
  return with_member(schedule.source, "anchor", schedule.anchor);
}

std::optional<std::string> begun(const ScheduleSpec& schedule, const JsonValue& source) {
  if (!source.is(JsonKind::kObject) || source.find("start_at")) return std::nullopt;
  auto zone = schedule.timezone.empty() ? TimeZone() : TimeZone::find(schedule.timezone);
  if (!zone) return std::nullopt;
  return with_member(schedule.source, "start_at", zone->lookup(schedule.dtstart).before);
}

// nullopt: it says by itself when it is due.
std::optional<std::string> portable_source(const ScheduleSpec& schedule, JsonReader& reader) {
  if (schedule.source.empty()) return std::nullopt;
  std::string text = R"({"schedule":)" + schedule.source + "}";
  const size_t size = text.size();
  text.append(kReadable, '\0');
  auto top = reader.parse(std::string_view(text).substr(0, size));
  if (!top) return std::nullopt;
  const auto source = top->find("schedule");
  switch (schedule.kind) {
    case ScheduleKind::kAt:
      return fixed_instant(schedule, *source);
    case ScheduleKind::kEvery:
      return anchored(schedule, *source);
    case ScheduleKind::kRrule:
      return begun(schedule, *source);
    case ScheduleKind::kCron:
    case ScheduleKind::kFixedDelay:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

void make_portable(TaskSpec& spec, JsonReader& reader) {
  if (auto source = portable_source(spec.schedule, reader)) {
    spec.schedule.source = std::move(*source);
  }
  const bool breaks = spec.payload.find_first_of("\r\n") != std::string::npos;
  if (spec.payload_kind == PayloadKind::kJson && breaks) spec.payload_kind = PayloadKind::kBytes;
}

void write_portable_task(JsonWriter& json, const TaskSpec& spec,
                         const std::optional<Pause>& pause) {
  json.begin_object();
  json.name("id");
  json.string(spec.id);
  write_type_and_schedule(json, spec);
  write_definition(json, spec);
  if (pause) {
    json.name("paused");
    json.begin_object();
    json.name("reason");
    json.string(pause->reason);
    if (pause->until) {
      json.name("until");
      json.instant(*pause->until);
    }
    json.end_object();
  }
  json.end_object();
}

}  // namespace hourwheel
