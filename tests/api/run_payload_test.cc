// POST /v1/tasks/{id}/run with a body.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::run_payload_test {
namespace {

class RunPayloadTest : public ApiTest {
 protected:
  // What the shard is asked to run with.
  std::optional<RunPayload> asked(const std::string& body) {
    std::optional<RunPayload> payload;
    const Sent& sent = ask_and_decide(run(body), [&payload](Command& command) {
      EXPECT_EQ(command.kind, CommandKind::kRun);
      EXPECT_NE(command.nonce, 0U);
      if (command.payload) payload = *command.payload;
      CommandDone done;
      done.effect = CommandEffect::kStarted;
      done.run = RunKey{Generation{1}, Trigger::kManual, static_cast<int64_t>(command.nonce)};
      done.state = test_state();
      return CommandOutcome(std::move(done));
    });
    EXPECT_EQ(sent.response.status, 202) << sent.response.body;
    return payload;
  }
  void expect_refused(const std::string& body, int status, const std::string& pointer,
                      const std::string& code) {
    const Sent& sent = ask(run(body));
    EXPECT_EQ(sent.response.status, status) << body;
    EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#" + pointer + "\",\"code\":\"" + code))
        << sent.response.body;
    EXPECT_TRUE(shards_.commands.empty());
  }
  static Ask run(const std::string& body) { return {"POST", "/v1/tasks/a/run", body, {}}; }
};

TEST_F(RunPayloadTest, WithoutOneItIsTheTasks) {
  EXPECT_EQ(asked(""), std::nullopt);
  EXPECT_EQ(asked("{}"), std::nullopt);
}

TEST_F(RunPayloadTest, JsonIsKeptByteForByte) {
  const RunPayload odd{PayloadKind::kJson, R"({ "n":123456789012345678901234567890, "a" : [1.0] })",
                       "application/json"};
  EXPECT_EQ(asked("{\"payload\":" + odd.body + "}"), odd);
  EXPECT_EQ(asked(R"({"payload":null})"),
            (RunPayload{PayloadKind::kJson, "null", "application/json"}));
}

TEST_F(RunPayloadTest, TextAndBytesComeAsInATask) {
  EXPECT_EQ(asked(R"({"payload_text":"\u00e4"})"),
            (RunPayload{PayloadKind::kText, "\xc3\xa4", "text/plain; charset=utf-8"}));
  EXPECT_EQ(asked(R"({"payload_base64":"/wA=","content_type":"text/x"})"),
            (RunPayload{PayloadKind::kBytes, std::string("\xff\0", 2), "text/x"}));
}

TEST_F(RunPayloadTest, WhatIsWrongIsNamed) {
  expect_refused(R"({"payload":1,"payload_text":"a"})", 422, "/payload_text", "invalid");
  expect_refused(R"({"payload_base64":"?"})", 422, "/payload_base64", "invalid");
  expect_refused(R"({"content_type":"text/x"})", 422, "/content_type", "invalid");
  expect_refused(R"({"payload":1,"reason":"x"})", 422, "/reason", "unknown-field");
  EXPECT_EQ(ask(run("{")).response.status, 400);
  EXPECT_EQ(ask(run("[]")).response.status, 400);
}

TEST_F(RunPayloadTest, ItIsShorterThanATasksMayBe) {
  const std::string most(kMaxRunPayload, 'x');
  EXPECT_EQ(asked(R"({"payload_text":")" + most + "\"}")->body, most);
  expect_refused(R"({"payload_text":")" + most + "x\"}", 422, "/payload_text", "too-long");
  static_assert(kMaxRunPayload < kMaxPayload);
}

TEST_F(RunPayloadTest, NothingIsForced) {  // C-10
  expect_refused(R"({"force":true})", 422, "/force", "unsupported");
  EXPECT_TRUE(contains(ask(run(R"({"force":true})")).response.body, "resume the task first"));
}

TEST_F(RunPayloadTest, WhatTheTargetWouldMakeOfItIsForTheShardToSay) {
  const Sent& sent = ask_and_decide(run(R"({"payload":"{{nobody}}"})"), [](Command&) {
    return CommandOutcome(failure(ErrorCode::kValidationFailed, "/payload", "no such variable"));
  });
  EXPECT_EQ(sent.response.status, 422);
  EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#/payload\"")) << sent.response.body;
}

}  // namespace
}  // namespace hourwheel::run_payload_test
