#include "engine/response_fields.h"

#include <algorithm>

#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr std::string_view kBetween = ": ";

char to_lower_ascii(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_named(std::string_view name, std::string_view kept) {
  return std::equal(name.begin(), name.end(), kept.begin(), kept.end(),
                    [](char a, char b) { return to_lower_ascii(a) == to_lower_ascii(b); });
}

// RF2, RF3
std::string value_to_keep(std::string_view value) {
  const bool cut = value.size() > kMaxKeptFieldValue;
  std::string out(value.substr(0, cut ? kMaxKeptFieldValue - kCutMark.size() : value.size()));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (cut) out += kCutMark;
  return out;
}

std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

bool kept_fields_are_cut(std::string_view kept) {
  const std::string last = std::string(kCutMark) + "\n";
  return kept == last || kept.ends_with("\n" + last);
}

void keep_response_field(std::string& kept, std::string_view name, std::string_view value) {
  const auto known = std::find_if(kKeptResponseFields.begin(), kKeptResponseFields.end(),
                                  [name](std::string_view one) { return is_named(name, one); });
  if (known == kKeptResponseFields.end() || kept_fields_are_cut(kept)) return;
  std::string line(*known);
  line.append(kBetween).append(value_to_keep(value)).append("\n");
  const size_t mark = kCutMark.size() + 1;
  if (kept.size() + line.size() + mark <= kMaxKeptFields) {
    kept += line;
  } else {
    kept.append(kCutMark).append("\n");
  }
}

std::string kept_value(std::string_view kept, std::string_view name) {
  std::string values;
  const std::string begin = std::string(name) + std::string(kBetween);
  while (!kept.empty()) {
    const std::string_view line = take_line(kept);
    if (!line.starts_with(begin)) continue;
    if (!values.empty()) values += ", ";
    values += line.substr(begin.size());
  }
  return values;
}

}  // namespace hourwheel
