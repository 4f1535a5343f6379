// Who may do what: every route with every kind of key that may come (T-02); with keys that are
// narrowed to a selection, see selection_test.cc.
#include <set>

#include "api/key_text.h"
#include "api/session.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::access_test {
namespace {

class AccessTest : public ApiTest {
 protected:
  // Puts a key in force; its text.
  std::string add_key(Rights rights, std::optional<Instant> expires = {},
                      std::vector<std::string> networks = {}) {
    const std::string text = *new_key_text();
    const auto parsed = *parse_key_text(text);
    ApiKey key;
    key.id = std::string(parsed.id);
    key.digest = digest_of(parsed);
    key.name = "of the test";
    key.rights = rights;
    key.networks = std::move(networks);
    key.created = kTestNow;
    key.expires = expires;
    key.last_used = kTestNow;
    auto& keys = system_.key_table;
    keys.insert(std::upper_bound(keys.begin(), keys.end(), key,
                                 [](const ApiKey& a, const ApiKey& b) { return a.id < b.id; }),
                std::move(key));
    return text;
  }
  static std::string id_of(const std::string& text) {
    return std::string(parse_key_text(text)->id);
  }
  static Ask with_key(Ask ask, const std::string& text) {
    ask.fields.emplace_back("authorization", "Bearer " + text);
    return ask;
  }
  // The status of a request, or 0 if it went on to a shard or the desk.
  int status_of(const Ask& ask) {
    const HttpToken token = send(ask);
    shards_.commands.clear();
    shards_.queries.clear();
    return responder_.at(token).ended ? responder_.at(token).response.status : 0;
  }
  static Rights all_but(Right one) {
    Rights rights;
    for (const RightWord& word : right_words()) {
      if (word.right != one) rights.add(word.right);
    }
    return rights;
  }
  static Rights only(Right one) {
    Rights rights;
    rights.add(one);
    return rights;
  }
  static Ask ask_of(const Route& route, const Address& peer) {
    std::string target(route.path);
    if (const size_t hole = target.find("{id}"); hole != std::string::npos) {
      target.replace(hole, 4, "some");
    }
    Ask ask{std::string(route.method), target, "", {}};
    ask.peer = peer;
    return ask;
  }
  // Each of them has tries of its own.
  Address next_peer() {
    Address peer;
    ++peers_;
    for (size_t i = 0; i < 4; ++i) peer.bytes[i] = static_cast<uint8_t>(peers_ >> (8 * i));
    return peer;
  }
  uint32_t peers_ = 0;
};

TEST(FindKey, FindsEachOfThemAndNoOther) {
  std::vector<ApiKey> keys;
  for (int count = 0; count <= 70; ++count) {
    for (int number = -1; number <= count; ++number) {
      // In the order of bytes; what differs may be behind the eighth letter.
      const auto id_of = [](int of) { return "key-abcd" + std::to_string(100 + of); };
      const ApiKey* found = find_key(keys, id_of(number));
      const bool known = number >= 0 && number < count;
      ASSERT_EQ(known, found != nullptr) << number << " of " << count;
      if (known) {
        EXPECT_EQ(found->id, id_of(number));
      }
      EXPECT_EQ(find_key(keys, id_of(number) + "x"), nullptr);
    }
    keys.push_back({});
    keys.back().id = "key-abcd" + std::to_string(100 + count);
  }
}

TEST_F(AccessTest, EveryRouteTakesOnlyKeysThatCarryItsRight) {
  const std::string all = add_key(Rights::all());
  const std::string expired = add_key(Rights::all(), kTestNow);
  const std::string elsewhere = add_key(Rights::all(), {}, {"192.0.2.0/24"});
  const std::string unknown = *new_key_text();
  // Its id is known and its check is right, its secret is another's.
  const std::string wrong = add_key(Rights::all());
  for (ApiKey& key : system_.key_table) {
    if (key.id == id_of(wrong)) key.digest = digest_of(*parse_key_text(all));
  }
  for (const Route& route : routes()) {
    const Ask ask = ask_of(route, next_peer());
    const std::string name = ask.method + " " + ask.target;
    if (route.right == Right::kOpen) {
      // They have their own tests.
      if (route.path == "/v1/session" || route.path == "/v1/completions/{id}") continue;
      EXPECT_LT(status_of(ask), 400) << name;
      EXPECT_LT(status_of(with_key(ask, unknown)), 400) << name;
      continue;
    }
    EXPECT_EQ(status_of(ask), 401) << name;
    for (const std::string& bad : {unknown, wrong, expired, elsewhere, std::string("hw_"),
                                   std::string(), all.substr(0, all.size() - 1)}) {
      EXPECT_EQ(status_of(with_key(ask, bad)), 401) << name << " " << bad;
    }
    const std::string lacking = add_key(all_but(route.right));
    const HttpToken token = send(with_key(ask, lacking));
    const Sent& sent = responder_.at(token);
    EXPECT_EQ(sent.response.status, 403) << name;
    EXPECT_EQ(sent.field("www-authenticate"),
              "Bearer realm=\"hourwheel\", error=\"insufficient_scope\", scope=\"" +
                  std::string(word_of(route.right)) + "\"");
    const int with_right = status_of(with_key(ask, add_key(only(route.right))));
    EXPECT_TRUE(with_right != 401 && with_right != 403) << name << " " << with_right;
  }
}

TEST_F(AccessTest, ARefusalDoesNotTellWhatWasWrong) {  // AC1
  const std::string expired = add_key(Rights::all(), kTestNow);
  const std::string elsewhere = add_key(Rights::all(), {}, {"192.0.2.0/24"});
  std::set<std::string> details;
  for (const std::string& bad : {*new_key_text(), expired, elsewhere, std::string("nonsense")}) {
    const Sent& sent = ask(with_key({"GET", "/v1/tasks", "", {}}, bad));
    EXPECT_EQ(sent.field("www-authenticate"), "Bearer realm=\"hourwheel\"");
    const std::string& body = sent.response.body;
    details.insert(body.substr(0, body.find("\"request_id\"")));
  }
  EXPECT_EQ(details.size(), 1U);
}

TEST_F(AccessTest, AKeyOpensFromItsNetworksAndUntilItExpires) {
  const std::string text = add_key(Rights::all(), kTestNow + seconds(1), {"192.0.2.0/24"});
  Ask ask = with_key({"GET", "/v1/server", "", {}}, text);
  ask.peer.bytes = {192, 0, 2, 77};
  EXPECT_EQ(status_of(ask), 200);
  ask.peer.bytes = {192, 0, 3, 77};
  EXPECT_EQ(status_of(ask), 401);
  ask.peer.bytes = {192, 0, 2, 77};
  api_.set_now({kTestNow + seconds(1), Monotonic{1'000}});
  EXPECT_EQ(status_of(ask), 401);
}

TEST_F(AccessTest, KeysAreAskedForAsThePolicySays) {
  const Ask plain{"GET", "/v1/server", "", {}};
  EXPECT_EQ(status_of(plain), 200) << "on loopback nobody needs a key before there is one";
  facts_.policy = KeyPolicy::kAlways;
  EXPECT_EQ(status_of(plain), 401);
  facts_.policy = KeyPolicy::kOnceMade;
  add_key(only(Right::kTasksRead), kTestNow);
  EXPECT_EQ(status_of(plain), 401) << "one that has expired is a key, too";
  facts_.policy = KeyPolicy::kNever;
  EXPECT_EQ(status_of(plain), 200);
}

TEST_F(AccessTest, WithoutKeysAdministrationIsForLoopbackAndDevelopment) {
  facts_.policy = KeyPolicy::kNever;
  facts_.is_loopback = false;
  const Ask plain{"GET", "/v1/admin/pauses", "", {}};
  EXPECT_EQ(status_of(plain), 403);
  EXPECT_EQ(status_of({"GET", "/v1/keys", "", {}}), 403);
  EXPECT_EQ(status_of({"GET", "/v1/audit", "", {}}), 403);
  facts_.is_dev = true;
  EXPECT_EQ(status_of(plain), 200);
  facts_.is_dev = false;
  facts_.asks_certificates = true;
  EXPECT_EQ(status_of(plain), 200) << "whoever has a certificate is as good as loopback";
  facts_.policy = KeyPolicy::kOnceMade;
  const std::string key = add_key(only(Right::kTasksRead));
  EXPECT_EQ(status_of(plain), 401) << "a key is asked for as ever";
  EXPECT_EQ(status_of(with_key(plain, key)), 403);
}

TEST_F(AccessTest, ManyRefusedKeysAreAnsweredWith429AndGoodOnesGoOn) {
  const std::string good = add_key(Rights::all());
  const Ask bad = with_key({"GET", "/v1/server", "", {}}, *new_key_text());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(bad), 401) << i;
  const Sent& limited = ask(bad);
  EXPECT_EQ(limited.response.status, 429);
  EXPECT_FALSE(limited.field("retry-after").empty());
  EXPECT_EQ(status_of(with_key({"GET", "/v1/server", "", {}}, good)), 200);
  EXPECT_EQ(status_of({"GET", "/v1/server", "", {}}), 401) << "without a key nothing was tried";
  Ask other = bad;
  other.peer.bytes[3] = 1;
  EXPECT_EQ(status_of(other), 401);
  api_.set_now({kTestNow + seconds(3), Monotonic{3'000}});
  EXPECT_EQ(status_of(bad), 401);
  EXPECT_EQ(status_of(bad), 429);
}

TEST_F(AccessTest, AUseIsToldToTheDeskOnceAnHour) {
  const std::string text = add_key(Rights::all());
  const Ask use = with_key({"GET", "/v1/server", "", {}}, text);
  status_of(use);
  EXPECT_TRUE(system_.requests.empty()) << "it was used just now";
  const Instant later = kTestNow + kKeyUseNoted;
  api_.set_now({later, Monotonic{0}});
  status_of(use);
  status_of(use);
  ASSERT_EQ(system_.requests.size(), 1U);
  const KeyRequest noted = system_.take<KeyRequest>();
  EXPECT_EQ(noted.action, KeyAction::kNoteUse);
  EXPECT_EQ(noted.key.id, id_of(text));
  EXPECT_EQ(noted.key.last_used, later);
  answer(noted.token, QueryAnswer(KeysChanged{}));  // nobody waits for it
}

TEST_F(AccessTest, ToRunATaskIsARightOfItsOwnAlsoAmongOthers) {
  const std::string writer = add_key(only(Right::kTasksWrite));
  const Sent& batch = ask(with_key(
      {"POST", "/v1/tasks:batch", R"({"operations":[{"op":"run","id":"a"}]})", {}}, writer));
  EXPECT_TRUE(contains(batch.response.body, R"("status":403)")) << batch.response.body;
  EXPECT_TRUE(contains(batch.response.body, "/operations/0/op"));
  const Ask bulk{"POST", "/v1/tasks:bulk", R"({"filter":{},"action":"run"})", {}};
  EXPECT_EQ(status_of(with_key(bulk, writer)), 403);
  Rights both = only(Right::kTasksWrite);
  both.add(Right::kTasksTrigger);
  EXPECT_EQ(status_of(with_key(bulk, add_key(both))), 0);
}

TEST_F(AccessTest, APayloadOfARunsOwnIsForWhoeverMayChangeTheTask) {
  const Ask plain{"POST", "/v1/tasks/a/run", "{}", {}};
  const Ask own{"POST", "/v1/tasks/a/run", R"({"payload":{"amount":1}})", {}};
  const std::string trigger = add_key(only(Right::kTasksTrigger));
  EXPECT_EQ(status_of(with_key(plain, trigger)), 0);
  const Sent& refused = ask(with_key(own, trigger));
  EXPECT_EQ(refused.response.status, 403);
  EXPECT_TRUE(contains(refused.response.body, R"("code":"forbidden")")) << refused.response.body;
  EXPECT_TRUE(contains(refused.field("www-authenticate"), "scope=\"tasks:write\""));
  Rights both = only(Right::kTasksTrigger);
  both.add(Right::kTasksWrite);
  EXPECT_EQ(status_of(with_key(own, add_key(both))), 0);
}

TEST_F(AccessTest, AnIdempotencyKeyIsOfItsCaller) {
  auto scope = [&](const std::string& key) {
    Ask ask{"POST", "/v1/tasks", R"({"id":"a","schedule":{"delay":"PT1H"}})", {}};
    ask.fields.emplace_back("idempotency-key", "same");
    send(with_key(ask, key));
    return take_commands().second.commands.at(0).idempotency->scope;
  };
  const std::string one = add_key(Rights::all());
  const std::string other = add_key(Rights::all());
  EXPECT_EQ(scope(one), scope(one));
  EXPECT_NE(scope(one), scope(other));
}

TEST_F(AccessTest, WithoutKeysOtherSitesPagesChangeNothing) {
  facts_.policy = KeyPolicy::kNever;
  facts_.is_loopback = false;
  auto change = [&](std::vector<std::pair<std::string, std::string>> fields) {
    Ask ask{"POST", "/v1/tasks/a/run", "", std::move(fields)};
    ask.authority = "hourwheel.example";
    return status_of(ask);
  };
  EXPECT_EQ(change({}), 0);
  EXPECT_EQ(change({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(change({{"origin", "https://evil.example"}}), 403);
  EXPECT_EQ(change({{"origin", "https://hourwheel.example"}}), 0) << "a proxy speaks TLS";
}

TEST_F(AccessTest, OverTlsAPageOfItsOwnIsHttps) {
  facts_.policy = KeyPolicy::kNever;
  facts_.is_loopback = false;
  auto change = [&](const char* origin) {
    Ask ask{"POST", "/v1/tasks/a/run", "", {{"origin", origin}}};
    ask.authority = "hourwheel.example:8443";
    ask.over_tls = true;
    return status_of(ask);
  };
  EXPECT_EQ(change("https://hourwheel.example:8443"), 0);
  EXPECT_EQ(change("http://hourwheel.example:8443"), 403);
  EXPECT_EQ(change("https://hourwheel.example"), 403);
}

// --- sessions ---

class SessionTest : public AccessTest {
 protected:
  Sent sign_in(const std::string& key, const Ask& more = {}) {
    Ask ask{"POST", "/v1/session", R"({"key":")" + key + R"("})", more.fields};
    ask.peer = more.peer;
    ask.over_tls = more.over_tls;
    return this->ask(ask);
  }
  static Ask with_cookie(Ask ask, const Sent& signed_in) {
    const std::string cookie = signed_in.field("set-cookie");
    ask.fields.emplace_back("cookie", "theme=dark; " + cookie.substr(0, cookie.find(';')));
    return ask;
  }
};

TEST_F(SessionTest, IsAsGoodAsItsKey) {
  const std::string key = add_key(only(Right::kTasksRead));
  const Sent in = sign_in(key);
  EXPECT_EQ(in.response.status, 200);
  EXPECT_TRUE(contains(in.field("set-cookie"), "; HttpOnly; SameSite=Strict")) << "T-02";
  EXPECT_FALSE(contains(in.response.body, key));
  EXPECT_EQ(status_of(with_cookie({"GET", "/v1/server", "", {}}, in)), 200);
  EXPECT_EQ(status_of(with_cookie({"GET", "/metrics", "", {}}, in)), 403);
  system_.key_table.clear();
  add_key(Rights::all());
  EXPECT_EQ(status_of(with_cookie({"GET", "/v1/server", "", {}}, in)), 401) << "SE2";
}

TEST_F(SessionTest, OfTlsItsCookieIsNeverSentInTheClear) {
  const std::string key = add_key(Rights::all());
  EXPECT_FALSE(contains(sign_in(key).field("set-cookie"), "Secure"));
  Ask over_tls;
  over_tls.over_tls = true;
  EXPECT_TRUE(contains(sign_in(key, over_tls).field("set-cookie"), "; Secure;"));
  Ask out{"DELETE", "/v1/session", "", {}};
  out.over_tls = true;
  EXPECT_TRUE(contains(ask(out).field("set-cookie"), "; Secure;"));
}

TEST_F(SessionTest, EndsInTimeAndWithTheServersSecret) {
  const Sent in = sign_in(add_key(Rights::all()));
  const Ask ask = with_cookie({"GET", "/v1/server", "", {}}, in);
  api_.set_now({kTestNow + kSessionLasts - milliseconds(1), Monotonic{0}});
  EXPECT_EQ(status_of(ask), 200);
  api_.set_now({kTestNow + kSessionLasts, Monotonic{0}});
  EXPECT_EQ(status_of(ask), 401);
  api_.set_now({kTestNow, Monotonic{0}});
  facts_.secret = "of another life";
  EXPECT_EQ(status_of(ask), 401);
}

TEST_F(SessionTest, EndsWithItsKey) {
  const Sent in = sign_in(add_key(Rights::all(), kTestNow + seconds(1)));
  api_.set_now({kTestNow + seconds(1), Monotonic{0}});
  EXPECT_EQ(status_of(with_cookie({"GET", "/v1/server", "", {}}, in)), 401);
}

TEST_F(SessionTest, CannotBeMadeUp) {
  const std::string key = add_key(Rights::all());
  const Sent in = sign_in(key);
  const Ask good = with_cookie({"GET", "/v1/server", "", {}}, in);
  const std::string cookie = good.fields.back().second;
  const size_t ends = cookie.find('.') + 1;
  for (size_t at : {ends, cookie.size() - 1, cookie.find("hw_session=") + 11}) {
    Ask forged = good;
    char& c = forged.fields.back().second[at];
    c = c == '9' ? '8' : '9';
    EXPECT_EQ(status_of(forged), 401) << forged.fields.back().second;
  }
  for (const char* value : {"", ".", "..", "a.b.c", "a.1", "a.99999999999999999999.c"}) {
    Ask forged{"GET", "/v1/server", "", {{"cookie", std::string("hw_session=") + value}}};
    EXPECT_EQ(status_of(forged), 401) << value;
  }
}

TEST_F(SessionTest, ChangesOnlyWhatItsOwnPagesAsk) {  // AC3
  facts_.is_loopback = false;
  facts_.policy = KeyPolicy::kAlways;
  const Sent in = sign_in(add_key(Rights::all()));
  auto change = [&](std::vector<std::pair<std::string, std::string>> fields) {
    Ask ask{"DELETE", "/v1/tasks/a", "", std::move(fields)};
    ask.authority = "hourwheel.example:8080";
    return status_of(with_cookie(ask, in));
  };
  EXPECT_EQ(change({{"sec-fetch-site", "same-origin"}}), 0);
  EXPECT_EQ(change({{"sec-fetch-site", "none"}}), 0);
  EXPECT_EQ(change({{"sec-fetch-site", "same-site"}}), 403);
  EXPECT_EQ(change({{"sec-fetch-site", "cross-site"}}), 403);
  EXPECT_EQ(change({{"origin", "http://evil.example"}}), 403);
  EXPECT_EQ(change({{"origin", "http://hourwheel.example:8080"}}), 0);
}

TEST_F(SessionTest, IsOnlyBegunWithAKeyThatOpens) {
  add_key(Rights::all());
  EXPECT_EQ(sign_in(*new_key_text()).response.status, 401);
  EXPECT_TRUE(sign_in(*new_key_text()).field("set-cookie").empty());
  EXPECT_EQ(post("/v1/session", "{}").response.status, 422);
  EXPECT_EQ(ask({"POST", "/v1/session", R"({"key":"a"})", {{"content-type", "text/plain"}}})
                .response.status,
            415)
      << "no form of another site can";
  EXPECT_EQ(sign_in(add_key(Rights::all()), {"", "", "", {{"sec-fetch-site", "cross-site"}}})
                .response.status,
            403);
}

TEST_F(SessionTest, TellsWhoAsks) {
  EXPECT_TRUE(contains(get("/v1/session").response.body, R"("keys_required":false)"));
  const std::string key = add_key(only(Right::kRunsRead));
  EXPECT_EQ(get("/v1/session").response.status, 401);
  const Sent& sent = ask(with_key({"GET", "/v1/session", "", {}}, key));
  EXPECT_TRUE(contains(sent.response.body, R"("keys_required":true)"));
  EXPECT_TRUE(contains(sent.response.body, R"("id":")" + id_of(key)));
  EXPECT_TRUE(contains(sent.response.body, R"("scopes":["runs:read"])"));
}

TEST_F(SessionTest, SigningOutTakesTheCookieAway) {
  const Sent& out = ask({"DELETE", "/v1/session", "", {}});
  EXPECT_TRUE(contains(out.field("set-cookie"), "hw_session=;"));
  EXPECT_TRUE(contains(out.field("set-cookie"), "Max-Age=0"));
}

}  // namespace
}  // namespace hourwheel::access_test
