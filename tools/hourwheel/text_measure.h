// How many columns of a terminal a text takes, and the same text cut to fewer. Accents take none,
// East Asian characters two; the C library knows which.
#pragma once

#include <clocale>
#include <cstddef>
#include <string>
#include <string_view>

namespace hourwheel {

class TextMeasure {
 public:
  TextMeasure();
  ~TextMeasure();
  TextMeasure(const TextMeasure&) = delete;
  TextMeasure& operator=(const TextMeasure&) = delete;

  [[nodiscard]] size_t width(std::string_view text) const;
  // At most `most` columns wide; what was cut off shows as "…".
  [[nodiscard]] std::string cut(std::string_view text, size_t most) const;

 private:
  // The bytes of the longest beginning that is no wider than `most`, and its width.
  struct Beginning {
    size_t bytes = 0;
    size_t width = 0;
  };
  [[nodiscard]] Beginning beginning(std::string_view text, size_t most) const;

  locale_t locale_;
};

}  // namespace hourwheel
