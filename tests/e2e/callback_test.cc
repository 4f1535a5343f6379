// Callbacks of the real server: told once a run has ended, signed like everything it sends.
#include <fstream>
#include <sstream>

#include "tests/e2e/fixture.h"
#include "tests/support/hmac_sha256.h"

namespace hourwheel::callback_test {
namespace {

class CallbackEndToEnd : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }
  [[nodiscard]] std::string callback(const std::string& name) const {
    return in_quotes(name) + R"(:{"url":")" + target_.url() + "/" + name +
           R"(","headers":{"X-Who":"me"}})";
  }
  // A task due at once, whose target answers with this status.
  void create(const std::string& id, int status, const std::string& more = "") {
    const std::string body =
        R"({"id":")" + id + R"(","schedule":")" + to_text(in(milliseconds(100))) +
        R"(","labels":{"team":"billing"},"target":{"kind":"http","url":")" + target_.url() +
        "/status/" + std::to_string(status) + R"("},"callbacks":{)" + callback("on_success") + "," +
        callback("on_failure") + "," + callback("on_dead") + "}" + more + "}";
    HttpAnswer answer = node_.call("POST", "/v1/tasks", body);
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  ReceivedAttempt await(const std::string& path) {
    EXPECT_TRUE(target_.await_path(path, 1, kPatience)) << path;
    auto received = target_.received_at(path);
    return received.empty() ? ReceivedAttempt{} : received.front();
  }

  RecordingTarget target_{[](const ReceivedAttempt& attempt) {
    return attempt.path.starts_with("/status/") ? std::stoi(attempt.path.substr(8)) : 200;
  }};
  Node node_;
};

TEST_F(CallbackEndToEnd, ARunThatFailsForGoodIsToldOfInASignedCallback) {
  create("doomed", 410);
  ReceivedAttempt call = await("/on_dead");
  EXPECT_EQ("POST", call.method);
  EXPECT_EQ("me", call.field("X-Who"));
  EXPECT_EQ("application/json", call.field("Content-Type"));
  const ReceivedAttempt run = await("/status/410");
  EXPECT_EQ("run.dead", member(call.body, "type"));
  EXPECT_EQ("doomed", member(call.body, "task_id"));
  EXPECT_EQ(run.run_id, member(call.body, "run_id"));
  EXPECT_EQ("1", member(call.body, "attempts"));
  EXPECT_EQ("billing", member(member(call.body, "labels"), "team"));
  EXPECT_EQ("410", member(member(call.body, "response"), "status_code"));
  EXPECT_EQ(to_text(run.due), member(call.body, "due_at"));

  std::ifstream stream(node_.folder() + "/signing-secrets");
  std::string secret;
  std::getline(stream, secret);
  const std::string key = base64_bytes(secret.substr(6));
  const std::string text = std::string(call.field("webhook-id")) + "." +
                           std::string(call.field("webhook-timestamp")) + "." + call.body;
  EXPECT_EQ("v1," + base64_text(hmac_sha256(key, text)), call.field("webhook-signature"));
  EXPECT_EQ(0U, target_.received_at("/on_failure").size());
  EXPECT_EQ(0U, target_.received_at("/on_success").size());
  EXPECT_EQ(1, node_.metric("hourwheel_callbacks_total"));
}

TEST_F(CallbackEndToEnd, WhatWentWellIsToldOfAndTheTaskGoesIfItSaysSo) {
  create("fine", 204, R"(,"on_complete":"delete")");
  ReceivedAttempt call = await("/on_success");
  EXPECT_EQ("run.succeeded", member(call.body, "type"));
  // The callback's batch is the one that deletes the task.
  EXPECT_EQ(404, node_.call("GET", "/v1/tasks/fine").status);
  // After a clean stop the callback's own end is stored, and with it it has gone.
  auto exit = node_.stop();
  ASSERT_TRUE(exit && exit->code == 0);
  ASSERT_TRUE(node_.start());
  EXPECT_EQ("[]", node_.call("GET", "/tasks").body);
}

}  // namespace
}  // namespace hourwheel::callback_test
