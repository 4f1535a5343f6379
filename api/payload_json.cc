#include "api/payload_json.h"

#include <string>
#include <string_view>
#include <utility>

#include "api/base64.h"
#include "api/members.h"
#include "api/target_json.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxContentType = 255;

struct Form {
  const std::optional<JsonValue>& value;
  PayloadKind kind;
  std::string_view content_type;
};

// nullopt: errors says why there is none.
std::optional<std::string> bytes_in(const JsonValue& value, PayloadKind kind, FieldErrors& errors) {
  if (kind == PayloadKind::kJson) return std::string(value.raw());
  if (kind == PayloadKind::kText) {
    if (value.is(JsonKind::kString)) return std::string(value.text());
    errors.add(value, "wrong-type", "a string is expected");
    return std::nullopt;
  }
  auto bytes =
      value.is(JsonKind::kString) ? base64_decode(value.text(), Base64::kStandard) : std::nullopt;
  if (!bytes) errors.add(value, "invalid", "must be base64 with padding");
  return bytes;
}

void read_content_type(const std::optional<JsonValue>& type, std::string& out,
                       FieldErrors& errors) {
  if (!type) return;
  std::string text;
  if (!read_text(*type, kMaxContentType, text, errors)) return;
  if (text.empty() || !is_field_value(text)) {
    return errors.add(*type, "invalid", "must be a media type such as \"text/plain\"");
  }
  out = std::move(text);
}

}  // namespace

std::optional<GivenPayload> read_payload(const PayloadMembers& members, size_t max_bytes,
                                         FieldErrors& errors) {
  const Form forms[] = {{members.payload, PayloadKind::kJson, "application/json"},
                        {members.payload_text, PayloadKind::kText, "text/plain; charset=utf-8"},
                        {members.payload_base64, PayloadKind::kBytes, "application/octet-stream"}};
  const Form* given = nullptr;
  for (const Form& form : forms) {
    if (!form.value) continue;
    if (given != nullptr) {
      errors.add(*form.value, "invalid",
                 "there is one of payload, payload_text and payload_base64");
      return std::nullopt;
    }
    given = &form;
  }
  if (members.content_type && (given == nullptr || given->kind == PayloadKind::kJson)) {
    errors.add(*members.content_type, "invalid",
               "content_type goes with payload_text or payload_base64; a payload is JSON");
    return std::nullopt;
  }
  if (given == nullptr) return std::nullopt;
  const JsonValue& value = *given->value;
  auto bytes = bytes_in(value, given->kind, errors);
  if (!bytes) return std::nullopt;
  if (bytes->size() > max_bytes) {
    errors.add(value, "too-long", "a payload has at most " + std::to_string(max_bytes) + " bytes");
    return std::nullopt;
  }
  GivenPayload read{{given->kind, std::move(*bytes), std::string(given->content_type)}, value};
  read_content_type(members.content_type, read.payload.content_type, errors);
  return read;
}

}  // namespace hourwheel
