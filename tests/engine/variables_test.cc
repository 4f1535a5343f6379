#include "engine/variables.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel::variables_test {
namespace {

RunVariables values() {
  return {"run-abc-1-1000", "nightly \"report\" \xc3\xa4%", Instant{1'735'027'200'123}, 3, 7};
}

TEST(Variables, EachIsFilledIn) {
  EXPECT_EQ(fill_in("{{run_id}}|{{due}}|{{due_ms}}|{{attempt}}|{{missed_count}}", values(),
                    ValuePlace::kPlain),
            "run-abc-1-1000|2024-12-24T08:00:00.123Z|1735027200123|3|7");
}

TEST(Variables, SpacesAroundTheNameAreTaken) {
  EXPECT_EQ(fill_in("a{{ attempt }}b{{attempt  }}", values(), ValuePlace::kPlain), "a3b3");
}

TEST(Variables, OtherBracesStand) {
  for (const char* text : {"", "{", "{{", "{{}}", "{{ }}", "{{1}}", "{{attempt}", "{ {attempt}}",
                           "{{#each}}", "}}{{", "{{a b}}", "{{attempt|upper}}"}) {
    EXPECT_TRUE(check_variables(text)) << text;
    EXPECT_FALSE(has_variables(text)) << text;
    EXPECT_EQ(fill_in(text, values(), ValuePlace::kPlain), text);
  }
  EXPECT_EQ(fill_in("{{{attempt}}}", values(), ValuePlace::kPlain), "{3}");
}

TEST(Variables, AValueIsWrittenByTheRulesOfItsPlace) {
  EXPECT_EQ(fill_in("{{task_id}}", values(), ValuePlace::kUrl),
            "nightly%20%22report%22%20%C3%A4%25");
  EXPECT_EQ(fill_in("{{due}}", values(), ValuePlace::kUrl), "2024-12-24T08%3A00%3A00.123Z");
  EXPECT_EQ(fill_in("{{task_id}}", values(), ValuePlace::kHeader),
            "nightly%20\"report\"%20%C3%A4%25");
  EXPECT_EQ(fill_in("{{task_id}}", values(), ValuePlace::kJson),
            "nightly \\\"report\\\" \xc3\xa4%");
  EXPECT_EQ(fill_in("{{task_id}}", values(), ValuePlace::kPlain), values().task_id);
}

TEST(Variables, ControlBytesCannotEndAJsonString) {
  RunVariables run = values();
  run.task_id = "a\nb\\";
  EXPECT_EQ(fill_in("\"{{task_id}}\"", run, ValuePlace::kJson), "\"a\\u000Ab\\\\\"");
}

TEST(Variables, WhatAValueSaysIsNoVariable) {
  RunVariables run = values();
  run.task_id = "{{attempt}}";
  EXPECT_EQ(fill_in("{{task_id}}", run, ValuePlace::kPlain), "{{attempt}}");
}

TEST(Variables, AnUnknownOneIsRefusedByName) {
  const Status status = check_variables("{{attempt}} {{atempt}}");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kValidationFailed);
  EXPECT_NE(status.error().detail.find("\"atempt\""), std::string::npos) << status.error().detail;
  EXPECT_NE(status.error().detail.find("missed_count"), std::string::npos);
}

TEST(Variables, TooManyAreRefused) {
  std::string text;
  for (size_t i = 0; i < kMaxVariables; ++i) text += "{{due}}";
  EXPECT_TRUE(check_variables(text));
  EXPECT_FALSE(check_variables(text + "{{due}}"));
}

}  // namespace
}  // namespace hourwheel::variables_test
