// What targets report by their links: what becomes a command, and how it is answered.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::completions_test {
namespace {

constexpr const char* kPath = "/v1/completions/good-token";

class CompletionsTest : public ApiTest {
 protected:
  static Ask report(const std::string& body) { return {"POST", kPath, body, {}}; }
  // The answer to a report of which the shard says this.
  const Sent& ask_with(const std::string& body, CommandDone done) {
    return ask_and_decide(report(body), [&done](Command&) { return std::move(done); });
  }
  CommandDone ended(RunState state) {
    CommandDone done;
    done.effect = CommandEffect::kDone;
    done.run = links_.attempt.run;
    done.ended = std::make_unique<RunRecord>();
    done.ended->key = links_.attempt.run;
    done.ended->state = state;
    return done;
  }
  CommandDone still_open(bool in_flight) {
    CommandDone done;
    done.effect = CommandEffect::kDone;
    done.run = links_.attempt.run;
    OpenRun open;
    open.key = links_.attempt.run;
    open.attempts = links_.attempt.attempt;
    open.in_flight = in_flight;
    open.next_attempt = kTestNow + minutes(2);
    if (!in_flight) open.awaited.emplace().until = kTestNow + minutes(30);
    done.state.open = {open};
    return done;
  }
  std::string id() const { return run_id(links_.attempt.task, links_.attempt.run); }
  void expect_refused(const std::string& body, std::string_view pointer, std::string_view code) {
    const Sent& sent = ask(report(body));
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#" + std::string(pointer) + "\""))
        << body << sent.response.body;
    EXPECT_TRUE(contains(sent.response.body, "\"code\":\"" + std::string(code) + "\""))
        << body << sent.response.body;
    EXPECT_TRUE(shards_.commands.empty()) << body;
  }
};

TEST_F(CompletionsTest, AReportIsACommandAboutTheAttemptThatTheLinkNames) {
  const struct {
    const char* body;
    Report report;
  } kCases[] = {
      {R"({"result":"succeeded"})", {ReportKind::kSucceeded, ""}},
      {R"({"result":"succeeded","detail":"7 rows, \u00e4"})",
       {ReportKind::kSucceeded, "7 rows, \xc3\xa4"}},
      {R"({"result":"failed"})", {ReportKind::kFailed, ""}},
      {R"({"retry":true,"result":"failed"})", {ReportKind::kFailed, ""}},
      {R"({"retry":false,"result":"failed","detail":"no"})", {ReportKind::kFailedFinal, "no"}},
      {R"({"result":"heartbeat","detail":"half"})", {ReportKind::kHeartbeat, "half"}},
  };
  for (const auto& one : kCases) {
    const Sent& sent = ask_and_decide(report(one.body), [&](Command& command) {
      EXPECT_EQ(command.kind, CommandKind::kComplete);
      EXPECT_EQ(command.key, links_.attempt.task);
      EXPECT_EQ(command.run, links_.attempt.run);
      EXPECT_EQ(command.attempt, links_.attempt.attempt);
      EXPECT_EQ(command.report, one.report) << one.body;
      return ended(RunState::kSucceeded);
    });
    EXPECT_EQ(sent.response.status, 200) << one.body;
  }
}

TEST_F(CompletionsTest, TheAnswerSaysWhatTheAttemptCameTo) {
  const std::string of_it = R"({"run_id":")" + id() + R"(","attempt":2,"state":)";
  for (const auto& [state, word] :
       {std::pair{RunState::kSucceeded, "succeeded"}, std::pair{RunState::kRetrying, "retrying"},
        std::pair{RunState::kDead, "dead"}, std::pair{RunState::kCanceled, "canceled"},
        std::pair{RunState::kUnknown, "unknown"}}) {
    EXPECT_EQ(ask_with(R"({"result":"failed"})", ended(state)).response.body,
              of_it + "\"" + word + "\"}");
  }
  EXPECT_EQ(ask_with(R"({"result":"heartbeat"})", still_open(false)).response.body,
            of_it + R"("running","report_by":"2026-01-01T00:02:00.000Z"})");
  EXPECT_EQ(ask_with(R"({"result":"succeeded"})", still_open(true)).response.body,
            of_it + R"("running"})")
      << "the response has not come";
}

TEST_F(CompletionsTest, WhatIsNoLinkOfOursIsRefusedBeforeItsBodyIsRead) {
  for (const char* token : {"good-tokem", "good-token2", "GOOD-TOKEN", "x"}) {
    for (const char* body : {R"({"result":"succeeded"})", "{", ""}) {
      const Sent& sent = post("/v1/completions/" + std::string(token), body);
      EXPECT_EQ(sent.response.status, 404) << token << body;
      EXPECT_TRUE(contains(sent.response.body, R"("code":"not-found")"));
    }
  }
  EXPECT_TRUE(shards_.commands.empty());
}

TEST_F(CompletionsTest, WhatIsWrongIsNamed) {
  expect_refused("{}", "/result", "required");
  expect_refused(R"({"result":"done"})", "/result", "unknown-value");
  expect_refused(R"({"result":true})", "/result", "unknown-value");
  expect_refused(R"({"result":"failed","detail":7})", "/detail", "wrong-type");
  expect_refused(R"({"result":"failed","detail":")" + std::string(kMaxReportText + 1, 'a') + "\"}",
                 "/detail", "too-long");
  expect_refused(R"({"result":"failed","retry":"no"})", "/retry", "wrong-type");
  for (const char* result : {"succeeded", "heartbeat"}) {
    expect_refused(R"({"retry":false,"result":")" + std::string(result) + "\"}", "/retry",
                   "invalid");
  }
  expect_refused(R"({"result":"succeeded","progress":50})", "/progress", "unknown-field");
  for (const char* body : {"", "{", "[]", "\"succeeded\"", R"({"result":"failed"}x)"}) {
    EXPECT_EQ(ask(report(body)).response.status, 400) << body;
  }
  const Sent& form = ask(
      {"POST", kPath, "result=succeeded", {{"content-type", "application/x-www-form-urlencoded"}}});
  EXPECT_EQ(form.response.status, 415);
  EXPECT_TRUE(shards_.commands.empty());
  const std::string longest(kMaxReportText, 'a');
  EXPECT_EQ(ask_with(R"({"result":"failed","detail":")" + longest + "\"}", ended(RunState::kDead))
                .response.status,
            200);
}

TEST_F(CompletionsTest, RefusalsOfTheShardAreToldOn) {
  const std::pair<ErrorCode, int> cases[] = {{ErrorCode::kStateConflict, 409},
                                             {ErrorCode::kNotFound, 404},
                                             {ErrorCode::kStorageFull, 503},
                                             {ErrorCode::kOverloaded, 503}};
  for (const auto& [code, status] : cases) {
    const Sent& sent = ask_and_decide(report(R"({"result":"succeeded"})"),
                                      [code = code](Command&) { return refused(code); });
    EXPECT_EQ(sent.response.status, status);
    EXPECT_EQ(sent.field("retry-after").empty(), status != 503);
  }
  shards_.without_credit = {0, 1};
  const Sent& full = ask(report(R"({"result":"succeeded"})"));
  EXPECT_EQ(full.response.status, 503);
  EXPECT_FALSE(full.field("retry-after").empty());
}

// The link is the right: no key is asked for, and one that comes is not looked at.
TEST_F(CompletionsTest, NeedsNoKeyAndIsTakenUnderPressureAndWhileStopping) {
  auto answered = [this](Ask ask) {
    ask.body = R"({"result":"succeeded"})";
    return ask_and_decide(ask, [this](Command&) { return ended(RunState::kSucceeded); })
        .response.status;
  };
  facts_.policy = KeyPolicy::kAlways;
  EXPECT_EQ(answered({"POST", kPath, "", {}}), 200);
  EXPECT_EQ(answered({"POST", kPath, "", {{"authorization", "Bearer hw_nonsense"}}}), 200);
  facts_.is_draining = true;
  EXPECT_EQ(answered({"POST", kPath, "", {}}), 200) << "results are never refused";
  facts_.is_draining = false;
  for (int turn = 0; turn < 4; ++turn) api_.set_load({.oldest_wait = {}, .turn_lag = minutes(10)});
  EXPECT_EQ(answered({"POST", kPath, "", {}}), 200);
  facts_.is_ready = false;
  EXPECT_EQ(ask(report(R"({"result":"succeeded"})")).response.status, 503);
}

TEST_F(CompletionsTest, OnlyPostIsTaken) {
  for (const char* method : {"GET", "PUT", "DELETE"}) {
    const Sent& sent = ask({method, kPath, "", {}});
    EXPECT_EQ(sent.response.status, 405) << method;
    EXPECT_EQ(sent.field("allow"), "POST");
  }
}

}  // namespace
}  // namespace hourwheel::completions_test
