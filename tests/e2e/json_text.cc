#include "tests/e2e/json_text.h"

#include <cstdlib>

namespace hourwheel {
namespace {

// The end of the value that begins here: behind its last character.
size_t value_end(std::string_view text, size_t at) {
  int depth = 0;
  bool in_string = false;
  for (; at < text.size(); ++at) {
    char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
  }
  return at;
}

size_t colon_after(std::string_view text, size_t at) {
  bool in_string = false;
  for (; at < text.size() && (in_string || text[at] != ':'); ++at) {
    if (text[at] == '"') in_string = !in_string;
    if (text[at] == '\\') ++at;
  }
  return at;
}

std::string_view unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
  return value;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string member(std::string_view object, std::string_view name) {
  size_t at = object.find('{');
  while (at != std::string_view::npos && at + 1 < object.size() && object[at] != '}') {
    ++at;
    size_t colon = colon_after(object, at);
    std::string_view found = unquoted(object.substr(at, colon - at));
    size_t end = value_end(object, colon + 1);
    if (found == name) return std::string(unquoted(object.substr(colon + 1, end - colon - 1)));
    at = end;
  }
  return {};
}

int64_t number_member(std::string_view object, std::string_view name) {
  return std::strtoll(member(object, name).c_str(), nullptr, 10);
}

std::vector<std::string> elements(std::string_view array) {
  std::vector<std::string> found;
  size_t at = array.find('[');
  while (at != std::string_view::npos && at + 1 < array.size() && array[at + 1] != ']') {
    size_t end = value_end(array, at + 1);
    found.emplace_back(array.substr(at + 1, end - at - 1));
    if (end >= array.size() || array[end] != ',') break;
    at = end;
  }
  return found;
}

}  // namespace hourwheel
