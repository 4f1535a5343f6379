#include "tests/api/support/fixture.h"

#include "engine/schedule/time_text.h"

namespace hourwheel::tasks_test {
namespace {

using TasksTest = ApiTest;

constexpr const char* kSeedBody =
    R"({"id":"1","type":"one-time","schedule":"2024-05-23T15:30:00Z","description":"Test task 1"})";

std::string v1_task(const std::string& more = "") {
  return R"({"id":"a","schedule":"2026-02-01T00:00:00Z")" + more + "}";
}

CommandOutcome done_with(Command& command, CommandEffect effect, uint32_t in_flight) {
  CommandDone done;
  done.effect = effect;
  done.in_flight = in_flight;
  done.state = test_state(18);
  if (effect != CommandEffect::kDeleted) {
    done.spec = std::make_unique<TaskSpec>(stored_task(command.id, 1).spec);
  }
  if (effect == CommandEffect::kStarted) {
    done.run = RunKey{Generation{18}, Trigger::kManual, static_cast<int64_t>(command.nonce)};
  }
  return done;
}

TEST_F(TasksTest, SeedsOwnBodyIsCreatedAndGivenBack) {
  Command seen;
  const Sent& sent = ask_and_decide({"POST", "/tasks", kSeedBody, {}}, [&](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kCreate);
    EXPECT_EQ(command.id, "1");
    EXPECT_EQ(command.spec->target.kind, TargetKind::kLog);
    EXPECT_EQ(to_text(command.spec->schedule.at), "2024-05-23T15:30:00.000Z");
    return accepted(command, CommandEffect::kCreated);
  });
  EXPECT_EQ(sent.response.status, 201);
  EXPECT_TRUE(contains(sent.response.body, R"("id":"1","type":"one-time")"));
  EXPECT_TRUE(contains(sent.response.body, R"("schedule":"2024-05-23T15:30:00Z")"));
  EXPECT_TRUE(contains(sent.response.body, R"("description":"Test task 1")"));
  EXPECT_EQ(sent.field("location"), "/v1/tasks/1");
  EXPECT_EQ(sent.field("etag"), "\"17\"");
}

TEST_F(TasksTest, SeedIgnoresUnknownFieldsAndV1RefusesThem) {
  std::string body = v1_task(R"(,"color":"red")");
  ask_and_decide({"POST", "/tasks", body, {}},
                 [](Command& command) { return accepted(command, CommandEffect::kCreated); });
  const Sent& sent = post("/v1/tasks", body);
  EXPECT_EQ(sent.response.status, 422);
  EXPECT_TRUE(contains(sent.response.body, R"("code":"unknown-field")"));
  EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/color")"));
}

TEST_F(TasksTest, SeedTakesAnyUtf8Id) {
  std::string body = R"({"id":"Aufgabe ä/1","schedule":"2026-02-01T00:00:00Z"})";
  const Sent& sent = ask_and_decide({"POST", "/tasks", body, {}}, [](Command& command) {
    return accepted(command, CommandEffect::kCreated);
  });
  EXPECT_EQ(sent.field("location"), "/v1/tasks/Aufgabe%20%C3%A4%2F1");
  EXPECT_EQ(post("/v1/tasks", body).response.status, 422);
}

TEST_F(TasksTest, SeedProblemsCarryAnErrorString) {
  const Sent& sent = post("/tasks", "{");
  EXPECT_EQ(sent.response.status, 400);
  EXPECT_EQ(sent.response.content_type, "application/problem+json");
  EXPECT_TRUE(contains(sent.response.body, R"("error":")"));
  EXPECT_FALSE(contains(post("/v1/tasks", "{").response.body, R"("error":")"));
}

TEST_F(TasksTest, GeneratedIdLivesOnAShardOfThisReactor) {
  for (int i = 0; i < 20; ++i) {
    ask_and_decide({"POST", "/v1/tasks", R"({"schedule":"PT1M"})", {}}, [&](Command& command) {
      EXPECT_EQ(command.id_origin, IdOrigin::kGenerated);
      EXPECT_TRUE(command.id.starts_with("tsk_"));
      EXPECT_EQ(command.spec->id, command.id);
      EXPECT_EQ(shards_.shard_of(command.key), shards_.local);
      return accepted(command, CommandEffect::kCreated);
    });
  }
}

TEST_F(TasksTest, SameBodyAgainIs200AndAnotherBodyIs409WithTheLocation) {
  const Sent& same = ask_and_decide({"POST", "/v1/tasks", v1_task(), {}}, [](Command& command) {
    return accepted(command, CommandEffect::kUnchanged);
  });
  EXPECT_EQ(same.response.status, 200);
  const Sent& other = ask_and_decide({"POST", "/v1/tasks", v1_task(), {}},
                                     [](Command&) { return refused(ErrorCode::kAlreadyExists); });
  EXPECT_EQ(other.response.status, 409);
  EXPECT_TRUE(contains(other.response.body, R"("code":"already-exists")"));
  EXPECT_EQ(other.field("location"), "/v1/tasks/a");
}

TEST_F(TasksTest, PastInstantIsTheShardsToRefuse) {  // C-17
  const std::string body = R"({"id":"a","schedule":"2020-01-01T00:00:00Z"})";
  auto refuse = [](Command& command) {
    EXPECT_EQ(command.past, PastInstant::kRefuse);
    return CommandOutcome(failure(ErrorCode::kPastInstant, "/schedule", "too long ago"));
  };
  for (const Ask& ask : {Ask{"POST", "/v1/tasks", body, {}}, Ask{"PUT", "/v1/tasks/a", body, {}}}) {
    const Sent& sent = ask_and_decide(ask, refuse);
    EXPECT_EQ(sent.response.status, 422);
    EXPECT_TRUE(contains(sent.response.body, R"("code":"past-instant")"));
    EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/schedule")"));
  }
  ask_and_decide({"POST", "/tasks", body, {}}, [](Command& command) {
    EXPECT_EQ(command.past, PastInstant::kAccept);
    return accepted(command, CommandEffect::kCreated);
  });
}

TEST_F(TasksTest, SeedPutNeedsAnIdAndAnExistingTask) {
  const Sent& missing =
      ask({"PUT", "/tasks", R"({"type":"one-time","schedule":"2026-02-01T00:00:00Z"})", {}});
  EXPECT_EQ(missing.response.status, 422);
  EXPECT_TRUE(contains(missing.response.body, R"("pointer":"#/id","code":"required")"));
  const Sent& unknown = ask_and_decide({"PUT", "/tasks", v1_task(), {}}, [](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kReplace);
    EXPECT_EQ(command.existence, Existence::kMustExist);
    return refused(ErrorCode::kNotFound);
  });
  EXPECT_EQ(unknown.response.status, 404);
  const Sent& replaced = ask_and_decide({"PUT", "/tasks", v1_task(), {}}, [](Command& command) {
    return accepted(command, CommandEffect::kReplaced);
  });
  EXPECT_EQ(replaced.response.status, 200);
}

TEST_F(TasksTest, DeleteTellsHowManyAttemptsMayStillArrive) {
  for (const char* path : {"/tasks/x%2Fy", "/v1/tasks/x%2Fy"}) {
    const Sent& sent = ask_and_decide({"DELETE", path, "", {}}, [](Command& command) {
      EXPECT_EQ(command.kind, CommandKind::kDelete);
      EXPECT_EQ(command.id, "x/y");
      return done_with(command, CommandEffect::kDeleted, 3);
    });
    EXPECT_EQ(sent.response.status, 200);
    EXPECT_EQ(sent.response.body, R"({"id":"x/y","in_flight":3})");
  }
}

TEST_F(TasksTest, PutCreatesOrReplacesByPath) {
  std::string body = R"({"schedule":"2026-02-01T00:00:00Z"})";
  const Sent& created = ask_and_decide({"PUT", "/v1/tasks/b", body, {}}, [](Command& command) {
    EXPECT_EQ(command.id, "b");
    EXPECT_EQ(command.spec->id, "b");
    EXPECT_EQ(command.existence, Existence::kEither);
    return accepted(command, CommandEffect::kCreated);
  });
  EXPECT_EQ(created.response.status, 201);
  EXPECT_EQ(created.field("location"), "/v1/tasks/b");
  const Sent& replaced = ask_and_decide({"PUT", "/v1/tasks/b", body, {}}, [](Command& command) {
    return accepted(command, CommandEffect::kReplaced);
  });
  EXPECT_EQ(replaced.response.status, 200);
  EXPECT_TRUE(contains(replaced.response.body, R"("in_flight":0)"));
}

TEST_F(TasksTest, PutRefusesAnIdThatIsNotThePaths) {
  const Sent& sent = ask({"PUT", "/v1/tasks/b", v1_task(), {}});
  EXPECT_EQ(sent.response.status, 422);
  EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/id")"));
}

TEST_F(TasksTest, IfMatchGoesWithTheCommandAndAStaleOneIs412) {
  Ask request{"PUT", "/v1/tasks/a", v1_task(), {{"if-match", "\"16\""}}};
  const Sent& sent = ask_and_decide(request, [](Command& command) {
    EXPECT_EQ(command.if_match, Version{16});
    return refused(ErrorCode::kVersionMismatch);
  });
  EXPECT_EQ(sent.response.status, 412);
  EXPECT_TRUE(contains(sent.response.body, R"("code":"version-mismatch")"));
}

TEST_F(TasksTest, TheSeedsPutIsHeldToItsVersionToo) {
  Ask request{"PUT", "/tasks", v1_task(), {{"if-match", "\"16\""}}};
  const Sent& sent = ask_and_decide(request, [](Command& command) {
    EXPECT_EQ(command.if_match, Version{16});
    EXPECT_EQ(command.existence, Existence::kMustExist);
    return refused(ErrorCode::kVersionMismatch);
  });
  EXPECT_EQ(sent.response.status, 412);
  auto unknown = [](Command& command) {
    EXPECT_EQ(command.existence, Existence::kMustExist);
    return refused(ErrorCode::kNotFound);
  };
  request.fields = {{"if-match", "*"}};
  EXPECT_EQ(ask_and_decide(request, unknown).response.status, 412);
  request.fields.clear();
  EXPECT_EQ(ask_and_decide(request, unknown).response.status, 404);
  request.fields = {{"if-none-match", "*"}};
  EXPECT_EQ(ask(request).response.status, 400) << "it never creates";
}

TEST_F(TasksTest, WeakAndForeignTagsMatchNoVersion) {
  for (const char* tag : {"W/\"16\"", "\"x\"", "16"}) {
    ask_and_decide({"DELETE", "/v1/tasks/a", "", {{"if-match", tag}}}, [](Command& command) {
      EXPECT_EQ(command.if_match, Version{UINT64_MAX});
      return refused(ErrorCode::kVersionMismatch);
    });
  }
  EXPECT_EQ(ask({"DELETE", "/v1/tasks/a", "", {{"if-match", "\"1\", \"2\""}}}).response.status,
            400);
}

TEST_F(TasksTest, WhoWantsLittleGetsNoBody) {  // RFC 7240
  const std::vector<std::pair<std::string, std::string>> little = {
      {"prefer", "respond-async, Return = minimal; x=1"}};
  auto created = [](Command& command) { return accepted(command, CommandEffect::kCreated); };
  const Sent& made = ask_and_decide({"POST", "/v1/tasks", v1_task(), little}, created);
  EXPECT_EQ(made.response.status, 201);
  EXPECT_EQ(made.response.body, "");
  EXPECT_EQ(made.response.content_type, "");
  EXPECT_EQ(made.field("location"), "/v1/tasks/a");
  EXPECT_EQ(made.field("etag"), "\"17\"");
  EXPECT_EQ(made.field("preference-applied"), "return=minimal");
  EXPECT_EQ(made.field("hourwheel-in-flight"), "");
  const Sent& gone = ask_and_decide({"DELETE", "/v1/tasks/a", "", little}, [](Command& command) {
    return done_with(command, CommandEffect::kDeleted, 3);
  });
  EXPECT_EQ(gone.response.status, 204);
  EXPECT_EQ(gone.response.body, "");
  EXPECT_EQ(gone.field("hourwheel-in-flight"), "3");
  EXPECT_EQ(gone.field("etag"), "");
  const Sent& run = ask_and_decide({"POST", "/v1/tasks/a/run", "", little}, [](Command& command) {
    return done_with(command, CommandEffect::kStarted, 0);
  });
  EXPECT_EQ(run.response.status, 202);
  EXPECT_EQ(run.response.body, "");
  EXPECT_TRUE(contains(run.field("location"), "/v1/runs/run-"));
  const Sent& refusal = ask_and_decide({"POST", "/v1/tasks", v1_task(), little},
                                       [](Command&) { return refused(ErrorCode::kAlreadyExists); });
  EXPECT_TRUE(contains(refusal.response.body, "already-exists"));
  EXPECT_EQ(refusal.field("preference-applied"), "");
}

TEST_F(TasksTest, OtherPreferencesChangeNothing) {
  for (const char* prefer : {"return=representation", "return=representation, return=minimal",
                             "returns=minimal", "minimal", "", ";", ",=,"}) {
    const Sent& sent =
        ask_and_decide({"POST", "/v1/tasks", v1_task(), {{"prefer", prefer}}},
                       [](Command& command) { return accepted(command, CommandEffect::kCreated); });
    EXPECT_NE(sent.response.body, "") << prefer;
    EXPECT_EQ(sent.field("preference-applied"), "") << prefer;
  }
}

TEST_F(TasksTest, OnlyWhatCreatesTakesIfNoneMatch) {
  for (const Ask& request : {Ask{"DELETE", "/v1/tasks/a", "", {{"if-none-match", "*"}}},
                             Ask{"POST", "/v1/tasks/a/pause", "", {{"if-none-match", "*"}}}}) {
    EXPECT_EQ(ask(request).response.status, 400) << request.target;
  }
}

TEST_F(TasksTest, AServerMayWantToKnowTheVersion) {
  facts_.requires_if_match = true;
  for (const char* method : {"PUT", "PATCH", "DELETE"}) {
    const std::string body = std::string_view(method) == "DELETE" ? "" : v1_task();
    const Sent& sent = ask({method, "/v1/tasks/a", body, {}});
    EXPECT_EQ(sent.response.status, 428) << method;
    EXPECT_TRUE(contains(sent.response.body, R"("code":"precondition-required")"));
  }
  const Ask creating_delete{"DELETE", "/v1/tasks/a", "", {{"if-none-match", "*"}}};
  EXPECT_EQ(ask(creating_delete).response.status, 428);
  for (const auto& [name, value] : {std::pair("if-match", "*"), {"if-none-match", "*"}}) {
    ask_and_decide({"PUT", "/v1/tasks/a", v1_task(), {{name, value}}},
                   [](Command& command) { return accepted(command, CommandEffect::kReplaced); });
  }
  // The simple shape knows no versions, and an action overwrites nothing.
  for (const char* path : {"/tasks", "/v1/tasks/a/resume"}) {
    const std::string body = path == std::string_view("/tasks") ? v1_task() : "";
    ask_and_decide({"POST", path, body, {}}, [](Command& command) {
      return command.kind == CommandKind::kCreate
                 ? accepted(command, CommandEffect::kCreated)
                 : done_with(command, CommandEffect::kUnchanged, 0);
    });
  }
}

TEST_F(TasksTest, IfNoneMatchStarCreatesOnly) {
  Ask request{"PUT", "/v1/tasks/a", v1_task(), {{"if-none-match", "*"}}};
  const Sent& sent = ask_and_decide(request, [](Command& command) {
    EXPECT_EQ(command.existence, Existence::kMustNotExist);
    return refused(ErrorCode::kAlreadyExists);
  });
  EXPECT_EQ(sent.response.status, 412);
}

TEST_F(TasksTest, IfMatchStarOfAnUnknownTaskIs412) {
  Ask request{"PUT", "/v1/tasks/a", v1_task(), {{"if-match", "*"}}};
  const Sent& sent = ask_and_decide(request, [](Command& command) {
    EXPECT_EQ(command.existence, Existence::kMustExist);
    return refused(ErrorCode::kNotFound);
  });
  EXPECT_EQ(sent.response.status, 412);
}

TEST_F(TasksTest, PauseTakesAReasonAndAnEnd) {
  Ask request{
      "POST", "/v1/tasks/a/pause", R"({"reason":"move","until":"2026-01-02T00:00:00Z"})", {}};
  const Sent& sent = ask_and_decide(request, [](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kPause);
    EXPECT_EQ(command.pause->reason, "move");
    EXPECT_EQ(command.pause->since, kTestNow);
    EXPECT_EQ(command.pause->until, kTestNow + hours(24));
    return done_with(command, CommandEffect::kDone, 2);
  });
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_TRUE(contains(sent.response.body, R"("in_flight":2)"));
  ask_and_decide({"POST", "/v1/tasks/a/pause", "", {}}, [](Command& command) {
    EXPECT_TRUE(command.pause.has_value());
    return done_with(command, CommandEffect::kDone, 0);
  });
}

TEST_F(TasksTest, PauseNamesWhatItDoesNotUnderstand) {
  const Sent& until = post("/v1/tasks/a/pause", R"({"until":"soon"})");
  EXPECT_EQ(until.response.status, 422);
  EXPECT_TRUE(contains(until.response.body, R"("pointer":"#/until")"));
  const Sent& past = post("/v1/tasks/a/pause", R"({"until":"2020-01-01T00:00:00Z"})");
  EXPECT_EQ(past.response.status, 422);
  EXPECT_TRUE(contains(past.response.body, "#/until"));
  const Sent& unknown = post("/v1/tasks/a/pause", R"({"why":"x"})");
  EXPECT_TRUE(contains(unknown.response.body, R"("pointer":"#/why","code":"unknown-field")"));
}

TEST_F(TasksTest, ResumeAndRunTakeNoOtherFields) {
  ask_and_decide({"POST", "/v1/tasks/a/resume", "{}", {}}, [](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kResume);
    return done_with(command, CommandEffect::kDone, 0);
  });
  for (const char* action : {"resume", "run"}) {
    const Sent& sent = post(std::string("/v1/tasks/a/") + action, R"({"force":1})");
    EXPECT_EQ(sent.response.status, 422);
    EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/force")"));
  }
}

TEST_F(TasksTest, RunNowAnswersWithTheRunAndItsLocation) {
  const Sent& sent = ask_and_decide({"POST", "/v1/tasks/a/run", "", {}}, [](Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kRun);
    EXPECT_NE(command.nonce, 0U);
    return done_with(command, CommandEffect::kStarted, 0);
  });
  EXPECT_EQ(sent.response.status, 202);
  EXPECT_TRUE(sent.field("location").starts_with("/v1/runs/run-"));
  EXPECT_TRUE(contains(sent.response.body, R"("task_id":"a")"));
  EXPECT_TRUE(contains(sent.response.body, R"("trigger":"manual","state":"pending")"));
}

TEST_F(TasksTest, GetShowsTheTaskOr404) {
  HttpToken token = send({"GET", "/v1/tasks/a", "", {}});
  auto [shard, query] = take_query();
  EXPECT_EQ(std::get<GetTask>(query.query).key, task_key("a"));
  answer(query.token, QueryAnswer(stored_task("a", 5)));
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_EQ(responder_.at(token).field("etag"), "\"5\"");

  HttpToken gone = send({"GET", "/v1/tasks/a", "", {}});
  answer(take_query().second.token, failure(ErrorCode::kNotFound, "", "there is no task a"));
  EXPECT_EQ(responder_.at(gone).response.status, 404);
  EXPECT_TRUE(contains(responder_.at(gone).response.body, R"("code":"not-found")"));
}

TEST_F(TasksTest, GetNamesTheKeyThatMadeTheTask) {
  for (const std::string key : {"", "4uJ2kPq0Zd"}) {
    HttpToken token = send({"GET", "/v1/tasks/a", "", {}});
    StoredTask task = stored_task("a", 5);
    task.state.created_by = key;
    answer(take_query().second.token, QueryAnswer(std::move(task)));
    const std::string& body = responder_.at(token).response.body;
    EXPECT_EQ(contains(body, "\"created_by\""), !key.empty()) << body;
    EXPECT_EQ(contains(body, R"("created_by":"4uJ2kPq0Zd")"), !key.empty()) << body;
  }
}

TEST_F(TasksTest, WhoMadeTheTaskIsNotForClientsToSay) {
  const Sent& sent = ask_and_decide(
      {"POST", "/v1/tasks", v1_task(R"(,"created_by":"4uJ2kPq0Zd")"), {}}, [](Command& command) {
        EXPECT_EQ(command.actor.key, "");
        return accepted(command, CommandEffect::kCreated);
      });
  EXPECT_EQ(sent.response.status, 201);
  EXPECT_FALSE(contains(sent.response.body, "created_by"));
}

TEST_F(TasksTest, GetWithTheCurrentTagIs304WithoutABody) {
  for (const char* tags : {"\"5\"", "\"4\", W/\"5\"", "*"}) {
    HttpToken token = send({"GET", "/v1/tasks/a", "", {{"if-none-match", tags}}});
    answer(take_query().second.token, QueryAnswer(stored_task("a", 5)));
    EXPECT_EQ(responder_.at(token).response.status, 304);
    EXPECT_EQ(responder_.at(token).response.body, "");
  }
  HttpToken token = send({"HEAD", "/v1/tasks/a", "", {{"if-none-match", "\"4\""}}});
  answer(take_query().second.token, QueryAnswer(stored_task("a", 5)));
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(TasksTest, ShardWithoutCreditIs503WithRetryAfter) {
  shards_.without_credit = {0, 1};
  for (const char* method : {"DELETE", "GET"}) {
    const Sent& sent = ask({method, "/v1/tasks/a", "", {}});
    EXPECT_EQ(sent.response.status, 503);
    const std::string wait = sent.field("retry-after");
    EXPECT_TRUE(wait == "1" || wait == "2" || wait == "3") << wait;
    EXPECT_TRUE(contains(sent.response.body, R"("code":"overloaded")"));
  }
}

TEST_F(TasksTest, ReplyForARequestThatIsGoneIsDropped) {
  HttpToken token = send({"DELETE", "/v1/tasks/a", "", {}});
  auto [shard, message] = take_commands();
  api_.on_closed(token);
  reply(message.token, refused(ErrorCode::kNotFound));
  EXPECT_EQ(responder_.answers(), 0U);
}

TEST_F(TasksTest, ADeleteMayCutOffWhatIsInFlight) {
  const std::pair<std::string, bool> ways[] = {
      {"", false}, {"?cancel_running=false", false}, {"?cancel_running=true", true}};
  for (const auto& way : ways) {
    ask_and_decide({"DELETE", "/v1/tasks/a" + way.first, "", {}}, [&way](Command& command) {
      EXPECT_EQ(command.cut_running, way.second) << way.first;
      CommandDone done;
      done.effect = CommandEffect::kDeleted;
      return done;
    });
  }
  EXPECT_EQ(ask({"DELETE", "/v1/tasks/a?cancel_running=yes", "", {}}).response.status, 400);
  EXPECT_EQ(ask({"DELETE", "/v1/tasks/a?cancel=true", "", {}}).response.status, 400);
}

}  // namespace
}  // namespace hourwheel::tasks_test
