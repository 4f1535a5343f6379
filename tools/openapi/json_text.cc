#include "tools/openapi/json_text.h"

#include <cstdio>

namespace hourwheel {
namespace {

constexpr size_t kLine = 72;

void add_escaped(std::string& out, char c) {
  constexpr std::string_view kPlain = "\"\\\n\t";
  constexpr std::string_view kNames = "\"\\nt";
  if (size_t at = kPlain.find(c); at != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kNames[at]);
  } else if (static_cast<unsigned char>(c) < 0x20) {
    char code[8];
    std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
    out.append(code);
  } else {
    out.push_back(c);
  }
}

std::string scalar_text(const Tree& tree) {
  if (tree.kind == Tree::Kind::kNull) return "null";
  return tree.kind == Tree::Kind::kText ? json_string(tree.text) : tree.text;
}

// What stands between the parts of a list or an object.
struct Spacing {
  std::string_view after_comma;
  std::string_view after_colon;
};

void add_in_line(std::string& out, const Tree& tree, const Spacing& spacing) {
  if (tree.kind == Tree::Kind::kObject) {
    std::string_view before = "{";
    if (tree.members.empty()) out.append(before);
    for (const auto& [name, value] : tree.members) {
      out.append(before).append(json_string(name)).append(":").append(spacing.after_colon);
      add_in_line(out, value, spacing);
      before = spacing.after_comma;
    }
    out.append("}");
  } else if (tree.kind == Tree::Kind::kList) {
    std::string_view before = "[";
    if (tree.entries.empty()) out.append(before);
    for (const Tree& entry : tree.entries) {
      out.append(before);
      add_in_line(out, entry, spacing);
      before = spacing.after_comma;
    }
    out.append("]");
  } else {
    out.append(scalar_text(tree));
  }
}

void add_readable(std::string& out, const Tree& tree, size_t indent) {
  std::string line;
  add_in_line(line, tree, {", ", " "});
  const bool scalar = tree.members.empty() && tree.entries.empty();
  if (scalar || line.size() + indent <= kLine) {
    out.append(line);
    return;
  }
  const bool object = tree.kind == Tree::Kind::kObject;
  const std::string margin(indent + 2, ' ');
  std::string_view before = object ? "{\n" : "[\n";
  for (const auto& [name, value] : tree.members) {
    out.append(before).append(margin).append(json_string(name)).append(": ");
    add_readable(out, value, indent + 2);
    before = ",\n";
  }
  for (const Tree& entry : tree.entries) {
    out.append(before).append(margin);
    add_readable(out, entry, indent + 2);
    before = ",\n";
  }
  out.append("\n").append(indent, ' ').append(object ? "}" : "]");
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) add_escaped(out, c);
  return out.append("\"");
}

std::string json_text(const Tree& tree) {
  std::string out;
  add_in_line(out, tree, {",", ""});
  return out;
}

std::string readable_json(const Tree& tree) {
  std::string out;
  add_readable(out, tree, 0);
  return out;
}

}  // namespace hourwheel
