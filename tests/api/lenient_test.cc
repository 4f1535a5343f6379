// Prefer: handling=lenient (RFC 7240): what of a body is passed over, and what is not.
#include "tests/api/support/fixture.h"

namespace hourwheel::lenient_test {
namespace {

// Known and unknown members at every depth.
constexpr const char* kTask = R"({"id":"a","schedule":{"every":"PT1H","colour":1},"colour":"red",
  "target":{"kind":"http","url":"https://a.example/","tls":{"insecure_skip_verify":false,"alpn":[]},
            "auth":{"type":"bearer","secret":"crm","realm":"x"}},
  "retry":{"max_attempts":7,"color":{"deep":[1]}}})";

class LenientTest : public ApiTest {
 protected:
  static Ask lenient(Ask ask, const std::string& prefer = "handling=lenient") {
    ask.fields.emplace_back("prefer", prefer);
    return ask;
  }
  void expect_refused(const Ask& request, const std::string& code) {
    const Sent& sent = ask(request);
    EXPECT_EQ(sent.response.status, 422) << request.body;
    EXPECT_TRUE(contains(sent.response.body, "\"code\":\"" + code + "\"")) << sent.response.body;
    EXPECT_EQ(sent.field("preference-applied"), "");
    EXPECT_TRUE(shards_.commands.empty());
  }
};

TEST_F(LenientTest, UnknownMembersOfATaskAreIgnoredAtEveryDepth) {
  struct Row {
    const char* method;
    const char* path;
    CommandEffect effect;
  };
  for (const Row& row : {Row{"POST", "/v1/tasks", CommandEffect::kCreated},
                         Row{"PUT", "/v1/tasks/a", CommandEffect::kReplaced},
                         Row{"POST", "/tasks", CommandEffect::kCreated}}) {
    const Ask given{row.method, row.path, kTask, {}};
    const Sent& sent = ask_and_decide(lenient(given), [&row](Command& command) {
      EXPECT_EQ(command.spec->retry.max_attempts, 7U);
      EXPECT_EQ(command.spec->target.auth.secret, "crm");
      EXPECT_EQ(command.spec->schedule.kind, ScheduleKind::kEvery);
      return accepted(command, row.effect);
    });
    EXPECT_EQ(sent.field("preference-applied"), "handling=lenient") << row.path;
    EXPECT_FALSE(contains(sent.response.body, "realm")) << sent.response.body;
  }
  expect_refused({"POST", "/v1/tasks", kTask, {}}, "unknown-field");
}

TEST_F(LenientTest, OfAPatchToo) {
  const Ask patch{
      "PATCH", "/v1/tasks/a", R"({"colour":1,"retry":{"color":2,"max_attempts":9}})", {}};
  const HttpToken token = send(lenient(patch));
  answer(take_query().second.token, stored_task("a", 17));
  ASSERT_FALSE(shards_.commands.empty()) << responder_.at(token).response.body;
  auto [shard, message] = take_commands();
  EXPECT_EQ(message.commands[0].spec->retry.max_attempts, 9U);
  reply(message.token, accepted(message.commands[0], CommandEffect::kReplaced, 18));
  EXPECT_EQ(responder_.at(token).field("preference-applied"), "handling=lenient");

  const HttpToken strict = send(patch);
  answer(take_query().second.token, stored_task("a", 17));
  EXPECT_EQ(responder_.at(strict).response.status, 422);
}

TEST_F(LenientTest, OfABatchItsEntriesAndTheLinesOfAnImportToo) {
  const Ask batch{"POST",
                  "/v1/tasks:batch",
                  R"({"atomic":true,"operations":[
                     {"op":"create","note":1,"task":{"id":"a","schedule":"@daily","colour":1}}]})",
                  {}};
  const Ask lines{"POST",
                  "/v1/tasks:import",
                  "{\"id\":\"a\",\"schedule\":\"@daily\",\"colour\":1}\n",
                  {{"content-type", "application/x-ndjson"}}};
  for (const Ask& one : {batch, lines}) {
    const Sent& sent = ask_and_decide(lenient(one), [](Command& command) {
      EXPECT_EQ(command.id, "a");
      return accepted(command, CommandEffect::kCreated);
    });
    EXPECT_EQ(sent.response.status, 200);
    EXPECT_TRUE(contains(sent.response.body, R"("status":201)")) << sent.response.body;
    EXPECT_EQ(sent.field("preference-applied"), "handling=lenient");
    const Sent& strict = ask(one);
    EXPECT_TRUE(contains(strict.response.body, R"("code":"unknown-field")"));
  }
}

TEST_F(LenientTest, OfAPreviewToo) {
  const Ask preview{
      "POST", "/v1/schedules:preview", R"({"schedule":{"every":"PT1H","x":1},"colour":1})", {}};
  const Sent& sent = ask(lenient(preview));
  EXPECT_EQ(sent.response.status, 200) << sent.response.body;
  EXPECT_EQ(sent.field("preference-applied"), "handling=lenient");
  expect_refused(preview, "unknown-field");
}

TEST_F(LenientTest, EveryOtherCheckStays) {
  auto refuses = [this](const std::string& members, const std::string& code) {
    expect_refused(lenient({"POST", "/v1/tasks", "{\"id\":\"a\"," + members + "}", {}}), code);
  };
  refuses(R"("colour":1)", "required");
  refuses(R"("schedule":"@daily","retry":[])", "wrong-type");
  refuses(R"("schedule":"@daily","retry":{"max_attempts":0})", "out-of-range");
  refuses(R"("schedule":"@daily","overlap":"sometimes")", "unknown-value");
  // Known, and not where they belong.
  refuses(R"("schedule":{"every":"PT1H","timezone":"UTC"})", "unknown-field");
  refuses(R"("schedule":"@daily","target":{"kind":"log","url":"http://a.example/"})",
          "unknown-field");
  const Ask twice{"POST", "/v1/tasks", R"({"a":1,"a":2,"schedule":"@daily"})", {}};
  EXPECT_EQ(ask(lenient(twice)).response.status, 400);
}

TEST_F(LenientTest, OnlyTheWordThatIsMeantCounts) {
  const Ask given{"POST", "/v1/tasks", kTask, {}};
  for (const char* prefer : {"handling=strict", "handling", "handling=", "lenient",
                             "handling=strict, handling=lenient", "return=lenient"}) {
    expect_refused(lenient(given, prefer), "unknown-field");
  }
  for (const char* prefer : {"Handling = Lenient; x=1", "handling=\"lenient\", wait=5"}) {
    ask_and_decide(lenient(given, prefer),
                   [](Command& command) { return accepted(command, CommandEffect::kCreated); });
  }
}

TEST_F(LenientTest, WhatIsFollowedIsToldInOneField) {
  const Ask given{"POST", "/v1/tasks", kTask, {}};
  const Sent& sent =
      ask_and_decide(lenient(given, "handling=lenient, return=minimal"),
                     [](Command& command) { return accepted(command, CommandEffect::kCreated); });
  EXPECT_EQ(sent.response.body, "");
  EXPECT_EQ(sent.field("preference-applied"), "return=minimal, handling=lenient");
  const Sent& refusal =
      ask_and_decide(lenient(given), [](Command&) { return refused(ErrorCode::kAlreadyExists); });
  EXPECT_EQ(refusal.field("preference-applied"), "");
}

// A bound that is misspelt must not be passed over.
TEST_F(LenientTest, WhatBoundsAChangeIsReadStrictly) {
  const std::pair<const char*, const char*> cases[] = {
      {"/v1/tasks:bulk", R"({"filter":{"stat":"paused"},"action":"delete"})"},
      {"/v1/tasks:bulk", R"({"filter":{},"action":"delete","dryrun":true})"},
      {"/v1/runs:bulk", R"({"filter":{"task":"a"},"action":"redrive"})"},
      {"/v1/tasks/a/backfill",
       R"({"from":"2025-01-01T00:00:00Z","to":"2025-01-02T00:00:00Z","dryrun":true})"},
      {"/v1/tasks/a/pause", R"({"reason":"r","untill":"2027-01-01T00:00:00Z"})"},
      {"/v1/keys", R"({"name":"ci","role":"viewer","network":["10.0.0.0/8"]})"},
  };
  for (const auto& [path, body] : cases) {
    expect_refused(lenient({"POST", path, body, {}}), "unknown-field");
  }
  expect_refused(lenient({"PUT", "/v1/secrets/a", R"({"value":"x","host":["a.example"]})", {}}),
                 "unknown-field");
  EXPECT_TRUE(system_.requests.empty());
}

TEST_F(LenientTest, SoIsInABatchWhatDefinesNoTask) {
  const Sent& sent =
      ask(lenient({"POST",
                   "/v1/tasks:batch",
                   R"({"operations":[{"op":"pause","id":"a","untill":"2027-01-01T00:00:00Z"}]})",
                   {}}));
  EXPECT_TRUE(contains(sent.response.body, R"("code":"unknown-field")")) << sent.response.body;
  EXPECT_TRUE(shards_.commands.empty());
}

}  // namespace
}  // namespace hourwheel::lenient_test
