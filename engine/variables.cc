#include "engine/variables.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/schedule/time_text.h"

namespace hourwheel {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

struct Variable {
  std::string_view name;
  std::string (*value)(const RunVariables& values);
};

constexpr Variable kVariables[] = {
    {"run_id", [](const RunVariables& values) { return values.run_id; }},
    {"task_id", [](const RunVariables& values) { return values.task_id; }},
    {"due", [](const RunVariables& values) { return to_text(values.due); }},
    {"due_ms", [](const RunVariables& values) { return std::to_string(values.due.ms); }},
    {"attempt", [](const RunVariables& values) { return std::to_string(values.attempt); }},
    {"missed_count",
     [](const RunVariables& values) { return std::to_string(values.missed_count); }},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_unreserved(char c) {
  constexpr std::string_view kMarks = "-._~";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kMarks.find(c) != std::string_view::npos;
}

// A piece of a text: what stands before a variable, and its name; an empty name at the end.
struct Piece {
  std::string_view before;
  std::string_view name;
};

// The name in "{{ name }}" at the beginning of a text, and how long that is.
struct Named {
  std::string_view name;
  size_t length = 0;
};
std::optional<Named> read_name(std::string_view text) {
  size_t begin = 2;
  while (begin < text.size() && text[begin] == ' ') ++begin;
  size_t end = begin;
  while (end < text.size() && is_letter(text[end])) ++end;
  size_t close = end;
  while (close < text.size() && text[close] == ' ') ++close;
  if (end == begin || !text.substr(close).starts_with("}}")) return std::nullopt;
  return Named{text.substr(begin, end - begin), close + 2};
}

// Takes the next piece off the text.
Piece take_piece(std::string_view& text) {
  size_t from = 0;
  while (true) {
    const size_t open = text.find("{{", from);
    if (open == std::string_view::npos) break;
    if (const auto named = read_name(text.substr(open))) {
      Piece piece{text.substr(0, open), named->name};
      text.remove_prefix(open + named->length);
      return piece;
    }
    from = open + 1;
  }
  Piece last{text, {}};
  text = {};
  return last;
}

const Variable* find_variable(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kVariables), std::end(kVariables),
                   [name](const Variable& variable) { return variable.name == name; });
  return found == std::end(kVariables) ? nullptr : found;
}

void append_percent(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out.push_back('%');
  out.push_back(kHex[byte >> 4]);
  out.push_back(kHex[byte & 15]);
}

void append_json(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\u00").append({kHex[byte >> 4], kHex[byte & 15]});
    } else {
      out.push_back(c);
    }
  }
}

void append_value(std::string& out, std::string_view value, ValuePlace place) {
  switch (place) {
    case ValuePlace::kUrl:
      for (char c : value) is_unreserved(c) ? out.push_back(c) : append_percent(out, c);
      return;
    case ValuePlace::kHeader:
      out += visible_text(value);
      return;
    case ValuePlace::kJson:
      return append_json(out, value);
    case ValuePlace::kPlain:
      out += value;
      return;
  }
}

}  // namespace

Status check_variables(std::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    const Piece piece = take_piece(text);
    if (piece.name.empty()) break;
    if (find_variable(piece.name) == nullptr) {
      std::string known;
      for (const Variable& variable : kVariables) {
        known.append(known.empty() ? "" : ", ").append(variable.name);
      }
      return failure(ErrorCode::kValidationFailed, "",
                     "there is no variable \"" + std::string(piece.name.substr(0, 40)) +
                         "\"; there are " + known);
    }
    if (++count > kMaxVariables) {
      return failure(ErrorCode::kValidationFailed, "",
                     "at most " + std::to_string(kMaxVariables) + " variables in one text");
    }
  }
  return {};
}

bool has_variables(std::string_view text) {
  return !take_piece(text).name.empty();
}

std::string fill_in(std::string_view text, const RunVariables& values, ValuePlace place) {
  std::string out;
  out.reserve(text.size() + 64);
  while (!text.empty()) {
    const Piece piece = take_piece(text);
    out += piece.before;
    if (piece.name.empty()) break;
    const Variable* variable = find_variable(piece.name);
    HW_CHECK(variable != nullptr, "VA1 what is filled in was checked");
    append_value(out, variable->value(values), place);
  }
  return out;
}

std::string visible_text(std::string_view text, std::string_view also) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    const bool plain = c > ' ' && c < 0x7f && c != '%' && also.find(c) == std::string_view::npos;
    plain ? out.push_back(c) : append_percent(out, c);
  }
  return out;
}

}  // namespace hourwheel
