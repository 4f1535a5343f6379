#include <gtest/gtest.h>

#include "tests/tools/finished_program.h"
#include "tools/openapi/json_text.h"
#include "tools/openapi/yaml_reader.h"

namespace hourwheel::openapi_json_test {
namespace {

std::string json_of(const std::string& yaml) {
  auto tree = read_yaml(yaml);
  return tree ? json_text(*tree) : tree.error().detail;
}

TEST(OpenapiJson, ScalarsKeepTheirTypes) {
  EXPECT_EQ(json_of("[1, -2.5e3, 0, true, false, null, ~, '']"),
            R"([1,-2.5e3,0,true,false,null,null,""])");
  EXPECT_EQ(json_of("['1', \"true\", 'null', yes, 0.1.0, 2026-01-01, PT1H]"),
            R"(["1","true","null","yes","0.1.0","2026-01-01","PT1H"])");
  EXPECT_EQ(json_of("a:\nb: {}\nc: []\n"), R"({"a":null,"b":{},"c":[]})");
  EXPECT_EQ(json_of("n: 9007199254740993"), R"({"n":9007199254740993})");
}

TEST(OpenapiJson, NamesAreTextAndKeepTheirOrder) {
  EXPECT_EQ(json_of("{'200': 1, 100: 2, true: 3}"), R"({"200":1,"100":2,"true":3})");
}

TEST(OpenapiJson, BlocksAreOneText) {
  EXPECT_EQ(json_of("a: |\n  one\n  \"two\"\nb: >-\n  three\n  four\n"),
            R"({"a":"one\n\"two\"\n","b":"three four"})");
}

TEST(OpenapiJson, WhatCouldMeanSomethingElseIsRefusedWithItsLine) {
  EXPECT_EQ(json_of("a: 1\nb: 2\na: 3\n"), "line 3: a stands twice in an object");
  for (const char* number : {"+1", "01", "0x1f", ".5", "1.", "nan", "True"}) {
    EXPECT_EQ(json_of("\na: " + std::string(number)),
              "line 2: " + std::string(number) + " is to be written as JSON would, or in quotes");
  }
  EXPECT_TRUE(json_of("a: [1\nb: 2").starts_with("line ")) << json_of("a: [1\nb: 2");
  EXPECT_EQ(json_of("? [a]\n: 1\n"), "line 1: a name is to be a text");
  EXPECT_EQ(json_of("null: 1\n"), "line 1: a name is to be a text");
}

TEST(OpenapiJson, TextIsEscaped) {
  EXPECT_EQ(json_string("\"\\\n\t\x01\x1f</p> ü"), "\"\\\"\\\\\\n\\t\\u0001\\u001f</p> ü\"");
}

TEST(OpenapiJson, ReadableJsonBreaksWhatIsLong) {
  auto tree = read_yaml("{short: {a: 1, b: [2]}, empty: {}, long: [" + std::string(60, 'x') +
                        ", yyyyyyyyyyyyyyyyy]}");
  EXPECT_EQ(readable_json(*tree),
            "{\n  \"short\": {\"a\": 1, \"b\": [2]},\n  \"empty\": {},\n"
            "  \"long\": [\n    \"" +
                std::string(60, 'x') + "\",\n    \"yyyyyyyyyyyyyyyyy\"\n  ]\n}");
}

TEST(OpenapiJson, TheProgramNamesTheFileThatItCannotUse) {
  const FinishedProgram finished =
      run_program(program("openapi_pages") + " /nowhere.yaml /nowhere.css /nowhere/none.cc 2>&1");
  EXPECT_EQ(finished.code, 1);
  EXPECT_EQ(finished.output, "openapi_pages: /nowhere.yaml cannot be read\n");
  EXPECT_EQ(run_program(program("openapi_pages") + " 2>&1").code, 2);
}

}  // namespace
}  // namespace hourwheel::openapi_json_test
