// openapi.yaml as the tests of the contract need it: routes with what is documented for each, and
// whether an answer or an example is as documented.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/http.h"
#include "tools/openapi/tree.h"

namespace hourwheel {

struct DocumentedRoute {
  std::string method;  // "GET"
  std::string path;    // "/v1/tasks/{id}"
  const Tree* about = nullptr;
  const Tree* about_path = nullptr;

  [[nodiscard]] std::string name() const { return method + " " + path; }
};

// A value in the document that stands for what is sent or answered.
struct Example {
  std::string place;  // for people
  std::string type;   // "application/json"
  const Tree* schema = nullptr;
  const Tree* value = nullptr;
};

class Contract {
 public:
  // Requires: the text is YAML.
  explicit Contract(const std::string& yaml);

  [[nodiscard]] const Tree& document() const { return document_; }
  [[nodiscard]] std::vector<DocumentedRoute> routes() const;
  // "200", "404" …
  [[nodiscard]] std::vector<std::string> statuses(const DocumentedRoute& route) const;
  [[nodiscard]] std::vector<Example> request_examples(const DocumentedRoute& route) const;
  [[nodiscard]] std::vector<Example> answer_examples(const DocumentedRoute& route) const;
  // A member that the document does not tell is wrong, too. Empty: nothing is.
  [[nodiscard]] std::string wrong_in(const Example& example) const;
  [[nodiscard]] std::string wrong_in(const DocumentedRoute& route,
                                     const HttpResponse& answer) const;

  [[nodiscard]] std::string wrong_in(const Tree& schema, const std::string& json) const;
  // The same of a value of a named schema.
  [[nodiscard]] std::string wrong_in(std::string_view schema, const std::string& json) const;

 private:
  void add_examples(std::vector<Example>& found, const std::string& place,
                    const Tree& holder) const;
  [[nodiscard]] std::string wrong_fields(const Tree& answer, const HttpResponse& sent) const;

  Tree document_;
};

// Of this type; not of lines of it.
bool is_json(std::string_view type);

// The contract as it stands in the tree.
Contract our_contract();

}  // namespace hourwheel
