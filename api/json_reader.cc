// The one file that knows simdjson.
#include "api/json_reader.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

namespace od = simdjson::ondemand;

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

size_t digits(std::string_view text, size_t from) {
  size_t at = from;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at - from;
}

// RFC 8259 number. simdjson checks only numbers that fit its types, and we keep all as text.
bool is_number(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  size_t integer = digits(text, at);
  if (integer == 0 || (integer > 1 && text[at] == '0')) return false;
  at += integer;
  if (at < text.size() && text[at] == '.') {
    size_t fraction = digits(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    size_t exponent = digits(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

}  // namespace

// Walks a document in order and fills the reader's table. Every step answers false after the first
// error, which is kept in `refusal`.
struct JsonReader::Parser {
  explicit Parser(JsonReader& owner) : reader(owner) {}

  bool fail(uint32_t node, std::string detail) {
    if (!refusal) {
      refusal =
          Error{ErrorCode::kInvalidJson, JsonValue(reader, node).pointer(), std::move(detail)};
    }
    return false;
  }
  bool fail(uint32_t node, simdjson::error_code error) {
    return fail(node, std::string("the body is not valid JSON: ") + simdjson::error_message(error));
  }

  const char* here() {
    const char* at = nullptr;
    // At the end of the document there is no location any more: the body's end it is.
    return document.current_location().get(at) == simdjson::SUCCESS ? at
                                                                    : body.data() + body.size();
  }

  bool walk(od::value value, uint32_t index, size_t depth);
  bool walk_object(od::object object, uint32_t index, size_t depth);
  bool walk_array(od::array array, uint32_t index, size_t depth);
  bool walk_scalar(od::value& value, uint32_t index);
  bool finish(uint32_t index, const char* start);
  uint32_t add(uint32_t parent, std::string_view name);

  JsonReader& reader;
  od::parser parser;
  od::document document;
  std::string_view body;
  std::optional<Error> refusal;
};

uint32_t JsonReader::Parser::add(uint32_t parent, std::string_view name) {
  auto index = static_cast<uint32_t>(reader.nodes_.size());
  Node node;
  node.parent = parent;
  node.name = name;
  reader.nodes_.push_back(node);
  reader.nodes_[parent].size += 1;
  return index;
}

// Between a container's last byte and the next token there is only white space.
bool JsonReader::Parser::finish(uint32_t index, const char* start) {
  const char* end = here();
  Node& node = reader.nodes_[index];
  node.end = static_cast<uint32_t>(reader.nodes_.size());
  node.raw = trim_right({start, static_cast<size_t>(end - start)});
  return true;
}

bool JsonReader::Parser::walk_scalar(od::value& value, uint32_t index) {
  Node& node = reader.nodes_[index];
  node.raw = trim_right(value.raw_json_token());
  node.text = node.raw;
  node.end = index + 1;
  char first = node.raw.empty() ? '\0' : node.raw.front();
  if (first == '"') {
    node.kind = JsonKind::kString;
    auto error = value.get_string().get(node.text);
    if (error) return fail(index, error);
    // Escapes can spell half a surrogate pair, which is no character.
    if (!is_valid_utf8(node.text)) return fail(index, "a string is not valid Unicode");
    return true;
  }
  if (first == '-' || (first >= '0' && first <= '9')) {
    node.kind = JsonKind::kNumber;
    return is_number(node.raw) || fail(index, "a number is not valid JSON");
  }
  node.kind = node.raw == "null" ? JsonKind::kNull : JsonKind::kBool;
  return node.raw == "null" || node.raw == "true" || node.raw == "false" ||
         fail(index, "a value is not valid JSON");
}

bool JsonReader::Parser::walk(od::value value, uint32_t index, size_t depth) {
  const char* start = here();
  if (*start == '{' || *start == '[') {
    if (depth >= kMaxJsonDepth) {
      return fail(index, "the body is nested deeper than " + std::to_string(kMaxJsonDepth));
    }
    if (*start == '{') {
      od::object object;
      auto error = value.get_object().get(object);
      if (error) return fail(index, error);
      return walk_object(object, index, depth + 1) && finish(index, start);
    }
    od::array array;
    auto error = value.get_array().get(array);
    if (error) return fail(index, error);
    return walk_array(array, index, depth + 1) && finish(index, start);
  }
  return walk_scalar(value, index);
}

bool JsonReader::Parser::walk_object(od::object object, uint32_t index, size_t depth) {
  reader.nodes_[index].kind = JsonKind::kObject;
  for (auto next : object) {
    od::field field;
    if (auto error = std::move(next).get(field)) return fail(index, error);
    std::string_view name;
    if (auto error = field.unescaped_key().get(name)) return fail(index, error);
    if (!is_valid_utf8(name)) return fail(index, "a name is not valid Unicode");
    uint32_t child = add(index, name);
    if (!walk(field.value(), child, depth)) return false;
  }
  reader.nodes_[index].end = static_cast<uint32_t>(reader.nodes_.size());
  if (auto name = reader.duplicate_name(index)) {
    return fail(index, "the name \"" + *name + "\" stands twice in an object");
  }
  return true;
}

bool JsonReader::Parser::walk_array(od::array array, uint32_t index, size_t depth) {
  reader.nodes_[index].kind = JsonKind::kArray;
  for (auto next : array) {
    od::value value;
    // NOLINTNEXTLINE(performance-move-const-arg): get() exists for rvalues only.
    if (auto error = std::move(next).get(value)) return fail(index, error);
    uint32_t child = add(index, {});
    if (!walk(value, child, depth)) return false;
  }
  return true;
}

JsonReader::JsonReader() : parser_(std::make_unique<Parser>(*this)) {}
JsonReader::~JsonReader() = default;

Result<JsonValue> JsonReader::parse(std::string_view body, Unknown unknown) {
  static_assert(simdjson::SIMDJSON_PADDING <= 64);
  unknown_ = unknown;
  nodes_.clear();
  nodes_.emplace_back();
  Parser& parser = *parser_;
  parser.refusal.reset();
  parser.body = body;
  auto refuse = [](std::string detail) {
    return failure(ErrorCode::kInvalidJson, "", std::move(detail));
  };
  if (body.empty()) return refuse("the body is empty; a JSON object is expected");
  auto error =
      parser.parser.iterate(body.data(), body.size(), body.size() + 64).get(parser.document);
  od::object top;
  if (!error) error = parser.document.get_object().get(top);
  if (error == simdjson::INCORRECT_TYPE) return refuse("the body must be a JSON object");
  if (error) {
    return refuse(std::string("the body is not valid JSON: ") + simdjson::error_message(error));
  }
  if (!parser.walk_object(top, 0, 1)) return failure(std::move(*parser.refusal));
  const char* behind = nullptr;
  if (parser.document.current_location().get(behind) == simdjson::SUCCESS) {
    return refuse("there is something behind the JSON object");
  }
  nodes_[0].end = static_cast<uint32_t>(nodes_.size());
  nodes_[0].raw = body;
  return JsonValue(*this, 0);
}

// The object's nodes are complete. Few names are compared pairwise, many are sorted.
std::optional<std::string> JsonReader::duplicate_name(uint32_t object) {
  names_.clear();
  for (uint32_t i = object + 1; i < nodes_[object].end; i = nodes_[i].end) {
    names_.push_back(nodes_[i].name);
  }
  constexpr size_t kFew = 12;
  if (names_.size() <= kFew) {
    for (size_t i = 1; i < names_.size(); ++i) {
      auto seen = names_.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(names_.begin(), seen, names_[i]) != seen) return std::string(names_[i]);
    }
    return std::nullopt;
  }
  std::sort(names_.begin(), names_.end());
  auto twice = std::adjacent_find(names_.begin(), names_.end());
  return twice == names_.end() ? std::nullopt : std::optional(std::string(*twice));
}

JsonKind JsonValue::kind() const {
  return reader_->nodes_[index_].kind;
}
std::string_view JsonValue::name() const {
  return reader_->nodes_[index_].name;
}
std::string_view JsonValue::text() const {
  return reader_->nodes_[index_].text;
}
std::string_view JsonValue::raw() const {
  return reader_->nodes_[index_].raw;
}
Unknown JsonValue::unknown() const {
  return reader_->unknown_;
}
uint32_t JsonValue::size() const {
  return reader_->nodes_[index_].size;
}

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text);
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string JsonValue::pointer() const {
  std::vector<uint32_t> path;
  for (uint32_t i = index_; i != 0; i = reader_->nodes_[i].parent) path.push_back(i);
  std::string out;
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    const auto& node = reader_->nodes_[*it];
    const auto& parent = reader_->nodes_[node.parent];
    if (parent.kind != JsonKind::kArray) {
      append_pointer(out, node.name);
      continue;
    }
    size_t position = 0;
    for (uint32_t i = node.parent + 1; i != *it; i = reader_->nodes_[i].end) ++position;
    append_pointer(out, std::to_string(position));
  }
  return out;
}

std::optional<int64_t> JsonValue::whole() const {
  std::string_view number = text();
  int64_t value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return value;
}

std::optional<double> JsonValue::real() const {
  std::string_view number = text();
  double value = 0;
  auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<JsonValue> JsonValue::first() const {
  return size() == 0 ? std::nullopt : std::optional(JsonValue(*reader_, index_ + 1));
}

std::optional<JsonValue> JsonValue::next() const {
  const auto& node = reader_->nodes_[index_];
  if (index_ == 0 || node.end >= reader_->nodes_[node.parent].end) return std::nullopt;
  return JsonValue(*reader_, node.end);
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  for (auto member = first(); member; member = member->next()) {
    if (member->name() == name) return member;
  }
  return std::nullopt;
}

}  // namespace hourwheel
