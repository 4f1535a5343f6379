#include "tests/contract/schema.h"

#include <algorithm>
#include <array>

namespace hourwheel {
namespace {

// Said about a value, but no rule.
constexpr std::array<std::string_view, 4> kRemarks{"description", "default", "example", "title"};
// Mean the same in both drafts, and have no schemas within.
constexpr std::array<std::string_view, 11> kSame{
    "type",    "enum",      "required", "minItems",  "maxItems",     "minimum",
    "maximum", "minLength", "pattern",  "maxLength", "maxProperties"};

struct Format {
  std::string_view name;
  std::string_view pattern;
};
constexpr std::array kFormats{
    Format{"date-time",
           "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?"
           "([Zz]|[+-][0-9]{2}:[0-9]{2})$"},
    Format{"date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    Format{"uri", "^[a-z][a-z0-9+.-]*:[!-~]+$"},
};

template <size_t N>
bool is_among(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Tree object_of(std::vector<TreeMember> members) {
  Tree made(Tree::Kind::kObject);
  made.members = std::move(members);
  return made;
}

Tree text_of(std::string_view text) {
  return Tree(Tree::Kind::kText, std::string(text));
}

Tree no() {
  return Tree(Tree::Kind::kBoolean, "false");
}

Tree* member_of(Tree& tree, std::string_view name) {
  for (auto& [key, value] : tree.members) {
    if (key == name) return &value;
  }
  return nullptr;
}

// Members and required ones add up; of anything else the last one holds.
void merge(Tree& all, Tree part) {
  all.kind = Tree::Kind::kObject;
  for (auto& [name, value] : part.members) {
    Tree* there = member_of(all, name);
    if (there == nullptr) {
      all.members.emplace_back(name, std::move(value));
    } else if (name == "properties") {
      for (auto& member : value.members) there->members.push_back(std::move(member));
    } else if (name == "required") {
      for (Tree& entry : value.entries) there->entries.push_back(std::move(entry));
    } else {
      *there = std::move(value);
    }
  }
}

// One schema with neither $ref nor allOf at its top.
Tree flat(const Tree& document, const Tree& schema) {
  Tree all = object_of({});
  for (const auto& [name, value] : schema.members) {
    const Tree& named = resolved(document, schema);
    if (name == "$ref" && &named != &schema) {
      merge(all, flat(document, named));
    } else if (name == "allOf") {
      for (const Tree& part : value.entries) merge(all, flat(document, part));
    } else {
      merge(all, object_of({{name, value}}));
    }
  }
  return all;
}

class Closing {
 public:
  explicit Closing(const Tree& document) : document_(document) {}

  Tree closed(const Tree& schema) {
    Tree from = flat(document_, schema);
    Tree made = object_of({});
    for (const auto& [name, value] : from.members) add(made, from, name, value);
    if (may_be_object(from) && from.find("additionalProperties") == nullptr) {
      made.members.emplace_back("additionalProperties", no());
    }
    return made;
  }
  [[nodiscard]] const std::string& unknown() const { return unknown_; }

 private:
  static bool may_be_object(const Tree& schema) {
    if (schema.find("properties") != nullptr) return true;
    const Tree* type = schema.find("type");
    return type != nullptr && (type->text == "object" ||
                               std::any_of(type->entries.begin(), type->entries.end(),
                                           [](const Tree& one) { return one.text == "object"; }));
  }

  void add(Tree& made, const Tree& from, const std::string& name, const Tree& value) {
    if (is_among(name, kRemarks)) return;
    if (is_among(name, kSame)) {
      made.members.emplace_back(name, value);
    } else if (name == "const") {
      Tree only(Tree::Kind::kList);
      only.entries.push_back(value);
      made.members.emplace_back("enum", std::move(only));
    } else if (name == "oneOf") {
      made.members.emplace_back(name, closed_all(value));
    } else if (name == "items") {
      made.members.emplace_back(name, closed(value));
    } else if (name == "properties") {
      made.members.emplace_back(name, closed_members(value));
    } else if (name == "format") {
      add_format(made, value.text);
    } else if (name == "propertyNames") {
      add_names(made, from, value);
    } else if (name == "additionalProperties") {
      if (from.find("propertyNames") == nullptr) add_rest(made, value);
    } else {
      unknown_ = name;
    }
  }

  Tree closed_all(const Tree& list) {
    Tree made(Tree::Kind::kList);
    for (const Tree& entry : list.entries) made.entries.push_back(closed(entry));
    return made;
  }

  Tree closed_members(const Tree& members) {
    Tree made = object_of({});
    for (const auto& [name, schema] : members.members) {
      made.members.emplace_back(name, closed(schema));
    }
    return made;
  }

  void add_rest(Tree& made, const Tree& rest) {
    const bool schema = rest.kind == Tree::Kind::kObject;
    made.members.emplace_back("additionalProperties", schema ? closed(rest) : rest);
  }

  void add_format(Tree& made, std::string_view name) {
    for (const Format& format : kFormats) {
      if (format.name != name) continue;
      made.members.emplace_back("pattern", text_of(format.pattern));
      return;
    }
    unknown_ = "format: " + std::string(name);
  }

  // The older draft has patterns of names with what their values are.
  void add_names(Tree& made, const Tree& from, const Tree& names) {
    const Tree* pattern = names.find("pattern");
    const Tree* values = from.find("additionalProperties");
    if (pattern == nullptr || names.members.size() != 1 || values == nullptr) {
      unknown_ = "propertyNames without one pattern, or without additionalProperties";
      return;
    }
    made.members.emplace_back("patternProperties", object_of({{pattern->text, closed(*values)}}));
    // Not false: with that the checker takes the values for members of the outer object.
    made.members.emplace_back("additionalProperties", object_of({{"not", object_of({})}}));
  }

  const Tree& document_;
  std::string unknown_;
};

}  // namespace

Result<Tree> closed_schema(const Tree& document, const Tree& schema) {
  Closing closing(document);
  Tree made = closing.closed(schema);
  if (closing.unknown().empty()) return made;
  return failure(ErrorCode::kValidationFailed, "", closing.unknown() + " would not be checked");
}

}  // namespace hourwheel
