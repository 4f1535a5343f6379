#include "tests/contract/schema_check.h"

#include <rapidjson/document.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

namespace hourwheel {

std::string violation(const std::string& schema, const std::string& value) {
  rapidjson::Document rules;
  rules.Parse(schema.data(), schema.size());
  if (rules.HasParseError()) return "the schema is no JSON";
  rapidjson::Document document;
  document.Parse<rapidjson::kParseFullPrecisionFlag>(value.data(), value.size());
  if (document.HasParseError()) return "no JSON: " + value;
  const rapidjson::SchemaDocument compiled(rules);
  rapidjson::SchemaValidator validator(compiled);
  if (document.Accept(validator)) return "";
  rapidjson::StringBuffer place;
  validator.GetInvalidDocumentPointer().StringifyUriFragment(place);
  rapidjson::StringBuffer rule;
  validator.GetInvalidSchemaPointer().StringifyUriFragment(rule);
  const char* keyword = validator.GetInvalidSchemaKeyword();
  return std::string(place.GetString()) + " breaks " + (keyword == nullptr ? "" : keyword) +
         " of " + rule.GetString();
}

}  // namespace hourwheel
