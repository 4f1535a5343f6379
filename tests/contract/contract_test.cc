// That the checks of this folder can fail: faults planted in the document, and the rules of
// schemas.
#include "tests/contract/contract.h"

#include <gtest/gtest.h>

#include "api/documents.h"
#include "tests/contract/scene.h"
#include "tests/contract/schema_check.h"
#include "tools/openapi/yaml_reader.h"

namespace hourwheel::contract_test {
namespace {

std::string changed(const std::string& part, const std::string& by) {
  std::string yaml(openapi_yaml().text);
  const size_t at = yaml.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return at == std::string::npos ? yaml : yaml.replace(at, part.size(), by);
}

// What that document finds wrong in the answer to a good request.
std::string wrong_with(const Contract& contract, std::string_view route_name) {
  const Contract ours = our_contract();
  Scene scene(ours);
  for (const DocumentedRoute& route : contract.routes()) {
    if (route.name() != route_name) continue;
    const Sent* sent = scene.send(scene.good_ask(route));
    return sent == nullptr ? "no answer" : contract.wrong_in(route, sent->response);
  }
  return "no such route";
}

TEST(Contract, AMemberUnderAnotherNameIsFound) {
  EXPECT_EQ(wrong_with(our_contract(), "GET /v1/tasks/{id}"), "");
  const Contract other(changed("generation: {type: integer}", "generated: {type: integer}"));
  EXPECT_NE(wrong_with(other, "GET /v1/tasks/{id}").find("generation"), std::string::npos);
}

TEST(Contract, AMemberOfAnotherTypeIsFound) {
  const Contract other(changed("version: {type: integer}", "version: {type: string}"));
  EXPECT_NE(wrong_with(other, "GET /v1/tasks/{id}"), "");
}

TEST(Contract, AMissingStatusIsFound) {
  const Contract other(changed("        \"200\":\n          description: Facts",
                               "        \"201\":\n          description: Facts"));
  EXPECT_NE(wrong_with(other, "GET /v1/server").find("200 is not documented"), std::string::npos);
}

TEST(Contract, AnotherContentTypeIsFound) {
  const Contract other(changed("content: {text/css:", "content: {text/plain:"));
  EXPECT_NE(wrong_with(other, "GET /docs.css").find("text/css"), std::string::npos);
}

TEST(Contract, AFieldThatIsMissingIsFound) {
  const Contract other(changed("headers: {Link: {$ref: \"#/components/headers/Link\"}}",
                               "headers: {Location: {$ref: \"#/components/headers/Location\"}}"));
  EXPECT_EQ(wrong_with(other, "GET /tasks"), "Location is missing");
}

// Whether the value follows the schema, which may name `other`.
std::string wrong(const std::string& schema, const std::string& value) {
  const Contract contract(
      "components: {schemas: {it: " + schema +
      ", other: {type: object, required: [b], properties: {b: {type: integer}}}}}");
  return contract.wrong_in("it", value);
}

TEST(ContractSchemas, ObjectsHaveNoOtherMembers) {
  const std::string both =
      R"({allOf: [{$ref: "#/components/schemas/other"}, {required: [c], properties: {c: {}}}]})";
  EXPECT_EQ(wrong(both, R"({"b":1,"c":2})"), "");
  EXPECT_NE(wrong(both, R"({"b":1,"c":2,"d":3})"), "");
  EXPECT_NE(wrong(both, R"({"c":2})"), "");
  EXPECT_NE(wrong("{type: object}", R"({"a":1})"), "");
  EXPECT_EQ(wrong("{type: object, additionalProperties: true}", R"({"a":1})"), "");
  EXPECT_NE(wrong("{type: [object, 'null']}", R"({"a":1})"), "");
  EXPECT_EQ(wrong("{type: [object, 'null']}", "null"), "");
}

TEST(ContractSchemas, KeywordsAreChecked) {
  struct Rule {
    const char* schema;
    const char* good;
    const char* bad;
  };
  for (const Rule& rule :
       {Rule{"{const: dead}", "\"dead\"", "\"alive\""}, Rule{"{enum: [a, 1]}", "1", "2"},
        Rule{"{type: integer, minimum: 1, maximum: 3}", "3", "4"},
        Rule{"{type: string, pattern: '^[a-z0-9][a-z.-]{0,2}$'}", "\"a.-\"", "\"a.-x\""},
        Rule{"{type: string, minLength: 2, maxLength: 3}", "\"äöü\"", "\"a\""},
        Rule{"{type: string, format: date-time}", "\"2026-01-01T00:00:00.123Z\"",
             "\"2026-01-01 00:00:00Z\""},
        Rule{"{type: string, format: date}", "\"2026-01-01\"", "\"2026-1-1\""},
        Rule{"{type: string, format: uri}", "\"urn:a:b\"", "\"a b\""},
        Rule{"{type: array, minItems: 1, items: {type: integer}}", "[1]", "[\"1\"]"},
        Rule{"{oneOf: [{type: integer}, {$ref: '#/components/schemas/other'}]}", R"({"b":1})",
             R"({"a":1})"},
        Rule{"{type: object, propertyNames: {pattern: '^[a-z]+$'}, "
             "additionalProperties: {type: string}}",
             R"({"a":"b"})", R"({"A":"b"})"},
        Rule{"{type: object, propertyNames: {pattern: '^[a-z]+$'}, "
             "additionalProperties: {type: string}}",
             "{}", R"({"a":1})"},
        Rule{"{type: object, maxProperties: 1, additionalProperties: {type: integer}}",
             R"({"a":1})", R"({"a":1,"b":2})"}}) {
    EXPECT_EQ(wrong(rule.schema, rule.good), "") << rule.schema;
    EXPECT_NE(wrong(rule.schema, rule.bad), "") << rule.schema;
  }
}

TEST(ContractSchemas, WhatWouldNotBeCheckedIsAFault) {
  EXPECT_EQ(wrong("{anyOf: []}", "1"), "anyOf would not be checked: 1");
  EXPECT_EQ(wrong("{type: string, format: email}", "\"a\""),
            "format: email would not be checked: \"a\"");
  EXPECT_EQ(wrong("{$ref: '#/components/schemas/nobody'}", "1"), "$ref would not be checked: 1");
  EXPECT_EQ(wrong("{type: array, items: {uniqueItems: true}}", "[1]"),
            "uniqueItems would not be checked: [1]");
  EXPECT_NE(violation("{", "1"), "");
  EXPECT_NE(violation("{}", "{"), "");
}

}  // namespace
}  // namespace hourwheel::contract_test
