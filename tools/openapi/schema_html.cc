#include "tools/openapi/schema_html.h"

#include <algorithm>
#include <array>

#include "tools/openapi/html.h"
#include "tools/openapi/json_text.h"

namespace hourwheel {
namespace {

// What is said of a value besides its type, in this order.
struct Bound {
  std::string_view keyword;
  std::string_view before;
  std::string_view after;
};
constexpr std::array kBounds{
    Bound{"format", "", ""},
    Bound{"pattern", "", ""},
    Bound{"minimum", "at least ", ""},
    Bound{"maximum", "at most ", ""},
    Bound{"minLength", "at least ", " characters"},
    Bound{"maxLength", "at most ", " characters"},
    Bound{"minItems", "at least ", " entries"},
    Bound{"maxItems", "at most ", " entries"},
    Bound{"maxProperties", "at most ", " members"},
};

std::string joined(const std::vector<Tree>& all, std::string_view between,
                   std::string (*html)(const Tree&)) {
  std::string out;
  for (const Tree& one : all) {
    if (!out.empty()) out.append(between);
    out.append(html(one));
  }
  return out;
}

std::string value_html(const Tree& value) {
  return code(json_text(value));
}

std::string word_html(const Tree& type) {
  return escaped(type.text);
}

std::string bounds_html(const Tree& schema) {
  std::string out;
  for (const Bound& bound : kBounds) {
    const Tree* value = schema.find(bound.keyword);
    if (value == nullptr) continue;
    out.append(", ").append(bound.before);
    out.append(bound.keyword == "pattern" ? code(value->text) : escaped(value->text));
    out.append(bound.after);
  }
  return out;
}

std::string plain_type_html(const Tree& schema) {
  const Tree* type = schema.find("type");
  if (type == nullptr) return "any JSON";
  if (type->kind == Tree::Kind::kList) return joined(type->entries, " or ", word_html);
  const Tree* entries = schema.find("items");
  if (type->text == "array" && entries != nullptr) return "list of " + type_html(*entries);
  const Tree* values = schema.find("additionalProperties");
  if (values != nullptr && values->kind == Tree::Kind::kObject) {
    return "object with values: " + type_html(*values);
  }
  return escaped(type->text);
}

bool is_required(const Tree& schema, std::string_view name) {
  const Tree* names = schema.find("required");
  return names != nullptr && std::any_of(names->entries.begin(), names->entries.end(),
                                         [name](const Tree& one) { return one.text == name; });
}

void add_rows(std::string& rows, const Tree& schema, const std::string& outer);

void add_member(std::string& rows, const Tree& schema, const std::string& name,
                const std::string& outer) {
  const Tree& member = *schema.find("properties")->find(name);
  std::string cells =
      element("td", code(outer + name) + (is_required(schema, name) ? " <b>required</b>" : ""));
  cells.append(element("td", type_html(member)));
  cells.append(element("td", default_html(member)));
  cells.append(element("td", sentence(member.text_of("description"))));
  rows.append(element("tr", cells)).append("\n");
  add_rows(rows, member, outer + name + ".");
  if (const Tree* entries = member.find("items")) add_rows(rows, *entries, outer + name + "[].");
}

void add_note(std::string& rows, const std::string& inner) {
  rows.append("<tr><td colspan=\"4\">").append(inner).append("</td></tr>\n");
}

bool has_rows(const Tree& schema) {
  std::string rows;
  add_rows(rows, schema, "");
  return !rows.empty();
}

// Of a named schema there is a table elsewhere.
void add_rows(std::string& rows, const Tree& schema, const std::string& outer) {
  if (const Tree* parts = schema.find("allOf")) {
    for (const Tree& part : parts->entries) {
      const bool named = part.find("$ref") != nullptr;
      const bool beside = parts->entries.size() > 1;
      if (named && beside) add_note(rows, "The members of " + type_html(part));
      if (!named) add_rows(rows, part, outer);
    }
  }
  if (const Tree* choices = schema.find("oneOf")) {
    for (const Tree& choice : choices->entries) {
      if (choice.find("$ref") != nullptr || !has_rows(choice)) continue;
      add_note(rows, "As an object:");
      add_rows(rows, choice, outer);
    }
  }
  if (const Tree* properties = schema.find("properties")) {
    for (const auto& [name, member] : properties->members) add_member(rows, schema, name, outer);
  }
}

}  // namespace

std::string schema_anchor(std::string_view name) {
  return "schema-" + std::string(name);
}

std::string type_html(const Tree& schema) {
  if (const std::string_view reference = schema.text_of("$ref"); !reference.empty()) {
    const std::string_view name = reference.substr(reference.rfind('/') + 1);
    return link_to(schema_anchor(name), escaped(name));
  }
  if (const Tree* value = schema.find("const")) return value_html(*value);
  if (const Tree* values = schema.find("enum")) return joined(values->entries, " | ", value_html);
  if (const Tree* choices = schema.find("oneOf")) {
    return joined(choices->entries, " or ", type_html);
  }
  if (const Tree* parts = schema.find("allOf")) return joined(parts->entries, " with ", type_html);
  return plain_type_html(schema) + bounds_html(schema);
}

std::string default_html(const Tree& schema) {
  const Tree* value = schema.find("default");
  return value == nullptr ? "" : value_html(*value);
}

std::string table_html(const std::string& head_cells, const std::string& rows) {
  return element("table", element("thead", element("tr", head_cells)) + "\n" +
                              element("tbody", "\n" + rows)) +
         "\n";
}

std::string members_html(const Tree& schema) {
  std::string rows;
  add_rows(rows, schema, "");
  if (rows.empty()) return "";
  return table_html("<th>Member</th><th>Type</th><th>Default</th><th>Meaning</th>", rows);
}

}  // namespace hourwheel
