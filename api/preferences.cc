#include "api/preferences.h"

#include <algorithm>
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

}  // namespace

Preferences read_preferences(const HttpRequest& request) {
  std::optional<bool> minimal;  // of one given twice the first counts
  for (const HttpField& field : request.fields) {
    if (field.name != "prefer") continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      std::string_view preference = cut(rest, ',');
      std::string_view pair = cut(preference, ';');
      if (lower_case(cut(pair, '=')) != "return" || minimal) continue;
      minimal = lower_case(trim(pair)) == "minimal" || lower_case(trim(pair)) == "\"minimal\"";
    }
  }
  return {minimal.value_or(false)};
}

}  // namespace hourwheel
