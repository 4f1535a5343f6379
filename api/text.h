// Small things about text that header fields and members share. Thread: pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hourwheel {

// Without the spaces and tabs at both ends.
inline std::string_view trim(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

// Letters of ASCII only, whatever the locale.
inline std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return out;
}

}  // namespace hourwheel
