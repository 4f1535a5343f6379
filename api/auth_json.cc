#include "api/auth_json.h"

#include <algorithm>

#include "api/members.h"
#include "api/target_json.h"
#include "api/text.h"
#include "engine/limits.h"
#include "engine/secret.h"

namespace hourwheel {
namespace {

struct AuthReading {
  TargetAuth& auth;
  FieldErrors& errors;
  std::optional<JsonValue> username{};
  std::optional<JsonValue> name{};
};

constexpr Word<AuthKind> kKinds[] = {
    {"basic", AuthKind::kBasic}, {"bearer", AuthKind::kBearer}, {"header", AuthKind::kHeader}};

void read_name_of_secret(const JsonValue& value, std::string& name, FieldErrors& errors) {
  if (value.is(JsonKind::kString) && is_secret_name(value.text())) {
    name = value.text();
    return;
  }
  errors.add(value, "invalid", "must be the name of a secret, as in /v1/secrets/{name}");
}

// RFC 7617: no colon, and no control characters.
void read_username(AuthReading& reading, const JsonValue& value) {
  reading.username = value;
  std::string name;
  if (!read_text(value, kMaxAuthName, name, reading.errors)) return;
  const bool good = std::none_of(name.begin(), name.end(), [](char c) {
    return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!good) {
    return reading.errors.add(value, "invalid", "has no colon and no control characters");
  }
  reading.auth.name = std::move(name);
}

// Fields with a meaning of their own, which attempts may carry already.
bool is_told_otherwise(std::string_view name) {
  constexpr std::string_view kNames[] = {"content-type", "user-agent", "traceparent", "tracestate"};
  const std::string folded = lower_case(name);
  return folded.starts_with("ce-") ||
         std::find(std::begin(kNames), std::end(kNames), folded) != std::end(kNames);
}

void read_field_name(AuthReading& reading, const JsonValue& value) {
  reading.name = value;
  std::string name;
  if (!read_text(value, kMaxAuthName, name, reading.errors)) return;
  if (!may_be_set(name) || is_told_otherwise(name)) {
    return reading.errors.add(value, "invalid",
                              "must be the name of a header field that the server does not set");
  }
  reading.auth.name = std::move(name);
}

constexpr Member<AuthReading> kAuthMembers[] = {
    {"type",
     [](AuthReading& reading, const JsonValue& value) {
       read_word(value, kKinds, reading.auth.kind, reading.errors);
     }},
    {"secret",
     [](AuthReading& reading, const JsonValue& value) {
       read_name_of_secret(value, reading.auth.secret, reading.errors);
     }},
    {"username", read_username},
    {"name", read_field_name},
};

// The member that goes with the kind must be there, the other one must not.
void check_members(const JsonValue& value, AuthReading& reading) {
  const AuthKind kind = reading.auth.kind;
  auto missing = [&](std::string_view name) {
    refuse_missing(value.pointer() + "/" + std::string(name), reading.errors);
  };
  if (kind == AuthKind::kNone) missing("type");
  if (reading.auth.secret.empty()) missing("secret");
  if (kind == AuthKind::kBasic && !reading.username) missing("username");
  if (kind == AuthKind::kHeader && !reading.name) missing("name");
  if (kind != AuthKind::kBasic && reading.username) {
    reading.errors.add(*reading.username, "unknown-field", "goes with the type basic");
  }
  if (kind != AuthKind::kHeader && reading.name) {
    reading.errors.add(*reading.name, "unknown-field", "goes with the type header");
  }
}

std::string_view field_of(const TargetAuth& auth) {
  return auth.kind == AuthKind::kHeader ? std::string_view(auth.name) : "Authorization";
}

}  // namespace

void read_auth(const JsonValue& value, Shape shape, TargetAuth& auth, FieldErrors& errors) {
  if (value.is(JsonKind::kNull)) return;
  FieldErrors found;
  TargetAuth read;
  AuthReading reading{read, found};
  std::span<const Member<AuthReading>> members = kAuthMembers;
  if (read_members(value, members, unknown_of(shape), reading) && found.empty()) {
    check_members(value, reading);
  }
  if (found.empty()) {
    auth = std::move(read);
    return;
  }
  for (FieldError& error : found.take()) errors.add(std::move(error));
}

void read_secret_name(const JsonValue& value, std::string& name, FieldErrors& errors) {
  if (!value.is(JsonKind::kNull)) read_name_of_secret(value, name, errors);
}

void check_proofs(const JsonValue& value, const Target& target, FieldErrors& errors) {
  if (!target.signing_secret.empty() && !target.sign) {
    errors.add({ErrorCode::kValidationFailed, value.pointer() + "/signing_secret", "invalid",
                "nothing is signed: sign is false"});
  }
  if (target.auth.kind == AuthKind::kNone) return;
  const std::string name = lower_case(field_of(target.auth));
  const auto twice =
      std::find_if(target.headers.begin(), target.headers.end(),
                   [&name](const NamedText& field) { return lower_case(field.first) == name; });
  if (twice == target.headers.end()) return;
  errors.add({ErrorCode::kValidationFailed, value.pointer() + "/auth", "duplicate",
              "auth sets the header field " + std::string(field_of(target.auth)) +
                  ", and headers has " + twice->first + ", too"});
}

void write_proofs(JsonWriter& json, const Target& target) {
  const TargetAuth& auth = target.auth;
  for (const Word<AuthKind>& kind : kKinds) {
    if (kind.value != auth.kind) continue;
    json.name("auth");
    json.begin_object();
    json.name("type");
    json.string(kind.word);
    if (auth.kind != AuthKind::kBearer) {
      json.name(auth.kind == AuthKind::kBasic ? "username" : "name");
      json.string(auth.name);
    }
    json.name("secret");
    json.string(auth.secret);
    json.end_object();
  }
  if (target.signing_secret.empty()) return;
  json.name("signing_secret");
  json.string(target.signing_secret);
}

}  // namespace hourwheel
