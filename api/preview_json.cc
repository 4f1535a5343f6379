#include "api/preview_json.h"

#include <algorithm>
#include <string>

#include "api/members.h"
#include "api/schedule_json.h"
#include "api/task_json.h"
#include "api/words.h"
#include "engine/limits.h"
#include "engine/schedule/advice.h"
#include "engine/schedule/clock_notes.h"
#include "engine/schedule/describe.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr uint32_t kDefaultTimes = 5;

struct PreviewReading {
  FieldErrors& errors;
  Instant now;
  std::optional<JsonValue> schedule{};
  std::optional<TaskType> type{};
  std::optional<int64_t> count{};
  std::optional<Instant> from{};
  std::optional<Instant> to{};
  std::string task_id{};
};

void read_optional_instant(const JsonValue& value, std::optional<Instant>& into,
                           FieldErrors& errors) {
  Instant t;
  if (read_instant(value, t, errors)) into = t;
}

constexpr Member<PreviewReading> kPreviewMembers[] = {
    {"schedule", [](PreviewReading& reading, const JsonValue& value) { reading.schedule = value; }},
    {"type",
     [](PreviewReading& reading, const JsonValue& value) {
       reading.type = value.is(JsonKind::kString) ? task_type_of(value.text()) : std::nullopt;
       if (!reading.type) {
         reading.errors.add(value, "unknown-value", R"(must be "one-time" or "recurring")");
       }
     }},
    {"count",
     [](PreviewReading& reading, const JsonValue& value) {
       int64_t count = 0;
       if (read_whole(value, {1, kMaxPreviewTimes}, count, reading.errors)) reading.count = count;
     }},
    {"from",
     [](PreviewReading& reading, const JsonValue& value) {
       read_optional_instant(value, reading.from, reading.errors);
     }},
    {"to",
     [](PreviewReading& reading, const JsonValue& value) {
       read_optional_instant(value, reading.to, reading.errors);
     }},
    {"task_id",
     [](PreviewReading& reading, const JsonValue& value) {
       read_text(value, kMaxTaskId, reading.task_id, reading.errors);
     }},
};

void write_line(JsonWriter& json, const OutlookLine& line) {
  const Occurrence& occurrence = line.occurrence;
  json.begin_object();
  json.name("utc");
  json.instant(occurrence.due);
  if (line.fire_at) {
    json.name("fire_at");
    json.instant(*line.fire_at);
  } else if (line.latest_start > occurrence.due) {
    json.name("fire_by");
    json.instant(line.latest_start);
  }
  json.name("local");
  // Zones differ from UTC by whole seconds, so that the milliseconds are the same everywhere.
  auto ms = static_cast<int32_t>(occurrence.due.ms - whole_second(occurrence.due) * 1000);
  json.string(to_text(LocalTime{occurrence.local, ms}));
  json.name("offset");
  json.string(offset_text(occurrence.offset_s));
  if (occurrence.excluded) {
    json.name("note");
    json.string("excluded");
    json.name("count");
    json.count(line.count);
  } else if (occurrence.note != ClockNote::kNone) {
    json.name("note");
    json.string(word_of(occurrence.note));
  }
  if (occurrence.note == ClockNote::kGapShifted) {
    json.name("meant");
    json.string(to_text(LocalTime{occurrence.meant, 0}));
  }
  json.end_object();
}

void write_left_out(JsonWriter& json, const LeftOut& left_out) {
  json.begin_object();
  json.name("local");
  json.string(to_text(LocalTime{left_out.meant, 0}));
  json.name("note");
  json.string(word_of(left_out.reason));
  json.name("clocks_change_at");
  json.instant(left_out.change);
  json.end_object();
}

void write_warnings(JsonWriter& json, const PreviewView& view) {
  json.begin_array();
  for (const Advice& advice : advise(view.spec, view.schedule, view.from)) {
    json.begin_object();
    json.name("code");
    json.string(advice.code);
    json.name("detail");
    json.string(advice.detail);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::optional<PreviewBody> read_preview(const JsonValue& object, Instant now, FieldErrors& errors) {
  PreviewReading reading{errors, now};
  std::span<const Member<PreviewReading>> members = kPreviewMembers;
  if (!read_members(object, members, Unknown::kRefuse, reading)) return std::nullopt;
  PreviewBody body;
  if (!reading.schedule) {
    errors.add({ErrorCode::kValidationFailed, object.pointer() + "/schedule", "required",
                "the schedule is missing"});
  } else if (auto spec =
                 read_schedule(*reading.schedule, reading.type, {Shape::kV1, now}, errors)) {
    body.spec = std::move(*spec);
    auto past = check_not_past(body.spec, now);
    if (!past && past_of(*reading.schedule, Shape::kV1) == PastInstant::kRefuse) {
      errors.add(*reading.schedule, past.error());
    }
  }
  body.range.from = reading.from.value_or(now);
  body.range.end = reading.to;
  if (reading.to && *reading.to <= body.range.from) {
    errors.add(*object.find("to"), "out-of-range", "must be after the range's start");
  }
  int64_t otherwise = reading.to ? kMaxPreviewTimes : kDefaultTimes;
  body.range.most = static_cast<uint32_t>(reading.count.value_or(otherwise));
  body.range.runs_left = body.spec.max_runs;
  if (!reading.task_id.empty()) body.seed = spread_seed(task_key(reading.task_id));
  if (!errors.empty()) return std::nullopt;
  return body;
}

void write_preview(JsonWriter& json, const PreviewView& view) {
  json.begin_object();
  json.name("times");
  json.begin_array();
  for (const OutlookLine& line : view.outlook.lines) write_line(json, line);
  json.end_array();
  if (!view.outlook.left_out.empty()) {
    json.name("skipped");
    json.begin_array();
    for (const LeftOut& left_out : view.outlook.left_out) write_left_out(json, left_out);
    json.end_array();
  }
  json.name("text");
  json.string(describe(view.spec));
  json.name("warnings");
  write_warnings(json, view);
  json.end_object();
}

}  // namespace hourwheel
