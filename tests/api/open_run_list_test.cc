// GET /v1/runs?state=pending,running: the open runs of all tasks, by pages.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::open_run_list_test {
namespace {

class OpenRunListTest : public ApiTest {
 protected:
  // Due so many seconds ago.
  static OpenRun pending(int64_t ago_s) {
    OpenRun run;
    run.key = {Generation{3}, Trigger::kSchedule, kTestNow.ms - ago_s * 1'000};
    run.due = run.next_attempt = kTestNow - seconds(ago_s);
    return run;
  }
  static OpenRun running(int64_t ago_s) {
    OpenRun run = pending(ago_s);
    run.attempts = 1;
    run.in_flight = true;
    return run;
  }
  static OpenRun retrying(int64_t ago_s) {
    OpenRun run = pending(ago_s);
    run.attempts = 1;
    return run;
  }
  static StoredTask task_with(const std::string& id, uint64_t number, std::vector<OpenRun> runs) {
    StoredTask task = stored_task(id, number);
    task.spec.labels = {{"team", "a"}};
    task.state.open = std::move(runs);
    return task;
  }
  // Answers the oldest question, which is of this shard; after which task it asked.
  uint64_t give(uint32_t shard, std::vector<StoredTask> tasks, uint64_t next) {
    auto [asked, request] = take_query();
    EXPECT_EQ(asked, shard);
    const uint64_t after = std::get<ListTasks>(request.query).after.value;
    TaskPage page;
    page.tasks = std::move(tasks);
    page.next = TaskNumber{next};
    answer(request.token, QueryAnswer(std::move(page)));
    return after;
  }
  HttpToken list(const std::string& query) { return send({"GET", "/v1/runs?" + query, "", {}}); }
  // Of the page: which task each run is of.
  std::string told(HttpToken token) {
    EXPECT_TRUE(responder_.at(token).ended);
    const std::string& body = responder_.at(token).response.body;
    constexpr std::string_view kName = "\"task_id\":\"";
    std::string out;
    for (size_t at = body.find(kName); at != std::string::npos; at = body.find(kName, at + 1)) {
      const size_t from = at + kName.size();
      out += body.substr(from, body.find('"', from) - from) + " ";
    }
    return out;
  }
  std::string next_of(HttpToken token) { return token_in(responder_.at(token).response.body); }
  std::string id_in(uint32_t shard) {
    for (int i = 0;; ++i) {
      std::string id = "t" + std::to_string(i);
      if (shards_.shard_of(task_key(id)) == shard) return id;
    }
  }
};

TEST_F(OpenRunListTest, OnlyTasksThatMayHaveOpenRunsAreAskedFor) {
  list("state=pending,running&label=team:a&page_size=9");
  ASSERT_EQ(shards_.queries.size(), 2U);
  TaskFilter wanted;
  wanted.labels = {{"team", "a"}};
  wanted.may_be_open_at = kTestNow;
  for (const auto& [shard, request] : shards_.queries) {
    EXPECT_EQ(std::get<ListTasks>(request.query).filter, wanted);
    EXPECT_EQ(std::get<ListTasks>(request.query).after, TaskNumber{});
  }
}

TEST_F(OpenRunListTest, RunsAreChosenByStateTriggerAndDueInstant) {
  OpenRun manual = running(5);
  manual.key.trigger = Trigger::kManual;
  OpenRun with_target = retrying(6);
  with_target.awaited = Awaited{};
  const std::vector<OpenRun> runs{pending(1), running(2), retrying(3), manual, with_target};
  const std::pair<const char*, std::vector<OpenRun>> kCases[] = {
      {"state=pending", {pending(1)}},
      {"state=running", {running(2), manual, with_target}},
      {"state=running,pending", {pending(1), running(2), manual, with_target}},
      {"state=running&trigger=manual,backfill", {manual}},
      {"state=running&due_after=2025-12-31T23:59:56Z", {running(2)}},
      {"state=running&due_before=2025-12-31T23:59:55Z", {with_target}},
  };
  for (const auto& [query, wanted] : kCases) {
    HttpToken token = list(query);
    give(0, {task_with("a", 1, runs)}, 0);
    give(1, {}, 0);
    std::string tasks;
    for (const OpenRun& run : wanted) {
      tasks += "a ";
      EXPECT_TRUE(contains(responder_.at(token).response.body, run_id(task_key("a"), run.key)))
          << query;
    }
    EXPECT_EQ(told(token), tasks) << query;
    EXPECT_EQ(next_of(token), "") << query;
  }
}

// Each task is told once, whole, and in no page twice.
TEST_F(OpenRunListTest, PagesGoOnBehindWhatWasTold) {
  HttpToken token = list("state=running&page_size=3");
  give(0, {task_with("a1", 1, {running(1)}), task_with("a4", 4, {running(1), running(2)})}, 4);
  EXPECT_FALSE(responder_.at(token).ended);
  give(1, {task_with("b2", 2, {running(1)})}, 0);
  EXPECT_EQ(told(token), "a1 a4 a4 ") << "the page is full before the other shard's";
  const std::string next = next_of(token);
  EXPECT_EQ(responder_.at(token).field("link"),
            "</v1/runs?page_size=3&state=running&page_token=" + next + ">; rel=\"next\"");

  HttpToken second = list("state=running&page_size=3&page_token=" + next);
  EXPECT_EQ(give(0, {}, 0), 4U);
  EXPECT_EQ(give(1, {task_with("b2", 2, {running(1)})}, 0), 0U);
  EXPECT_EQ(told(second), "b2 ");
  EXPECT_EQ(next_of(second), "");
}

TEST_F(OpenRunListTest, TheRunsOfOneTaskStayTogether) {
  HttpToken token = list("state=running&page_size=1");
  give(0, {task_with("a1", 1, {running(1), running(2)}), task_with("a2", 2, {running(1)})}, 0);
  give(1, {}, 0);
  EXPECT_EQ(told(token), "a1 a1 ");
  list("state=running&page_size=1&page_token=" + next_of(token));
  ASSERT_EQ(shards_.queries.size(), 1U) << "the other shard is at its end";
  EXPECT_EQ(give(0, {}, 0), 1U);
}

TEST_F(OpenRunListTest, ShardsThatFoundLittleAreAskedAgainUntilTheSearchIsLong) {
  HttpToken token = list("state=running");
  give(0, {}, 512);
  give(1, {task_with("b2", 2, {pending(1)})}, 0);
  ASSERT_EQ(shards_.queries.size(), 1U) << "only the shard that is not at its end";
  api_.set_now({kTestNow, Monotonic{1'000}});
  EXPECT_EQ(give(0, {task_with("a9", 900, {running(1)})}, 1'024), 512U);
  EXPECT_EQ(told(token), "a9 ") << "a short page";
  list("state=running&page_token=" + next_of(token));
  EXPECT_EQ(give(0, {}, 0), 1'024U);
}

TEST_F(OpenRunListTest, OneTaskIsAskedForByItsId) {
  const std::string id = id_in(1);
  HttpToken token = list("state=running&task_id=" + id);
  ASSERT_EQ(shards_.queries.size(), 1U);
  auto [shard, request] = take_query();
  EXPECT_EQ(shard, 1U);
  EXPECT_EQ(std::get<GetTask>(request.query).key, task_key(id));
  answer(request.token, QueryAnswer(task_with(id, 7, {running(1), pending(2)})));
  EXPECT_EQ(told(token), id + " ");
  EXPECT_EQ(next_of(token), "");

  HttpToken other = list("state=running&label=team:b&task_id=" + id);
  answer(take_query().second.token, QueryAnswer(task_with(id, 7, {running(1)})));
  EXPECT_EQ(told(other), "") << "it is not of the team";
  HttpToken none = list("state=running&task_id=" + id);
  answer(take_query().second.token, failure(ErrorCode::kNotFound, "", "no such task"));
  EXPECT_EQ(responder_.at(none).response.status, 200);
  EXPECT_EQ(told(none), "");
}

TEST_F(OpenRunListTest, RefusalsNameTheParameter) {
  const std::pair<const char*, const char*> kCases[] = {
      {"state=running,retrying", "state: one or several of pending, running"},
      {"state=running&state=pending", "state is given twice"},
      {"state=running&result=timed_out", "result: "},
      {"state=pending&error=slow", "error: "},
      {"state=running&trigger=cron", "trigger: one or several of schedule"},
      {"state=running&colour=red", "no parameter \\\"colour\\\""},
      {"state=running&page_token=x", "page token"},
  };
  for (const auto& [query, part] : kCases) {
    HttpToken token = list(query);
    EXPECT_EQ(responder_.at(token).response.status, 400) << query;
    EXPECT_TRUE(contains(responder_.at(token).response.body, part))
        << query << ": " << responder_.at(token).response.body;
  }
}

TEST_F(OpenRunListTest, AShardThatRefusesOrHasNoRoomRefusesThePage) {
  HttpToken token = list("state=running");
  answer(take_query().second.token, failure(ErrorCode::kIo, "", "the disk is gone"));
  EXPECT_FALSE(responder_.at(token).ended);
  give(1, {}, 0);
  EXPECT_GE(responder_.at(token).response.status, 500);
  shards_.without_credit = {1};
  HttpToken full = list("state=running");
  give(0, {}, 0);
  EXPECT_EQ(responder_.at(full).response.status, 503);
}

}  // namespace
}  // namespace hourwheel::open_run_list_test
