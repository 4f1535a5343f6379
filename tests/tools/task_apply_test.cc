// `task apply`: what it prints of the tasks that it made.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/asked_program.h"

namespace hourwheel::task_apply_test {
namespace {

std::string problem(const std::string& code) {
  return R"({"code":")" + code + R"(","detail":"because"})";
}

TEST(TaskApply, WhatIsStoredIsPrintedForPrograms) {
  const std::string file = R"(printf '{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n' |)";
  const std::vector<Answer> answers = {
      {404, problem("not-found")},        {201, R"({"id":"a","version":1})"},
      {404, problem("not-found")},        {422, problem("never-fires")},
      {200, R"({"id":"c","version":9})"}, {200, R"({"id":"c", "version":9})"}};
  auto printed = [&](const std::string& format) {
    Asked asked = ask_all("task apply -f - -o " + format + " 2>/dev/null #", answers, file);
    EXPECT_EQ(asked.client.code, 1) << format;
    return asked.client.output;
  };
  EXPECT_EQ(printed("json"),
            "{\"tasks\":[{\"id\":\"a\",\"version\":1},{\"id\":\"c\", \"version\":9}]}\n");
  EXPECT_EQ(printed("ndjson"), "{\"id\":\"a\",\"version\":1}\n{\"id\":\"c\", \"version\":9}\n");
  EXPECT_EQ(printed("name"), "a\nc\n");
  Asked none =
      ask_all("task apply -f - -o json", {{403, problem("forbidden")}}, R"(printf '{"id":"a"}' |)");
  EXPECT_TRUE(has(none.client.output, "{\"tasks\":[]}\n")) << none.client.output;
  EXPECT_EQ(none.client.code, 4);
}

}  // namespace
}  // namespace hourwheel::task_apply_test
