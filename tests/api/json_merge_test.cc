#include "api/json_merge.h"

#include <gtest/gtest.h>

#include <string>

namespace hourwheel::json_merge_test {
namespace {

std::string merged(const std::string& target, const std::string& patch) {
  const std::string padding(64, '\0');
  const std::string before = target + padding;
  const std::string change = patch + padding;
  JsonReader targets;
  JsonReader patches;
  auto left = targets.parse(std::string_view(before).substr(0, target.size()));
  auto right = patches.parse(std::string_view(change).substr(0, patch.size()));
  if (!left || !right) return "not JSON";
  return merge_patch(*left, *right);
}

struct Case {
  const char* target;
  const char* patch;
  const char* result;
};

// RFC 7396 appendix A, those whose two sides are objects.
TEST(JsonMerge, ExamplesOfTheRfc) {
  constexpr Case kCases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
      {R"({"a":"text"})", R"({"a":{"b":null,"c":1}})", R"({"a":{"c":1}})"},
  };
  for (const Case& each : kCases) {
    EXPECT_EQ(merged(each.target, each.patch), each.result) << each.target << " " << each.patch;
  }
}

TEST(JsonMerge, WhatIsNotNamedKeepsItsBytes) {
  EXPECT_EQ(
      merged(R"({"n": 123456789012345678901234567890.10, "s":"\u00e4", "x":1})", R"({"x":2})"),
      R"({"n":123456789012345678901234567890.10,"s":"\u00e4","x":2})");
  EXPECT_EQ(merged(R"({"a\"b":1})", R"({"c\\d":2})"), R"({"a\"b":1,"c\\d":2})");
}

TEST(JsonMerge, OfManyMembersEachIsMet) {
  std::string target = "{";
  std::string patch = "{";
  std::string result = "{";
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = (i > 0 ? ",\"" : "\"") + std::to_string(i * 7919 % 20'011) + "\":";
    target += name + "0";
    patch += name + "1";
    result += name + "1";
  }
  EXPECT_EQ(merged(target + "}", patch + "}"), result + "}");
}

}  // namespace
}  // namespace hourwheel::json_merge_test
