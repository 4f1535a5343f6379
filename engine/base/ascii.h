// Letters and digits of ASCII, whatever the locale. Thread: pure functions, any thread.
#pragma once

namespace hourwheel {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace hourwheel
