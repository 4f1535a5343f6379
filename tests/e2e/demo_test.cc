// serve --demo: the sample tasks, and where their runs go.
#include <string>

#include "tests/e2e/fixture.h"

namespace hourwheel::demo_test {
namespace {

class Demo : public testing::Test {
 protected:
  bool start() {
    node_.add_arguments({"--demo"});
    return node_.start();
  }
  // The end of a run that is asked for.
  std::string state_of_a_run(const std::string& id) {
    HttpClient client(node_.port());
    const auto answer =
        client.request("POST", "/v1/tasks/" + id + "/run", "", "Prefer: wait=20\r\n");
    return answer ? std::string(member(answer->body, "state")) : "";
  }
  std::string target_of(const std::string& id) {
    return std::string(member(node_.call("GET", "/v1/tasks/" + id).body, "target"));
  }

  Node node_;
};

TEST_F(Demo, ItsTasksCallATargetOfTheServersOwn) {
  ASSERT_TRUE(start());
  EXPECT_EQ(state_of_a_run("demo-weekdays"), "succeeded");
  EXPECT_EQ(state_of_a_run("demo-retired-export"), "dead");
  const std::string target = target_of("demo-weekdays");
  EXPECT_NE(target.find("http://127.0.0.1:"), std::string::npos) << target;
}

// The target has another port then; what a user has made of a task stays.
TEST_F(Demo, AfterARestartTheyCallTheNewTarget) {
  ASSERT_TRUE(start());
  EXPECT_EQ(node_.call("PATCH", "/v1/tasks/demo-weekdays", R"({"description":"mine"})").status,
            200);
  ASSERT_TRUE(node_.stop());
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(state_of_a_run("demo-weekdays"), "succeeded");
  EXPECT_EQ(member(node_.call("GET", "/v1/tasks/demo-weekdays").body, "description"), "mine");
}

TEST_F(Demo, WithoutDevTheyOnlyRecordTheirRuns) {
  node_.leave_out_dev();
  ASSERT_TRUE(start());
  EXPECT_EQ(state_of_a_run("demo-weekdays"), "succeeded");
  EXPECT_NE(target_of("demo-weekdays").find("log"), std::string::npos);
}

}  // namespace
}  // namespace hourwheel::demo_test
