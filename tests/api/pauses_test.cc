#include "tests/api/support/fixture.h"

namespace hourwheel::pauses_test {
namespace {

class PausesTest : public ApiTest {
 protected:
  // Answers the oldest request as the desk does.
  void carry_out(PauseRequest request) {
    request.pause.id = request.pause.id == 0 ? 17 : request.pause.id;
    request.pause.since = kTestNow;
    if (request.action != PauseAction::kBegin) request.pause.ended = kTestNow;
    answer(request.token, QueryAnswer(PausesChanged{{request.pause}}));
  }
  PauseRequest take_request() { return system_.take<PauseRequest>(); }
};

TEST_F(PausesTest, IsAnsweredWhenTheDeskHasAnswered) {
  HttpToken token =
      send({"POST",
            "/v1/admin/pause",
            R"({"reason":"moving","labels":{"team":"red"},"until":"2026-01-02T00:00:00Z"})",
            {}});
  EXPECT_FALSE(responder_.at(token).ended) << "S7 not before every shard has confirmed";
  PauseRequest request = take_request();
  EXPECT_EQ(request.action, PauseAction::kBegin);
  EXPECT_EQ(request.pause.labels, (std::vector<NamedText>{{"team", "red"}}));
  EXPECT_EQ(request.pause.until, kTestNow + hours(24));
  carry_out(std::move(request));
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 201);
  EXPECT_EQ(sent.field("location"), "/v1/admin/pauses/pause-17");
  EXPECT_EQ(sent.response.body,
            R"({"id":"pause-17","labels":{"team":"red"},"reason":"moving",)"
            R"("since":"2026-01-01T00:00:00.000Z","until":"2026-01-02T00:00:00.000Z"})");
}

TEST_F(PausesTest, SaysWhatIsWrongWithABody) {
  EXPECT_EQ(post("/v1/admin/pause", "{}").response.status, 422);
  const Sent& past = post("/v1/admin/pause", R"({"reason":"x","until":"2025-12-31T00:00:00Z"})");
  EXPECT_EQ(past.response.status, 422);
  EXPECT_TRUE(contains(past.response.body, "#/until")) << past.response.body;
  EXPECT_EQ(post("/v1/admin/pause", R"({"reason":"x","label":{}})").response.status, 422);
  EXPECT_TRUE(system_.requests.empty());
}

TEST_F(PausesTest, EndsOneByIdOrAllOfThem) {
  HttpToken one = send({"DELETE", "/v1/admin/pauses/pause-3", "", {}});
  PauseRequest request = take_request();
  EXPECT_EQ(request.action, PauseAction::kEnd);
  EXPECT_EQ(request.pause.id, 3U);
  carry_out(std::move(request));
  EXPECT_EQ(responder_.at(one).response.status, 200);
  send({"POST", "/v1/admin/resume", R"({"id":"pause-4"})", {}});
  EXPECT_EQ(take_request().pause.id, 4U);
  EXPECT_EQ(post("/v1/admin/resume", R"({"id":""})").response.status, 422) << "names none";
  send({"POST", "/v1/admin/resume", "", {}});
  EXPECT_EQ(take_request().action, PauseAction::kEndAll);
  EXPECT_EQ(ask({"DELETE", "/v1/admin/pauses/three", "", {}}).response.status, 404);
}

TEST_F(PausesTest, IsRefusedWithoutRoomForTheAnswer) {
  system_.has_credit = false;
  EXPECT_EQ(post("/v1/admin/pause", R"({"reason":"x"})").response.status, 503);
}

TEST_F(PausesTest, ATaskThatIsHeldSaysByWhat) {
  GlobalPause pause;
  pause.id = 8;
  pause.labels = {{"team", "red"}};
  pause.reason = "moving";
  pause.since = kTestNow;
  system_.pause_table.replace({2, {pause}});
  auto show = [this](const StoredTask& task) {
    HttpToken token = send({"GET", "/v1/tasks/" + task.spec.id, "", {}});
    answer(take_query().second.token, QueryAnswer(StoredTask(task)));
    return responder_.at(token).response.body;
  };
  StoredTask red = stored_task("red", 1);
  red.spec.labels = {{"team", "red"}};
  const std::string held = show(red);
  EXPECT_TRUE(contains(held, R"("paused_by":{"id":"pause-8")")) << held;
  EXPECT_TRUE(contains(held, R"("state":"paused")")) << held;
  const std::string free = show(stored_task("blue", 2));
  EXPECT_FALSE(contains(free, "paused_by")) << free;
  EXPECT_TRUE(contains(free, R"("state":"active")")) << free;
  EXPECT_TRUE(contains(get("/v1/admin/pauses").response.body, R"({"pauses":[{"id":"pause-8")"));
}

// --- under an Idempotency-Key ---

class KeyedPauseTest : public PausesTest {
 protected:
  static Ask keyed(const std::string& body, const std::string& key = "k") {
    return {"POST", "/v1/admin/pause", body, {{"idempotency-key", key}}};
  }
  IdempotencyKey key_of(const Ask& ask) {
    send(ask);
    PauseRequest request = take_request();
    EXPECT_TRUE(request.pause.idempotency);
    return request.pause.idempotency.value_or(IdempotencyKey{});
  }
};

TEST_F(KeyedPauseTest, TheDeskIsToldOfTheKey) {
  const IdempotencyKey one = key_of(keyed(R"({"reason":"x"})"));
  EXPECT_EQ(key_of(keyed(R"({"reason":"x"})")), one);
  EXPECT_NE(key_of(keyed(R"({"reason":"x"})", "l")).scope, one.scope);
  const IdempotencyKey other = key_of(keyed(R"({"reason":"y"})"));
  EXPECT_EQ(other.scope, one.scope);
  EXPECT_NE(other.body, one.body);
  send({"POST", "/v1/admin/pause", R"({"reason":"x"})", {}});
  EXPECT_FALSE(take_request().pause.idempotency);
}

TEST_F(KeyedPauseTest, WhatIsToldAgainSaysSo) {
  auto ask_once = [&](bool replayed) {
    const HttpToken token = send(keyed(R"({"reason":"x"})"));
    PauseRequest request = take_request();
    request.pause.id = 3;
    request.pause.since = kTestNow;
    PausesChanged changed{{request.pause}};
    changed.replayed = replayed;
    answer(request.token, QueryAnswer(std::move(changed)));
    return responder_.at(token);
  };
  const Sent first = ask_once(false);
  const Sent again = ask_once(true);
  EXPECT_EQ(first.field("idempotent-replayed"), "");
  EXPECT_EQ(again.field("idempotent-replayed"), "true");
  EXPECT_EQ(again.response.status, 201);
  EXPECT_EQ(again.response.body, first.response.body);
  EXPECT_EQ(again.field("location"), first.field("location"));
}

TEST_F(KeyedPauseTest, WhatTimeHasMadeWrongIsLeftToTheDesk) {
  const std::string past = R"({"reason":"x","until":"2025-12-31T00:00:00Z"})";
  EXPECT_EQ(post("/v1/admin/pause", past).response.status, 422);
  EXPECT_TRUE(system_.requests.empty());
  send(keyed(past));
  const PauseRequest request = take_request();
  ASSERT_TRUE(request.refusal);
  EXPECT_EQ(request.refusal->field, "/until");
  send(keyed(R"({"reason":"x","until":"2026-12-31T00:00:00Z"})"));
  EXPECT_FALSE(take_request().refusal);
}

}  // namespace
}  // namespace hourwheel::pauses_test
