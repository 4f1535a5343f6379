#include "engine/schedule/quoted.h"

namespace hourwheel {

std::string quoted(std::string_view text) {
  constexpr size_t kShown = 40;
  std::string out = "'";
  for (char c : text.substr(0, kShown)) {
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  out += text.size() > kShown ? "...'" : "'";
  return out;
}

}  // namespace hourwheel
