// GET /v1/runs: what the run logs of all shards keep, merged.
#include "tests/api/support/fixture.h"

namespace hourwheel::recorded_runs_test {
namespace {

class RecordedRunsTest : public ApiTest {
 protected:
  static LoggedRun logged(const std::string& task, int64_t recorded_s) {
    LoggedRun run;
    run.task_id = task;
    run.record.key = {Generation{3}, Trigger::kSchedule, kTestNow.ms - recorded_s * 1'000};
    run.record.state = RunState::kSucceeded;
    run.record.due = run.record.last_due = kTestNow - seconds(recorded_s);
    run.record.recorded = run.record.due;
    run.record.attempt = 1;
    run.record.outcome.result = AttemptResult::kResponded;
    run.record.outcome.status = 204;
    run.record.outcome.started = run.record.outcome.ended = run.record.due;
    return run;
  }
  // Positions count down from `newest`.
  static RecordPage page_of(std::vector<LoggedRun> runs, uint64_t newest, uint64_t next) {
    RecordPage page;
    for (size_t i = 0; i < runs.size(); ++i) page.positions.push_back(newest - i);
    page.entries = std::move(runs);
    page.next = next;
    return page;
  }
  // The oldest question, which is of this shard; what it goes on before.
  uint64_t answer_next(uint32_t shard, RecordPage page) {
    auto [asked, request] = take_query();
    EXPECT_EQ(asked, shard);
    const uint64_t before = std::get<ListRecords>(request.query).before;
    answer(request.token, QueryAnswer(std::move(page)));
    return before;
  }
  static std::string tasks_in(const std::string& body) {
    constexpr std::string_view kName = "\"task_id\":\"";
    std::string out;
    for (size_t at = body.find(kName); at != std::string::npos; at = body.find(kName, at + 1)) {
      const size_t from = at + kName.size();
      out += body.substr(from, body.find('"', from) - from) + " ";
    }
    return out;
  }
  std::string id_in(uint32_t shard) {
    for (int i = 0;; ++i) {
      std::string id = "t" + std::to_string(i);
      if (shards_.shard_of(task_key(id)) == shard) return id;
    }
  }
  std::string body_of(HttpToken token) { return responder_.at(token).response.body; }
};

TEST_F(RecordedRunsTest, TheFilterGoesToEveryShard) {
  send({"GET",
        "/v1/runs?state=succeeded,dead&trigger=manual,backfill&result=responded,timed_out&"
        "label=team:a&label=x:y&due_after=2026-01-01T00:00:00Z&due_before=2026-01-02T00:00:00Z&"
        "page_size=7",
        "",
        {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  for (const auto& [shard, request] : shards_.queries) {
    const auto& query = std::get<ListRecords>(request.query);
    EXPECT_EQ(query.limit, 7U);
    EXPECT_EQ(query.before, 0U);
    EXPECT_EQ(query.filter.states, (std::vector{RunState::kSucceeded, RunState::kDead}));
    EXPECT_EQ(query.filter.triggers, (std::vector{Trigger::kManual, Trigger::kBackfill}));
    EXPECT_EQ(query.filter.run.results,
              (std::vector{AttemptResult::kResponded, AttemptResult::kTimedOut}));
    EXPECT_EQ(query.filter.run.labels, (std::vector<NamedText>{{"team", "a"}, {"x", "y"}}));
    EXPECT_EQ(query.filter.run.due_after, kTestNow);
    EXPECT_EQ(query.filter.run.due_before, kTestNow + hours(24));
    EXPECT_EQ(query.filter.run.task, std::nullopt);
  }
}

TEST_F(RecordedRunsTest, ShardsAreMergedByTheTimeOfRecord) {
  HttpToken token = send({"GET", "/v1/runs?page_size=3", "", {}});
  answer_next(0, page_of({logged("a1", 1), logged("a4", 4), logged("a6", 6)}, 9, 7));
  answer_next(1, page_of({logged("b2", 2), logged("b5", 5)}, 5, 0));
  EXPECT_EQ(tasks_in(body_of(token)), "a1 b2 a4 ");
  EXPECT_TRUE(
      contains(body_of(token), R"("id":")" + run_id(task_key("a1"), logged("", 1).record.key)));
  const std::string next = token_in(body_of(token));
  EXPECT_EQ(responder_.at(token).field("link"),
            "</v1/runs?page_size=3&page_token=" + next + ">; rel=\"next\"");

  HttpToken second = send({"GET", "/v1/runs?page_size=3&page_token=" + next, "", {}});
  EXPECT_EQ(answer_next(0, page_of({logged("a6", 6)}, 7, 0)), 8U);
  EXPECT_EQ(answer_next(1, page_of({logged("b5", 5)}, 4, 0)), 5U);
  EXPECT_EQ(tasks_in(body_of(second)), "b5 a6 ");
  EXPECT_EQ(token_in(body_of(second)), "");
  EXPECT_EQ(responder_.at(second).field("link"), "");
}

// Whatever the pages, each row of two shards recorded at one time is told once.
TEST_F(RecordedRunsTest, RowsOfOneTimeAreNeitherRepeatedNorLost) {
  for (size_t size : {1U, 2U, 3U, 4U}) {
    std::string told;
    std::string next;
    for (int pages = 0; pages < 9; ++pages) {
      HttpToken token = send({"GET",
                              "/v1/runs?page_size=" + std::to_string(size) +
                                  (next.empty() ? "" : "&page_token=" + next),
                              "",
                              {}});
      // Each log has rows at 11 and 10, all recorded at the same time.
      while (!shards_.queries.empty()) {
        auto [shard, request] = take_query();
        const auto& query = std::get<ListRecords>(request.query);
        RecordPage page;
        for (uint64_t position : {11U, 10U}) {
          if (query.before != 0 && position >= query.before) continue;
          if (page.entries.size() == query.limit) {
            page.next = page.positions.back();
            break;
          }
          page.entries.push_back(logged((shard == 0 ? "a" : "b") + std::to_string(position), 1));
          page.positions.push_back(position);
        }
        answer(request.token, QueryAnswer(std::move(page)));
      }
      told += tasks_in(body_of(token));
      next = token_in(body_of(token));
      if (next.empty()) break;
    }
    EXPECT_EQ(next, "") << size;
    EXPECT_EQ(told, "a11 a10 b11 b10 ") << size;
  }
}

TEST_F(RecordedRunsTest, AShardThatRanDryIsAskedAgain) {
  HttpToken token = send({"GET", "/v1/runs?page_size=3", "", {}});
  answer_next(0, page_of({}, 0, 400));
  answer_next(1, page_of({logged("b2", 2)}, 5, 0));
  EXPECT_FALSE(responder_.at(token).ended) << "what shard 0 has may be newer";
  ASSERT_EQ(shards_.queries.size(), 1U);
  EXPECT_EQ(answer_next(0, page_of({logged("a1", 1)}, 300, 0)), 400U);
  EXPECT_EQ(tasks_in(body_of(token)), "a1 b2 ");
}

TEST_F(RecordedRunsTest, ALongSearchEndsInAShortPage) {
  HttpToken token = send({"GET", "/v1/runs?state=canceled&page_size=3", "", {}});
  answer_next(0, page_of({}, 0, 400));
  api_.set_now({kTestNow, Monotonic{1'000}});
  answer_next(1, page_of({logged("b2", 2)}, 5, 0));
  ASSERT_TRUE(responder_.at(token).ended);
  EXPECT_EQ(tasks_in(body_of(token)), "") << "what shard 0 has may be newer";
  const std::string next = token_in(body_of(token));
  send({"GET", "/v1/runs?state=canceled&page_size=3&page_token=" + next, "", {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  EXPECT_EQ(std::get<ListRecords>(shards_.queries[0].second.query).before, 400U);
  EXPECT_EQ(std::get<ListRecords>(shards_.queries[1].second.query).before, 0U)
      << "nothing of it was told";
}

TEST_F(RecordedRunsTest, ATaskIsAskedOfItsShardOnly) {
  const std::string id = id_in(1);
  HttpToken token = send({"GET", "/v1/runs?page_size=1&task_id=" + id, "", {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  answer_next(1, page_of({logged(id, 1)}, 5, 5));
  const std::string next = token_in(body_of(token));
  send({"GET", "/v1/runs?page_size=1&task_id=" + id + "&page_token=" + next, "", {}});
  ASSERT_EQ(shards_.queries.size(), 1U) << "nor by the token";
  EXPECT_EQ(answer_next(1, page_of({}, 0, 0)), 5U);
}

TEST_F(RecordedRunsTest, StateDeadAloneAsksForDeadLetters) {
  send({"GET", "/v1/runs?state=dead", "", {}});
  EXPECT_TRUE(std::holds_alternative<ListDead>(take_query().second.query));
  take_query();
  send({"GET", "/v1/runs?state=dead,canceled", "", {}});
  EXPECT_TRUE(std::holds_alternative<ListRecords>(take_query().second.query));
}

TEST_F(RecordedRunsTest, AShardThatRefusesOrHasNoRoomRefusesThePage) {
  HttpToken token = send({"GET", "/v1/runs", "", {}});
  answer(take_query().second.token, failure(ErrorCode::kIo, "", "the disk is gone"));
  EXPECT_FALSE(responder_.at(token).ended);
  answer_next(1, page_of({}, 0, 0));
  EXPECT_GE(responder_.at(token).response.status, 500);
  shards_.without_credit = {1};
  HttpToken full = send({"GET", "/v1/runs", "", {}});
  answer_next(0, page_of({}, 0, 0));
  EXPECT_EQ(responder_.at(full).response.status, 503);
}

TEST_F(RecordedRunsTest, RefusalsNameTheParameter) {
  const std::pair<const char*, const char*> kCases[] = {
      {"state=succeeded,running", "state: one or several of pending, running"},
      {"state=failed", "state: one or several of succeeded, dead"},
      {"state=", "state: one or several"},
      {"state=succeeded,", "state: one or several"},
      {"state=dead&state=canceled", "state is given twice"},
      {"trigger=cron", "trigger: one or several of schedule"},
      {"result=none", "result: one or several"},
      {"state=dead&trigger=manual", "trigger chooses among what the run log keeps"},
      {"state=dead&result=failed", "result: one or several"},
      {"state=dead&result=responded&result=timed_out", "result is given twice"},
      {"error=", "error: 1 to 256 bytes"},
      {"state=dead&error=a&error=b", "error is given twice"},
      {"label=x", "label is key:value"},
      {"due_after=yesterday", "due_after: "},
      {"due_before=2026-01-01T00:00:00Z&due_before=2026-01-01T00:00:00Z", "given twice"},
      {"colour=red", "no parameter \\\"colour\\\""},
      {"page_token=x", "page token"},
      {"page_size=-1", "page_size"},
  };
  for (const auto& [query, part] : kCases) {
    const Sent& sent = get(std::string("/v1/runs?") + query);
    EXPECT_EQ(sent.response.status, 400) << query;
    EXPECT_TRUE(contains(sent.response.body, part)) << query << ": " << sent.response.body;
  }
  HttpToken token = send({"GET", "/v1/runs?page_size=1", "", {}});
  answer_next(0, page_of({logged("a1", 1)}, 9, 9));
  answer_next(1, page_of({}, 0, 0));
  const std::string next = token_in(body_of(token));
  EXPECT_EQ(get("/v1/runs?state=canceled&page_token=" + next).response.status, 400)
      << "a token of another question";
}

}  // namespace
}  // namespace hourwheel::recorded_runs_test
