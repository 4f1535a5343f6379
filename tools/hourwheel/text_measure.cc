#include "tools/hourwheel/text_measure.h"

#include <algorithm>
#include <cwchar>
#include <limits>

namespace hourwheel {

TextMeasure::TextMeasure() : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {}

TextMeasure::~TextMeasure() {
  if (locale_ != nullptr) freelocale(locale_);
}

TextMeasure::Beginning TextMeasure::beginning(std::string_view text, size_t most) const {
  locale_t before = locale_ == nullptr ? nullptr : uselocale(locale_);
  Beginning found;
  std::mbstate_t state{};
  while (found.bytes < text.size()) {
    wchar_t character = 0;
    size_t bytes =
        std::mbrtowc(&character, text.data() + found.bytes, text.size() - found.bytes, &state);
    int width = 1;
    if (bytes == 0 || bytes > text.size()) {
      // Not UTF-8: a terminal shows some mark for the byte.
      state = {};
      bytes = 1;
    } else {
      width = std::max(0, wcwidth(character));
    }
    if (found.width + static_cast<size_t>(width) > most) break;
    found.bytes += bytes;
    found.width += static_cast<size_t>(width);
  }
  if (before != nullptr) uselocale(before);
  return found;
}

size_t TextMeasure::width(std::string_view text) const {
  return beginning(text, std::numeric_limits<size_t>::max()).width;
}

std::string TextMeasure::cut(std::string_view text, size_t most) const {
  if (beginning(text, most).bytes == text.size()) return std::string(text);
  if (most == 0) return "";
  return std::string(text.substr(0, beginning(text, most - 1).bytes)) + "\u2026";
}

}  // namespace hourwheel
