// What a task says about its delivery, with the real server: Retry-After, and at most once under
// kill -9.
#include "tests/e2e/fixture.h"

namespace hourwheel::delivery_test {
namespace {

class Delivery : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  void create(const RecordingTarget& target, const std::string& id, const std::string& more = "") {
    HttpAnswer answer =
        node_.call("POST", "/v1/tasks",
                   R"({"id":")" + id + R"(","schedule":")" + to_text(in(milliseconds(200))) +
                       R"(","target":{"kind":"http","url":")" + target.url() + "/" + id + R"("})" +
                       more + "}");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  // After a clean stop every result is stored: no need to wait for it by the clock.
  void restart() {
    auto exit = node_.stop();
    ASSERT_TRUE(exit && exit->code == 0);
    ASSERT_TRUE(node_.start());
  }
  std::string run(const std::string& id) { return node_.call("GET", "/v1/runs/" + id).body; }

  Node node_{GetParam()};
};

constexpr const char* kAtMostOnce = R"(,"delivery":"at_most_once")";

TEST_P(Delivery, RetryAfterIsKept) {  // C-13
  RecordingTarget target([](const ReceivedAttempt& attempt) {
    return attempt.attempt < 3 ? RecordingTarget::Answer(503, "2") : RecordingTarget::Answer(200);
  });
  create(target, "busy");
  ASSERT_TRUE(target.await(3, kPatience));
  auto received = target.received();
  for (uint32_t i = 1; i < 3; ++i) {
    EXPECT_EQ(received[0].run_id, received[i].run_id);
    EXPECT_EQ(i + 1, received[i].attempt);
    EXPECT_FALSE(received[i].possible_duplicate);
    // The server's clock counts milliseconds, and is read before what came in its turn.
    const int64_t gap_us = received[i].at_us - received[i - 1].at_us;
    EXPECT_GE(gap_us, 1'995'000);
    EXPECT_LT(gap_us, 4'000'000);
  }
  restart();
  EXPECT_EQ("succeeded", member(run(received[0].run_id), "state"));
  EXPECT_EQ(3U, target.count());
}

TEST_P(Delivery, AtMostOnceRunKilledInFlightEndsUnknownAndIsNotSentAgain) {  // C-6
  RecordingTarget target([](const ReceivedAttempt& attempt) {
    return attempt.path == "/once" ? RecordingTarget::kHold : 200;
  });
  create(target, "once", kAtMostOnce);
  ASSERT_TRUE(target.await_path("/once", 1, kPatience));
  const std::string id = target.received_at("/once")[0].run_id;
  node_.kill();
  ASSERT_TRUE(target.await_no_connections(kPatience));
  ASSERT_TRUE(node_.start());
  // What fires after it shows that the past has been read.
  create(target, "after");
  ASSERT_TRUE(target.await_path("/after", 1, kPatience));
  restart();
  EXPECT_EQ("unknown", member(run(id), "state")) << run(id);
  EXPECT_EQ("completed", member(node_.call("GET", "/v1/tasks/once").body, "state"));
  EXPECT_EQ(1U, target.received_at("/once").size());
}

TEST_P(Delivery, AtMostOnceRunThatSucceedsIsLikeAnyOther) {
  RecordingTarget target;
  create(target, "once", kAtMostOnce);
  ASSERT_TRUE(target.await(1, kPatience));
  restart();
  ReceivedAttempt attempt = target.received()[0];
  EXPECT_FALSE(attempt.possible_duplicate);
  EXPECT_EQ("succeeded", member(run(attempt.run_id), "state"));
  EXPECT_EQ(1U, target.count());
}

INSTANTIATE_TEST_SUITE_P(Each, Delivery, testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace hourwheel::delivery_test
