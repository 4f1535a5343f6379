// A document as JSON has it: what YAML was read into, and what pages are made from. Members keep
// the order in which they were written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourwheel {

struct Tree {
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kText, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text;                                   // of a boolean, number or text, as written
  std::vector<Tree> entries;                          // of a list
  std::vector<std::pair<std::string, Tree>> members;  // of an object

  // The member of that name; null: there is none, or this is no object.
  [[nodiscard]] const Tree* find(std::string_view name) const;
  // The text of that member; empty: there is none.
  [[nodiscard]] std::string_view text_of(std::string_view name) const;
};

// Follows "#/…" within the document; the place itself if it is no reference, or leads nowhere.
const Tree& resolved(const Tree& document, const Tree& place);

}  // namespace hourwheel
