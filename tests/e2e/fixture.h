// What the tests that run with every way of sending share.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "engine/schedule/time_text.h"
#include "net/system_clock.h"
#include "tests/e2e/json_text.h"
#include "tests/e2e/node.h"
#include "tests/e2e/recording_target.h"

namespace hourwheel {

// Generous: these bounds end a test that would otherwise hang; they measure nothing.
inline constexpr Duration kPatience = seconds(20);

inline Instant in(Duration after) {
  return SystemClock().now().utc + after;
}

class EachBackend : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  // {"id":ID,"schedule":SCHEDULE,"target":{...}} plus further members (",...").
  std::string task(const std::string& id, const std::string& schedule,
                   const std::string& more = "") const {
    return R"({"id":")" + id + R"(","schedule":)" + schedule +
           R"(,"target":{"kind":"http","url":")" + target_.url() + "/" + id + R"("})" + more + "}";
  }
  HttpAnswer create(const std::string& body) {
    HttpAnswer answer = node_.call("POST", "/v1/tasks", body);
    EXPECT_EQ(201, answer.status) << answer.body;
    return answer;
  }
  // The task's newest run, as GET shows it.
  std::string newest_run(const std::string& id) {
    auto runs =
        elements(member(node_.call("GET", "/v1/tasks/" + id + "/runs?page_size=1").body, "runs"));
    return runs.empty() ? "" : runs.front();
  }

  RecordingTarget target_;
  Node node_{GetParam()};
};

inline std::string backend_name(const testing::TestParamInfo<Backend>& tested) {
  return name_of(tested.param);
}

}  // namespace hourwheel
