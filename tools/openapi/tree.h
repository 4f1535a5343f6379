// A document as JSON has it: what YAML was read into, and what pages are made from. Members keep
// the order in which they were written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hourwheel {

struct TreeMember;

struct Tree {
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kText, kList, kObject };

  explicit Tree(Kind kind_of_it = Kind::kNull, std::string scalar = {});
  Tree(const Tree& other);
  Tree(Tree&& other) noexcept;
  Tree& operator=(const Tree& other);
  Tree& operator=(Tree&& other) noexcept;
  ~Tree();

  // The member of that name; null: there is none, or this is no object.
  [[nodiscard]] const Tree* find(std::string_view name) const;
  // The text of that member; empty: there is none.
  [[nodiscard]] std::string_view text_of(std::string_view name) const;

  Kind kind;
  std::string text;                 // of a boolean, number or text, as written
  std::vector<Tree> entries;        // of a list
  std::vector<TreeMember> members;  // of an object
};

struct TreeMember {
  TreeMember(std::string name_of_it, Tree value_of_it);

  std::string name;
  Tree value;
};

// Follows "#/…" within the document; the place itself if it is no reference, or leads nowhere.
const Tree& resolved(const Tree& document, const Tree& place);

}  // namespace hourwheel
