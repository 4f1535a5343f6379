#include "engine/run.h"

#include <gtest/gtest.h>

namespace hourwheel::run_test {
namespace {

TEST(RunId, IsAPureFunctionOfTaskGenerationAndDueInstant) {
  RunKey run{{7}, Trigger::kSchedule, 1'800'000'000'000};
  std::string id = run_id(task_key("1"), run);
  EXPECT_EQ(id, "run-" + base32(task_key("1")) + "-7-1800000000000");
  EXPECT_EQ(id.find('.'), std::string::npos);
  auto parsed = parse_run_id(id);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->task, task_key("1"));
  EXPECT_EQ(parsed->run, run);
}

TEST(RunId, OfAManualRunCannotEqualAScheduledOne) {
  RunKey manual{{7}, Trigger::kManual, 42};
  RunKey scheduled{{7}, Trigger::kSchedule, 42};
  EXPECT_NE(run_id(task_key("1"), manual), run_id(task_key("1"), scheduled));
  EXPECT_EQ(parse_run_id(run_id(task_key("1"), manual))->run, manual);
}

TEST(RunId, RefusesWhatItNeverWrites) {
  std::string good = run_id(task_key("1"), {{7}, Trigger::kSchedule, 42});
  for (std::string bad : {std::string(), std::string("run-"), good + "x", good.substr(1),
                          good.substr(0, good.size() - 2), "run-" + base32(task_key("1")) + "-07-1",
                          "run-" + base32(task_key("1")) + "-7-99999999999999999999",
                          "run-" + base32(task_key("1")) + "-7--1"}) {
    EXPECT_FALSE(parse_run_id(bad)) << bad;
  }
}

}  // namespace
}  // namespace hourwheel::run_test
