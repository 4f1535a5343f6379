// C-25 at the door: what is refused early, how, and what never is.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::overload_test {
namespace {

constexpr const char* kTask = R"({"schedule":"2026-02-01T00:00:00Z"})";
constexpr const char* kNotJson = "{";

class OverloadTest : public ApiTest {
 protected:
  // As if each turn took so long.
  void lag(Duration each) {
    for (int turn = 0; turn < 4; ++turn) api_.set_load({.oldest_wait = {}, .turn_lag = each});
  }
  void go_to(Duration after_start) {
    api_.set_now({kTestNow + after_start, Monotonic{after_start.ms}});
    api_.end_turn();
  }
  size_t answered(const std::vector<HttpToken>& tokens) {
    return static_cast<size_t>(std::count_if(tokens.begin(), tokens.end(), [this](HttpToken token) {
      return responder_.at(token).ended;
    }));
  }
};

void expect_refusal(const Sent& sent) {
  EXPECT_EQ(sent.response.status, 503);
  EXPECT_EQ(sent.response.content_type, "application/problem+json");
  EXPECT_TRUE(contains(sent.response.body, R"("code":"overloaded")")) << sent.response.body;
  const std::string wait = sent.field("retry-after");
  EXPECT_TRUE(wait == "1" || wait == "2" || wait == "3") << wait;
}

TEST_F(OverloadTest, ACreateIsRefusedBeforeItsBodyIsRead) {
  lag(kFullLag);
  expect_refusal(post("/v1/tasks", kNotJson));
  const Sent& simple = post("/tasks", kNotJson);
  expect_refusal(simple);
  EXPECT_TRUE(contains(simple.response.body, R"("error":")")) << "in the shape of its path";
  EXPECT_TRUE(shards_.commands.empty());
  lag({});
  EXPECT_EQ(post("/v1/tasks", kNotJson).response.status, 400);
}

TEST_F(OverloadTest, ListsGoFirstThenCreatesThenOtherChanges) {
  lag(milliseconds(kFullLag.ms / 2));
  expect_refusal(get("/v1/tasks"));
  expect_refusal(post("/v1/schedules:preview", kNotJson));
  send({"POST", "/v1/tasks", kTask, {}});
  EXPECT_EQ(shards_.commands.size(), 1U);
  lag(kFullLag);
  expect_refusal(post("/v1/tasks", kTask));
  send({"PUT", "/v1/tasks/a", kTask, {}});
  send({"GET", "/v1/tasks/a", "", {}});
  EXPECT_EQ(shards_.commands.size(), 2U);
  EXPECT_EQ(shards_.queries.size(), 1U);
  lag(kFullLag * 3);
  expect_refusal(ask({"PUT", "/v1/tasks/a", kTask, {}}));
  expect_refusal(post("/v1/tasks/a/run", ""));
  expect_refusal(get("/v1/tasks/a"));
}

TEST_F(OverloadTest, DeletesPausesAndCancellationsAreNeverRefused) {
  lag(minutes(10));
  for (const Ask& ask :
       {Ask{"DELETE", "/v1/tasks/a", "", {}}, Ask{"DELETE", "/tasks/a", "", {}},
        Ask{"POST", "/v1/tasks/a/pause", "", {}}, Ask{"DELETE", "/v1/tasks/a/backfill", "", {}}}) {
    const size_t before = shards_.commands.size();
    send(ask);
    EXPECT_EQ(shards_.commands.size(), before + 1) << ask.method << " " << ask.target;
  }
  send({"POST", "/v1/admin/pause", R"({"reason":"flood"})", {}});
  EXPECT_EQ(system_.requests.size(), 1U);
  for (const char* path : {"/livez", "/readyz", "/healthz", "/metrics", "/v1/server"}) {
    EXPECT_EQ(get(path).response.status, 200) << path;
  }
}

TEST_F(OverloadTest, OfABatchWhatIsUrgentIsDone) {
  lag(kFullLag);
  HttpToken token = send({"POST",
                          "/v1/tasks:batch",
                          R"({"operations":[
      {"op":"create","task":{"id":"a","schedule":"2026-02-01T00:00:00Z"}},
      {"op":"delete","id":"b"},
      {"op":"upsert","id":"c","task":{"schedule":"@daily"}},
      {"op":"pause","id":"d"}]})",
                          {}});
  size_t decided = 0;
  while (!shards_.commands.empty()) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (Command& command : message.commands) {
      outcomes.push_back(accepted(command, CommandEffect::kDone));
      ++decided;
    }
    reply(message.token, std::move(outcomes));
  }
  EXPECT_EQ(decided, 3U);
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(body.starts_with(R"({"results":[{"status":503,"problem":{)")) << body;
  EXPECT_TRUE(contains(body, R"("pointer":"#/operations/0","code":"overloaded")")) << body;
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(OverloadTest, ABatchOfWhichNothingMayComeInIsRefusedAsAWhole) {
  lag(kFullLag);
  expect_refusal(post("/v1/tasks:batch", R"({"operations":[
      {"op":"create","task":{"schedule":"@daily"}},{"op":"create","task":7}]})"));
  EXPECT_TRUE(shards_.commands.empty());
}

TEST_F(OverloadTest, TooManyChangesAtOnceAreRefusedUntilSomeAreAnswered) {
  std::string body = R"({"operations":[)";
  for (size_t i = 0; i < kMaxBatchOperations; ++i) {
    body += i == 0 ? "" : ",";
    body += R"({"op":"delete","id":"t)" + std::to_string(i) + "\"}";
  }
  body += "]}";
  std::vector<HttpToken> batches;
  for (size_t commands = 0; commands < kFullChanges; commands += kMaxBatchOperations) {
    batches.push_back(send({"POST", "/v1/tasks:batch", body, {}}));
  }
  expect_refusal(post("/v1/tasks", kTask));
  while (!shards_.commands.empty()) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (size_t i = 0; i < message.commands.size(); ++i) {
      outcomes.push_back(refused(ErrorCode::kNotFound));
    }
    reply(message.token, std::move(outcomes));
  }
  EXPECT_EQ(answered(batches), batches.size());
  send({"POST", "/v1/tasks", kTask, {}});
  EXPECT_EQ(shards_.commands.size(), 1U);
}

TEST_F(OverloadTest, AClientThatLeftNoLongerCounts) {
  std::vector<HttpToken> lists;
  for (uint32_t i = 0; i < kMaxListsOpen; ++i) lists.push_back(send({"GET", "/v1/tasks", "", {}}));
  expect_refusal(get("/v1/tasks"));
  api_.on_closed(lists[0]);
  const size_t before = shards_.queries.size();
  send({"GET", "/v1/tasks", "", {}});
  EXPECT_GT(shards_.queries.size(), before);
}

// Clients that come back at once must not keep the server busy with nothing but refusals.
TEST_F(OverloadTest, RefusalsLeaveAtAPace) {
  go_to({});
  lag(kFullLag);
  std::vector<HttpToken> tokens;
  constexpr int64_t kMore = 20;
  for (int64_t i = 0; i < kRefusalsAtOnce + kMore; ++i) {
    tokens.push_back(send({"POST", "/v1/tasks", kTask, {}}));
  }
  EXPECT_EQ(answered(tokens), static_cast<size_t>(kRefusalsAtOnce));
  EXPECT_EQ(api_.next_deadline(), Monotonic{1});
  api_.on_closed(tokens[kRefusalsAtOnce]);  // it did not wait
  go_to(milliseconds(1));
  EXPECT_EQ(answered(tokens), static_cast<size_t>(kRefusalsAtOnce + kRefusalsPerMs - 1));
  go_to(milliseconds(kMore));
  EXPECT_EQ(answered(tokens), tokens.size() - 1);
  EXPECT_EQ(api_.next_deadline(), std::nullopt);
  for (HttpToken token : tokens) {
    if (responder_.at(token).ended) expect_refusal(responder_.at(token));
  }
}

TEST_F(OverloadTest, MetricsTellHowManyAndWhy) {
  lag(kFullLag);
  EXPECT_EQ(post("/v1/tasks", kTask).response.status, 503);
  EXPECT_EQ(get("/v1/tasks").response.status, 503);
  const std::string page = get("/metrics").response.body;
  for (const char* line : {"hourwheel_shed_total{demand=\"create\",reason=\"lag\"} 1\n",
                           "hourwheel_shed_total{demand=\"list\",reason=\"lag\"} 1\n",
                           "hourwheel_shed_total{demand=\"change\",reason=\"lag\"} 0\n",
                           "hourwheel_pressure_ratio 1\n"}) {
    EXPECT_TRUE(contains(page, line)) << line;
  }
}

}  // namespace
}  // namespace hourwheel::overload_test
