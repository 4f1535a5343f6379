#include "api/secret_json.h"

#include <algorithm>
#include <string>

#include "api/base64.h"
#include "api/members.h"
#include "api/text.h"
#include "engine/limits.h"
#include "engine/url.h"

namespace hourwheel {
namespace {

struct SecretReading {
  SecretRequest& request;
  FieldErrors& errors;
  bool has_value = false;
};

void take_value(SecretReading& reading, const JsonValue& value, SecretText text) {
  if (reading.has_value) {
    return reading.errors.add(value, "duplicate", "either value or value_base64, not both");
  }
  reading.has_value = true;
  if (text.empty() || text.size() > kMaxSecretValue) {
    return reading.errors.add(value, text.empty() ? "too-short" : "too-long",
                              "a value has 1 to " + std::to_string(kMaxSecretValue) + " bytes");
  }
  reading.request.value = std::move(text);
}

void read_value(SecretReading& reading, const JsonValue& value) {
  if (!value.is(JsonKind::kString)) {
    return reading.errors.add(value, "wrong-type", "a string is expected");
  }
  take_value(reading, value, SecretText(value.text()));
}

void read_value_base64(SecretReading& reading, const JsonValue& value) {
  auto bytes = value.is(JsonKind::kString) ? base64_decode(value.text(), Base64::kStandard)
                                           : std::optional<std::string>();
  if (!bytes) return reading.errors.add(value, "invalid", "standard base64 is expected");
  take_value(reading, value, SecretText::taken_from(*bytes));
}

// As it stands in a URL, without brackets and in small letters; nullopt: it cannot stand there.
std::optional<std::string> host_of(std::string_view text) {
  const bool v6 = text.find(':') != std::string_view::npos;
  const std::string folded = lower_case(text);
  auto url = parse_url("http://" + (v6 ? "[" + folded + "]" : folded) + "/");
  if (!url || url->host != folded) return std::nullopt;
  return url->host;
}

void read_hosts(SecretReading& reading, const JsonValue& value) {
  auto& hosts = reading.request.hosts.emplace();
  if (value.is(JsonKind::kNull)) return;
  if (!value.is(JsonKind::kArray)) {
    return reading.errors.add(value, "wrong-type", "an array of host names is expected");
  }
  if (value.size() > kMaxSecretHosts) {
    return reading.errors.add(value, "too-many",
                              "at most " + std::to_string(kMaxSecretHosts) + " hosts");
  }
  for (auto one = value.first(); one; one = one->next()) {
    auto host = one->is(JsonKind::kString) ? host_of(one->text()) : std::nullopt;
    if (!host) {
      reading.errors.add(*one, "invalid",
                         "must be a host as a target's url has it, without port and pattern");
    } else if (std::find(hosts.begin(), hosts.end(), *host) == hosts.end()) {
      hosts.push_back(std::move(*host));
    }
  }
  std::sort(hosts.begin(), hosts.end());
}

void read_keep_previous(SecretReading& reading, const JsonValue& value) {
  if (value.is(JsonKind::kNull)) return;
  read_duration(value, {milliseconds(0), kMaxKeepPrevious}, reading.request.keep_previous,
                reading.errors);
}

constexpr Member<SecretReading> kSecretMembers[] = {
    {"value", read_value},
    {"value_base64", read_value_base64},
    {"hosts", read_hosts},
    {"keep_previous", read_keep_previous},
};

}  // namespace

void read_secret(const JsonValue& object, SecretRequest& request, FieldErrors& errors) {
  SecretReading reading{request, errors};
  std::span<const Member<SecretReading>> members = kSecretMembers;
  if (!read_members(object, members, Unknown::kRefuse, reading)) return;
  if (!reading.has_value && errors.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/value", "required",
                "the value is missing: value, or value_base64"});
  }
}

void write_secret(JsonWriter& json, const StoredSecret& secret, Instant now) {
  json.begin_object();
  json.name("name");
  json.string(secret.name);
  json.name("version");
  json.count(secret.value.version.value);
  json.name("hosts");
  json.begin_array();
  for (const std::string& host : secret.hosts) json.string(host);
  json.end_array();
  json.name("created_at");
  json.instant(secret.created);
  json.name("updated_at");
  json.instant(secret.updated);
  if (!secret.created_by.empty()) {
    json.name("created_by");
    json.string(secret.created_by);
  }
  if (secret.overlaps(now)) {
    json.name("previous_until");
    json.instant(secret.previous_until);
  }
  json.end_object();
}

}  // namespace hourwheel
