// Webhooks of the real server: when they come, what they carry, and what becomes of refusals.
#include <set>

#include "tests/e2e/fixture.h"

namespace hourwheel::webhook_test {
namespace {

class Webhook : public EachBackend {};

TEST_P(Webhook, ArrivesNotEarlyAndSoonAfterItsDueInstant) {
  const Instant due = in(milliseconds(400));
  create(task("soon", in_quotes(to_text(due))));
  ASSERT_TRUE(target_.await(1, kPatience));
  ReceivedAttempt attempt = target_.received()[0];
  EXPECT_EQ(due, attempt.due);
  EXPECT_GE(attempt.at_us, due.ms * 1000);
  EXPECT_LT(attempt.at_us, (due + seconds(2)).ms * 1000);
}

TEST_P(Webhook, CarriesItsIdentityAndThePayloadByteForByte) {
  const std::string payload = R"({ "z":1,  "a":[1.50, 2e3],"text":"caf\u00e9 ☕ \/" })";
  HttpAnswer created = create(
      R"({"id":"exact","schedule":")" + to_text(in(milliseconds(200))) +
      R"(","target":{"kind":"http","url":")" + target_.url() +
      R"(/exact?x=1","method":"PUT","headers":{"X-Color":"blue"}},"payload":)" + payload + "}");
  ASSERT_TRUE(target_.await(1, kPatience));
  ReceivedAttempt attempt = target_.received()[0];
  EXPECT_EQ("PUT", attempt.method);
  EXPECT_EQ("/exact?x=1", attempt.path);
  EXPECT_EQ(payload, attempt.body);
  EXPECT_EQ(std::to_string(payload.size()), attempt.field("Content-Length"));
  EXPECT_EQ("application/json", attempt.field("Content-Type"));
  EXPECT_EQ("blue", attempt.field("X-Color"));
  EXPECT_EQ(target_.url().substr(7), attempt.field("Host"));

  std::string key = attempt.run_id.substr(0, attempt.run_id.find('-', 4));
  EXPECT_EQ(30U, key.size()) << attempt.run_id;
  EXPECT_EQ(key + "-" + member(created.body, "generation") + "-" + std::to_string(attempt.due.ms),
            attempt.run_id);
  EXPECT_EQ(attempt.run_id, attempt.field("Idempotency-Key"));
  const int64_t sent_s = std::stoll(std::string(attempt.field("webhook-timestamp")));
  EXPECT_GE(sent_s, attempt.due.ms / 1000);
  EXPECT_LE(sent_s, attempt.at_us / 1'000'000);
  EXPECT_EQ("exact", attempt.field("Hourwheel-Task-Id"));
  EXPECT_EQ("1", attempt.field("Hourwheel-Attempt"));
  EXPECT_EQ(member(created.body, "next_due_at"), attempt.field("Hourwheel-Due"));
  EXPECT_EQ(member(created.body, "version"), attempt.field("Hourwheel-Task-Version"));
  EXPECT_EQ("0", attempt.field("Hourwheel-Missed-Count"));
  EXPECT_EQ("", attempt.field("Hourwheel-Possible-Duplicate"));
}

TEST_P(Webhook, RunNowFiresBesideTheSchedule) {
  create(task("manual", R"("2199-01-01T00:00:00Z")"));
  HttpAnswer answer = node_.call("POST", "/v1/tasks/manual/run");
  EXPECT_EQ(202, answer.status) << answer.body;
  ASSERT_TRUE(target_.await(1, kPatience));
  EXPECT_EQ(member(answer.body, "id"), target_.received()[0].run_id);
}

INSTANTIATE_TEST_SUITE_P(Each, Webhook, testing::ValuesIn(backends()), backend_name);

constexpr const char* kQuickRetry =
    R"(,"retry":{"max_attempts":5,"min_backoff":"PT0.1S","max_backoff":"PT0.1S","jitter":"none"})";

// A target that refuses the first attempt of each path with this status.
class Refusal : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }
  static RecordingTarget::Script refuse_first(int status) {
    return [status, seen = std::set<std::string>()](const ReceivedAttempt& attempt) mutable {
      return seen.insert(attempt.path).second ? status : 200;
    };
  }
  void create(const RecordingTarget& target) {
    HttpAnswer answer =
        node_.call("POST", "/v1/tasks",
                   R"({"id":"first","schedule":")" + to_text(in(milliseconds(100))) +
                       R"(","target":{"kind":"http","url":")" + target.url() + R"(/first"})" +
                       kQuickRetry + "}");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  // After a clean stop every result is stored: no need to wait for it by the clock.
  void restart() {
    auto exit = node_.stop();
    ASSERT_TRUE(exit && exit->code == 0);
    ASSERT_TRUE(node_.start());
  }
  Node node_{GetParam()};
};

TEST_P(Refusal, Status500IsTriedAgainAndSucceeds) {
  RecordingTarget target(refuse_first(500));
  create(target);
  ASSERT_TRUE(target.await(2, kPatience));
  auto received = target.received();
  EXPECT_EQ(received[0].run_id, received[1].run_id);
  EXPECT_EQ(1U, received[0].attempt);
  EXPECT_EQ(2U, received[1].attempt);
  EXPECT_GE(received[1].at_us - received[0].at_us, 95'000);
  restart();
  std::string run = node_.call("GET", "/v1/runs/" + received[0].run_id).body;
  EXPECT_EQ("succeeded", member(run, "state")) << run;
  EXPECT_EQ("2", member(run, "attempt"));
  auto attempts = elements(
      member(node_.call("GET", "/v1/runs/" + received[0].run_id + "/attempts").body, "attempts"));
  ASSERT_EQ(2U, attempts.size());
  EXPECT_EQ("500", member(attempts[0], "status_code"));
  EXPECT_EQ("200", member(attempts[1], "status_code"));
}

TEST_P(Refusal, Status410EndsTheRun) {
  RecordingTarget target(refuse_first(410));
  create(target);
  ASSERT_TRUE(target.await(1, kPatience));
  restart();
  std::string run = node_.call("GET", "/v1/runs/" + target.received()[0].run_id).body;
  EXPECT_EQ("dead", member(run, "state")) << run;
  EXPECT_EQ("1", member(run, "attempt"));
  EXPECT_EQ("completed", member(node_.call("GET", "/v1/tasks/first").body, "state"));
  EXPECT_EQ(1U, target.count());
}

INSTANTIATE_TEST_SUITE_P(Each, Refusal, testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace hourwheel::webhook_test
