// Reads the members of a JSON object by a table of names, and single members with their limits.
// Every refusal goes to the errors with the member's pointer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/json_reader.h"
#include "api/problem.h"
#include "api/shape.h"

namespace hourwheel {

template <class Context>
struct Member {
  std::string_view name;
  void (*read)(Context& context, const JsonValue& value);
};

constexpr Unknown unknown_of(Shape shape) {
  return shape == Shape::kSeed ? Unknown::kIgnore : Unknown::kRefuse;
}

// Of a member that is not known, or does not go with others: that is refused in any document.
void refuse_unknown(const JsonValue& value, FieldErrors& errors);
// Of a member that must be there and is not.
void refuse_missing(std::string pointer, FieldErrors& errors);

// Context has a member `errors`. Members that the table does not know are refused unless either
// `unknown` or the document says otherwise. False: the value is not an object.
template <class Context>
bool read_members(const JsonValue& object, std::span<const Member<Context>> table, Unknown unknown,
                  Context& context) {
  if (!object.is(JsonKind::kObject)) {
    context.errors.add(object, "wrong-type", "an object is expected");
    return false;
  }
  for (auto value = object.first(); value; value = value->next()) {
    const Member<Context>* found = nullptr;
    for (const Member<Context>& member : table) {
      if (member.name == value->name()) found = &member;
    }
    if (found != nullptr) {
      found->read(context, *value);
    } else if (unknown == Unknown::kRefuse && object.unknown() == Unknown::kRefuse) {
      refuse_unknown(*value, context.errors);
    }
  }
  return true;
}

// Each leaves `out` as it was when it refuses, and answers whether it took the value.
bool read_text(const JsonValue& value, size_t max_bytes, std::string& out, FieldErrors& errors);
struct WholeRange {
  int64_t min = 0;
  int64_t max = 0;
};
bool read_whole(const JsonValue& value, WholeRange range, int64_t& out, FieldErrors& errors);
struct DurationRange {
  Duration min;
  Duration max;
};
bool read_duration(const JsonValue& value, DurationRange range, Duration& out, FieldErrors& errors);
bool read_instant(const JsonValue& value, Instant& out, FieldErrors& errors);
bool read_truth(const JsonValue& value, bool& out, FieldErrors& errors);

// Reads a member that must be one of a few words.
template <class Value>
struct Word {
  std::string_view word;
  Value value;
};
std::string list_words(std::span<const std::string_view> words);
template <class Value, size_t n>
bool read_word(const JsonValue& value, const Word<Value> (&words)[n], Value& out,
               FieldErrors& errors) {
  std::string_view all[n];
  for (size_t i = 0; i < n; ++i) {
    if (value.is(JsonKind::kString) && value.text() == words[i].word) {
      out = words[i].value;
      return true;
    }
    all[i] = words[i].word;
  }
  errors.add(value, "unknown-value", "must be " + list_words(all));
  return false;
}

}  // namespace hourwheel
