#include "api/completion_json.h"

#include "api/members.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

struct CompletionReading {
  CompletionPolicy& policy;
  FieldErrors& errors;
  std::optional<JsonValue> timeout{};
  std::optional<JsonValue> heartbeat{};
};

constexpr Member<CompletionReading> kCompletionMembers[] = {
    {"timeout",
     [](CompletionReading& reading, const JsonValue& value) {
       reading.timeout = value;
       read_duration(value, {kMinCompletionTimeout, kMaxCompletionTimeout}, reading.policy.timeout,
                     reading.errors);
     }},
    {"heartbeat",
     [](CompletionReading& reading, const JsonValue& value) {
       reading.heartbeat = value;
       read_duration(value, {kMinCompletionTimeout, kMaxCompletionTimeout},
                     reading.policy.heartbeat, reading.errors);
     }},
};

}  // namespace

void read_completion(const JsonValue& value, Shape shape, std::optional<CompletionPolicy>& policy,
                     FieldErrors& errors) {
  if (value.is(JsonKind::kNull)) return;
  CompletionPolicy read;
  CompletionReading reading{read, errors};
  std::span<const Member<CompletionReading>> members = kCompletionMembers;
  if (!read_members(value, members, unknown_of(shape), reading)) return;
  if (!reading.timeout) return refuse_missing(value.pointer() + "/timeout", errors);
  const bool both = read.timeout > Duration{} && read.heartbeat > Duration{};
  if (both && read.heartbeat > read.timeout) {
    errors.add(*reading.heartbeat, "out-of-range", "must be no longer than the timeout");
  }
  policy = read;
}

void write_completion(JsonWriter& json, const CompletionPolicy& policy) {
  json.begin_object();
  json.name("timeout");
  json.duration(policy.timeout);
  if (policy.heartbeat > Duration{}) {
    json.name("heartbeat");
    json.duration(policy.heartbeat);
  }
  json.end_object();
}

}  // namespace hourwheel
