// Reads a request's JSON body once, checks all of it, and keeps a flat table of its values.
//
// Everything is checked here, so that whoever reads values can rely on it: the grammar of every
// value (also of those nobody asks for, such as a payload), valid UTF-8, no duplicate names in any
// object, depth at most kMaxJsonDepth. Numbers are kept as text: a payload's 30 digits are nobody's
// business to round.
//
// Invariants
//   J1  A document that was accepted is valid JSON (RFC 8259) whose top is an object.
//   J2  raw() of a value is exactly the bytes the client sent for it.
// Cost: one pass of simdjson and about 60 bytes a value. Thread: any, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace hourwheel {

enum class JsonKind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

// What to do with members of an object that nobody knows.
enum class Unknown : uint8_t { kRefuse, kIgnore };

class JsonReader;

// One value of the document last parsed; valid until the reader parses again.
class JsonValue {
 public:
  [[nodiscard]] JsonKind kind() const;
  [[nodiscard]] bool is(JsonKind wanted) const { return kind() == wanted; }
  // The name under which the value stands in its object; empty in an array and at the top.
  [[nodiscard]] std::string_view name() const;
  // A string's characters without escapes; another scalar's text as sent.
  [[nodiscard]] std::string_view text() const;
  [[nodiscard]] std::string_view raw() const;
  // Where the value stands: RFC 6901 pointer as a URI fragment without '#' ("/retry/max_attempts").
  [[nodiscard]] std::string pointer() const;

  // Of a number: its value if it is a whole number that fits.
  [[nodiscard]] std::optional<int64_t> whole() const;
  [[nodiscard]] std::optional<double> real() const;
  [[nodiscard]] bool truth() const { return text() == "true"; }

  // Of the whole document, as whoever had it parsed would have it.
  [[nodiscard]] Unknown unknown() const;

  // Of an object: the member of that name.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const;
  // Of an object or array: how many values, and the first; next() walks on among siblings.
  [[nodiscard]] uint32_t size() const;
  [[nodiscard]] std::optional<JsonValue> first() const;
  [[nodiscard]] std::optional<JsonValue> next() const;

 private:
  friend class JsonReader;
  JsonValue(const JsonReader& reader, uint32_t index) : reader_(&reader), index_(index) {}

  const JsonReader* reader_;
  uint32_t index_;
};

bool is_valid_utf8(std::string_view text);

// Appends name to a pointer, escaped for RFC 6901.
void append_pointer(std::string& pointer, std::string_view name);

// Readable bytes behind a text that is parsed.
inline constexpr size_t kJsonPadding = 64;

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // Requires: kJsonPadding readable bytes behind the body, and the body to outlive the values.
  // Refusals are kInvalidJson; the field is the pointer of the value at which reading stopped, if
  // one is known.
  Result<JsonValue> parse(std::string_view body, Unknown unknown = Unknown::kRefuse);

 private:
  friend class JsonValue;
  struct Node {
    JsonKind kind = JsonKind::kNull;
    uint32_t parent = 0;
    uint32_t end = 0;   // index of the first node behind this value
    uint32_t size = 0;  // of an object or array: its direct values
    std::string_view name;
    std::string_view text;
    std::string_view raw;
  };
  struct Parser;  // simdjson's side

  [[nodiscard]] std::optional<std::string> duplicate_name(uint32_t object);

  Unknown unknown_ = Unknown::kRefuse;
  std::unique_ptr<Parser> parser_;
  std::vector<Node> nodes_;
  std::vector<std::string_view> names_;  // scratch of duplicate_name
};

}  // namespace hourwheel
