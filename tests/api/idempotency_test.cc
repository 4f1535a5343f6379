// The Idempotency-Key: how it is read, what it is about, and how what is told again is told (C-2).
#include "api/idempotency.h"

#include <set>

#include "api/crypto.h"

#include "tests/api/support/fixture.h"

namespace hourwheel::idempotency_test {
namespace {

constexpr const char* kTask =
    R"({"schedule":{"at":"2026-06-01T00:00:00Z"},"target":{"kind":"log"}})";

class IdempotencyTest : public ApiTest {
 protected:
  static Ask with_key(Ask ask, const std::string& key) {
    ask.fields.emplace_back("idempotency-key", key);
    return ask;
  }
  // The command that a request makes.
  Command posted(const Ask& ask) {
    const HttpToken token = send(ask);
    if (shards_.commands.empty()) {
      ADD_FAILURE() << ask.target << ": " << responder_.at(token).response.body;
      return {};
    }
    return std::move(take_commands().second.commands.at(0));
  }
  // Of a create with that key.
  IdempotencyKey key_of(const std::string& key, const std::string& body = kTask) {
    Command command = posted(with_key({"POST", "/v1/tasks", body, {}}, key));
    EXPECT_TRUE(command.idempotency);
    return command.idempotency ? *command.idempotency : IdempotencyKey{};
  }
  static CommandOutcome told_again(Command& command, CommandEffect effect) {
    CommandOutcome outcome = accepted(command, effect);
    outcome->replayed = true;
    return outcome;
  }
};

TEST_F(IdempotencyTest, IsAStringOrAToken) {  // RFC 8941
  const IdempotencyKey plain = key_of("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"");
  EXPECT_EQ(key_of("8e03978e-40d5-43dd-bc93-6894a57f9324"), plain);
  EXPECT_EQ(key_of(" \"8e03978e-40d5-43dd-bc93-6894a57f9324\" ;a=1"), plain);
  EXPECT_EQ(key_of(R"("a\"b\\c")"), key_of(R"("a\"b\\c")"));
  EXPECT_NE(key_of("\"a b\""), key_of("\"ab\""));
  EXPECT_EQ(key_of(std::string(255, 'k')), key_of("\"" + std::string(255, 'k') + "\""));
}

TEST_F(IdempotencyTest, WhatIsNoneIsRefused) {
  for (const std::string& key :
       {std::string(), std::string("\"\""), std::string("\"open"), std::string("a b"),
        std::string("a,b"), std::string("\"a\" b"), std::string(R"("a\n")"), std::string("\"a\\"),
        std::string("\xc3\xa4"), std::string("\"\xc3\xa4\""), std::string(256, 'k')}) {
    const Sent& sent = ask(with_key({"POST", "/v1/tasks", kTask, {}}, key));
    EXPECT_EQ(sent.response.status, 400) << key;
    EXPECT_TRUE(contains(sent.response.body, "Idempotency-Key")) << sent.response.body;
  }
  const Sent& two = ask(with_key(with_key({"POST", "/v1/tasks", kTask, {}}, "a"), "a"));
  EXPECT_EQ(two.response.status, 400);
}

TEST_F(IdempotencyTest, IsAboutOneRequest) {  // IK1
  std::vector<Ask> asks = {
      {"POST", "/v1/tasks", kTask, {}},
      {"POST", "/tasks", R"({"id":"t","type":"one-time","schedule":"2026-06-01T00:00:00Z"})", {}},
      {"POST", "/v1/tasks", R"({"id":"a","schedule":{"at":"2026-06-01T00:00:00Z"}})", {}},
      {"POST", "/v1/tasks/a/pause", "", {}},
      {"POST", "/v1/tasks/b/pause", "", {}},
      {"POST", "/v1/tasks/a/resume", "", {}},
      {"POST", "/v1/tasks/a/run", "", {}},
  };
  std::vector<AnswerScope> scopes;
  for (const Ask& one : asks) {
    Command command = posted(with_key(one, "k"));
    ASSERT_TRUE(command.idempotency) << one.target;
    scopes.push_back(command.idempotency->scope);
    EXPECT_EQ(posted(with_key(one, "k")).idempotency->scope, scopes.back());
    EXPECT_NE(posted(with_key(one, "l")).idempotency->scope, scopes.back());
  }
  std::sort(scopes.begin(), scopes.end());
  EXPECT_EQ(std::adjacent_find(scopes.begin(), scopes.end()), scopes.end());
}

TEST_F(IdempotencyTest, AnotherBodyIsAnotherRequest) {
  const IdempotencyKey one = key_of("k");
  const IdempotencyKey other = key_of("k", R"({"schedule":{"at":"2026-06-01T00:00:01Z"}})");
  EXPECT_EQ(one.scope, other.scope);
  EXPECT_NE(one.body, other.body);
}

TEST_F(IdempotencyTest, ACreateWithoutAnIdGetsTheSameOneAgain) {  // IK2
  Command first = posted(with_key({"POST", "/v1/tasks", kTask, {}}, "k"));
  Command again = posted(with_key({"POST", "/v1/tasks", kTask, {}}, "k"));
  Command other = posted(with_key({"POST", "/v1/tasks", kTask, {}}, "l"));
  EXPECT_EQ(first.id, again.id);
  EXPECT_NE(first.id, other.id);
  EXPECT_TRUE(first.id.starts_with("tsk_"));
  EXPECT_EQ(first.key, task_key(first.id));
  EXPECT_EQ(first.id_origin, IdOrigin::kChosen) << "what is stored has to be looked at";
}

TEST_F(IdempotencyTest, WhatIsToldAgainSaysSo) {
  const Sent& first =
      ask_and_decide(with_key({"POST", "/v1/tasks", kTask, {}}, "k"),
                     [](Command& c) { return accepted(c, CommandEffect::kCreated); });
  const Sent& again =
      ask_and_decide(with_key({"POST", "/v1/tasks", kTask, {}}, "k"),
                     [](Command& c) { return told_again(c, CommandEffect::kCreated); });
  EXPECT_EQ(first.field("idempotent-replayed"), "");
  EXPECT_EQ(again.field("idempotent-replayed"), "true");
  EXPECT_EQ(again.response.status, 201);
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(again.field("etag"), first.field("etag"));
  EXPECT_EQ(again.field("location"), first.field("location"));
}

TEST_F(IdempotencyTest, RefusalsHaveTheirCodes) {
  const Sent& reused =
      ask_and_decide(with_key({"POST", "/v1/tasks", kTask, {}}, "k"),
                     [](Command&) { return refused(ErrorCode::kIdempotencyReused); });
  EXPECT_EQ(reused.response.status, 422);
  EXPECT_TRUE(contains(reused.response.body, "idempotency-key-reused"));
  const Sent& early = ask_and_decide(with_key({"POST", "/v1/tasks", kTask, {}}, "k"), [](Command&) {
    return refused(ErrorCode::kIdempotencyInProgress);
  });
  EXPECT_EQ(early.response.status, 409);
  EXPECT_TRUE(contains(early.response.body, "idempotency-in-progress"));
  EXPECT_NE(early.field("retry-after"), "");
}

TEST_F(IdempotencyTest, WhatIsSafeToRepeatTakesNoNoticeOfIt) {
  for (const Ask& one :
       {Ask{"PUT", "/v1/tasks/a", kTask, {}}, Ask{"DELETE", "/v1/tasks/a", "", {}}}) {
    EXPECT_FALSE(posted(with_key(one, "not a key")).idempotency) << one.method;
  }
  EXPECT_EQ(
      ask(with_key({"POST", "/v1/schedules:preview", R"({"schedule":{"cron":"* * * * *"}})", {}},
                   "k"))
          .response.status,
      200);
}

TEST_F(IdempotencyTest, WhatCannotKeepAnAnswerRefusesIt) {
  for (const char* target :
       {"/v1/runs:bulk", "/v1/keys", "/v1/admin/resume", "/v1/admin/backup", "/v1/admin/drain"}) {
    const Sent& sent = ask(with_key({"POST", target, "{}", {}}, "k"));
    EXPECT_EQ(sent.response.status, 400) << target;
    EXPECT_TRUE(contains(sent.response.body, "takes no Idempotency-Key: ")) << sent.response.body;
    EXPECT_TRUE(contains(sent.response.body, why_no_key(*find_route("POST", target).route)));
  }
  EXPECT_TRUE(system_.requests.empty());
}

// What may be done twice either takes a key or says why not; the rest of the POSTs change nothing,
// or are answered alike however often they come.
TEST_F(IdempotencyTest, EveryRouteThatRepeatsBadlyHasDecided) {
  const std::set<std::string_view> alike = {"/v1/schedules:preview", "/v1/completions/{id}",
                                            "/v1/session"};
  for (const Route& route : routes()) {
    if (!repeats_badly(route)) {
      EXPECT_FALSE(takes_key(route)) << route.method << route.path;
      EXPECT_EQ(why_no_key(route), "") << route.method << route.path;
    } else if (!alike.contains(route.path)) {
      EXPECT_NE(takes_key(route), !why_no_key(route).empty()) << route.path;
    } else {
      EXPECT_FALSE(takes_key(route)) << route.path;
    }
  }
}

TEST_F(IdempotencyTest, WhatTimeHasMadeWrongIsLeftToTheShard) {
  const std::string past = R"({"until":"2025-12-31T00:00:00Z"})";
  EXPECT_EQ(post("/v1/tasks/a/pause", past).response.status, 422);
  Command command = posted(with_key({"POST", "/v1/tasks/a/pause", past, {}}, "k"));
  ASSERT_TRUE(command.refusal);
  EXPECT_EQ(command.refusal->field, "/until");
  const std::string entry =
      R"({"operations":[{"op":"pause","id":"a","until":"2025-12-31T00:00:00Z"}]})";
  command = posted(with_key({"POST", "/v1/tasks:batch", entry, {}}, "k"));
  ASSERT_TRUE(command.refusal);
  EXPECT_EQ(command.refusal->field, "/operations/0/until");
}

TEST_F(IdempotencyTest, EachEntryOfABatchHasAKeyOfItsOwn) {
  const std::string body =
      R"({"operations":[{"op":"create","task":{"schedule":{"at":"2026-06-01T00:00:00Z"}}},)"
      R"({"op":"create","task":{"schedule":{"at":"2026-06-01T00:00:00Z"}}},)"
      R"({"op":"pause","id":"a"},{"op":"pause","id":"a"}]})";
  auto commands_of = [&] {
    const HttpToken token = send(with_key({"POST", "/v1/tasks:batch", body, {}}, "k"));
    std::map<AnswerScope, std::string> found;
    while (!shards_.commands.empty()) {
      auto [shard, message] = take_commands();
      std::vector<CommandOutcome> outcomes;
      for (Command& command : message.commands) {
        found.emplace(command.idempotency->scope, command.id);
        outcomes.push_back(told_again(command, CommandEffect::kCreated));
      }
      reply(message.token, std::move(outcomes));
    }
    EXPECT_TRUE(contains(responder_.at(token).response.body, R"("replayed":true)"));
    return found;
  };
  const auto first = commands_of();
  EXPECT_EQ(first.size(), 4U);
  EXPECT_EQ(commands_of(), first);
}

// --- PATCH: what is kept is asked for before the task is read ---

class KeyedPatchTest : public IdempotencyTest {
 protected:
  HttpToken patch(const std::string& body = R"({"description":"d"})") {
    return send(with_key({"PATCH", "/v1/tasks/a", body, {}}, "k"));
  }
  KeptAnswer kept(const IdempotencyKey& key, Instant decided) {
    KeptAnswer answer;
    answer.key = key;
    answer.decided = decided;
    answer.done.effect = CommandEffect::kReplaced;
    answer.done.spec = std::make_unique<TaskSpec>(stored_task("a", 17).spec);
    answer.done.state = test_state(18);
    return answer;
  }
  void recalled(const RequestToken& token, std::optional<KeptAnswer> answer) {
    Recalled found;
    if (answer) found.answer = std::make_unique<KeptAnswer>(std::move(*answer));
    ApiTest::answer(token, Result<QueryAnswer>(QueryAnswer(std::move(found))));
  }
  IdempotencyKey key_in(const QueryRequest& request, const std::string& body) {
    return {std::get<Recall>(request.query).scope, sha256(body)};
  }
};

TEST_F(KeyedPatchTest, IsCarriedOutWhereNothingIsKept) {
  const HttpToken token = patch();
  auto [shard, first] = take_query();
  ASSERT_TRUE(std::holds_alternative<Recall>(first.query));
  EXPECT_EQ(shard, shards_.shard_of(task_key("a")));
  recalled(first.token, std::nullopt);
  auto [owner, second] = take_query();
  ASSERT_TRUE(std::holds_alternative<GetTask>(second.query));
  answer(second.token, Result<QueryAnswer>(QueryAnswer(stored_task("a", 17))));
  auto [to, message] = take_commands();
  ASSERT_TRUE(message.commands[0].idempotency);
  EXPECT_EQ(message.commands[0].idempotency->scope, std::get<Recall>(first.query).scope);
  reply(message.token, accepted(message.commands[0], CommandEffect::kReplaced, 18));
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_EQ(responder_.at(token).field("idempotent-replayed"), "");
}

TEST_F(KeyedPatchTest, IsToldAgainWithoutALookAtTheTask) {
  const HttpToken token = patch();
  auto [shard, query] = take_query();
  recalled(query.token, kept(key_in(query, R"({"description":"d"})"), kTestNow));
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 200) << sent.response.body;
  EXPECT_EQ(sent.field("etag"), "\"18\"");
  EXPECT_EQ(sent.field("idempotent-replayed"), "true");
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(KeyedPatchTest, WithAnotherBodyIsRefused) {
  const HttpToken token = patch();
  auto [shard, query] = take_query();
  recalled(query.token, kept(key_in(query, R"({"description":"e"})"), kTestNow));
  EXPECT_EQ(responder_.at(token).response.status, 422);
}

TEST_F(KeyedPatchTest, IsCarriedOutAgainAfterADay) {
  patch();
  auto [shard, query] = take_query();
  recalled(query.token, kept(key_in(query, R"({"description":"d"})"), kTestNow - kAnswersKept));
  EXPECT_TRUE(std::holds_alternative<GetTask>(take_query().second.query));
}

}  // namespace
}  // namespace hourwheel::idempotency_test
