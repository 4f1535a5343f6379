#include "tools/openapi/tree.h"

#include <algorithm>
#include <utility>

namespace hourwheel {

// Here, where it is known what a member is.
Tree::Tree(Kind kind_of_it, std::string scalar) : kind(kind_of_it), text(std::move(scalar)) {}
Tree::Tree(const Tree& other) = default;
Tree::Tree(Tree&& other) noexcept = default;
Tree& Tree::operator=(const Tree& other) = default;
Tree& Tree::operator=(Tree&& other) noexcept = default;
Tree::~Tree() = default;

TreeMember::TreeMember(std::string name_of_it, Tree value_of_it)
    : name(std::move(name_of_it)), value(std::move(value_of_it)) {}

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

const Tree& resolved(const Tree& document, const Tree& place) {
  std::string_view reference = place.text_of("$ref");
  if (!reference.starts_with("#/")) return place;
  const Tree* at = &document;
  for (reference.remove_prefix(1); !reference.empty() && at != nullptr;) {
    const size_t end = std::min(reference.find('/', 1), reference.size());
    at = at->find(reference.substr(1, end - 1));
    reference.remove_prefix(end);
  }
  return at == nullptr ? place : *at;
}

}  // namespace hourwheel
