// POST /v1/tasks:import: a batch of creates or upserts, written as lines.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::task_import_test {
namespace {

class TaskImportTest : public ApiTest {
 protected:
  static Ask import_of(const std::string& query, const std::string& body) {
    return {"POST", "/v1/tasks:import" + query, body, {{"content-type", "application/x-ndjson"}}};
  }
  // Sends lines and answers their commands with what `outcome_of` makes of each.
  template <class OutcomeOf>
  const Sent& import_and_decide(const Ask& ask, OutcomeOf outcome_of) {
    HttpToken token = send(ask);
    while (!shards_.commands.empty()) {
      auto [shard, message] = take_commands();
      std::vector<CommandOutcome> outcomes;
      for (Command& command : message.commands) {
        EXPECT_EQ(shards_.shard_of(command.key), shard);
        outcomes.push_back(outcome_of(command));
      }
      reply(message.token, std::move(outcomes));
    }
    EXPECT_TRUE(responder_.at(token).ended);
    return responder_.at(token);
  }
};

TEST_F(TaskImportTest, EachLineHasItsResult) {
  const std::string lines = R"({"id":"a","schedule":"@daily"})"
                            "\r\n\n  \n"
                            R"({"id":"b","schedule":"2026-13-01T00:00:00Z"})"
                            "\n{\"id\":\"c\"\n"
                            R"({"schedule":"5m"})"
                            "\n[]\n"
                            R"({"id":"d","schedule":"@daily"})";
  const Sent& sent = import_and_decide(import_of("", lines), [](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kCreate);
    EXPECT_EQ(command.past, PastInstant::kRefuse);
    if (command.id == "d") return refused(ErrorCode::kAlreadyExists);
    return accepted(command,
                    command.id == "a" ? CommandEffect::kUnchanged : CommandEffect::kCreated);
  });
  const char* expected[] = {
      R"({"results":[{"line":1,"status":200,"id":"a","effect":"unchanged","version":17,)",
      R"({"line":4,"status":422,"problem":{)",
      R"("pointer":"#/schedule")",
      R"({"line":5,"status":400,"problem":{)",
      R"("code":"invalid-json")",
      R"({"line":6,"status":201,"id":"tsk_)",
      R"("effect":"created")",
      R"({"line":7,"status":400,"problem":{)",
      R"({"line":8,"status":409,"id":"d","problem":{)",
  };
  size_t at = 0;
  for (const char* part : expected) {
    const size_t found = sent.response.body.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " is not where it should be in\n"
                                        << sent.response.body;
    at = found;
  }
}

TEST_F(TaskImportTest, UpsertReplacesAndNeedsIds) {
  const Sent& sent = import_and_decide(
      import_of("?mode=upsert", "{\"id\":\"a\",\"schedule\":\"@daily\"}\n{\"schedule\":\"5m\"}\n"),
      [](Command& command) {
        EXPECT_EQ(command.kind, CommandKind::kReplace);
        return accepted(command, CommandEffect::kReplaced);
      });
  EXPECT_TRUE(contains(sent.response.body, R"("effect":"replaced")")) << sent.response.body;
  EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/id")")) << sent.response.body;
}

TEST_F(TaskImportTest, ADryRunAsksNoShard) {
  const Sent& sent = ask(import_of("?dry_run=true&mode=create",
                                   "{\"id\":\"a\",\"schedule\":\"@daily\"}\n"
                                   "{\"id\":\"b\",\"schedule\":\"2025-01-01T00:00:00Z\"}\n"
                                   "{\"id\":\"c\",\"schedule\":\"@daily\",\"x\":1}\n"));
  EXPECT_TRUE(shards_.commands.empty());
  const std::string& body = sent.response.body;
  EXPECT_TRUE(body.starts_with(R"({"results":[{"line":1,"status":200,"id":"a"},)")) << body;
  EXPECT_TRUE(contains(body, R"("code":"past-instant")")) << body;
  EXPECT_TRUE(contains(body, R"("pointer":"#/x")")) << body;
}

TEST_F(TaskImportTest, IdsOfTheSimpleShapeAreTaken) {
  const Sent& sent = import_and_decide(
      import_of("",
                "{\"id\":\"\xe6\x97\xa5 1\",\"schedule\":\"@daily\"}\n"
                "{\"id\":\"a\\u0001\",\"schedule\":\"@daily\"}"),
      [](Command& command) { return accepted(command, CommandEffect::kCreated); });
  EXPECT_TRUE(contains(sent.response.body, "\"id\":\"\xe6\x97\xa5 1\",\"effect\":\"created\""));
  EXPECT_TRUE(contains(sent.response.body, R"({"line":2,"status":422)"));
}

TEST_F(TaskImportTest, AnIdempotencyKeyIsForEachLine) {
  Ask ask = import_of("", "{\"schedule\":\"@daily\"}\n{\"schedule\":\"@daily\"}");
  ask.fields.emplace_back("idempotency-key", "k");
  std::vector<std::string> ids[2];
  for (auto& of_try : ids) {
    import_and_decide(ask, [&](Command& command) {
      EXPECT_NE(command.idempotency, nullptr);
      of_try.push_back(command.id);
      return accepted(command, CommandEffect::kCreated);
    });
  }
  EXPECT_EQ(ids[0], ids[1]);
  ASSERT_EQ(ids[0].size(), 2U);
  EXPECT_NE(ids[0][0], ids[0][1]);
}

TEST_F(TaskImportTest, TheRequestItselfIsChecked) {
  EXPECT_EQ(post("/v1/tasks:import", "{}").response.status, 415) << "declared as JSON";
  EXPECT_EQ(
      ask({"POST", "/v1/tasks", "{}", {{"content-type", "application/x-ndjson"}}}).response.status,
      415);
  EXPECT_EQ(ask(import_of("?mode=merge", "{}")).response.status, 400);
  EXPECT_EQ(ask(import_of("?dry_run=1", "{}")).response.status, 400);
  EXPECT_EQ(ask(import_of("?x=1", "{}")).response.status, 400);
  EXPECT_EQ(ask(import_of("", "")).response.body, R"({"results":[]})");
  std::string lines;
  for (int i = 0; i <= 1000; ++i) lines += "{}\n";
  const Sent& many = ask(import_of("", lines));
  EXPECT_EQ(many.response.status, 413);
  EXPECT_TRUE(contains(many.response.body, "There are 1001 lines. An import takes at most 1000 "));
  EXPECT_TRUE(contains(many.response.body, "`hourwheel task import FILE`"));
}

TEST_F(TaskImportTest, OverloadRefusesItAsACreate) {
  for (int turn = 0; turn < 4; ++turn) api_.set_load({.oldest_wait = {}, .turn_lag = kFullLag});
  EXPECT_EQ(ask(import_of("?mode=upsert", "{")).response.status, 503);
}

TEST_F(TaskImportTest, AShardWithoutCreditRefusesItsLinesOnly) {
  shards_.without_credit = {1};
  std::string lines;
  for (int i = 0; i < 20; ++i)
    lines += R"({"id":")" + std::to_string(i) + "\",\"schedule\":\"5m\"}\n";
  const Sent& sent = import_and_decide(import_of("", lines), [](Command& command) {
    return accepted(command, CommandEffect::kCreated);
  });
  EXPECT_TRUE(contains(sent.response.body, R"("status":503)"));
  EXPECT_TRUE(contains(sent.response.body, R"("status":201)"));
}

}  // namespace
}  // namespace hourwheel::task_import_test
