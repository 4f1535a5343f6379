// A target that always fails, until it is mended: dead letter, redrive, success under the same id.
#include <atomic>
#include <memory>

#include "tests/e2e/fixture.h"

namespace hourwheel::dead_letters_test {
namespace {

class DeadLetterTest : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }
  // After a clean stop every result is stored: no need to wait for it by the clock.
  void restart() {
    auto exit = node_.stop();
    ASSERT_TRUE(exit && exit->code == 0);
    ASSERT_TRUE(node_.start());
  }
  std::vector<std::string> dead() {
    return elements(member(node_.call("GET", "/v1/runs?state=dead").body, "runs"));
  }
  void create(const RecordingTarget& target, const std::string& schedule, const std::string& more) {
    HttpAnswer answer =
        node_.call("POST", "/v1/tasks",
                   R"({"id":"t","schedule":)" + schedule + R"(,"target":{"kind":"http","url":")" +
                       target.url() + R"(/t"})" + more + "}");
    ASSERT_EQ(201, answer.status) << answer.body;
  }

  Node node_{GetParam()};
};

TEST_P(DeadLetterTest, RedriveSucceedsUnderTheSameRunIdOnceTheTargetIsMended) {  // C-14
  auto mended = std::make_shared<std::atomic<bool>>(false);
  RecordingTarget target([mended](const ReceivedAttempt&) { return *mended ? 200 : 500; });
  create(target, in_quotes(to_text(in(milliseconds(100)))),
         R"(,"retry":{"max_attempts":2,"min_backoff":"PT0.05S","jitter":"none"})");
  ASSERT_TRUE(target.await(2, kPatience));
  restart();
  auto letters = dead();
  ASSERT_EQ(1U, letters.size());
  const std::string run = member(letters[0], "id");
  EXPECT_EQ(run, target.received()[0].run_id);
  EXPECT_EQ("t", member(letters[0], "task_id"));
  EXPECT_EQ("2", member(letters[0], "attempt"));
  std::string why = node_.call("GET", "/v1/tasks/t/why?at=" + member(letters[0], "due_at")).body;
  EXPECT_EQ("dead", member(why, "answer")) << why;

  *mended = true;
  HttpAnswer redriven = node_.call("POST", "/v1/runs/" + run + "/redrive");
  EXPECT_EQ(202, redriven.status) << redriven.body;
  EXPECT_EQ(run, member(redriven.body, "id"));
  ASSERT_TRUE(target.await(3, kPatience));
  EXPECT_EQ(run, target.received()[2].run_id);
  EXPECT_EQ(3U, target.received()[2].attempt);
  EXPECT_FALSE(target.received()[2].possible_duplicate);
  EXPECT_EQ(409, node_.call("POST", "/v1/runs/" + run + "/redrive").status);
  restart();
  std::string shown = node_.call("GET", "/v1/runs/" + run).body;
  EXPECT_EQ("succeeded", member(shown, "state")) << shown;
  EXPECT_EQ("1", member(shown, "redrive_count"));
  EXPECT_TRUE(dead().empty());
  EXPECT_EQ(
      3U,
      elements(member(node_.call("GET", "/v1/runs/" + run + "/attempts").body, "attempts")).size());
  why = node_.call("GET", "/v1/tasks/t/why?at=" + member(shown, "due_at")).body;
  EXPECT_EQ("fired", member(why, "answer")) << why;
}

TEST_P(DeadLetterTest, BulkRedrivesWhatMatches) {
  auto mended = std::make_shared<std::atomic<bool>>(false);
  RecordingTarget target([mended](const ReceivedAttempt&) { return *mended ? 200 : 404; });
  for (int i = 0; i < 5; ++i) {
    HttpAnswer made =
        node_.call("POST", "/v1/tasks",
                   R"({"schedule":)" + in_quotes(to_text(in(milliseconds(50)))) +
                       R"(,"labels":{"n":")" + std::to_string(i % 2) +
                       R"("},"target":{"kind":"http","url":")" + target.url() + R"(/t"}})");
    ASSERT_EQ(201, made.status) << made.body;
  }
  ASSERT_TRUE(target.await(5, kPatience));
  restart();
  ASSERT_EQ(5U, dead().size());
  *mended = true;
  const std::string filter = R"({"filter":{"state":"dead","label":"n:0"},"action":"redrive")";
  HttpAnswer dry = node_.call("POST", "/v1/runs:bulk", filter + R"(,"dry_run":true})");
  EXPECT_EQ(R"({"matched":3,"changed":0,"left":3})", dry.body);
  HttpAnswer bulk = node_.call("POST", "/v1/runs:bulk", filter + R"(,"rate":100})");
  EXPECT_EQ(R"({"matched":3,"changed":3,"left":0})", bulk.body);
  ASSERT_TRUE(target.await(8, kPatience));
  restart();
  EXPECT_EQ(2U, dead().size());
}

TEST_P(DeadLetterTest, ACanceledRunIsCutOffAndStaysCanceled) {
  RecordingTarget target([](const ReceivedAttempt&) { return RecordingTarget::kHold; });
  create(target, in_quotes(to_text(in(milliseconds(100)))), "");
  ASSERT_TRUE(target.await(1, kPatience));
  const std::string run = target.received()[0].run_id;
  HttpAnswer canceled = node_.call("POST", "/v1/runs/" + run + "/cancel");
  EXPECT_EQ(200, canceled.status) << canceled.body;
  ASSERT_TRUE(target.await_no_connections(kPatience)) << "the attempt is cut off";
  restart();
  std::string shown = node_.call("GET", "/v1/runs/" + run).body;
  EXPECT_EQ("canceled", member(shown, "state")) << shown;
  EXPECT_EQ(409, node_.call("POST", "/v1/runs/" + run + "/cancel").status);
  EXPECT_EQ(1U, target.count());
}

TEST_P(DeadLetterTest, ABackfillMakesARunForEachInstantOfItsRange) {
  RecordingTarget target;
  create(target, in_quotes("0 0 * * *"), "");
  const std::string range = R"({"from":"2020-02-27T00:00:00Z","to":"2020-03-02T00:00:00Z")";
  HttpAnswer dry = node_.call("POST", "/v1/tasks/t/backfill", range + R"(,"dry_run":true})");
  EXPECT_EQ("4", member(dry.body, "count")) << dry.body;
  HttpAnswer order = node_.call("POST", "/v1/tasks/t/backfill", range + R"(,"rate":100})");
  EXPECT_EQ(202, order.status) << order.body;
  ASSERT_TRUE(target.await(4, kPatience));
  const char* dues[] = {"2020-02-27T00:00:00.000Z", "2020-02-28T00:00:00.000Z",
                        "2020-02-29T00:00:00.000Z", "2020-03-01T00:00:00.000Z"};
  auto received = target.received();
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(dues[i], to_text(received[i].due));
  restart();
  std::string shown = node_.call("GET", "/v1/runs/" + received[0].run_id).body;
  EXPECT_EQ("backfill", member(shown, "trigger")) << shown;
  EXPECT_EQ("succeeded", member(shown, "state"));
  EXPECT_EQ(4U, target.count());
}

INSTANTIATE_TEST_SUITE_P(Each, DeadLetterTest, testing::ValuesIn(backends()),
                         [](const auto& tested) { return std::string(name_of(tested.param)); });

}  // namespace
}  // namespace hourwheel::dead_letters_test
