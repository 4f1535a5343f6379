#include "tools/openapi/yaml_reader.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <string_view>

namespace hourwheel {
namespace {

tl::unexpected<Error> refused(const YAML::Mark& place, const std::string& why) {
  return failure(ErrorCode::kValidationFailed, "",
                 "line " + std::to_string(place.line + 1) + ": " + why);
}

size_t digits_at(std::string_view text, size_t at) {
  size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  return end - std::min(at, end);
}

// The grammar of RFC 8259 section 6.
bool is_json_number(std::string_view text) {
  size_t at = text.starts_with('-') ? 1 : 0;
  const size_t whole = digits_at(text, at);
  if (whole == 0 || (whole > 1 && text[at] == '0')) return false;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const size_t fraction = digits_at(text, at + 1);
    if (fraction == 0) return false;
    at += 1 + fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    at += 1;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) at += 1;
    const size_t exponent = digits_at(text, at);
    if (exponent == 0) return false;
    at += exponent;
  }
  return at == text.size();
}

bool is_other_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

Result<Tree> scalar_of(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  Tree made(Tree::Kind::kText, text);
  const bool quoted = node.Tag() == "!";
  if (quoted) return made;
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return Tree();
  if (is_one_of(text, {"true", "false"})) {
    made.kind = Tree::Kind::kBoolean;
  } else if (is_json_number(text)) {
    made.kind = Tree::Kind::kNumber;
  } else if (is_other_number(text) || is_one_of(text, {"True", "TRUE", "False", "FALSE"})) {
    return refused(node.Mark(), text + " is to be written as JSON would, or in quotes");
  }
  return made;
}

Result<Tree> tree_of(const YAML::Node& node);

Result<Tree> list_of(const YAML::Node& node) {
  Tree made(Tree::Kind::kList);
  for (const YAML::Node& entry : node) {
    auto value = tree_of(entry);
    if (!value) return value;
    made.entries.push_back(std::move(*value));
  }
  return made;
}

Result<Tree> object_of(const YAML::Node& node) {
  Tree made(Tree::Kind::kObject);
  for (const auto& member : node) {
    if (!member.first.IsScalar()) return refused(member.first.Mark(), "a name is to be a text");
    const std::string& name = member.first.Scalar();
    if (made.find(name) != nullptr) {
      return refused(member.first.Mark(), name + " stands twice in an object");
    }
    auto value = tree_of(member.second);
    if (!value) return value;
    made.members.emplace_back(name, std::move(*value));
  }
  return made;
}

Result<Tree> tree_of(const YAML::Node& node) {
  if (node.IsMap()) return object_of(node);
  if (node.IsSequence()) return list_of(node);
  if (node.IsScalar()) return scalar_of(node);
  return Tree();
}

}  // namespace

Result<Tree> read_yaml(const std::string& text) {
  try {
    return tree_of(YAML::Load(text));
  } catch (const YAML::Exception& thrown) {
    return refused(thrown.mark, thrown.msg);
  }
}

}  // namespace hourwheel
