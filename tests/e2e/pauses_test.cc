// Global pauses across a kill -9 (C-15, S7).
#include "tests/e2e/fixture.h"

namespace hourwheel::pauses_test {
namespace {

class GlobalPauses : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  void create(const std::string& id, const std::string& schedule, const std::string& more = "") {
    HttpAnswer answer = node_.call("POST", "/v1/tasks",
                                   R"({"id":")" + id + R"(","schedule":)" + schedule +
                                       R"(,"target":{"kind":"http","url":")" + target_.url() + "/" +
                                       id + R"("})" + more + "}");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  // Begins a pause; its id.
  std::string pause(const std::string& more = "") {
    HttpAnswer answer =
        node_.call("POST", "/v1/admin/pause", R"({"reason":"maintenance")" + more + "}");
    EXPECT_EQ(201, answer.status) << answer.body;
    return member(answer.body, "id");
  }
  std::vector<std::string> rows_of(const std::string& id) {
    return elements(member(node_.call("GET", "/v1/tasks/" + id + "/runs").body, "runs"));
  }

  RecordingTarget target_;
  RecordingTarget beats_;
  Node node_;

  // Another server's clock passes this instant.
  void let_pass(Instant instant) {
    Node metronome;
    ASSERT_TRUE(metronome.start());
    const size_t before = beats_.count();
    metronome.call("POST", "/v1/tasks",
                   R"({"id":"beat","schedule":")" + to_text(instant) +
                       R"(","target":{"kind":"http","url":")" + beats_.url() + R"(/beat"}})");
    ASSERT_TRUE(beats_.await(before + 1, kPatience));
  }
};

TEST_F(GlobalPauses, APauseOfEverythingOutlivesAKillAndEndsInOnePausedRow) {
  create("often", R"({"every":"200ms"})");
  ASSERT_TRUE(target_.await_path("/often", 2, kPatience));
  const std::string id = pause();
  // A run that was in flight when the pause was acknowledged may still arrive.
  let_pass(in(milliseconds(400)));
  const size_t before = target_.received_at("/often").size();
  create("once", in_quotes(to_text(in(milliseconds(100)))));
  let_pass(in(milliseconds(600)));
  EXPECT_EQ(before, target_.received_at("/often").size());
  EXPECT_EQ(0U, target_.received_at("/once").size());

  node_.kill();
  ASSERT_TRUE(node_.start());
  let_pass(in(milliseconds(600)));
  EXPECT_EQ(before, target_.received_at("/often").size()) << "still paused after a kill";
  EXPECT_EQ(0U, target_.received_at("/once").size());
  const std::string task = node_.call("GET", "/v1/tasks/often").body;
  EXPECT_EQ("paused", member(task, "state"));
  EXPECT_EQ(id, member(member(task, "paused_by"), "id"));
  EXPECT_EQ("maintenance", member(member(task, "paused_by"), "reason"));
  EXPECT_EQ(1, node_.metric("hourwheel_pauses_in_force"));

  HttpAnswer ended = node_.call("DELETE", "/v1/admin/pauses/" + id);
  ASSERT_EQ(200, ended.status) << ended.body;
  ASSERT_TRUE(target_.await_path("/once", 1, kPatience));
  ASSERT_TRUE(target_.await_path("/often", before + 2, kPatience));
  auto received = target_.received_at("/often");
  // One run for the newest instant slept through, which counts the others.
  EXPECT_GE(received[before].missed_count, 5U);
  EXPECT_EQ(received[before - 1].due + milliseconds(200) * (received[before].missed_count + 1),
            received[before].due);
  // What was decided before an acknowledged change is durable with it, at the latest.
  const HttpAnswer held = node_.call("POST", "/v1/tasks/often/pause", R"({"reason":"look"})");
  EXPECT_EQ(200, held.status) << held.body;
  size_t paused = 0;
  for (const std::string& row : rows_of("often")) {
    if (member(row, "skip_reason") != "paused") continue;
    ++paused;
    EXPECT_EQ(std::to_string(received[before].missed_count), member(row, "count")) << row;
  }
  EXPECT_EQ(1U, paused);
  EXPECT_EQ(404, node_.call("DELETE", "/v1/admin/pauses/" + id).status);
}

TEST_F(GlobalPauses, APauseOfALabelLeavesOthersAlone) {
  create("red", R"({"every":"200ms"})", R"(,"labels":{"team":"red"})");
  create("blue", R"({"every":"200ms"})", R"(,"labels":{"team":"blue"})");
  ASSERT_TRUE(target_.await_path("/red", 1, kPatience));
  pause(R"(,"labels":{"team":"red"})");
  let_pass(in(milliseconds(300)));
  const size_t red = target_.received_at("/red").size();
  ASSERT_TRUE(target_.await_path("/blue", target_.received_at("/blue").size() + 3, kPatience));
  EXPECT_EQ(red, target_.received_at("/red").size());
  EXPECT_EQ("active", member(node_.call("GET", "/v1/tasks/blue").body, "state"));
  HttpAnswer all = node_.call("POST", "/v1/admin/resume");
  ASSERT_EQ(200, all.status) << all.body;
  EXPECT_EQ(1U, elements(member(all.body, "pauses")).size());
  ASSERT_TRUE(target_.await_path("/red", red + 2, kPatience));
}

TEST_F(GlobalPauses, APauseEndsByItselfAtItsUntil) {
  const Instant until = in(seconds(2));
  pause(R"(,"until":")" + to_text(until) + "\"");
  create("once", in_quotes(to_text(in(milliseconds(100)))));
  ASSERT_TRUE(target_.await_path("/once", 1, kPatience));
  EXPECT_GE(target_.received_at("/once")[0].at_us, until.ms * 1000);
  EXPECT_EQ(0U, elements(member(node_.call("GET", "/v1/admin/pauses").body, "pauses")).size());
}

TEST_F(GlobalPauses, TheCommandLinePausesAndResumes) {
  const std::string server = "http://" + node_.server().address();
  Ended begun = run_to_the_end(
      {"pause", "--server", server, "--label", "team=red", "--reason", "x", "-o", "json"});
  EXPECT_EQ(0, begun.code) << begun.output;
  EXPECT_EQ(R"({"team":"red"})", member(begun.output, "labels"));
  Ended ended = run_to_the_end({"resume", "--server", server, member(begun.output, "id")});
  EXPECT_EQ(0, ended.code) << ended.output;
  EXPECT_EQ(3, run_to_the_end({"resume", "--server", server, "pause-99"}).code);
  EXPECT_EQ(2, run_to_the_end({"pause", "--server", server}).code);
}

}  // namespace
}  // namespace hourwheel::pauses_test
