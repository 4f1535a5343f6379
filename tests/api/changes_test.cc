// GET /v1/changes: server-sent events.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::changes_test {
namespace {

class ChangesTest : public ApiTest {
 protected:
  HttpToken follow(const std::string& query = "", const std::string& last_id = "") {
    Ask request{"GET", "/v1/changes" + query, "", {}};
    if (!last_id.empty()) request.fields.emplace_back("last-event-id", last_id);
    return send(request);
  }
  // What both shards answer when they are asked for the place of now.
  void begin() {
    answer_with({}, {{3, {30}, {}}, {}, false, false});
    answer_with({}, {{5, {50}, {}}, {}, false, false});
  }
  struct Answered {
    FollowPlace place;
    std::vector<SeenChange> changes;
    bool more = false;
    bool gap = false;
  };
  // The oldest question, which is for what comes after this place.
  void answer_with(std::optional<FollowPlace> asked, Answered answered) {
    auto [shard, query] = take_query();
    const auto& follows = std::get<FollowChanges>(query.query);
    EXPECT_EQ(follows.after.has_value(), asked.has_value());
    if (asked && follows.after) {
      EXPECT_EQ(follows.after->row, asked->row);
      EXPECT_EQ(follows.after->created, asked->created);
    }
    ChangesSeen seen;
    seen.changes = std::move(answered.changes);
    seen.place = answered.place;
    seen.more = answered.more;
    seen.gap = answered.gap;
    answer(query.token, QueryAnswer(std::move(seen)));
  }
  void pass(Duration time) {
    mono_ = mono_ + time;
    api_.set_now({kTestNow + (mono_ - Monotonic{0}), mono_});
    api_.end_turn();
  }
  static SeenChange seen(SeenKind kind, const std::string& id) {
    SeenChange change;
    change.kind = kind;
    change.task = stored_task(id, 31);
    return change;
  }
  static SeenChange ended(const std::string& id) {
    SeenChange change = seen(SeenKind::kUpdated, id);
    RunRecord& record = change.record.emplace();
    record.state = RunState::kSucceeded;
    record.due = record.last_due = kTestNow;
    record.attempt = 1;
    return change;
  }
  // Behind the last "id: ".
  static std::string id_in(const std::string& text) {
    const size_t at = text.rfind("id: ");
    if (at == std::string::npos) return "";
    return text.substr(at + 4, text.find('\n', at) - at - 4);
  }

  Monotonic mono_{0};
};

TEST_F(ChangesTest, WhoFollowsIsCountedAsLongAsTheyAreThere) {
  const HttpToken token = follow();
  begin();
  EXPECT_TRUE(contains(get("/metrics").response.body, "hourwheel_stream_clients 1\n"));
  api_.on_closed(token);
  pass(kFollowInterval);
  EXPECT_TRUE(contains(get("/metrics").response.body, "hourwheel_stream_clients 0\n"));
}

TEST_F(ChangesTest, AStreamBeginsWithWhatHappensFromNowOn) {
  HttpToken token = follow();
  begin();
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.streaming);
  EXPECT_EQ(sent.response.content_type, "text/event-stream");
  EXPECT_TRUE(contains(sent.response.body, "retry: 2000\n\n"));
  EXPECT_NE(id_in(sent.response.body), "");
  api_.on_writable(token);
  EXPECT_TRUE(shards_.queries.empty()) << "not before it is time to look";
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}}, {{4, {31}, {}}, {seen(SeenKind::kCreated, "a")}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  ASSERT_EQ(sent.chunks.size(), 1U);
  EXPECT_TRUE(contains(sent.chunks[0], "event: task.created\ndata: {\"id\":\"a\",\"paused\":null,"))
      << sent.chunks[0];
  EXPECT_NE(id_in(sent.chunks[0]), id_in(sent.response.body));
}

TEST_F(ChangesTest, AStreamGoesOnBehindItsLastId) {
  HttpToken first = follow();
  begin();
  const std::string id = id_in(responder_.at(first).response.body);
  HttpToken token = follow("", id);
  answer_with(FollowPlace{3, {30}, {}}, {{9, {30}, {}}, {ended("a")}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, "event: run.ended\n")) << body;
  EXPECT_TRUE(contains(body, "event: task.updated\n")) << body;
  EXPECT_LT(body.find("run.ended"), body.find("task.updated"));
  follow("?last_event_id=" + id);
  EXPECT_EQ(std::get<FollowChanges>(take_query().second.query).after->row, 3U);
}

TEST_F(ChangesTest, WhatIsNotToldIsToldAsAGap) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}}, {{900, {30}, {}}, {}, false, true});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  EXPECT_TRUE(contains(responder_.at(token).chunks.at(0), "event: gap\ndata: {}\n\n"));
}

TEST_F(ChangesTest, OnlyWhatIsAskedForIsTold) {
  HttpToken token = follow("?types=run.ended&task_id=a");
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}},
              {{7, {31}, {}}, {seen(SeenKind::kCreated, "a"), ended("a"), ended("b")}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  const std::string& chunk = responder_.at(token).chunks.at(0);
  EXPECT_EQ(chunk.find("event: "), chunk.rfind("event: ")) << chunk;
  EXPECT_TRUE(contains(chunk, "event: run.ended\n"));
  EXPECT_NE(id_in(chunk), "");
}

TEST_F(ChangesTest, OneThatIsRemovedIsToldById) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  SeenChange gone;
  gone.kind = SeenKind::kRemoved;
  gone.task.spec.id = "a";
  SeenChange again;  // the last run of a deleted task has ended
  again.kind = SeenKind::kRemoved;
  again.task.key = task_key("a");
  answer_with(FollowPlace{3, {30}, {}}, {{5, {30}, {}}, {gone, again}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  const std::string& chunk = responder_.at(token).chunks.at(0);
  EXPECT_TRUE(contains(chunk, "event: task.deleted\ndata: {\"id\":\"a\"}\n\n")) << chunk;
  EXPECT_EQ(chunk.find("event: "), chunk.rfind("event: "));
}

TEST_F(ChangesTest, ASlowClientIsAskedForNothingMore) {  // CH2
  HttpToken token = follow();
  begin();
  pass(kFollowInterval);
  EXPECT_TRUE(shards_.queries.empty()) << "the head has not left yet";
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}}, {{9, {31}, {}}, {seen(SeenKind::kCreated, "a")}, true});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  EXPECT_TRUE(shards_.queries.empty());
  api_.on_writable(token);
  EXPECT_EQ(shards_.queries.size(), 2U) << "there is more: it is asked for at once";
}

TEST_F(ChangesTest, AQuietStreamIsKeptOpen) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}}, {{3, {30}, {}}, {}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  EXPECT_TRUE(responder_.at(token).chunks.empty());
  pass(kFollowPing);
  EXPECT_EQ(responder_.at(token).chunks.at(0), ": ping\n\n");
}

TEST_F(ChangesTest, TheLastRunOfATaskThatIsGoneIsToldBeforeIt) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  SeenChange record = ended("a");
  record.kind = SeenKind::kRecord;
  SeenChange gone = ended("a");
  gone.kind = SeenKind::kRemoved;
  answer_with(FollowPlace{3, {30}, {}}, {{5, {30}, {}}, {record, gone}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  const std::string& chunk = responder_.at(token).chunks.at(0);
  EXPECT_LT(chunk.find("run.ended"), chunk.find("task.deleted")) << chunk;
  EXPECT_FALSE(contains(chunk, "task.updated"));
}

TEST_F(ChangesTest, AStreamWhoseChunkIsStillLeavingEndsBehindIt) {
  HttpToken token = follow();
  begin();
  facts_.is_draining = true;
  pass(kFollowInterval);
  EXPECT_FALSE(responder_.at(token).ended) << "the head has not left yet";
  api_.on_writable(token);
  EXPECT_TRUE(responder_.at(token).ended);
}

TEST_F(ChangesTest, EndsWithTheKeyItWasOpenedWith) {
  facts_.policy = KeyPolicy::kNever;
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  facts_.policy = KeyPolicy::kAlways;  // none was asked for: now one is
  pass(kFollowInterval);
  EXPECT_TRUE(responder_.at(token).ended);
}

// What came of one shard leaves with its id when the other has answered, whatever pinged meanwhile.
TEST_F(ChangesTest, APingTakesNoIdAway) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{3, {30}, {}}, {{4, {31}, {}}, {seen(SeenKind::kCreated, "a")}});
  pass(kFollowPing);
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_with(FollowPlace{4, {31}, {}}, {{4, {31}, {}}, {}});
  answer_with(FollowPlace{5, {50}, {}}, {{5, {50}, {}}, {}});
  ASSERT_EQ(responder_.at(token).chunks.size(), 2U);
  EXPECT_TRUE(contains(responder_.at(token).chunks[1], "event: task.created"));
  EXPECT_NE(id_in(responder_.at(token).chunks[1]), "");
}

TEST_F(ChangesTest, AShardThatDoesNotAnswerHoldsUpNoPing) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  pass(kFollowInterval);
  EXPECT_EQ(shards_.queries.size(), 2U);
  pass(kFollowPing);
  EXPECT_EQ(shards_.queries.size(), 2U) << "asked once";
  EXPECT_EQ(responder_.at(token).chunks.at(0), ": ping\n\n");
}

TEST_F(ChangesTest, EndsWhenTheServerStops) {
  HttpToken token = follow();
  begin();
  api_.on_writable(token);
  facts_.is_draining = true;
  pass(kFollowInterval);
  EXPECT_TRUE(responder_.at(token).ended);
  EXPECT_FALSE(responder_.at(token).cut);
  EXPECT_FALSE(api_.next_deadline().has_value()) << "nobody follows any more";
}

TEST_F(ChangesTest, WakesTheLoopWhileSomebodyFollows) {
  EXPECT_FALSE(api_.next_deadline());
  follow();
  EXPECT_EQ(api_.next_deadline(), mono_ + kFollowInterval);
}

TEST_F(ChangesTest, WhatIsWrongWithAQueryIsTold) {
  EXPECT_EQ(get("/v1/changes?types=task.exploded").response.status, 400);
  EXPECT_EQ(get("/v1/changes?page_size=3").response.status, 400);
  EXPECT_EQ(get("/v1/changes?types=").response.status, 400);
}

// A browser would give up for good.
TEST_F(ChangesTest, AnIdThatIsNoneOfOursBeginsAnewWithAGap) {
  HttpToken token = follow("", "what?");
  begin();
  EXPECT_TRUE(contains(responder_.at(token).response.body, "event: gap\n"));
}

TEST_F(ChangesTest, NoMoreThanABoundedNumberFollow) {
  for (size_t i = 0; i < kMaxFollowers; ++i) follow();
  EXPECT_EQ(get("/v1/changes").response.status, 503);
}

}  // namespace
}  // namespace hourwheel::changes_test
