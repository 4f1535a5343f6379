#include "api/pause_json.h"

#include <charconv>

#include "api/label_json.h"
#include "api/members.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr std::string_view kIdPrefix = "pause-";

struct PauseReading {
  GlobalPause& pause;
  FieldErrors& errors;
};

constexpr Member<PauseReading> kPauseMembers[] = {
    {"reason",
     [](PauseReading& reading, const JsonValue& value) {
       read_text(value, kMaxReason, reading.pause.reason, reading.errors);
     }},
    {"until",
     [](PauseReading& reading, const JsonValue& value) {
       Instant until;
       if (value.is(JsonKind::kNull) || !read_instant(value, until, reading.errors)) return;
       reading.pause.until = until;
     }},
    {"labels",
     [](PauseReading& reading, const JsonValue& value) {
       read_labels(value, reading.pause.labels, reading.errors);
     }},
};

}  // namespace

GlobalPause read_global_pause(const JsonValue& object, FieldErrors& errors) {
  GlobalPause pause;
  PauseReading reading{pause, errors};
  std::span<const Member<PauseReading>> members = kPauseMembers;
  read_members(object, members, Unknown::kRefuse, reading);
  if (errors.empty() && pause.reason.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/reason", "required", "the reason is missing"});
  }
  return pause;
}

void write_global_pause(JsonWriter& json, const GlobalPause& pause) {
  json.begin_object();
  json.name("id");
  json.string(pause_id(pause.id));
  json.name("labels");
  write_texts(json, pause.labels);
  json.name("reason");
  json.string(pause.reason);
  json.name("since");
  json.instant(pause.since);
  if (pause.until) {
    json.name("until");
    json.instant(*pause.until);
  }
  if (pause.ended) {
    json.name("ended_at");
    json.instant(*pause.ended);
  }
  json.end_object();
}

std::string pause_id(uint64_t id) {
  return std::string(kIdPrefix) + std::to_string(id);
}

std::optional<uint64_t> parse_pause_id(std::string_view text) {
  if (!text.starts_with(kIdPrefix)) return std::nullopt;
  text.remove_prefix(kIdPrefix.size());
  uint64_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id == 0) return std::nullopt;
  return id;
}

}  // namespace hourwheel
