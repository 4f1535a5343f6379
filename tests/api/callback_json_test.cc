// Callbacks of a task as JSON, and what a callback says.
#include "api/callback_payload.h"
#include "api/task_json.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::callback_json_test {
namespace {

class CallbackJson : public ::testing::Test {
 protected:
  std::optional<TaskBody> read(const std::string& members, Shape shape = Shape::kV1) {
    const std::string body = R"({"schedule":"2026-02-01T00:00:00Z",)" + members + "}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    if (!top) {
      ADD_FAILURE() << body << ": " << top.error().detail;
      return std::nullopt;
    }
    FieldErrors errors;
    auto task = read_task(*top, {shape, kTestNow}, errors);
    errors_ = errors.take();
    return task;
  }
  void expect_refused(const std::string& members, std::string_view pointer, std::string_view code) {
    EXPECT_FALSE(read(members)) << "accepted: " << members;
    ASSERT_EQ(errors_.size(), 1U) << members;
    EXPECT_EQ(errors_.front().pointer, pointer) << members << ": " << errors_.front().detail;
    EXPECT_EQ(errors_.front().code, code) << members << ": " << errors_.front().detail;
  }

  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

constexpr const char* kAll = R"("callbacks":{
  "on_success":{"url":"http://a.example/s"},
  "on_failure":{"url":"http://a.example/f","method":"PUT","headers":{"X-Key":"k"}},
  "on_dead":{"url":"http://a.example/d","method":"GET"}},"on_complete":"delete")";

TEST_F(CallbackJson, AllOfItIsRead) {
  auto body = read(kAll);
  ASSERT_TRUE(body);
  const Callbacks& callbacks = body->spec->callbacks;
  EXPECT_EQ(callbacks.on_success, (Callback{"POST", "http://a.example/s", {}}));
  EXPECT_EQ(callbacks.on_failure, (Callback{"PUT", "http://a.example/f", {{"X-Key", "k"}}}));
  EXPECT_EQ(callbacks.on_dead, (Callback{"GET", "http://a.example/d", {}}));
  EXPECT_EQ(body->spec->on_complete, OnComplete::kDelete);
}

TEST_F(CallbackJson, WithoutThemThereAreNone) {
  for (const char* members : {R"("id":"a")", R"("callbacks":{})", R"("callbacks":null)",
                              R"("callbacks":{"on_dead":null},"on_complete":"keep")"}) {
    auto body = read(members);
    ASSERT_TRUE(body) << members;
    EXPECT_EQ(body->spec->callbacks, Callbacks{});
    EXPECT_EQ(body->spec->on_complete, OnComplete::kKeep);
  }
}

TEST_F(CallbackJson, WhatIsWrongIsNamedByItsPointer) {
  expect_refused(R"("callbacks":[])", "/callbacks", "wrong-type");
  expect_refused(R"("callbacks":{"on_end":{}})", "/callbacks/on_end", "unknown-field");
  expect_refused(R"("callbacks":{"on_dead":"http://a.example/"})", "/callbacks/on_dead",
                 "wrong-type");
  expect_refused(R"("callbacks":{"on_dead":{"method":"PUT"}})", "/callbacks/on_dead/url",
                 "required");
  expect_refused(R"("callbacks":{"on_success":{"url":"ftp://a.example/"}})",
                 "/callbacks/on_success/url", "invalid");
  expect_refused(R"("callbacks":{"on_success":{"url":"http://127.1/"}})",
                 "/callbacks/on_success/url", "invalid");
  expect_refused(R"("callbacks":{"on_failure":{"url":"http://a.example/","method":"TRACE"}})",
                 "/callbacks/on_failure/method", "unknown-value");
  expect_refused(R"("callbacks":{"on_failure":{"url":"http://a.example/","headers":{"Host":"x"}}})",
                 "/callbacks/on_failure/headers/Host", "reserved");
  expect_refused(R"("callbacks":{"on_failure":{"url":"http://a.example/","timeout":"1s"}})",
                 "/callbacks/on_failure/timeout", "unknown-field");
  expect_refused(
      R"("callbacks":{"on_dead":{"url":"http://a.example/","completion":{"timeout":"1m"}}})",
      "/callbacks/on_dead/completion", "unknown-field");
  expect_refused(R"("on_complete":"drop")", "/on_complete", "unknown-value");
}

TEST_F(CallbackJson, WhatIsWrittenIsReadAsTheSame) {  // T1
  auto body = read(kAll);
  ASSERT_TRUE(body);
  body->spec->id = "a";
  TaskState state;
  std::string text;
  JsonWriter json(text);
  write_task(json, {task_key("a"), *body->spec, state, std::nullopt});
  const size_t from = text.find(R"("callbacks":)");
  const size_t to = text.find(R"(,"paused":)");
  ASSERT_NE(from, std::string::npos);
  auto again = read(text.substr(from, to - from));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->spec->callbacks, body->spec->callbacks);
  EXPECT_EQ(again->spec->on_complete, OnComplete::kDelete);
}

// --- what a callback says ---

RunRecord record_of(RunState state) {
  RunRecord record;
  record.key = {{3}, Trigger::kSchedule, kTestNow.ms};
  record.state = state;
  record.due = record.last_due = kTestNow;
  record.missed_count = 2;
  record.attempt = 5;
  record.recorded = kTestNow + seconds(9);
  record.outcome.result = AttemptResult::kResponded;
  record.outcome.status = 200;
  record.outcome.started = kTestNow + seconds(7);
  record.outcome.ended = kTestNow + seconds(8);
  return record;
}

std::string told(const RunRecord& record, std::optional<Instant> first_started) {
  TaskSpec spec;
  spec.id = "inv\"1";
  spec.labels = {{"team", "billing"}};
  return CallbackPayload().tell({spec, task_key("t"), record, first_started, record.attempt});
}

const std::string kRunId = run_id(task_key("t"), {{3}, Trigger::kSchedule, kTestNow.ms});

TEST(CallbackPayload, TellsOfAReportInTheWordsOfItsTarget) {
  RunRecord record = record_of(RunState::kSucceeded);
  record.outcome.result = AttemptResult::kReportedSuccess;
  record.outcome.status = 0;
  record.outcome.detail = "12 pages";
  const std::string well = told(record, kTestNow);
  EXPECT_TRUE(contains(well, R"("report":"12 pages")")) << well;
  EXPECT_FALSE(contains(well, R"("response")")) << well;
  record.state = RunState::kDead;
  record.outcome.result = AttemptResult::kReportedFailure;
  EXPECT_TRUE(contains(told(record, kTestNow),
                       R"("report":"12 pages","error":{"code":"reported_failure",)"
                       R"("message":"12 pages"})"));
  record.outcome.result = AttemptResult::kReportMissing;
  EXPECT_FALSE(contains(told(record, kTestNow), R"("report")"));
}

TEST(CallbackPayload, TellsOfASuccessWithItsResponse) {
  RunRecord record = record_of(RunState::kSucceeded);
  record.outcome.body = R"({"ok":true})";
  EXPECT_EQ(told(record, kTestNow + milliseconds(4)),
            R"({"type":"run.succeeded","task_id":"inv\"1","run_id":")" + kRunId +
                R"(","state":"succeeded","due_at":"2026-01-01T00:00:00.000Z",)"
                R"("started_at":"2026-01-01T00:00:00.004Z","ended_at":"2026-01-01T00:00:08.000Z",)"
                R"("lateness_ms":4,"attempts":5,"missed_count":2,"labels":{"team":"billing"},)"
                R"("response":{"status_code":200,"body":"{\"ok\":true}","truncated":false}})");
}

TEST(CallbackPayload, TellsOfADeadRunWhy) {
  RunRecord record = record_of(RunState::kDead);
  record.outcome.status = 503;
  record.outcome.body = std::string(4096, '\xff');
  const std::string text = told(record, kTestNow);
  EXPECT_NE(text.find(R"("type":"run.dead")"), std::string::npos);
  EXPECT_NE(text.find(R"("response":{"status_code":503,"body_base64":"////)"), std::string::npos);
  EXPECT_NE(text.find(R"("truncated":true})"), std::string::npos);
  EXPECT_NE(text.find(R"("error":{"code":"status","message":"the target answered 503"}})"),
            std::string::npos);

  record.outcome = {};
  record.outcome.result = AttemptResult::kConnectFailed;
  record.outcome.detail = "no connection could be made";
  const std::string silent = told(record, kTestNow);
  EXPECT_EQ(silent.find("response"), std::string::npos);
  EXPECT_NE(silent.find(R"("message":"no connection could be made")"), std::string::npos);
}

TEST(CallbackPayload, OfARunThatNeverStartedThereAreNoTimesToTell) {
  RunRecord record = record_of(RunState::kSkipped);
  record.skip_reason = SkipReason::kExpired;
  record.attempt = 0;
  record.outcome = {};
  const std::string text = told(record, std::nullopt);
  EXPECT_NE(text.find(R"("state":"skipped","skip_reason":"expired")"), std::string::npos);
  EXPECT_NE(text.find(R"("started_at":null,"ended_at":"2026-01-01T00:00:09.000Z","attempts":0)"),
            std::string::npos);
  EXPECT_EQ(text.find("lateness"), std::string::npos);
}

}  // namespace
}  // namespace hourwheel::callback_json_test
