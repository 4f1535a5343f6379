// The action `cancel` of POST /v1/runs:bulk: the open runs of the tasks that match.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::open_runs_test {
namespace {

constexpr const char* kBulk = "/v1/runs:bulk";
constexpr const char* kOfTeam = R"({"filter":{"label":"team:a"},"action":"cancel"})";

class OpenRunsTest : public ApiTest {
 protected:
  static OpenRun run_due(int64_t seconds_from_now) {
    OpenRun run;
    run.key = {Generation{3}, Trigger::kSchedule, kTestNow.ms + seconds_from_now * 1'000};
    run.due = kTestNow + seconds(seconds_from_now);
    return run;
  }
  static StoredTask task_with(const std::string& id, std::vector<OpenRun> runs) {
    StoredTask task = stored_task(id, 1);
    task.spec.labels = {{"team", "a"}};
    task.state.open = std::move(runs);
    return task;
  }
  void give(std::vector<StoredTask> tasks, uint64_t next) {
    TaskPage page;
    page.tasks = std::move(tasks);
    page.next = TaskNumber{next};
    answer(take_query().second.token, QueryAnswer(std::move(page)));
  }
  static CommandOutcome done_with(const Command& command) {
    CommandDone done;
    done.run = command.run;
    return done;
  }
  // Decides the oldest commands; how many they were.
  size_t decide(bool well = true) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (const Command& command : message.commands) {
      EXPECT_EQ(command.kind, CommandKind::kCancel);
      outcomes.push_back(well ? done_with(command) : refused(ErrorCode::kStateConflict));
    }
    const size_t count = outcomes.size();
    reply(message.token, std::move(outcomes));
    return count;
  }
  static std::string with_token(const std::string& token) {
    return R"({"filter":{"label":"team:a"},"action":"cancel","page_token":")" + token + "\"}";
  }
  std::string body_of(HttpToken token) {
    EXPECT_TRUE(responder_.at(token).ended);
    return responder_.at(token).response.body;
  }
};

TEST_F(OpenRunsTest, EachLotIsDecidedBeforeTheNextIsRead) {
  HttpToken token = send({"POST", kBulk, kOfTeam, {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).filter.labels,
            (std::vector<NamedText>{{"team", "a"}}));
  OpenRun ending = run_due(-3);
  ending.canceled = true;
  give({task_with("a", {run_due(-1), run_due(-2), ending}), task_with("b", {})}, 7);
  give({task_with("c", {run_due(-1)})}, 0);
  EXPECT_TRUE(shards_.queries.empty());
  ASSERT_EQ(shards_.commands.size(), 2U);
  const Command& first = shards_.commands[0].second.commands[0];
  EXPECT_EQ(first.id, "a");
  EXPECT_EQ(first.key, task_key("a"));
  EXPECT_EQ(first.run, run_due(-1).key);
  EXPECT_EQ(decide(), 2U) << "what ends anyway is not asked to";
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{7});
  EXPECT_EQ(decide(false), 1U);
  give({}, 0);
  EXPECT_EQ(body_of(token), R"({"matched":3,"changed":2,"left":1,"done":true})");
}

TEST_F(OpenRunsTest, ATaskIsAskedForByItsId) {
  const std::string body =
      R"({"filter":{"task_id":"a","label":"team:a","due_after":"2026-01-01T00:00:00Z",)"
      R"("due_before":"2026-01-01T00:00:10Z"},"action":"cancel"})";
  HttpToken token = send({"POST", kBulk, body, {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  auto [shard, query] = take_query();
  EXPECT_EQ(shard, shards_.shard_of(task_key("a")));
  EXPECT_EQ(std::get<GetTask>(query.query).key, task_key("a"));
  answer(query.token,
         QueryAnswer(task_with("a", {run_due(-1), run_due(0), run_due(9), run_due(10)})));
  EXPECT_EQ(decide(), 2U) << "due_after is in, due_before is not";
  EXPECT_EQ(body_of(token), R"({"matched":2,"changed":2,"left":0,"done":true})");

  HttpToken other = send({"POST", kBulk, body, {}});
  StoredTask unlabelled = task_with("a", {run_due(0)});
  unlabelled.spec.labels.clear();
  answer(take_query().second.token, QueryAnswer(std::move(unlabelled)));
  EXPECT_TRUE(contains(body_of(other), R"("matched":0)"));

  HttpToken unknown = send({"POST", kBulk, body, {}});
  answer(take_query().second.token, failure(ErrorCode::kNotFound, "", "there is none"));
  EXPECT_TRUE(contains(body_of(unknown), R"("matched":0)")) << "as with labels that no task has";
}

TEST_F(OpenRunsTest, ADryRunCountsOnly) {
  HttpToken token = send(
      {"POST", kBulk, R"({"filter":{"label":"team:a"},"action":"cancel","dry_run":true})", {}});
  give({task_with("a", {run_due(-1), run_due(-2)})}, 0);
  give({}, 0);
  EXPECT_TRUE(shards_.commands.empty());
  EXPECT_EQ(body_of(token), R"({"matched":2,"changed":0,"left":2,"done":true})");
}

TEST_F(OpenRunsTest, WhenTheTimeIsUpItSaysSo) {
  HttpToken token = send({"POST", kBulk, kOfTeam, {}});
  give({task_with("a", {run_due(-1)})}, 1);
  give({}, 0);
  api_.set_now({kTestNow, Monotonic{10'000}});
  decide();
  EXPECT_TRUE(shards_.queries.empty());
  const std::string body = body_of(token);
  EXPECT_TRUE(body.starts_with(R"({"matched":1,"changed":1,"left":0,"done":false,)")) << body;
  const std::string key = "\"next_page_token\":\"";
  const size_t begin = body.find(key) + key.size();
  const std::string next = body.substr(begin, body.find('"', begin) - begin);
  // Only the shard that has more is asked again, and only behind what it has done.
  HttpToken more = send({"POST", kBulk, with_token(next), {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{1});
  give({}, 0);
  EXPECT_TRUE(contains(body_of(more), R"("done":true})"));
  EXPECT_EQ(post(kBulk, with_token("x")).response.status, 400);
}

TEST_F(OpenRunsTest, ALotIsAskedForPieceByPiece) {
  HttpToken token = send({"POST", kBulk, kOfTeam, {}});
  std::vector<OpenRun> many;
  for (int64_t i = 0; i < 100; ++i) many.push_back(run_due(i));
  give({task_with("a", std::move(many))}, 5);
  give({}, 0);
  EXPECT_EQ(decide(), 64U);
  EXPECT_TRUE(shards_.queries.empty());
  EXPECT_EQ(decide(), 36U);
  EXPECT_EQ(shards_.queries.size(), 1U);
  give({}, 0);
  EXPECT_TRUE(contains(body_of(token), R"("matched":100,"changed":100)"));
}

TEST_F(OpenRunsTest, AShardWithoutRoomRefusesWhatHasNotBegun) {
  shards_.without_credit = {0, 1};
  EXPECT_EQ(post(kBulk, kOfTeam).response.status, 503);
}

TEST_F(OpenRunsTest, OverloadNeverRefusesACancel) {  // C-25
  for (int turn = 0; turn < 4; ++turn) {
    api_.set_load({.oldest_wait = {}, .turn_lag = kFullLag * 2});
  }
  HttpToken token = send({"POST", kBulk, kOfTeam, {}});
  give({}, 0);
  give({}, 0);
  EXPECT_TRUE(contains(body_of(token), R"("done":true)"));
  for (const char* action : {"redrive", "delete"}) {
    const Sent& sent =
        post(kBulk, R"({"filter":{"state":"dead"},"action":")" + std::string(action) + "\"}");
    EXPECT_EQ(sent.response.status, 503) << action;
  }
}

}  // namespace
}  // namespace hourwheel::open_runs_test
