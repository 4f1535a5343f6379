// POST /v1/tasks:bulk: the tasks a filter names, lot by lot.
#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::task_bulk_test {
namespace {

constexpr const char* kBulk = "/v1/tasks:bulk";

class TaskBulkTest : public ApiTest {
 protected:
  HttpToken begin(const std::string& body) { return send({"POST", kBulk, body, {}}); }
  // Answers the oldest query with tasks of these numbers.
  void give(const std::vector<uint64_t>& numbers, uint64_t next) {
    auto [shard, query] = take_query();
    TaskPage page;
    for (uint64_t number : numbers) {
      page.tasks.push_back(stored_task("t" + std::to_string(number), number));
    }
    page.next = TaskNumber{next};
    answer(query.token, QueryAnswer(std::move(page)));
  }
  // Answers the oldest commands with what `outcome_of` makes of each; which tasks they were about.
  template <class OutcomeOf>
  std::string decide(OutcomeOf outcome_of) {
    auto [shard, message] = take_commands();
    std::string ids;
    std::vector<CommandOutcome> outcomes;
    for (Command& command : message.commands) {
      ids += command.id + " ";
      outcomes.push_back(outcome_of(command));
    }
    reply(message.token, std::move(outcomes));
    return ids;
  }
  static CommandOutcome done(Command& command) { return accepted(command, CommandEffect::kDone); }
  const std::string& body_of(HttpToken token) {
    EXPECT_TRUE(responder_.at(token).ended);
    return responder_.at(token).response.body;
  }
};

TEST_F(TaskBulkTest, EachLotIsDecidedBeforeTheNextIsRead) {
  HttpToken token = begin(
      R"({"filter":{"label":"team:a"},"action":"pause","reason":"r","until":"2026-02-01T00:00:00Z"})");
  ASSERT_EQ(shards_.queries.size(), 2U);
  const auto& asked = std::get<ListTasks>(shards_.queries[0].second.query);
  EXPECT_EQ(asked.filter.labels, (std::vector<NamedText>{{"team", "a"}}));
  give({1, 4}, 4);
  give({2}, 0);
  EXPECT_TRUE(shards_.queries.empty());
  ASSERT_EQ(shards_.commands.size(), 2U);
  const Command& first = shards_.commands[0].second.commands[0];
  EXPECT_EQ(first.kind, CommandKind::kPause);
  EXPECT_EQ(first.if_match, Version{1}) << "decided on the task that matched";
  EXPECT_EQ(first.pause->reason, "r");
  EXPECT_EQ(first.pause->until, kTestNow + hours(31 * 24));
  auto in_flight = [](Command& command) {
    CommandOutcome outcome = done(command);
    outcome->in_flight = 2;
    return outcome;
  };
  EXPECT_EQ(decide(in_flight), "t1 t4 ");
  ASSERT_EQ(shards_.queries.size(), 1U);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{4});
  EXPECT_EQ(decide(in_flight), "t2 ");
  EXPECT_EQ(shards_.queries.size(), 1U) << "the other shard is at its end";
  give({}, 900);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{900});
  give({}, 0);
  EXPECT_EQ(body_of(token), R"({"matched":3,"changed":3,"in_flight":6,"failed":0,"done":true})");
}

TEST_F(TaskBulkTest, WhatWasAsAskedForIsNotCountedAsChanged) {
  HttpToken token = begin(R"({"filter":{},"action":"resume"})");
  give({1, 3}, 0);
  give({}, 0);
  bool first = true;
  decide([&](Command& command) {
    return accepted(command,
                    std::exchange(first, false) ? CommandEffect::kUnchanged : CommandEffect::kDone);
  });
  EXPECT_EQ(body_of(token), R"({"matched":2,"changed":1,"failed":0,"done":true})");
}

// Each task is kept by itself: a repeat tells again of those that the first came to.
TEST_F(TaskBulkTest, UnderAKeyEachTaskIsChangedOnce) {
  auto run_all = [&](const std::string& key) {
    const HttpToken token =
        send({"POST", kBulk, R"({"filter":{},"action":"run"})", {{"idempotency-key", key}}});
    give({1, 3}, 0);
    give({}, 0);
    return token;
  };
  auto scopes = [&] {
    std::vector<AnswerScope> found;
    for (const Command& command : shards_.commands.front().second.commands) {
      EXPECT_TRUE(command.idempotency) << command.id;
      if (command.idempotency) found.push_back(command.idempotency->scope);
    }
    return found;
  };
  const HttpToken first = run_all("k");
  const std::vector<AnswerScope> kept = scopes();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_NE(kept[0], kept[1]) << "IK1 of each task";
  decide([](Command& command) { return accepted(command, CommandEffect::kStarted); });
  EXPECT_EQ(body_of(first), R"({"matched":2,"changed":2,"failed":0,"replayed":0,"done":true})");
  const HttpToken again = run_all("k");
  EXPECT_EQ(scopes(), kept);
  bool came_to = true;
  decide([&](Command& command) {
    CommandOutcome outcome = accepted(command, CommandEffect::kStarted);
    outcome->replayed = std::exchange(came_to, false);
    return outcome;
  });
  EXPECT_EQ(body_of(again), R"({"matched":2,"changed":2,"failed":0,"replayed":1,"done":true})");
  run_all("l");
  EXPECT_NE(scopes(), kept);
}

TEST_F(TaskBulkTest, UnderAKeyAPausesEndIsLeftToTheShard) {
  const std::string past = R"({"filter":{},"action":"pause","until":"2025-12-31T00:00:00Z"})";
  EXPECT_EQ(post(kBulk, past).response.status, 422);
  send({"POST", kBulk, past, {{"idempotency-key", "k"}}});
  give({1, 3}, 0);
  give({}, 0);
  for (const Command& command : shards_.commands.front().second.commands) {
    ASSERT_TRUE(command.refusal) << command.id;
    EXPECT_EQ(command.refusal->field, "/until");
  }
}

TEST_F(TaskBulkTest, UnderAKeyThePausesEndInAPatchIsLeftToTheShard) {
  const std::string past =
      R"({"filter":{},"action":"patch","patch":{"paused":{"until":"2025-12-31T00:00:00Z"}}})";
  EXPECT_EQ(post(kBulk, past).response.status, 422);
  send({"POST", kBulk, past, {{"idempotency-key", "k"}}});
  give({1, 3}, 0);
  give({}, 0);
  ASSERT_EQ(shards_.commands.front().second.commands.size(), 2U);
  for (const Command& command : shards_.commands.front().second.commands) {
    ASSERT_TRUE(command.refusal) << command.id;
    EXPECT_EQ(command.refusal->field, "/patch/paused/until");
    EXPECT_TRUE(command.idempotency);
  }
}

// Nothing of it was done before: it is refused as the request itself will be.
TEST_F(TaskBulkTest, UnderAKeyADryRunIsJudgedAtOnce) {
  for (const char* what :
       {R"("action":"pause","until":"2025-12-31T00:00:00Z")",
        R"("action":"patch","patch":{"paused":{"until":"2025-12-31T00:00:00Z"}})"}) {
    const std::string body = R"({"filter":{},"dry_run":true,)" + std::string(what) + "}";
    const HttpToken token = send({"POST", kBulk, body, {{"idempotency-key", "k"}}});
    EXPECT_EQ(responder_.at(token).response.status, 422) << what;
  }
}

TEST_F(TaskBulkTest, ADryRunCountsOnly) {
  HttpToken token = begin(R"({"filter":{"state":"active"},"action":"delete","dry_run":true})");
  give({1, 3}, 3);
  give({2}, 0);
  give({5}, 0);
  EXPECT_TRUE(shards_.commands.empty());
  EXPECT_EQ(body_of(token), R"({"matched":4,"changed":0,"in_flight":0,"failed":0,"done":true})");
}

TEST_F(TaskBulkTest, RefusalsAreCountedAndTheFirstOnesTold) {
  HttpToken token = begin(R"({"filter":{},"action":"run"})");
  std::vector<uint64_t> numbers;
  for (uint64_t number = 1; number <= 30; ++number) numbers.push_back(number);
  give(numbers, 0);
  give({}, 0);
  EXPECT_NE(shards_.commands[0].second.commands[0].nonce, 0U);
  decide([](Command& command) {
    return command.id == "t7" ? accepted(command, CommandEffect::kStarted)
                              : refused(ErrorCode::kStateConflict);
  });
  const std::string& body = body_of(token);
  EXPECT_TRUE(body.starts_with(
      R"({"matched":30,"changed":1,"failed":29,"problems":[{"status":409,"id":"t1","problem":{)"))
      << body;
  EXPECT_TRUE(contains(body, R"("id":"t11")"));
  EXPECT_FALSE(contains(body, R"("id":"t12")")) << "ten are enough";
  EXPECT_TRUE(body.ends_with(R"("done":true})"));
}

TEST_F(TaskBulkTest, WhenTheTimeIsUpATokenGoesOn) {
  const std::string asked = R"({"filter":{"state":["active","paused"]},"action":"delete")";
  HttpToken token = begin(asked + "}");
  give({1, 4}, 4);
  give({}, 0);
  api_.set_now({kTestNow, Monotonic{10'000}});
  EXPECT_EQ(decide(done), "t1 t4 ");
  EXPECT_TRUE(shards_.queries.empty());
  const std::string& body = body_of(token);
  EXPECT_TRUE(contains(body, R"("matched":2,"changed":2,)")) << body;
  EXPECT_TRUE(contains(body, R"("done":false,"next_page_token":")")) << body;
  const std::string rest = R"(,"page_token":")" + token_in(body) + "\"}";

  HttpToken second = begin(asked + rest);
  ASSERT_EQ(shards_.queries.size(), 1U) << "only of the shard that is not at its end";
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{4});
  give({}, 0);
  EXPECT_TRUE(contains(body_of(second), R"("matched":0,"changed":0)"));
  for (const char* other : {R"({"filter":{},"action":"delete")",
                            R"({"filter":{"state":["active","paused"]},"action":"run")"}) {
    const Sent& sent = post(kBulk, other + rest);
    EXPECT_EQ(sent.response.status, 400);
    EXPECT_TRUE(contains(sent.response.body, "invalid-page-token"));
  }
}

TEST_F(TaskBulkTest, ALotThatIsPutOffIsLeftToTheNextRequest) {
  HttpToken token = begin(R"({"filter":{},"action":"run"})");
  give({1}, 1);
  give({}, 0);
  decide([](Command& command) { return accepted(command, CommandEffect::kStarted); });
  give({3, 5}, 0);
  decide([](Command&) { return refused(ErrorCode::kStorageLow); });
  const std::string& body = body_of(token);
  EXPECT_TRUE(body.starts_with(R"({"matched":1,"changed":1,"failed":0,"done":false)")) << body;
  begin(R"({"filter":{},"action":"run","page_token":")" + token_in(body) + "\"}");
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{1});
  give({3}, 0);
  decide([](Command&) { return refused(ErrorCode::kStorageLow); });
  HttpToken refused_token{next_slot_ - 1, 7};
  EXPECT_EQ(responder_.at(refused_token).response.status, 503) << "nothing at all was done";
}

TEST_F(TaskBulkTest, AShardWithoutRoomEndsTheRequestWhereItIs) {
  HttpToken token = begin(R"({"filter":{},"action":"delete"})");
  give({1}, 1);
  shards_.without_credit = {0, 1};
  give({2}, 2);
  EXPECT_FALSE(responder_.at(token).ended) << "what is under way is waited for";
  decide(done);
  EXPECT_TRUE(contains(body_of(token), R"("matched":1,"changed":1,"in_flight":0)"));
  EXPECT_TRUE(contains(body_of(token), R"("done":false)"));
  EXPECT_EQ(post(kBulk, R"({"filter":{},"action":"delete"})").response.status, 503);
}

TEST_F(TaskBulkTest, AnErrorOfTheStoreRefusesWhatHasNotBegun) {
  HttpToken token = begin(R"({"filter":{},"action":"delete"})");
  answer(take_query().second.token, failure(ErrorCode::kIo, "", "the file cannot be read"));
  give({}, 5);
  EXPECT_TRUE(contains(body_of(token), R"("done":false)"));
  HttpToken none = begin(R"({"filter":{},"action":"delete"})");
  for (int shard = 0; shard < 2; ++shard) {
    answer(take_query().second.token, failure(ErrorCode::kIo, "", "the file cannot be read"));
  }
  EXPECT_EQ(responder_.at(none).response.status, 500);
}

TEST_F(TaskBulkTest, AClientThatLeavesEndsIt) {
  HttpToken token = begin(R"({"filter":{},"action":"delete"})");
  give({1}, 1);
  give({}, 0);
  api_.on_closed(token);
  decide(done);
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(TaskBulkTest, OverloadRefusesResumeAndRunNeverPauseAndDelete) {
  for (int turn = 0; turn < 4; ++turn) {
    api_.set_load({.oldest_wait = {}, .turn_lag = kFullLag * 2});
  }
  for (const char* action : {"resume", "run"}) {
    const Sent& sent = post(kBulk, R"({"filter":{},"action":")" + std::string(action) + "\"}");
    EXPECT_EQ(sent.response.status, 503) << action;
    EXPECT_TRUE(contains(sent.response.body, R"("code":"overloaded")"));
  }
  for (const char* action : {"pause", "delete"}) {
    HttpToken token = begin(R"({"filter":{},"action":")" + std::string(action) + "\"}");
    give({1}, 1);
    give({}, 0);
    decide(done);
    give({}, 0);
    EXPECT_TRUE(contains(body_of(token), R"("changed":1)")) << action;
  }
}

// A request of any length holds no more of the gate than its lots under way.
TEST_F(TaskBulkTest, WhatIsDecidedNoLongerCountsAsOpen) {
  HttpToken token = begin(R"({"filter":{},"action":"run"})");
  std::vector<uint64_t> lot;
  for (uint64_t number = 1; number <= 256; ++number) lot.push_back(number);
  give({}, 0);
  for (int turn = 0; turn < 200; ++turn) {
    ASSERT_EQ(shards_.queries.size(), 1U) << turn;
    give(lot, turn < 199 ? 256 : 0);
    decide([](Command& command) { return accepted(command, CommandEffect::kStarted); });
  }
  EXPECT_TRUE(contains(body_of(token), R"("changed":51200)"));
}

TEST_F(TaskBulkTest, TheBodyNamesWhatIsWrongWithIt) {
  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"action":"delete"})", "#/filter"},
      {R"({"filter":{}})", "#/action"},
      {R"({"filter":{},"action":"burn"})", "#/action"},
      {R"({"filter":null,"action":"delete"})", "#/filter"},
      {R"({"filter":{"colour":"red"},"action":"delete"})", "#/filter/colour"},
      {R"({"filter":{"state":"asleep"},"action":"delete"})", "#/filter/state"},
      {R"({"filter":{"state":[]},"action":"delete"})", "#/filter/state"},
      {R"({"filter":{"state":["active",1]},"action":"delete"})", "#/filter/state/1"},
      {R"({"filter":{"label":["a:b","c"]},"action":"delete"})", "#/filter/label/1"},
      {R"({"filter":{"label":[]},"action":"delete"})", "#/filter/label"},
      {R"({"filter":{"next_due_after":5},"action":"delete"})", "#/filter/next_due_after"},
      {R"({"filter":{},"action":"delete","reason":"r"})", "#/reason"},
      {R"({"filter":{},"action":"resume","until":"2027-01-01T00:00:00Z"})", "#/until"},
      {R"({"filter":{},"action":"pause","until":"2025-01-01T00:00:00Z"})", "#/until"},
      {R"({"filter":{},"action":"pause","dry_run":1})", "#/dry_run"},
      {R"({"filter":{},"action":"pause","x":1})", "#/x"},
  };
  for (const auto& [body, pointer] : kWrong) {
    const Sent& sent = post(kBulk, body);
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, R"("pointer":")" + std::string(pointer) + "\""))
        << body << sent.response.body;
  }
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(TaskBulkTest, TheFilterHasWhatListsHave) {
  begin(R"({"filter":{"state":["paused","active"],"type":"recurring","schedule_kind":"cron,every",
    "label":["team:a","x:"],"q":"bill","target_host":"API.example","last_result":["none","dead"],
    "next_due_after":"2026-01-01T00:00:00Z","next_due_before":"2026-01-02T00:00:00Z"},
    "action":"delete"})");
  TaskFilter asked = std::get<ListTasks>(take_query().second.query).filter;
  send({"GET",
        "/v1/tasks?state=paused,active&type=recurring&schedule_kind=cron,every&label=team:a&"
        "label=x:&q=bill&target_host=API.example&last_result=none,dead&"
        "next_due_after=2026-01-01T00:00:00Z&next_due_before=2026-01-02T00:00:00Z",
        "",
        {}});
  shards_.queries.pop_front();
  EXPECT_EQ(asked, std::get<ListTasks>(take_query().second.query).filter);
}

// --- patch ---

constexpr const char* kPatchLabels =
    R"({"filter":{},"action":"patch","patch":{"labels":{"zone":"eu"}})";

TEST_F(TaskBulkTest, APatchIsPutOnEachTask) {
  HttpToken token = begin(std::string(kPatchLabels) + "}");
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).limit, 16U);
  give({1, 4}, 4);
  give({}, 0);
  const Command& first = shards_.commands[0].second.commands[0];
  EXPECT_EQ(first.kind, CommandKind::kReplace);
  EXPECT_EQ(first.existence, Existence::kMustExist) << "one that was deleted since stays so";
  EXPECT_EQ(first.if_match, Version{1}) << "decided on the task that matched";
  TaskSpec wanted = stored_task("t1", 1).spec;
  wanted.labels = {{"zone", "eu"}};
  EXPECT_EQ(*first.spec, wanted) << "what is not named stays, and the schedule is not read anew";
  EXPECT_EQ(shards_.commands[0].second.commands[1].spec->id, "t4");
  auto replaced = [](Command& command) {
    CommandOutcome outcome = accepted(command, CommandEffect::kReplaced);
    outcome->in_flight = 1;
    return outcome;
  };
  EXPECT_EQ(decide(replaced), "t1 t4 ");
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{4});
  give({}, 0);
  EXPECT_EQ(body_of(token), R"({"matched":2,"changed":2,"in_flight":2,"failed":0,"done":true})");
}

TEST_F(TaskBulkTest, ATaskThatThePatchDoesNotFitIsLeftAndTold) {
  for (const bool dry : {false, true}) {
    HttpToken token = begin(std::string(kPatchLabels) + (dry ? R"(,"dry_run":true})" : "}"));
    TaskPage page;
    page.tasks = {stored_task("t1", 1), stored_task("t2", 2)};
    for (size_t i = 0; i < kMaxLabels; ++i) {
      page.tasks[0].spec.labels.emplace_back("label-" + std::to_string(i), "x");
    }
    answer(take_query().second.token, QueryAnswer(std::move(page)));
    give({}, 0);
    EXPECT_EQ(shards_.commands.empty(), dry);
    if (!dry) {
      EXPECT_EQ(decide(done), "t2 ");
    }
    const std::string& body = body_of(token);
    const std::string head = R"({"matched":2,"changed":)" + std::string(dry ? "0" : "1") +
                             R"(,"in_flight":0,"failed":1,"problems":[{"status":422,"id":"t1",)";
    EXPECT_TRUE(body.starts_with(head)) << body;
    EXPECT_TRUE(contains(body, R"("pointer":"#/labels)")) << body;
  }
}

TEST_F(TaskBulkTest, ALotOfNoneThatFitsIsDone) {
  HttpToken token =
      begin(R"({"filter":{},"action":"patch","patch":{"retry":{"max_attempts":-1}}})");
  give({1, 2}, 0);
  give({}, 0);
  EXPECT_TRUE(shards_.commands.empty());
  EXPECT_TRUE(contains(body_of(token), R"("matched":2,"changed":0,"in_flight":0,"failed":2)"));
}

TEST_F(TaskBulkTest, WhatDoesNotFitInALotThatIsPutOffIsCountedWithTheNextRequest) {
  HttpToken token = begin(std::string(kPatchLabels) + "}");
  give({}, 0);
  TaskPage page;
  page.tasks = {stored_task("t1", 1), stored_task("t2", 2)};
  for (size_t i = 0; i < kMaxLabels; ++i) {
    page.tasks[0].spec.labels.emplace_back("label-" + std::to_string(i), "x");
  }
  answer(take_query().second.token, QueryAnswer(std::move(page)));
  decide([](Command&) { return refused(ErrorCode::kStorageLow); });
  EXPECT_TRUE(contains(body_of(token), R"("matched":0,"changed":0,"in_flight":0,"failed":0)"))
      << body_of(token);
  EXPECT_TRUE(contains(body_of(token), R"("done":false)"));
}

TEST_F(TaskBulkTest, ALargePatchGoesInSmallerLots) {
  begin(R"({"filter":{},"action":"patch","patch":{"payload":")" + std::string(200'000, 'x') +
        "\"}}");
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).limit, 10U);
}

TEST_F(TaskBulkTest, ATokenIsOfItsPatch) {
  HttpToken token = begin(std::string(kPatchLabels) + "}");
  give({1}, 1);
  give({}, 0);
  api_.set_now({kTestNow, Monotonic{10'000}});
  decide(done);
  const std::string rest = R"(,"page_token":")" + token_in(body_of(token)) + "\"}";
  const Sent& other =
      post(kBulk, R"({"filter":{},"action":"patch","patch":{"labels":{"zone":"us"}})" + rest);
  EXPECT_EQ(other.response.status, 400);
  begin(kPatchLabels + rest);
  EXPECT_EQ(shards_.queries.size(), 1U);
}

TEST_F(TaskBulkTest, APatchThatFitsNoTaskIsRefusedAtOnce) {
  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"filter":{},"action":"patch"})", "#/patch"},
      {R"({"filter":{},"action":"patch","patch":[]})", "#/patch"},
      {R"({"filter":{},"action":"patch","patch":{"id":"t1"}})", "#/patch/id"},
      {R"({"filter":{},"action":"patch","patch":{"version":3}})", "#/patch/version"},
      {R"({"filter":{},"action":"patch","patch":{"paused":null}})", "#/patch/paused"},
      {R"({"filter":{},"action":"delete","patch":{}})", "#/patch"},
      {R"({"filter":{},"action":"patch","patch":{},"reason":"r"})", "#/reason"},
  };
  for (const auto& [body, pointer] : kWrong) {
    const Sent& sent = post(kBulk, body);
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_TRUE(contains(sent.response.body, R"("pointer":")" + std::string(pointer) + "\""))
        << body << sent.response.body;
  }
  EXPECT_TRUE(shards_.queries.empty());
}

}  // namespace
}  // namespace hourwheel::task_bulk_test
