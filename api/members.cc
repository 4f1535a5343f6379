#include "api/members.h"

#include <utility>

#include "engine/schedule/time_text.h"

namespace hourwheel {

void refuse_unknown(const JsonValue& value, FieldErrors& errors) {
  errors.add({ErrorCode::kUnknownField, value.pointer(), "unknown-field",
              "the field \"" + std::string(value.name()) + "\" is not known here"});
}

void refuse_missing(std::string pointer, FieldErrors& errors) {
  errors.add(
      {ErrorCode::kValidationFailed, std::move(pointer), "required", "the member is missing"});
}

bool read_text(const JsonValue& value, size_t max_bytes, std::string& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kString)) {
    errors.add(value, "wrong-type", "a string is expected");
    return false;
  }
  if (value.text().size() > max_bytes) {
    errors.add(value, "too-long", "must be at most " + std::to_string(max_bytes) + " bytes");
    return false;
  }
  out = value.text();
  return true;
}

bool read_whole(const JsonValue& value, WholeRange range, int64_t& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kNumber)) {
    errors.add(value, "wrong-type", "a number is expected");
    return false;
  }
  auto number = value.whole();
  if (!number || *number < range.min || *number > range.max) {
    errors.add(value, "out-of-range",
               "must be a whole number from " + std::to_string(range.min) + " to " +
                   std::to_string(range.max));
    return false;
  }
  out = *number;
  return true;
}

bool read_duration(const JsonValue& value, DurationRange range, Duration& out,
                   FieldErrors& errors) {
  if (!value.is(JsonKind::kString)) {
    errors.add(value, "wrong-type", "a duration is expected, such as \"PT15M\" or \"15m\"");
    return false;
  }
  auto parsed = parse_duration(value.text());
  if (!parsed) {
    errors.add(value, parsed.error());
    return false;
  }
  if (*parsed < range.min || *parsed > range.max) {
    errors.add(value, "out-of-range",
               "must be from " + to_text(range.min) + " to " + to_text(range.max));
    return false;
  }
  out = *parsed;
  return true;
}

bool read_instant(const JsonValue& value, Instant& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kString)) {
    errors.add(value, "wrong-type", "an instant is expected, such as \"2026-12-24T08:00:00Z\"");
    return false;
  }
  auto parsed = parse_instant(value.text());
  if (!parsed) {
    errors.add(value, parsed.error());
    return false;
  }
  out = *parsed;
  return true;
}

bool read_truth(const JsonValue& value, bool& out, FieldErrors& errors) {
  if (!value.is(JsonKind::kBool)) {
    errors.add(value, "wrong-type", "true or false is expected");
    return false;
  }
  out = value.truth();
  return true;
}

std::string list_words(std::span<const std::string_view> words) {
  std::string out;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out.append(1, '"').append(words[i]).append(1, '"');
  }
  return out;
}

}  // namespace hourwheel
