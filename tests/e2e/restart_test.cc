// Stopping and starting: what is in flight, what falls due while nobody is there, and what a second
// signal does.
#include <csignal>
#include <set>

#include "tests/e2e/fixture.h"

namespace hourwheel::restart_test {
namespace {

class Restart : public testing::Test {
 protected:
  static int hold_slow(const ReceivedAttempt& attempt) {
    return attempt.path == "/slow" ? RecordingTarget::kHold : 200;
  }
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  void create(const std::string& id, const std::string& schedule, const std::string& more = "") {
    HttpAnswer answer = node_.call("POST", "/v1/tasks",
                                   R"({"id":")" + id + R"(","schedule":)" + schedule +
                                       R"(,"target":{"kind":"http","url":")" + target_.url() + "/" +
                                       id + R"("})" + more + "}");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  // Lets the clock pass this instant while the server is down: another server fires then.
  void let_pass(Instant instant) {
    Node metronome;
    ASSERT_TRUE(metronome.start());
    metronome.call("POST", "/v1/tasks",
                   R"({"id":"beat","schedule":")" + to_text(instant) +
                       R"(","target":{"kind":"http","url":")" + target_.url() + R"(/beat"}})");
    ASSERT_TRUE(target_.await_path("/beat", 1, kPatience));
  }

  RecordingTarget target_{hold_slow};
  Node node_;
};

TEST_F(Restart, CleanStopWaitsForRunsInFlightAndRepeatsNothing) {
  create("often", R"({"every":"200ms"})");
  create("slow", in_quotes(to_text(in(milliseconds(100)))));
  ASSERT_TRUE(target_.await_path("/slow", 1, kPatience));
  ASSERT_TRUE(target_.await_path("/often", 2, kPatience));
  node_.server().send_signal(SIGTERM);
  ASSERT_TRUE(node_.server().wait_for_output("stopping", kPatience));
  EXPECT_FALSE(node_.server().wait_for_exit(milliseconds(200))) << "did not wait for its run";
  const size_t before = target_.received_at("/often").size();
  target_.release();
  auto exit = node_.server().wait_for_exit(kPatience);
  ASSERT_TRUE(exit);
  EXPECT_EQ(0, exit->code);

  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(target_.await_path("/often", before + 3, kPatience));
  EXPECT_EQ("succeeded",
            member(node_.call("GET", "/v1/runs/" + target_.received_at("/slow")[0].run_id).body,
                   "state"));
  EXPECT_EQ(1U, target_.received_at("/slow").size());
  std::set<std::string> runs;
  for (const ReceivedAttempt& attempt : target_.received()) {
    EXPECT_FALSE(attempt.possible_duplicate) << attempt.run_id;
    EXPECT_TRUE(runs.insert(attempt.run_id).second) << "repeated: " << attempt.run_id;
  }
}

TEST_F(Restart, SecondSigtermStopsAtOnceAndTheRunComesAgainWithTheFlag) {
  create("slow", in_quotes(to_text(in(milliseconds(100)))));
  ASSERT_TRUE(target_.await_path("/slow", 1, kPatience));
  node_.server().send_signal(SIGTERM);
  // Two signals at once would be one to the kernel.
  ASSERT_TRUE(node_.server().wait_for_output("stopping", kPatience));
  node_.server().send_signal(SIGTERM);
  auto exit = node_.server().wait_for_exit(seconds(5));
  ASSERT_TRUE(exit) << "a second SIGTERM must not wait for the target";
  EXPECT_EQ(1, exit->code);

  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(target_.await_path("/slow", 2, kPatience));
  auto received = target_.received_at("/slow");
  EXPECT_EQ(received[0].run_id, received[1].run_id);
  EXPECT_TRUE(received[1].possible_duplicate);
}

TEST_F(Restart, OneTimeTaskDueWhileTheServerIsDownFiresLate) {
  const Instant due = in(milliseconds(600));
  create("late", in_quotes(to_text(due)));
  node_.kill();
  let_pass(due + milliseconds(1));
  EXPECT_EQ(0U, target_.received_at("/late").size());
  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(target_.await_path("/late", 1, kPatience));
  EXPECT_EQ(due, target_.received_at("/late")[0].due);
}

TEST_F(Restart, RecurringTaskMissedWhileTheServerIsDownFiresOnceAndSaysHowManyItMissed) {
  create("often", R"({"every":"200ms"})", R"(,"misfire_after":"PT0.2S")");
  ASSERT_TRUE(target_.await_path("/often", 2, kPatience));
  auto exit = node_.stop();
  ASSERT_TRUE(exit && exit->code == 0);
  auto before = target_.received_at("/often");
  let_pass(before.back().due + milliseconds(1'500));
  ASSERT_TRUE(node_.start());
  ASSERT_TRUE(target_.await_path("/often", before.size() + 2, kPatience));
  auto received = target_.received_at("/often");
  const ReceivedAttempt& first = received[before.size()];
  // At least the instants at 200 ... 1,200 ms were more than 200 ms ago: one run for the newest of
  // them, which counts the others.
  EXPECT_GE(first.missed_count, 5U);
  EXPECT_EQ(before.back().due + milliseconds(200) * (first.missed_count + 1), first.due);
  // It is back in step, and counts nothing twice.
  EXPECT_GT(received[before.size() + 1].due, first.due);
  EXPECT_EQ(0U, received[before.size() + 1].missed_count);
}

TEST_F(Restart, KilledServerComesBackOnItsAddress) {
  create("far", R"("2199-01-01T00:00:00Z")");
  const std::string address = node_.server().address();
  node_.kill();
  ASSERT_TRUE(node_.start(address));
  EXPECT_EQ(200, node_.call("GET", "/v1/tasks/far").status);
}

}  // namespace
}  // namespace hourwheel::restart_test
