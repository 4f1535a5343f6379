// How long a target may take to report, as JSON of its task.
#include "api/completion_json.h"

#include "api/task_json.h"
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::completion_json_test {
namespace {

class CompletionJson : public ::testing::Test {
 protected:
  std::optional<TaskBody> read(const std::string& target, const TaskReading& reading) {
    const std::string body = R"({"schedule":"2026-02-01T00:00:00Z","target":)" + target + "}";
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    EXPECT_TRUE(top) << body;
    FieldErrors errors;
    auto task = read_task(*top, reading, errors);
    errors_ = errors.take();
    return task;
  }
  static std::string target_with(const std::string& completion) {
    return R"({"kind":"http","url":"http://a.example/","completion":)" + completion + "}";
  }
  std::optional<TaskBody> read(const std::string& completion) {
    return read(target_with(completion), {.now = kTestNow});
  }
  void expect_refused(const std::string& completion, std::string_view pointer,
                      std::string_view code) {
    EXPECT_FALSE(read(completion)) << "accepted: " << completion;
    ASSERT_EQ(errors_.size(), 1U) << completion;
    EXPECT_EQ(errors_.front().pointer, "/target/completion" + std::string(pointer)) << completion;
    EXPECT_EQ(errors_.front().code, code) << completion << ": " << errors_.front().detail;
  }

  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

TEST_F(CompletionJson, IsReadAndComesBack) {
  const struct {
    const char* json;
    CompletionPolicy policy;
    const char* written;
  } kCases[] = {
      {R"({"timeout":"30m","heartbeat":"2m"})",
       {minutes(30), minutes(2)},
       R"("completion":{"timeout":"PT30M","heartbeat":"PT2M"})"},
      {R"({"timeout":"PT1S"})", {kMinCompletionTimeout}, R"("completion":{"timeout":"PT1S"})"},
      {R"({"heartbeat":"7d","timeout":"P7D"})",
       {kMaxCompletionTimeout, kMaxCompletionTimeout},
       R"("completion":{"timeout":"P7D","heartbeat":"P7D"})"},
  };
  for (const auto& one : kCases) {
    auto body = read(one.json);
    ASSERT_TRUE(body) << one.json << ": " << errors_[0].detail;
    EXPECT_EQ(body->spec->target.completion, one.policy);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_definition(json, *body->spec);
    json.end_object();
    EXPECT_TRUE(contains(out, one.written)) << out;
  }
}

TEST_F(CompletionJson, WithoutItNothingIsShown) {
  for (const char* target :
       {R"({"kind":"http","url":"http://a.example/"})",
        R"({"kind":"http","url":"http://a.example/","completion":null})", R"({"kind":"log"})"}) {
    auto body = read(target, {.now = kTestNow});
    ASSERT_TRUE(body) << target;
    EXPECT_EQ(body->spec->target.completion, std::nullopt);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    write_definition(json, *body->spec);
    json.end_object();
    EXPECT_FALSE(contains(out, "\"completion\"")) << out;
  }
}

TEST_F(CompletionJson, WhatIsWrongIsNamedByItsPointer) {
  expect_refused("true", "", "wrong-type");
  expect_refused(R"("30m")", "", "wrong-type");
  expect_refused("{}", "/timeout", "required");
  expect_refused(R"({"heartbeat":"2m"})", "/timeout", "required");
  expect_refused(R"({"timeout":1800})", "/timeout", "wrong-type");
  expect_refused(R"({"timeout":"soon"})", "/timeout", "invalid");
  expect_refused(R"({"timeout":"999ms"})", "/timeout", "out-of-range");
  expect_refused(R"({"timeout":"P7DT0.001S"})", "/timeout", "out-of-range");
  expect_refused(R"({"timeout":"30m","heartbeat":"999ms"})", "/heartbeat", "out-of-range");
  expect_refused(R"({"timeout":"30m","heartbeat":null})", "/heartbeat", "wrong-type");
  expect_refused(R"({"timeout":"30m","heartbeat":"PT30M0.001S"})", "/heartbeat", "out-of-range");
  expect_refused(R"({"timeout":"30m","retries":3})", "/retries", "unknown-field");
}

TEST_F(CompletionJson, OnlyAnHttpTargetHasIt) {
  EXPECT_FALSE(read(R"({"kind":"log","completion":{"timeout":"30m"}})", {.now = kTestNow}));
  ASSERT_FALSE(errors_.empty());
  EXPECT_EQ(errors_.front().pointer, "/target/completion");
}

TEST_F(CompletionJson, WithoutLinksItIsRefusedUnlessTheTaskHasItAlready) {
  const std::string target = target_with(R"({"timeout":"30m"})");
  EXPECT_FALSE(read(target, {.now = kTestNow, .reachable = false}));
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_EQ(errors_.front().pointer, "/target/completion");
  EXPECT_EQ(errors_.front().code, "unavailable");
  EXPECT_TRUE(contains(errors_.front().detail, "--public-url"));
  EXPECT_TRUE(read(target_with("null"), {.now = kTestNow, .reachable = false}));
  TaskSpec kept;
  kept.target.completion = CompletionPolicy{minutes(30)};
  EXPECT_TRUE(read(target, {.now = kTestNow, .keeps = &kept, .reachable = false}));
  kept.target.completion = CompletionPolicy{minutes(31)};
  EXPECT_FALSE(read(target, {.now = kTestNow, .keeps = &kept, .reachable = false}));
}

using CompletionRequests = ApiTest;

TEST_F(CompletionRequests, EveryWayToMakeATaskAsksForLinks) {
  const std::string task =
      R"("schedule":"2026-02-01T00:00:00Z","target":{"kind":"http","url":"http://a.example/",)"
      R"("completion":{"timeout":"30m"}})";
  links_.is_available = false;
  EXPECT_EQ(post("/v1/tasks", "{" + task + "}").response.status, 422);
  EXPECT_EQ(post("/tasks", R"({"id":"a",)" + task + "}").response.status, 422);
  EXPECT_EQ(ask({"PUT", "/v1/tasks/a", "{" + task + "}", {}}).response.status, 422);
  for (const Sent* sent :
       {&post("/v1/tasks:batch",
              R"({"operations":[{"op":"create","task":{"id":"a",)" + task + "}}]}"),
        &ask({"POST",
              "/v1/tasks:import",
              R"({"id":"a",)" + task + "}\n",
              {{"content-type", "application/x-ndjson"}}})}) {
    EXPECT_TRUE(contains(sent->response.body, "--public-url")) << sent->response.body;
  }
  EXPECT_TRUE(shards_.commands.empty());
}

}  // namespace
}  // namespace hourwheel::completion_json_test
