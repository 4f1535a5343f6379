#include "tests/contract/contract.h"

#include <gtest/gtest.h>

#include <array>

#include "api/documents.h"
#include "tests/contract/schema.h"
#include "tests/contract/schema_check.h"
#include "tools/openapi/json_text.h"
#include "tools/openapi/yaml_reader.h"

namespace hourwheel {
namespace {

constexpr std::array<std::string_view, 6> kMethods{"get", "head", "post", "put", "patch", "delete"};

std::string upper_case(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = static_cast<char>(c - ('a' - 'A'));
  return out;
}

std::string lower_case(std::string_view word) {
  std::string out(word);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return out;
}

bool has_body(const DocumentedRoute& route, const HttpResponse& answer) {
  return route.method != "HEAD" && answer.status != 304;
}

// Where the document tells of it, an answer has no body if the client wants none (RFC 7240).
bool was_asked_to_be_brief(const Tree& documented, const HttpResponse& answer) {
  const Tree* headers = documented.find("headers");
  if (headers == nullptr || headers->find("Preference-Applied") == nullptr) return false;
  return std::any_of(answer.fields.begin(), answer.fields.end(), [](const auto& field) {
    return field.first == "preference-applied" && field.second.starts_with("return=minimal");
  });
}

}  // namespace

Contract::Contract(const std::string& yaml) {
  auto read = read_yaml(yaml);
  EXPECT_TRUE(read) << (read ? "" : read.error().detail);
  if (read) document_ = std::move(*read);
}

std::vector<DocumentedRoute> Contract::routes() const {
  std::vector<DocumentedRoute> found;
  for (const auto& [path, about_path] : document_.find("paths")->members) {
    for (std::string_view method : kMethods) {
      const Tree* about = about_path.find(method);
      if (about != nullptr) found.push_back({upper_case(method), path, about, &about_path});
    }
  }
  return found;
}

std::vector<std::string> Contract::statuses(const DocumentedRoute& route) const {
  std::vector<std::string> found;
  for (const auto& [status, answer] : route.about->find("responses")->members) {
    found.push_back(status);
  }
  return found;
}

void Contract::add_examples(std::vector<Example>& found, const std::string& place,
                            const Tree& holder) const {
  const Tree* content = holder.find("content");
  if (content == nullptr) return;
  for (const auto& [type, media] : content->members) {
    const Tree* schema = media.find("schema");
    if (const Tree* value = media.find("example")) found.push_back({place, type, schema, value});
    const Tree* examples = media.find("examples");
    if (examples == nullptr) continue;
    for (const auto& [name, example] : examples->members) {
      found.push_back(
          {place + " " + name, type, schema, resolved(document_, example).find("value")});
    }
  }
}

std::vector<Example> Contract::request_examples(const DocumentedRoute& route) const {
  std::vector<Example> found;
  const Tree* body = route.about->find("requestBody");
  if (body != nullptr) add_examples(found, route.name(), resolved(document_, *body));
  return found;
}

std::vector<Example> Contract::answer_examples(const DocumentedRoute& route) const {
  std::vector<Example> found;
  for (const auto& [status, answer] : route.about->find("responses")->members) {
    add_examples(found, route.name() + " " + status, resolved(document_, answer));
  }
  return found;
}

std::string Contract::wrong_in(const Tree& schema, const std::string& json) const {
  auto closed = closed_schema(document_, schema);
  if (!closed) return closed.error().detail + ": " + json;
  const std::string wrong = violation(json_text(*closed), json);
  return wrong.empty() ? "" : wrong + ": " + json;
}

std::string Contract::wrong_in(std::string_view schema, const std::string& json) const {
  const Tree* named = document_.find("components")->find("schemas")->find(schema);
  return named == nullptr ? std::string(schema) + " is no schema" : wrong_in(*named, json);
}

std::string Contract::wrong_in(const Example& example) const {
  if (example.schema == nullptr) return example.place + " has no schema";
  if (example.value == nullptr) return example.place + " has no value";
  const std::string wrong = wrong_in(*example.schema, json_text(*example.value));
  return wrong.empty() ? "" : example.place + ": " + wrong;
}

// Documented fields of the head are of their type; one that is required is there.
std::string Contract::wrong_fields(const Tree& answer, const HttpResponse& sent) const {
  const Tree* headers = answer.find("headers");
  if (headers == nullptr) return "";
  for (const auto& [name, place] : headers->members) {
    const Tree& header = resolved(document_, place);
    const std::string key = lower_case(name);
    bool found = false;
    for (const auto& [field, value] : sent.fields) {
      if (field != key) continue;
      found = true;
      const bool number = header.find("schema")->text_of("type") == "integer";
      const std::string wrong =
          wrong_in(*header.find("schema"), number ? value : json_string(value));
      if (!wrong.empty()) return name + ": " + wrong;
    }
    if (!found && header.text_of("required") == "true") return name + " is missing";
  }
  return "";
}

std::string Contract::wrong_in(const DocumentedRoute& route, const HttpResponse& answer) const {
  const std::string status = std::to_string(answer.status);
  const Tree* place = route.about->find("responses")->find(status);
  if (place == nullptr) return status + " is not documented: " + answer.body;
  const Tree& documented = resolved(document_, *place);
  if (std::string wrong = wrong_fields(documented, answer); !wrong.empty()) return wrong;
  if (!has_body(route, answer)) return "";
  const Tree* content = documented.find("content");
  if (content != nullptr && answer.body.empty() && was_asked_to_be_brief(documented, answer)) {
    return "";
  }
  if (content == nullptr) return answer.body.empty() ? "" : status + " has a body: " + answer.body;
  const std::string type = answer.content_type.substr(0, answer.content_type.find(';'));
  const Tree* media = content->find(type);
  if (media == nullptr) return status + " is of type " + type + ", which is not documented";
  const bool json = is_json(type);
  return wrong_in(*media->find("schema"), json ? answer.body : json_string(answer.body));
}

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

Contract our_contract() {
  return Contract(std::string(openapi_yaml().text));
}

}  // namespace hourwheel
