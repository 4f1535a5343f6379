#include "tools/openapi/docs_page.h"

#include <array>
#include <vector>

#include "tools/openapi/html.h"
#include "tools/openapi/json_text.h"
#include "tools/openapi/schema_html.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, 6> kMethods{"get", "head", "post", "put", "patch", "delete"};
constexpr const char* kHead =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<link rel=\"stylesheet\" href=\"/docs.css\">\n";

struct Operation {
  std::string method;  // "GET"
  std::string path;
  const Tree& about_path;
  const Tree& about;
};

std::string upper_case(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = static_cast<char>(c - ('a' - 'A'));
  return out;
}

std::vector<Operation> operations_of(const Tree& document, std::string_view tag) {
  std::vector<Operation> found;
  const Tree* paths = document.find("paths");
  if (paths == nullptr) return found;
  for (const auto& [path, about_path] : paths->members) {
    for (std::string_view method : kMethods) {
      const Tree* about = about_path.find(method);
      const Tree* tags = about == nullptr ? nullptr : about->find("tags");
      if (tags == nullptr || tags->entries.empty() || tags->entries[0].text != tag) continue;
      found.push_back({upper_case(method), path, about_path, *about});
    }
  }
  return found;
}

std::string name_html(const Operation& operation) {
  return element("b", operation.method) + " " + code(operation.path);
}

void add_parameters(std::string& rows, const Tree& document, const Tree& holder) {
  const Tree* parameters = holder.find("parameters");
  if (parameters == nullptr) return;
  for (const Tree& entry : parameters->entries) {
    const Tree& parameter = resolved(document, entry);
    const Tree* schema = parameter.find("schema");
    const bool required = parameter.text_of("required") == "true";
    std::string cells =
        element("td", code(parameter.text_of("name")) + (required ? " <b>required</b>" : ""));
    cells.append(element("td", escaped(parameter.text_of("in"))));
    cells.append(element("td", schema == nullptr ? "" : type_html(*schema)));
    cells.append(element("td", schema == nullptr ? "" : default_html(*schema)));
    cells.append(element("td", sentence(parameter.text_of("description"))));
    rows.append(element("tr", cells)).append("\n");
  }
}

std::string example_html(const std::string& title, const Tree& value) {
  const bool text = value.kind == Tree::Kind::kText;
  return element("p", "Example" + title) +
         element("pre", code(text ? value.text : readable_json(value))) + "\n";
}

std::string examples_html(const Tree& document, const Tree& media) {
  std::string out;
  if (const Tree* one = media.find("example")) out.append(example_html("", *one));
  if (const Tree* all = media.find("examples")) {
    for (const auto& [name, place] : all->members) {
      const Tree& example = resolved(document, place);
      const std::string_view summary = example.text_of("summary");
      const Tree* value = example.find("value");
      if (value == nullptr) continue;
      out.append(example_html(": " + sentence(summary.empty() ? name : summary), *value));
    }
  }
  return out;
}

// The content of a body or of an answer: what it is, its members unless they stand elsewhere, and
// examples.
std::string content_html(const Tree& document, const Tree& holder) {
  const Tree* content = holder.find("content");
  std::string out;
  if (content == nullptr) return out;
  for (const auto& [type, media] : content->members) {
    const Tree* schema = media.find("schema");
    std::string line = code(type);
    if (schema != nullptr) line.append(": ").append(type_html(*schema));
    out.append(element("p", line)).append("\n");
    if (schema != nullptr) out.append(members_html(*schema));
    out.append(examples_html(document, media));
  }
  return out;
}

std::string answers_html(const Tree& document, const Tree& operation) {
  std::string out;
  const Tree* answers = operation.find("responses");
  if (answers == nullptr) return out;
  for (const auto& [status, place] : answers->members) {
    const Tree& answer = resolved(document, place);
    std::string body = element("p", sentence(answer.text_of("description")));
    if (const Tree* headers = answer.find("headers")) {
      std::string names;
      for (const auto& [name, header] : headers->members) {
        const std::string_view meaning = resolved(document, header).text_of("description");
        names.append(element("li", code(name) + (meaning.empty() ? "" : ": ") + sentence(meaning)));
      }
      body.append(element("ul", names));
    }
    body.append("\n").append(content_html(document, answer));
    out.append(element("dt", code(status))).append(element("dd", body)).append("\n");
  }
  return element("h4", "Answers") + "\n" + element("dl", "\n" + out) + "\n";
}

std::string operation_html(const Tree& document, const Operation& operation) {
  const Tree& about = operation.about;
  std::string out = heading("h3", about.text_of("operationId"), name_html(operation));
  out.append(element("p", element("b", sentence(about.text_of("summary"))))).append("\n");
  out.append(prose(about.text_of("description")));
  std::string rows;
  add_parameters(rows, document, operation.about_path);
  add_parameters(rows, document, about);
  if (!rows.empty()) {
    out.append(element("h4", "Parameters")).append("\n");
    out.append(
        table_html("<th>Name</th><th>In</th><th>Type</th><th>Default</th><th>Meaning</th>", rows));
  }
  if (const Tree* place = about.find("requestBody")) {
    out.append(element("h4", "Body")).append("\n");
    out.append(content_html(document, resolved(document, *place)));
  }
  out.append(answers_html(document, about));
  return element("section", "\n" + out) + "\n";
}

std::string schema_html(const std::string& name, const Tree& schema) {
  std::string out = heading("h3", schema_anchor(name), escaped(name));
  out.append(prose(schema.text_of("description")));
  out.append(element("p", type_html(schema))).append("\n");
  if (schema.find("default") != nullptr) {
    out.append(element("p", "Default: " + default_html(schema))).append("\n");
  }
  return element("section", "\n" + out + members_html(schema)) + "\n";
}

// Each part comes with its line of the contents.
struct Parts {
  std::string contents;
  std::string body;
};

void add_tag(Parts& parts, const Tree& document, const Tree& tag) {
  const std::string_view name = tag.text_of("name");
  const std::string anchor = "tag-" + std::string(name);
  std::string lines;
  parts.body.append(heading("h2", anchor, escaped(name))).append(prose(tag.text_of("description")));
  for (const Operation& operation : operations_of(document, name)) {
    const std::string_view id = operation.about.text_of("operationId");
    lines.append(element("li", link_to(id, name_html(operation)) + " " +
                                   sentence(operation.about.text_of("summary"))));
    lines.append("\n");
    parts.body.append(operation_html(document, operation));
  }
  parts.contents.append(
      element("li", link_to(anchor, escaped(name)) + element("ul", "\n" + lines)));
}

void add_schemas(Parts& parts, const Tree& schemas) {
  std::string lines;
  parts.body.append(heading("h2", "schemas", "Schemas"));
  for (const auto& [name, schema] : schemas.members) {
    lines.append(element("li", link_to(schema_anchor(name), escaped(name)))).append("\n");
    parts.body.append(schema_html(name, schema));
  }
  parts.contents.append(element("li", link_to("schemas", "Schemas") + element("ul", "\n" + lines)));
}

}  // namespace

std::string docs_page(const Tree& document) {
  Parts parts;
  if (const Tree* tags = document.find("tags")) {
    for (const Tree& tag : tags->entries) add_tag(parts, document, tag);
  }
  const Tree* components = document.find("components");
  const Tree* schemas = components == nullptr ? nullptr : components->find("schemas");
  if (schemas != nullptr) add_schemas(parts, *schemas);
  const Tree none;
  const Tree* info = document.find("info");
  const Tree& about = info == nullptr ? none : *info;
  const std::string title = escaped(about.text_of("title")) + " API";
  std::string head = kHead + element("title", title) + "\n</head>\n";
  std::string top = element("h1", title + " " + escaped(about.text_of("version")));
  top.append("\n")
      .append(prose(about.text_of("summary")))
      .append(prose(about.text_of("description")));
  top.append(
      "<p>The same for machines: <a href=\"/openapi.json\">openapi.json</a>, "
      "<a href=\"/openapi.yaml\">openapi.yaml</a>.</p>\n");
  top.append(element("nav", element("ul", "\n" + parts.contents))).append("\n");
  return head + element("body", element("main", "\n" + top + parts.body)) + "\n</html>\n";
}

}  // namespace hourwheel
