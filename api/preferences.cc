#include "api/preferences.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "api/text.h"

namespace hourwheel {
namespace {

// The part before the next separator, which goes from the text with it.
std::string_view cut(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trim(part);
}

std::optional<uint32_t> read_seconds(std::string_view text) {
  uint32_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

// Of a preference that is one of two words: whether it is this one.
bool is_word(std::string_view value, std::string_view word) {
  const std::string folded = lower_case(value);
  return folded == word || folded == "\"" + std::string(word) + "\"";
}

}  // namespace

// Of one given twice the first counts.
Preferences read_preferences(const HttpRequest& request) {
  std::optional<bool> minimal;
  std::optional<uint32_t> wait_s;
  std::optional<bool> lenient;
  for (const HttpField& field : request.fields) {
    if (field.name != "prefer") continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      std::string_view preference = cut(rest, ',');
      std::string_view pair = cut(preference, ';');
      const std::string name = lower_case(cut(pair, '='));
      if (name == "return" && !minimal) minimal = is_word(trim(pair), "minimal");
      if (name == "handling" && !lenient) lenient = is_word(trim(pair), "lenient");
      if (name == "wait" && !wait_s) wait_s = read_seconds(trim(pair));
    }
  }
  return {minimal.value_or(false), wait_s, lenient.value_or(false)};
}

}  // namespace hourwheel
