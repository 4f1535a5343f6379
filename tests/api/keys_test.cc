// The requests about API keys.
#include "api/key_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::keys_test {
namespace {

class KeysTest : public ApiTest {
 protected:
  // One that this text opens, and that was used just now.
  static ApiKey key_of(const std::string& text) {
    const auto parsed = *parse_key_text(text);
    ApiKey key;
    key.id = std::string(parsed.id);
    key.digest = digest_of(parsed);
    key.last_used = kTestNow;
    return key;
  }
  void refuses(const std::string& body, const std::string& pointer) {
    const Sent& sent = post("/v1/keys", body);
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#" + pointer + "\""))
        << sent.response.body;
    EXPECT_TRUE(system_.requests.empty());
  }
};

TEST_F(KeysTest, AKeyIsShownOnceWhenEveryReactorKnowsIt) {
  const HttpToken token =
      send({"POST",
            "/v1/keys",
            R"({"name":"ci","role":"viewer","scopes":["tasks:write"],"networks":["10.0.0.0/8"],
                "expires_at":"2026-02-01T00:00:00Z","rate_limit":{"operations":100,"per":"10s"}})",
            {}});
  EXPECT_FALSE(responder_.at(token).ended);
  const KeyRequest made = system_.take<KeyRequest>();
  EXPECT_EQ(made.action, KeyAction::kAdd);
  EXPECT_TRUE(made.key.rights.has(Right::kTasksWrite));
  EXPECT_TRUE(made.key.rights.has(Right::kRunsRead));
  EXPECT_FALSE(made.key.rights.has(Right::kTasksTrigger));
  EXPECT_EQ(made.key.rate_limit, (RateLimit{100, seconds(10)}));
  answer(made.token, QueryAnswer(KeysChanged{{made.key}}));
  const Sent& sent = responder_.at(token);
  EXPECT_EQ(sent.response.status, 201);
  EXPECT_EQ(sent.field("location"), "/v1/keys/" + made.key.id);
  EXPECT_EQ(sent.field("cache-control"), "no-store");
  constexpr std::string_view kMember = "\"key\":\"";
  const std::string& body = sent.response.body;
  const size_t at = body.find(kMember) + kMember.size();
  const std::string text = body.substr(at, body.find('"', at) - at);
  const auto parsed = parse_key_text(text);
  ASSERT_TRUE(parsed) << body;
  EXPECT_EQ(parsed->id, made.key.id);
  EXPECT_EQ(digest_of(*parsed), made.key.digest);

  system_.key_table = {made.key};
  facts_.policy = KeyPolicy::kNever;
  for (const std::string& target : {std::string("/v1/keys"), "/v1/keys/" + made.key.id}) {
    const Sent& shown = get(target);
    EXPECT_EQ(shown.response.status, 200);
    EXPECT_TRUE(contains(shown.response.body, R"("name":"ci")"));
    EXPECT_TRUE(contains(shown.response.body, R"("rate_limit":{"operations":100,"per":"PT10S"})"));
    EXPECT_FALSE(contains(shown.response.body, parsed->secret));
  }
}

TEST_F(KeysTest, WhatIsWrongWithAKeyIsNamed) {
  refuses("{}", "/name");
  refuses(R"({"name":""})", "/name");
  refuses(R"({"name":"a"})", "/scopes");
  refuses(R"({"name":"a","scopes":[]})", "/scopes");
  refuses(R"({"name":"a","scopes":["tasks:all"]})", "/scopes/0");
  refuses(R"({"name":"a","scopes":"tasks:read"})", "/scopes");
  refuses(R"({"name":"a","role":"root"})", "/role");
  refuses(R"({"name":"a","role":"admin","networks":["10.0.0.1/8"]})", "/networks/0");
  refuses(R"({"name":"a","role":"admin","networks":"10.0.0.0/8"})", "/networks");
  refuses(R"({"name":"a","role":"admin","expires_at":"2025-01-01T00:00:00Z"})", "/expires_at");
  refuses(R"({"name":"a","role":"admin","secret":"mine"})", "/secret");
  refuses(R"({"name":"a","role":"admin","rate_limit":5})", "/rate_limit");
  refuses(R"({"name":"a","role":"admin","rate_limit":{"per":"PT1S"}})", "/rate_limit/operations");
  refuses(R"({"name":"a","role":"admin","rate_limit":{"operations":0}})", "/rate_limit/operations");
  refuses(R"({"name":"a","role":"admin","rate_limit":{"operations":1,"per":"PT0.5S"}})",
          "/rate_limit/per");
  refuses(R"({"name":"a","role":"admin","rate_limit":{"operations":1,"burst":2}})",
          "/rate_limit/burst");
  refuses(R"({"name":"a","role":"admin","selection":"team:a"})", "/selection");
  refuses(R"({"name":"a","role":"admin","selection":{}})", "/selection");
  refuses(R"({"name":"a","role":"admin","selection":{"Team":"a"}})", "/selection/Team");
  refuses(R"({"name":"a","role":"admin","selection":{"team":1}})", "/selection/team");
  refuses(R"({"name":"a","role":"admin","quotas":5})", "/quotas");
  refuses(R"({"name":"a","role":"admin","quotas":{"max_tasks":0}})", "/quotas/max_tasks");
  refuses(R"({"name":"a","role":"admin","quotas":{"max_tasks":1000000001}})", "/quotas/max_tasks");
  refuses(R"({"name":"a","role":"admin","quotas":{"max_tasks":5,"tasks":0}})", "/quotas/tasks");
  refuses(R"({"name":")" + std::string(129, 'n') + R"(","role":"admin"})", "/name");
}

TEST_F(KeysTest, AKeyWithALimitMakesNoneWithAHigherOne) {
  const std::string text = *new_key_text();
  ApiKey key = key_of(text);
  key.rights = Rights::all();
  key.rate_limit = RateLimit{100, seconds(10)};
  system_.key_table = {key};
  auto make = [&](const std::string& limit) {
    return send({"POST",
                 "/v1/keys",
                 R"({"name":"a","role":"viewer")" + limit + "}",
                 {{"authorization", "Bearer " + text}}});
  };
  for (const char* limit : {"", R"(,"rate_limit":{"operations":101,"per":"10s"})",
                            R"(,"rate_limit":{"operations":11,"per":"1s"})"}) {
    EXPECT_EQ(responder_.at(make(limit)).response.status, 403) << limit;
  }
  EXPECT_TRUE(system_.requests.empty());
  make(R"(,"rate_limit":{"operations":10,"per":"1s"})");
  EXPECT_EQ(system_.take<KeyRequest>().key.rate_limit, (RateLimit{10, seconds(1)}));
}

TEST_F(KeysTest, AQuotaIsShownWithWhatIsTakenOfIt) {
  send({"POST", "/v1/keys", R"({"name":"a","role":"editor","quotas":{"max_tasks":5}})", {}});
  ApiKey made = system_.take<KeyRequest>().key;
  EXPECT_EQ(made.max_tasks, 5U);
  system_.key_table = {made};
  facts_.policy = KeyPolicy::kNever;
  EXPECT_TRUE(contains(get("/v1/keys/" + made.id).response.body, R"("quotas":{"max_tasks":5})"));
  ASSERT_TRUE(quotas_.open(made.id));
  quotas_.count(made.id, 3);
  for (const std::string& target : {std::string("/v1/keys"), "/v1/keys/" + made.id}) {
    EXPECT_TRUE(contains(get(target).response.body, R"("quotas":{"max_tasks":5,"tasks":3})"));
  }
}

TEST_F(KeysTest, ASelectionIsShown) {
  send({"POST",
        "/v1/keys",
        R"({"name":"a","role":"editor","selection":{"team":"a","env":"x"}})",
        {}});
  ApiKey made = system_.take<KeyRequest>().key;
  EXPECT_EQ(made.selection, (Selection{{"env", "x"}, {"team", "a"}}));
  system_.key_table = {made};
  facts_.policy = KeyPolicy::kNever;
  for (const std::string& target : {std::string("/v1/keys"), "/v1/keys/" + made.id}) {
    EXPECT_TRUE(contains(get(target).response.body, R"("selection":{"env":"x","team":"a"})"));
  }
  send({"POST", "/v1/keys", R"({"name":"b","role":"editor","selection":null})", {}});
  made = system_.take<KeyRequest>().key;
  EXPECT_TRUE(made.selection.empty());
  system_.key_table = {made};
  EXPECT_FALSE(contains(get("/v1/keys").response.body, "selection"));
}

TEST_F(KeysTest, AKeyWithAQuotaMakesNoneWithAHigherOne) {
  const std::string text = *new_key_text();
  ApiKey key = key_of(text);
  key.rights = Rights::all();
  key.max_tasks = 5;
  system_.key_table = {key};
  auto make = [&](const std::string& quotas) {
    return send({"POST",
                 "/v1/keys",
                 R"({"name":"a","role":"viewer")" + quotas + "}",
                 {{"authorization", "Bearer " + text}}});
  };
  for (const char* quotas : {"", R"(,"quotas":null)", R"(,"quotas":{"max_tasks":null})",
                             R"(,"quotas":{"max_tasks":6})"}) {
    EXPECT_EQ(responder_.at(make(quotas)).response.status, 403) << quotas;
  }
  EXPECT_TRUE(system_.requests.empty());
  make(R"(,"quotas":{"max_tasks":5})");
  EXPECT_EQ(system_.take<KeyRequest>().key.max_tasks, 5U);
}

TEST_F(KeysTest, EveryCommandCarriesTheQuotaOfItsKey) {
  const std::string text = *new_key_text();
  ApiKey key = key_of(text);
  key.rights = Rights::all();
  system_.key_table = {key};
  const Ask make{"POST",
                 "/v1/tasks",
                 R"({"id":"a","schedule":"2026-02-01T00:00:00Z"})",
                 {{"authorization", "Bearer " + text}}};
  ask_and_decide(make, [](Command& command) {
    EXPECT_EQ(command.max_tasks, std::nullopt);
    return accepted(command, CommandEffect::kCreated);
  });
  system_.key_table[0].max_tasks = 5;
  const Sent& sent = ask_and_decide(make, [&key](Command& command) {
    EXPECT_EQ(command.max_tasks, 5U);
    EXPECT_EQ(command.actor.key, key.id);
    return refused(ErrorCode::kQuotaExceeded);
  });
  EXPECT_EQ(sent.response.status, 403);
  EXPECT_TRUE(contains(sent.response.body, R"("code":"quota-exceeded")")) << sent.response.body;
  EXPECT_EQ(sent.field("retry-after"), "");
}

TEST_F(KeysTest, NoKeyMakesOneThatMayMore) {
  const std::string text = *new_key_text();
  ApiKey key = key_of(text);
  key.rights.add(Right::kKeysAdmin);
  key.rights.add(Right::kTasksRead);
  system_.key_table = {key};
  auto make = [&](const std::string& scope) {
    return send({"POST",
                 "/v1/keys",
                 R"({"name":"a","scopes":[")" + scope + R"("]})",
                 {{"authorization", "Bearer " + text}}});
  };
  EXPECT_EQ(responder_.at(make("tasks:write")).response.status, 403);
  EXPECT_TRUE(system_.requests.empty());
  make("tasks:read");
  EXPECT_EQ(system_.take<KeyRequest>().key.created_by, key.id);

  ApiKey more = key;
  more.id = "zzzzzzzzzz";
  more.rights = Rights::all();
  system_.key_table.push_back(more);
  const Ask revoke{"DELETE", "/v1/keys/zzzzzzzzzz", "", {{"authorization", "Bearer " + text}}};
  EXPECT_EQ(ask(revoke).response.status, 403);
  EXPECT_TRUE(system_.requests.empty());
}

TEST_F(KeysTest, RevokingNamesTheKey) {
  const HttpToken token = send({"DELETE", "/v1/keys/abc", "", {}});
  const KeyRequest asked = system_.take<KeyRequest>();
  EXPECT_EQ(asked.action, KeyAction::kRevoke);
  EXPECT_EQ(asked.key.id, "abc");
  answer(asked.token, tl::unexpected<Error>(Error{ErrorCode::kNotFound, "", "no key"}));
  EXPECT_EQ(responder_.at(token).response.status, 404);
  EXPECT_EQ(get("/v1/keys/abc").response.status, 404);
}

TEST_F(KeysTest, WithoutCreditTheRequestIsRefused) {
  system_.has_credit = false;
  EXPECT_EQ(post("/v1/keys", R"({"name":"a","role":"viewer"})").response.status, 503);
}

TEST_F(KeysTest, TakesNoIdempotencyKey) {
  EXPECT_EQ(ask({"POST", "/v1/keys", R"({"name":"a","role":"viewer"})", {{"idempotency-key", "k"}}})
                .response.status,
            400);
}

}  // namespace
}  // namespace hourwheel::keys_test
