#include "engine/text_search.h"

#include <cstring>
#include <string>

namespace hourwheel {
namespace {

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

}  // namespace

// memmem is linear whatever the two are; a payload may be long and made for the worst.
bool holds_part(std::string_view whole, std::string_view part) {
  const std::string lower = in_lower_case(whole);
  const std::string wanted = in_lower_case(part);
  return memmem(lower.data(), lower.size(), wanted.data(), wanted.size()) != nullptr;
}

}  // namespace hourwheel
