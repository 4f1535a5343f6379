#include "tools/openapi/tree.h"

namespace hourwheel {

const Tree* Tree::find(std::string_view name) const {
  for (const auto& [key, value] : members) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::string_view Tree::text_of(std::string_view name) const {
  const Tree* member = find(name);
  return member == nullptr ? std::string_view() : std::string_view(member->text);
}

}  // namespace hourwheel
