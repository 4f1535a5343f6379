#include <algorithm>

#include "api/callback_json.h"
#include "api/label_json.h"
#include "api/members.h"
#include "api/payload_json.h"
#include "api/policy_json.h"
#include "api/retry_json.h"
#include "api/schedule_json.h"
#include "api/target_json.h"
#include "api/task_json.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

struct Reading {
  const TaskReading& around;
  FieldErrors& errors;
  TaskSpec& spec;
  std::optional<Pause>& pause;
  std::optional<TaskType> type{};
  std::optional<JsonValue> schedule{};
  PayloadMembers payload{};
  std::optional<JsonValue> expires_after{};
};

void read_id(Reading& reading, const JsonValue& value) {
  if (!read_text(value, kMaxTaskId, reading.spec.id, reading.errors)) return;
  if (reading.around.keeps != nullptr && reading.spec.id == reading.around.keeps->id) return;
  if (auto good = check_task_id(reading.spec.id, reading.around.ids.value_or(reading.around.shape));
      !good) {
    reading.errors.add(value, good.error());
  }
}

void read_type(Reading& reading, const JsonValue& value) {
  constexpr Word<TaskType> kTypes[] = {{"one-time", TaskType::kOneTime},
                                       {"recurring", TaskType::kRecurring}};
  TaskType type{};
  if (read_word(value, kTypes, type, reading.errors)) reading.type = type;
}

void read_delivery(Reading& reading, const JsonValue& value) {
  constexpr Word<Delivery> kDeliveries[] = {{"at_least_once", Delivery::kAtLeastOnce},
                                            {"at_most_once", Delivery::kAtMostOnce}};
  read_word(value, kDeliveries, reading.spec.delivery, reading.errors);
}

// A length that a task may have or not: null is none.
void read_optional_length(Reading& reading, const JsonValue& value, std::optional<Duration>& out) {
  Duration length;
  if (value.is(JsonKind::kNull)) return;
  if (read_duration(value, {milliseconds(0), kLongestPolicy}, length, reading.errors)) out = length;
}

void read_expires_after(Reading& reading, const JsonValue& value) {
  reading.expires_after = value;
  read_optional_length(reading, value, reading.spec.expires_after);
}

void read_pause_after_dead(Reading& reading, const JsonValue& value) {
  int64_t runs = 0;
  if (!read_whole(value, {0, kMaxPauseAfterDead}, runs, reading.errors)) return;
  reading.spec.pause_after_dead = static_cast<uint32_t>(runs);
}

void read_paused(Reading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  reading.pause = read_pause(value, reading.around.now, reading.errors);
}

// What a client finds in a task it was given and may send back unchanged.
void skip_output(Reading& /*reading*/, const JsonValue& /*value*/) {}

constexpr Member<Reading> kTaskMembers[] = {
    {"id", read_id},
    {"type", read_type},
    {"schedule", [](Reading& reading, const JsonValue& value) { reading.schedule = value; }},
    {"description",
     [](Reading& reading, const JsonValue& value) {
       read_text(value, kMaxDescription, reading.spec.description, reading.errors);
     }},
    {"labels",
     [](Reading& reading, const JsonValue& value) {
       read_labels(value, reading.spec.labels, reading.errors);
     }},
    {"target",
     [](Reading& reading, const JsonValue& value) {
       read_target(value, reading.around, reading.spec.target, reading.errors);
     }},
    {"payload", [](Reading& reading, const JsonValue& value) { reading.payload.payload = value; }},
    {"payload_text",
     [](Reading& reading, const JsonValue& value) { reading.payload.payload_text = value; }},
    {"payload_base64",
     [](Reading& reading, const JsonValue& value) { reading.payload.payload_base64 = value; }},
    {"content_type",
     [](Reading& reading, const JsonValue& value) { reading.payload.content_type = value; }},
    {"retry",
     [](Reading& reading, const JsonValue& value) {
       read_retry(value, reading.around.shape, reading.spec.retry, reading.errors);
     }},
    {"delivery", read_delivery},
    {"expires_after", read_expires_after},
    {"pause_after_dead", read_pause_after_dead},
    {"max_lateness",
     [](Reading& reading, const JsonValue& value) {
       read_optional_length(reading, value, reading.spec.max_lateness);
     }},
    {"misfire_after",
     [](Reading& reading, const JsonValue& value) {
       read_duration(value, {milliseconds(0), kLongestPolicy}, reading.spec.misfire_after,
                     reading.errors);
     }},
    {"misfire",
     [](Reading& reading, const JsonValue& value) {
       read_misfire(value, reading.spec.misfire, reading.errors);
     }},
    {"overlap",
     [](Reading& reading, const JsonValue& value) {
       read_overlap(value, reading.spec.overlap, reading.errors);
     }},
    {"callbacks",
     [](Reading& reading, const JsonValue& value) {
       read_callbacks(value, reading.around.shape, reading.spec.callbacks, reading.errors);
     }},
    {"on_complete",
     [](Reading& reading, const JsonValue& value) {
       read_on_complete(value, reading.spec.on_complete, reading.errors);
     }},
    {"retention",
     [](Reading& reading, const JsonValue& value) {
       read_retention(value, reading.spec.keep_runs, reading.errors);
     }},
    {"paused", read_paused},
    {"paused_by", skip_output},
    {"state", skip_output},
    {"generation", skip_output},
    {"version", skip_output},
    {"next_due_at", skip_output},
    {"last_run", skip_output},
    {"backfill", skip_output},
    {"counts", skip_output},
    {"schedule_kind", skip_output},
    {"schedule_text", skip_output},
    {"upcoming", skip_output},
    {"created_at", skip_output},
    {"created_by", skip_output},
    {"updated_at", skip_output},
    {"in_flight", skip_output},
};

// False: errors says why there is none.
bool read_schedule_of(Reading& reading, const JsonValue& object, TaskBody& body) {
  TaskSpec& spec = reading.spec;
  const TaskReading& around = reading.around;
  if (!reading.schedule && around.keeps != nullptr) {
    spec.schedule = around.keeps->schedule;
    spec.type = around.keeps->type;
    return true;
  }
  if (!reading.schedule) {
    reading.errors.add({ErrorCode::kValidationFailed, object.pointer() + "/schedule", "required",
                        "the schedule is missing"});
    return false;
  }
  auto schedule = read_schedule(*reading.schedule, reading.type, around, reading.errors);
  if (!schedule) return false;
  spec.schedule = std::move(*schedule);
  spec.type = type_of(spec.schedule.kind);
  body.past = past_of(*reading.schedule, around.shape);
  return true;
}

void read_its_payload(Reading& reading) {
  auto given = read_payload(reading.payload, kMaxPayload, reading.errors);
  if (!given) return;
  TaskSpec& spec = reading.spec;
  spec.payload_kind = given->payload.kind;
  spec.payload = std::move(given->payload.body);
  spec.content_type = std::move(given->payload.content_type);
  if (spec.target.variables) add_variable_error(given->from, spec.payload, reading.errors);
}

}  // namespace

Status check_task_id(std::string_view id, Shape shape) {
  auto refuse = [](std::string detail) {
    return failure(ErrorCode::kValidationFailed, "/id", std::move(detail));
  };
  if (id.empty()) return refuse("an id is not empty");
  if (shape == Shape::kSeed) {
    if (id.size() > kMaxTaskId) {
      return refuse("an id has at most " + std::to_string(kMaxTaskId) + " bytes");
    }
    // The id travels in header fields.
    bool control = std::any_of(id.begin(), id.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    return control ? Status(refuse("an id has no control characters")) : Status();
  }
  constexpr std::string_view kMarks = "._:~-";
  auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  bool good = id.size() <= kMaxTaskIdV1 && alphanumeric(id.front()) &&
              std::all_of(id.begin(), id.end(), [&](char c) {
                return alphanumeric(c) || kMarks.find(c) != std::string_view::npos;
              });
  if (good) return {};
  return refuse(
      "an id is 1 to 128 letters, digits and '.', '_', ':', '~', '-', a letter or digit "
      "first");
}

std::optional<Pause> read_pause(const JsonValue& object, Instant now, FieldErrors& errors) {
  struct PauseReading {
    Pause pause;
    FieldErrors& errors;
  };
  static constexpr Member<PauseReading> kMembers[] = {
      {"reason",
       [](PauseReading& reading, const JsonValue& value) {
         read_text(value, kMaxReason, reading.pause.reason, reading.errors);
       }},
      {"until",
       [](PauseReading& reading, const JsonValue& value) {
         Instant until;
         if (value.is(JsonKind::kNull)) return;
         if (read_instant(value, until, reading.errors)) reading.pause.until = until;
       }},
      // Ours; comes back with a task that is sent again.
      {"since", [](PauseReading& /*reading*/, const JsonValue& /*value*/) {}},
      // Those of a batch entry around it.
      {"op", [](PauseReading& /*reading*/, const JsonValue& /*value*/) {}},
      {"id", [](PauseReading& /*reading*/, const JsonValue& /*value*/) {}},
  };
  PauseReading reading{Pause{"", now, std::nullopt}, errors};
  std::span<const Member<PauseReading>> members = kMembers;
  if (!read_members(object, members, Unknown::kRefuse, reading)) return std::nullopt;
  return std::move(reading.pause);
}

namespace {

constexpr std::string_view kPastEnd = "must be in the future";

bool is_over(const std::optional<Pause>& pause, Instant now) {
  return pause && pause->until && *pause->until <= now;
}

}  // namespace

void refuse_past_end(const JsonValue& object, const std::optional<Pause>& pause, Instant now,
                     FieldErrors& errors) {
  if (!is_over(pause, now)) return;
  errors.add(*object.find("until"), "out-of-range", std::string(kPastEnd));
}

std::unique_ptr<Error> refusal_of_past_end(const std::optional<Pause>& pause, Instant now,
                                           const std::string& pointer) {
  if (!is_over(pause, now)) return nullptr;
  return std::make_unique<Error>(
      Error{ErrorCode::kValidationFailed, pointer + "/until", std::string(kPastEnd)});
}

void refuse_output_only(const JsonValue& object, FieldErrors& errors) {
  for (auto value = object.first(); value; value = value->next()) {
    for (const Member<Reading>& member : kTaskMembers) {
      if (member.read != skip_output || member.name != value->name()) continue;
      errors.add(*value, "read-only", "is only shown, and cannot be set");
    }
  }
}

std::optional<TaskBody> read_task(const JsonValue& object, const TaskReading& around,
                                  FieldErrors& errors) {
  TaskBody body;
  body.spec = std::make_unique<TaskSpec>();
  TaskSpec& spec = *body.spec;
  Reading reading{around, errors, spec, body.pause};
  std::span<const Member<Reading>> members = kTaskMembers;
  if (!read_members(object, members, unknown_of(around.shape), reading)) return std::nullopt;
  const bool scheduled = read_schedule_of(reading, object, body);
  if (scheduled && spec.expires_after && spec.type != TaskType::kOneTime) {
    errors.add(*reading.expires_after, "invalid",
               "only a one-time task expires; a recurring one has misfire_after");
  }
  read_its_payload(reading);
  if (around.trace != nullptr) {
    spec.trace = *around.trace;
  } else if (around.keeps != nullptr) {
    spec.trace = around.keeps->trace;
  }
  if (!errors.empty()) return std::nullopt;
  return body;
}

}  // namespace hourwheel
