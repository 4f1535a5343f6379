#include "tests/api/support/fixture.h"

namespace hourwheel::batch_test {
namespace {

using BatchTest = ApiTest;

TEST_F(BatchTest, EachEntryHasItsOwnResultInOrder) {
  std::string body = R"({"operations":[
    {"op":"create","task":{"id":"a","schedule":"2026-02-01T00:00:00Z"}},
    {"op":"create","task":{"id":"b","schedule":"2026-13-01T00:00:00Z"}},
    {"op":"upsert","id":"c","task":{"schedule":"@daily"}},
    {"op":"delete","id":"d"},
    {"op":"pause","id":"e","reason":"r"},
    {"op":"resume","id":"f"},
    {"op":"run","id":"g"},
    {"op":"create","task":{"schedule":"5m"}},
    {"op":"fly","id":"h"},
    {"op":"delete"},
    7]})";
  HttpToken token = send({"POST", "/v1/tasks:batch", body, {}});
  size_t decided = 0;
  while (!shards_.commands.empty()) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (Command& command : message.commands) {
      ++decided;
      EXPECT_EQ(shards_.shard_of(command.key), shard);
      if (command.kind == CommandKind::kDelete) {
        outcomes.push_back(refused(ErrorCode::kNotFound));
      } else if (command.kind == CommandKind::kRun) {
        CommandDone done;
        done.effect = CommandEffect::kStarted;
        done.run = RunKey{Generation{1}, Trigger::kManual, 5};
        outcomes.emplace_back(std::move(done));
      } else {
        bool creates = command.kind == CommandKind::kCreate;
        outcomes.push_back(
            accepted(command, creates ? CommandEffect::kCreated : CommandEffect::kDone, 9));
      }
    }
    reply(message.token, std::move(outcomes));
  }
  EXPECT_EQ(decided, 7U);
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 200);
  const std::string& text = sent.response.body;
  const char* expected[] = {
      R"({"results":[{"status":201,"id":"a","version":9})",
      R"({"status":422,"problem":{)",
      R"("pointer":"#/operations/1/task/schedule")",
      R"({"status":200,"id":"c","version":9,"in_flight":0})",
      R"({"status":404,"id":"d","problem":{)",
      R"({"status":200,"id":"e")",
      R"({"status":200,"id":"f")",
      R"({"status":202,"id":"g","version":0,"run_id":"run-)",
      R"({"status":201,"id":"tsk_)",
      R"("pointer":"#/operations/8/op")",
      R"("pointer":"#/operations/9/id")",
      R"("pointer":"#/operations/10")",
  };
  size_t at = 0;
  for (const char* part : expected) {
    size_t found = text.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " is not where it should be in\n" << text;
    if (found != std::string::npos) at = found;
  }
}

TEST_F(BatchTest, ShardWithoutCreditRefusesItsEntriesOnly) {
  std::string body = R"({"operations":[)";
  for (int i = 0; i < 20; ++i) {
    body += (i > 0 ? "," : "") + (R"({"op":"delete","id":")" + std::to_string(i) + "\"}");
  }
  shards_.without_credit = {1};
  HttpToken token = send({"POST", "/v1/tasks:batch", body + "]}", {}});
  auto [shard, message] = take_commands();
  EXPECT_EQ(shard, 0U);
  std::vector<CommandOutcome> outcomes;
  for (size_t i = 0; i < message.commands.size(); ++i) {
    CommandDone done;
    done.effect = CommandEffect::kDeleted;
    outcomes.emplace_back(std::move(done));
  }
  reply(message.token, std::move(outcomes));
  EXPECT_TRUE(contains(responder_.at(token).response.body, R"("status":503)"));
  EXPECT_TRUE(contains(responder_.at(token).response.body, R"("status":200)"));
}

TEST_F(BatchTest, TheBodyItselfIsChecked) {
  std::string many = R"({"operations":[)";
  for (int i = 0; i <= 1000; ++i) many += i > 0 ? ",0" : "0";
  EXPECT_TRUE(contains(post("/v1/tasks:batch", many + "]}").response.body, "too-many"));
  EXPECT_TRUE(contains(post("/v1/tasks:batch", "{}").response.body, "#/operations"));
  EXPECT_EQ(post("/v1/tasks:batch", R"({"operations":{}})").response.status, 422);
  EXPECT_EQ(post("/v1/tasks:batch", R"({"operations":[],"x":1})").response.status, 422);
  EXPECT_EQ(post("/v1/tasks:batch", R"({"operations":[]})").response.body, R"({"results":[]})");
}

TEST_F(BatchTest, MembersOfOtherOperationsAreRefused) {
  for (const char* entry :
       {R"({"op":"delete","id":"a","task":{}})", R"({"op":"run","id":"a","reason":"x"})",
        R"({"op":"delete","id":"a","colour":1})",
        R"({"op":"create","id":"b","task":{"id":"a","schedule":"5m"}})"}) {
    const Sent& sent = post("/v1/tasks:batch", R"({"operations":[)" + std::string(entry) + "]}");
    EXPECT_TRUE(contains(sent.response.body, R"("status":422)")) << entry;
  }
}

}  // namespace
}  // namespace hourwheel::batch_test
