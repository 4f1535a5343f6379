// Redrive, cancel, dead letters, backfill: what is asked of the shards, and how it is answered.
#include "tests/api/support/fixture.h"

namespace hourwheel::run_actions_test {
namespace {

class RunActionsTest : public ApiTest {
 protected:
  static RunKey key_of(int64_t due_ms) {
    return {Generation{3}, Trigger::kSchedule, kTestNow.ms + due_ms};
  }
  static std::string path_of(const std::string& task, const RunKey& run, const char* action) {
    return "/v1/runs/" + run_id(task_key(task), run) + action;
  }
  static CommandOutcome done_with(const RunKey& run, CommandEffect effect) {
    CommandDone done;
    done.effect = effect;
    done.spec = std::make_unique<TaskSpec>();
    done.spec->id = "a";
    done.state = test_state();
    done.run = run;
    return done;
  }
  static DeadLetter letter(const std::string& task, int64_t ended_s, uint64_t position) {
    DeadLetter made;
    made.task_id = task;
    made.position = position;
    made.run.key = task_key(task);
    made.run.run = key_of(-ended_s * 1'000);
    made.run.due = kTestNow - seconds(ended_s);
    made.run.ended = kTestNow - seconds(ended_s);
    made.run.attempts = 5;
    made.run.result = AttemptResult::kResponded;
    made.run.status = 503;
    return made;
  }
  static DeadPage page_of(std::vector<DeadLetter> letters, uint64_t next) {
    DeadPage page;
    page.matched = letters.size();
    page.letters = std::move(letters);
    page.next = next;
    return page;
  }
  static std::string tasks_in(const std::string& body) {
    std::string out;
    for (size_t at = body.find("\"task_id\":\""); at != std::string::npos;
         at = body.find("\"task_id\":\"", at + 1)) {
      out += body.substr(at + 11, body.find('"', at + 11) - at - 11) + " ";
    }
    return out;
  }
  // A task id whose shard it is.
  std::string id_in(uint32_t shard) {
    for (int i = 0;; ++i) {
      std::string id = "t" + std::to_string(i);
      if (shards_.shard_of(task_key(id)) == shard) return id;
    }
  }
};

// --- one run ---

TEST_F(RunActionsTest, RedriveIsACommandToTheRunsShard) {
  const RunKey run = key_of(0);
  const Sent& sent =
      ask_and_decide({"POST", path_of("a", run, "/redrive"), "", {}}, [&](Command& command) {
        EXPECT_EQ(command.kind, CommandKind::kRedrive);
        EXPECT_EQ(command.key, task_key("a"));
        EXPECT_EQ(command.run, run);
        auto done = done_with(run, CommandEffect::kStarted);
        OpenRun open;
        open.key = run;
        open.attempts = open.attempts_before = 5;
        open.redrive_count = 1;
        done->state.open = {open};
        return done;
      });
  EXPECT_EQ(sent.response.status, 202);
  EXPECT_EQ(sent.field("location"), path_of("a", run, ""));
  EXPECT_TRUE(contains(sent.response.body, R"("state":"pending")"));
  EXPECT_TRUE(contains(sent.response.body, R"("redrive_count":1)"));
  EXPECT_TRUE(contains(sent.response.body, R"("task_id":"a")"));
}

TEST_F(RunActionsTest, CancelShowsTheRunsEnd) {
  const RunKey run = key_of(0);
  const Sent& sent =
      ask_and_decide({"POST", path_of("a", run, "/cancel"), "{}", {}}, [&](Command& command) {
        EXPECT_EQ(command.kind, CommandKind::kCancel);
        auto done = done_with(run, CommandEffect::kDone);
        done->ended = std::make_unique<RunRecord>();
        done->ended->key = run;
        done->ended->state = RunState::kCanceled;
        return done;
      });
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_TRUE(contains(sent.response.body, R"("state":"canceled")"));
}

TEST_F(RunActionsTest, CancelOfARunInFlightSaysThatItIsRequested) {
  const RunKey run = key_of(0);
  const Sent& sent = ask_and_decide({"POST", path_of("a", run, "/cancel"), "", {}}, [&](Command&) {
    auto done = done_with(run, CommandEffect::kDone);
    OpenRun open;
    open.key = run;
    open.in_flight = open.canceled = true;
    done->state.open = {open};
    return done;
  });
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_TRUE(contains(sent.response.body, R"("state":"running")"));
  EXPECT_TRUE(contains(sent.response.body, R"("cancel_requested":true)"));
}

TEST_F(RunActionsTest, RefusalsOfTheShardAndBadRequests) {
  for (const char* action : {"/redrive", "/cancel"}) {
    const Sent& sent = ask_and_decide({"POST", path_of("a", key_of(0), action), "", {}},
                                      [](Command&) { return refused(ErrorCode::kStateConflict); });
    EXPECT_EQ(sent.response.status, 409);
    EXPECT_EQ(post(std::string("/v1/runs/nonsense") + action, "").response.status, 404);
    EXPECT_EQ(post(path_of("a", key_of(0), action), R"({"x":1})").response.status, 422);
  }
}

// --- dead letters ---

TEST_F(RunActionsTest, DeadRunsOfAllShardsAreMergedAndPaged) {
  HttpToken token = send({"GET", "/v1/runs?state=dead&page_size=3", "", {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  EXPECT_EQ(std::get<ListDead>(shards_.queries[0].second.query).limit, 3U);
  answer(take_query().second.token,
         QueryAnswer(page_of({letter("a1", 1, 9), letter("a4", 4, 8), letter("a6", 6, 7)}, 7)));
  answer(take_query().second.token,
         QueryAnswer(page_of({letter("b2", 2, 5), letter("b5", 5, 4)}, 0)));
  const std::string& body = responder_.at(token).response.body;
  EXPECT_EQ(tasks_in(body), "a1 b2 a4 ");
  EXPECT_TRUE(contains(body, R"("error":{"code":"status","message":"the target answered 503"})"));
  std::string next = token_in(body);
  EXPECT_EQ(responder_.at(token).field("link"),
            "</v1/runs?page_size=3&state=dead&page_token=" + next + ">; rel=\"next\"");

  HttpToken second = send({"GET", "/v1/runs?state=dead&page_size=3&page_token=" + next, "", {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  EXPECT_EQ(std::get<ListDead>(shards_.queries[0].second.query).before, 8U);
  EXPECT_EQ(std::get<ListDead>(shards_.queries[1].second.query).before, 5U);
  answer(take_query().second.token, QueryAnswer(page_of({letter("a6", 6, 7)}, 0)));
  answer(take_query().second.token, QueryAnswer(page_of({letter("b5", 5, 4)}, 0)));
  EXPECT_EQ(tasks_in(responder_.at(second).response.body), "b5 a6 ");
  EXPECT_EQ(token_in(responder_.at(second).response.body), "");
}

TEST_F(RunActionsTest, AShortLaneEndsThePageRatherThanBreakingTheOrder) {
  HttpToken token = send({"GET", "/v1/runs?state=dead&page_size=5", "", {}});
  answer(take_query().second.token, QueryAnswer(page_of({letter("a1", 1, 9)}, 3)));
  answer(take_query().second.token,
         QueryAnswer(page_of({letter("b2", 2, 5), letter("b5", 5, 4)}, 0)));
  EXPECT_EQ(tasks_in(responder_.at(token).response.body), "a1 ");
  std::string next = token_in(responder_.at(token).response.body);
  send({"GET", "/v1/runs?state=dead&page_size=5&page_token=" + next, "", {}});
  EXPECT_EQ(std::get<ListDead>(shards_.queries[0].second.query).before, 3U);
  EXPECT_EQ(std::get<ListDead>(shards_.queries[1].second.query).before, 0U);
}

TEST_F(RunActionsTest, AFilterByTaskAsksItsShardOnly) {
  std::string id = id_in(1);
  send({"GET",
        "/v1/runs?state=dead&task_id=" + id +
            "&label=team:a&due_after=2026-01-01T00:00:00Z&due_before=2026-01-02T00:00:00Z",
        "",
        {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  EXPECT_EQ(shards_.queries[0].first, 1U);
  const auto& query = std::get<ListDead>(shards_.queries[0].second.query);
  EXPECT_EQ(query.filter.task, task_key(id));
  EXPECT_EQ(query.filter.labels, (std::vector<NamedText>{{"team", "a"}}));
  EXPECT_EQ(query.filter.due_after, kTestNow);
  EXPECT_EQ(query.filter.due_before, kTestNow + hours(24));
}

TEST_F(RunActionsTest, DeadRunsAreChosenByResultAndError) {
  send({"GET", "/v1/runs?state=dead&result=timed_out,responded&error=answered+503", "", {}});
  const auto listed = std::get<ListDead>(take_query().second.query).filter;
  EXPECT_EQ(listed.results, (std::vector{AttemptResult::kTimedOut, AttemptResult::kResponded}));
  EXPECT_EQ(listed.error, "answered 503");
  take_query();
  for (const char* result : {R"("timed_out,responded")", R"(["timed_out","responded"])"}) {
    send({"POST",
          "/v1/runs:bulk",
          std::string(R"({"filter":{"state":"dead","error":"slow","result":)") + result +
              R"(},"action":"redrive","dry_run":true})",
          {}});
    const auto changed = std::get<TallyDead>(take_query().second.query).filter;
    EXPECT_EQ(changed.results, listed.results) << result;
    EXPECT_EQ(changed.error, "slow");
    take_query();
  }
}

TEST_F(RunActionsTest, BadListsOfRunsAre400) {
  for (const char* query : {"state=dead&x=1", "state=dead&label=x",
                            "state=dead&due_after=yesterday", "state=dead&page_token=x"}) {
    EXPECT_EQ(get(std::string("/v1/runs?") + query).response.status, 400) << query;
  }
}

TEST_F(RunActionsTest, BulkReopensWhatMatchesAtTheRate) {
  std::string here = id_in(0);
  std::string there = id_in(1);
  HttpToken token = send(
      {"POST", "/v1/runs:bulk", R"({"filter":{"state":"dead"},"action":"redrive","rate":4})", {}});
  ASSERT_EQ(shards_.queries.size(), 2U);
  DeadPage many = page_of({letter(here, 3, 1), letter(here, 1, 2)}, 0);
  many.matched = 7;
  answer(take_query().second.token, QueryAnswer(std::move(many)));
  answer(take_query().second.token, QueryAnswer(page_of({letter(there, 2, 1)}, 0)));
  ASSERT_EQ(shards_.commands.size(), 2U);
  auto [first_shard, first] = take_commands();
  auto [second_shard, second] = take_commands();
  ASSERT_EQ(first.commands.size(), 2U);
  ASSERT_EQ(second.commands.size(), 1U);
  EXPECT_EQ(first.commands[0].not_before, kTestNow);
  EXPECT_EQ(second.commands[0].not_before, kTestNow + milliseconds(250));
  EXPECT_EQ(first.commands[1].not_before, kTestNow + milliseconds(500));
  std::vector<CommandOutcome> outcomes;
  outcomes.push_back(done_with(first.commands[0].run, CommandEffect::kStarted));
  outcomes.push_back(refused(ErrorCode::kStateConflict));
  reply(first.token, std::move(outcomes));
  reply(second.token, done_with(second.commands[0].run, CommandEffect::kStarted));
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_EQ(responder_.at(token).response.body, R"({"matched":8,"changed":2,"left":6})");
}

TEST_F(RunActionsTest, ADryRunOfBulkChangesNothing) {
  HttpToken token =
      send({"POST",
            "/v1/runs:bulk",
            R"({"filter":{"state":"dead","label":["a:b"]},"action":"redrive","dry_run":true})",
            {}});
  EXPECT_EQ(std::get<TallyDead>(shards_.queries[0].second.query).filter.labels.size(), 1U);
  answer(take_query().second.token, QueryAnswer(page_of({letter("a", 3, 1)}, 0)));
  answer(take_query().second.token, QueryAnswer(page_of({}, 0)));
  EXPECT_TRUE(shards_.commands.empty());
  EXPECT_EQ(responder_.at(token).response.body, R"({"matched":1,"changed":0,"left":1})");
}

TEST_F(RunActionsTest, BulkDeletesTheLettersThatMatch) {
  const std::string here = id_in(0);
  HttpToken token =
      send({"POST", "/v1/runs:bulk", R"({"filter":{"state":"dead"},"action":"delete"})", {}});
  answer(take_query().second.token, QueryAnswer(page_of({letter(here, 3, 1)}, 0)));
  answer(take_query().second.token, QueryAnswer(page_of({}, 0)));
  ASSERT_EQ(shards_.commands.size(), 1U);
  auto [shard, message] = take_commands();
  EXPECT_EQ(message.commands[0].kind, CommandKind::kDiscard);
  EXPECT_EQ(message.commands[0].key, task_key(here));
  EXPECT_EQ(message.commands[0].run, letter(here, 3, 1).run.run);
  reply(message.token, done_with(message.commands[0].run, CommandEffect::kDone));
  EXPECT_EQ(responder_.at(token).response.body, R"({"matched":1,"changed":1,"left":0})");
}

TEST_F(RunActionsTest, BadBulkRequestsNameTheMember) {
  const Sent& empty = post("/v1/runs:bulk", "{}");
  EXPECT_EQ(empty.response.status, 422);
  EXPECT_TRUE(contains(empty.response.body, "#/filter"));
  EXPECT_TRUE(contains(empty.response.body, "#/action"));
  const Sent& wrong =
      post("/v1/runs:bulk",
           R"({"filter":{"state":"failed","due_after":1},"action":"explode","rate":0})");
  EXPECT_EQ(wrong.response.status, 422);
  for (const char* pointer : {"#/filter/state", "#/filter/due_after", "#/action", "#/rate"}) {
    EXPECT_TRUE(contains(wrong.response.body, pointer)) << pointer;
  }
  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"action":"delete","filter":{"state":"dead"},"rate":5})", "#/rate"},
      {R"({"action":"delete","filter":{}})", "#/filter/state"},
      {R"({"action":"cancel","filter":{"task_id":"a"},"rate":5})", "#/rate"},
      {R"({"action":"cancel","filter":{"state":"dead","task_id":"a"}})", "#/filter/state"},
      {R"({"action":"cancel","filter":{}})", "#/filter"},
      {R"({"action":"cancel","filter":{"label":[]}})", "#/filter/label"},
      {R"({"action":"delete","filter":{"state":"dead","label":[]}})", "#/filter/label"},
      {R"({"action":"delete","filter":{"state":"dead"},"page_token":"x"})", "#/page_token"},
      {R"({"filter":{"due_before":"2026-01-01T00:00:00Z"},"action":"cancel"})", "#/filter"},
      {R"({"action":"cancel"})", "#/filter"},
      {R"({"action":"cancel","filter":{"task_id":"a","result":"timed_out"}})", "#/filter/result"},
      {R"({"action":"cancel","filter":{"task_id":"a","error":"slow"}})", "#/filter/error"},
      {R"({"action":"delete","filter":{"state":"dead","result":[]}})", "#/filter/result"},
      {R"({"action":"delete","filter":{"state":"dead","result":["slow"]}})", "#/filter/result/0"},
      {R"({"action":"delete","filter":{"state":"dead","error":""}})", "#/filter/error"},
  };
  for (const auto& [body, pointer] : kWrong) {
    const Sent& sent = post("/v1/runs:bulk", body);
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, R"("pointer":")" + std::string(pointer) + "\""))
        << body << sent.response.body;
  }
  EXPECT_TRUE(shards_.queries.empty());
}

// --- backfill ---

TEST_F(RunActionsTest, BackfillIsAnOrder) {
  const Sent& sent = ask_and_decide(
      {"POST",
       "/v1/tasks/a/backfill",
       R"({"from":"2025-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z","rate":5})",
       {}},
      [](Command& command) {
        EXPECT_EQ(command.kind, CommandKind::kBackfill);
        EXPECT_EQ(command.range->from, kTestNow - hours(24));
        EXPECT_EQ(command.range->to, kTestNow);
        EXPECT_EQ(command.range->rate, 5U);
        CommandDone done;
        done.effect = CommandEffect::kStarted;
        done.state = test_state();
        done.state.backfill =
            Backfill{{9}, kTestNow - hours(24), kTestNow - hours(1), 24, kTestNow, seconds(1)};
        return CommandOutcome(std::move(done));
      });
  EXPECT_EQ(sent.response.status, 202);
  EXPECT_EQ(sent.response.body, R"({"task_id":"a","count":24,"first":"2025-12-31T00:00:00.000Z",)"
                                R"("last":"2025-12-31T23:00:00.000Z","rate":5})");
}

TEST_F(RunActionsTest, ADryRunOfABackfillCountsByTheStoredSchedule) {
  HttpToken token = send({"POST",
                          "/v1/tasks/a/backfill",
                          R"({"from":"2025-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z",)"
                          R"("dry_run":true})",
                          {}});
  StoredTask task = stored_task("a", 1);
  task.spec.type = TaskType::kRecurring;
  task.spec.schedule = {};
  task.spec.schedule.kind = ScheduleKind::kCron;
  task.spec.schedule.cron = "0 * * * *";
  answer(take_query().second.token, QueryAnswer(std::move(task)));
  EXPECT_EQ(responder_.at(token).response.body,
            R"({"task_id":"a","dry_run":true,"count":24,"first":"2025-12-31T00:00:00.000Z",)"
            R"("last":"2025-12-31T23:00:00.000Z"})");
}

TEST_F(RunActionsTest, ADryBackfillIsRefusedWhereTheOrderWouldBe) {
  HttpToken token = send({"POST",
                          "/v1/tasks/a/backfill",
                          R"({"from":"2025-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z",)"
                          R"("dry_run":true})",
                          {}});
  answer(take_query().second.token, QueryAnswer(stored_task("a", 1)));
  EXPECT_EQ(responder_.at(token).response.status, 409) << "a one-time task";
}

constexpr const char* kOneDay = R"({"from":"2025-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z"})";

TEST_F(RunActionsTest, ABackfillOfAnotherVersionIsRefused) {
  for (const Ask& request : {Ask{"POST", "/v1/tasks/a/backfill", kOneDay, {{"if-match", "\"16\""}}},
                             Ask{"DELETE", "/v1/tasks/a/backfill", "", {{"if-match", "\"16\""}}}}) {
    const Sent& sent = ask_and_decide(request, [](Command& command) {
      EXPECT_EQ(command.if_match, Version{16});
      return refused(ErrorCode::kVersionMismatch);
    });
    EXPECT_EQ(sent.response.status, 412) << request.method;
    Ask creating = request;
    creating.fields = {{"if-none-match", "*"}};
    EXPECT_EQ(ask(creating).response.status, 400) << request.method;
    Ask any = request;
    any.fields = {{"if-match", "*"}};
    auto unknown = [](Command&) { return refused(ErrorCode::kNotFound); };
    EXPECT_EQ(ask_and_decide(any, unknown).response.status, 412) << request.method;
    any.fields.clear();
    EXPECT_EQ(ask_and_decide(any, unknown).response.status, 404) << request.method;
  }
}

TEST_F(RunActionsTest, ADryBackfillOfAnotherVersionIsRefused) {
  const std::string body =
      R"({"from":"2025-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z","dry_run":true})";
  auto status_with = [&](const char* tag, Result<QueryAnswer> stored) {
    const HttpToken token = send({"POST", "/v1/tasks/a/backfill", body, {{"if-match", tag}}});
    answer(take_query().second.token, std::move(stored));
    return responder_.at(token).response.status;
  };
  EXPECT_EQ(status_with("\"16\"", QueryAnswer(stored_task("a", 17))), 412);
  EXPECT_EQ(status_with("\"17\"", QueryAnswer(stored_task("a", 17))), 409) << "a one-time task";
  for (const char* tag : {"*", "\"16\""}) {
    EXPECT_EQ(status_with(tag, failure(ErrorCode::kNotFound, "", "no task has this id")), 412);
  }
}

TEST_F(RunActionsTest, BadBackfillsNameTheMember) {
  const Sent& empty = post("/v1/tasks/a/backfill", "{}");
  EXPECT_EQ(empty.response.status, 422);
  EXPECT_TRUE(contains(empty.response.body, "#/from"));
  EXPECT_TRUE(contains(empty.response.body, "#/to"));
  EXPECT_EQ(post("/v1/tasks/a/backfill", R"({"from":1,"to":2})").response.status, 422);
}

TEST_F(RunActionsTest, AnOrderIsEndedByDelete) {
  const Sent& sent =
      ask_and_decide({"DELETE", "/v1/tasks/a/backfill", "", {}}, [](Command& command) {
        EXPECT_EQ(command.kind, CommandKind::kStopBackfill);
        CommandDone done;
        done.state = test_state();
        return CommandOutcome(std::move(done));
      });
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_EQ(sent.response.body, R"({"task_id":"a"})");
}

}  // namespace
}  // namespace hourwheel::run_actions_test
