// What a narrowed key asks and is told (SL1, SL3); for every route, see access_test.cc.
#include "api/narrowing.h"

#include "api/key_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::narrowing_test {
namespace {

Selection of_team_a() {
  return {{"team", "a"}};
}

StoredTask task_of(const std::string& team) {
  StoredTask task = stored_task("t", 17);
  task.spec.labels = {{"env", "x"}, {"team", team}};
  return task;
}

template <class Asked>
Asked narrowed(Asked asked) {
  Query query(std::move(asked));
  narrow(query, of_team_a());
  return std::get<Asked>(query);
}

Result<QueryAnswer> told(QueryAnswer answer, Sought sought = Sought::kOneTask) {
  Result<QueryAnswer> result(std::move(answer));
  narrow(result, sought, of_team_a());
  return result;
}

SeenChange seen(SeenKind kind, const std::string& team) {
  SeenChange change;
  change.kind = kind;
  change.task = task_of(team);
  return change;
}

TEST(Narrowing, ListsAskForTheLabelsAsWell) {
  ListTasks list;
  list.filter.labels = {{"env", "x"}};
  const std::vector<NamedText> both{{"env", "x"}, {"team", "a"}};
  EXPECT_EQ(narrowed(list).filter.labels, both);
  ListDead dead;
  dead.filter.labels = {{"env", "x"}};
  EXPECT_EQ(narrowed(dead).filter.labels, both);
  TallyDead tally;
  tally.filter.labels = {{"env", "x"}};
  EXPECT_EQ(narrowed(tally).filter.labels, both);
  ListRecords records;
  records.filter.run.labels = {{"env", "x"}};
  EXPECT_EQ(narrowed(records).filter.run.labels, both);
}

TEST(Narrowing, ATaskOutsideIsToldAsOneThatIsNotThere) {
  EXPECT_TRUE(told(task_of("a")));
  Result<QueryAnswer> absent = failure(ErrorCode::kNotFound, "", "there is no task 123");
  narrow(absent, Sought::kOneTask, of_team_a());
  RunsFound found;
  found.task = task_of("a");
  EXPECT_TRUE(told(found));
  found.task = task_of("b");
  auto expect_absent = [&absent](const Result<QueryAnswer>& outside) {
    ASSERT_FALSE(outside);
    EXPECT_EQ(outside.error().code, absent.error().code);
    EXPECT_EQ(outside.error().detail, absent.error().detail);
  };
  expect_absent(told(task_of("b")));
  expect_absent(told(found));
}

TEST(Narrowing, WhatCannotBeReadIsToldAsWhatIsNotThere) {  // SL3
  Result<QueryAnswer> damaged = failure(ErrorCode::kCorrupt, "", "the row of task 7 is damaged");
  narrow(damaged, Sought::kOneTask, of_team_a());
  EXPECT_EQ(damaged.error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(contains(damaged.error().detail, "7"));
  // A failure that says nothing about one task stays what it is.
  Result<QueryAnswer> busy = failure(ErrorCode::kOverloaded, "", "too many queries at once");
  narrow(busy, Sought::kOneTask, of_team_a());
  EXPECT_EQ(busy.error().code, ErrorCode::kOverloaded);
  Result<QueryAnswer> list = failure(ErrorCode::kCorrupt, "", "the file is damaged");
  narrow(list, Sought::kMany, of_team_a());
  EXPECT_EQ(list.error().code, ErrorCode::kCorrupt);
}

// A task outside has dead letters, none of which match; of one that is not there nothing is known.
TEST(Narrowing, DeadLettersOfATaskThatIsNotThereAreNone) {
  ListDead dead;
  Query query(dead);
  const Sought sought = narrow(query, of_team_a());
  Result<QueryAnswer> absent = failure(ErrorCode::kNotFound, "", "there is no task 123");
  narrow(absent, sought, of_team_a());
  ASSERT_TRUE(absent);
  EXPECT_TRUE(std::get<DeadPage>(*absent).letters.empty());
  Result<QueryAnswer> damaged = failure(ErrorCode::kCorrupt, "", "the file is damaged");
  narrow(damaged, sought, of_team_a());
  ASSERT_FALSE(damaged) << "C-23";
  EXPECT_EQ(damaged.error().code, ErrorCode::kCorrupt);
}

TEST(Narrowing, OfChangesOnlyThoseWithinAreTold) {
  ChangesSeen changes;
  changes.changes = {seen(SeenKind::kCreated, "a"), seen(SeenKind::kCreated, "b"),
                     seen(SeenKind::kUpdated, "b"), seen(SeenKind::kUpdated, "a"),
                     seen(SeenKind::kRemoved, "a"), seen(SeenKind::kRecord, "a")};
  changes.gap = true;
  const auto left = told(std::move(changes), Sought::kMany);
  ASSERT_TRUE(left);
  const auto& seen_left = std::get<ChangesSeen>(*left);
  ASSERT_EQ(seen_left.changes.size(), 2U) << "of what is gone nobody knows the labels";
  EXPECT_EQ(seen_left.changes[0].kind, SeenKind::kCreated);
  EXPECT_EQ(seen_left.changes[1].kind, SeenKind::kUpdated);
  EXPECT_TRUE(seen_left.gap);
}

TEST(Narrowing, NothingOfTheServerIsTold) {
  EXPECT_FALSE(told(AuditPage{}));
  EXPECT_FALSE(told(AuditVerdict{}));
  EXPECT_FALSE(told(PausesChanged{}));
  EXPECT_FALSE(told(KeysChanged{}));
  EXPECT_FALSE(told(SecretChanged{}));
  EXPECT_FALSE(told(BackupDone{}));
  EXPECT_FALSE(told(BackupTold{}));
  EXPECT_FALSE(told(DrainBegun{}));
  EXPECT_FALSE(told(BreakerPage{}));
}

// --- requests ---

class NarrowedKeyTest : public ApiTest {
 protected:
  NarrowedKeyTest() {
    const auto parsed = *parse_key_text(text_);
    ApiKey key;
    key.id = std::string(parsed.id);
    key.digest = digest_of(parsed);
    key.rights = Rights::all();
    key.created = kTestNow;
    key.last_used = kTestNow;
    key.selection = of_team_a();
    system_.key_table = {key};
  }
  Ask with_key(Ask ask) const {
    ask.fields.emplace_back("authorization", "Bearer " + text_);
    return ask;
  }
  // Answers the oldest query, if it is what is expected.
  template <class Asked>
  void answer_next(Result<QueryAnswer> result) {
    auto [shard, query] = take_query();
    ASSERT_TRUE(std::holds_alternative<Asked>(query.query));
    answer(query.token, std::move(result));
  }
  static RunPage one_row() {
    RunPage page;
    page.task = task_key("t");
    RunRecord& record = page.records.emplace_back();
    record.key = kRun;
    record.state = RunState::kSucceeded;
    record.due = record.last_due = kTestNow;
    record.attempt = 1;
    return page;
  }
  static Result<QueryAnswer> absent() {
    return failure(ErrorCode::kNotFound, "", "there is no task t");
  }
  static QueryAnswer followed(uint64_t row, std::vector<SeenChange> changes, bool more = false) {
    ChangesSeen all;
    all.changes = std::move(changes);
    all.place.row = row;
    all.more = more;
    return all;
  }
  // What a shard has looked through up to the task of this number.
  static QueryAnswer looked_up_to(uint64_t number) {
    TaskPage page;
    page.next = TaskNumber{number};
    return page;
  }
  void pass(Duration time) {
    mono_ = mono_ + time;
    api_.set_now({kTestNow + (mono_ - Monotonic{0}), mono_});
    api_.end_turn();
  }

  static constexpr RunKey kRun{Generation{17}, Trigger::kManual, 7};
  const std::string text_ = *new_key_text();
  Monotonic mono_{0};
};

TEST_F(NarrowedKeyTest, RunsOfATaskOutsideOrDeletedAreNotTold) {
  const std::string path = "/v1/runs/" + run_id(task_key("t"), kRun);
  for (const char* more : {"", "/attempts"}) {
    for (bool deleted : {false, true}) {
      const HttpToken token = send(with_key({"GET", path + more, "", {}}));
      answer_next<GetTask>(deleted ? absent() : Result<QueryAnswer>(task_of("b")));
      answer_next<GetRun>(QueryAnswer(one_row()));
      EXPECT_EQ(responder_.at(token).response.status, 404) << more << deleted;
    }
    const HttpToken token = send(with_key({"GET", path + more, "", {}}));
    answer_next<GetTask>(QueryAnswer(task_of("a")));
    answer_next<GetRun>(QueryAnswer(one_row()));
    EXPECT_EQ(responder_.at(token).response.status, 200) << more;
  }
}

TEST_F(NarrowedKeyTest, WhoWaitsForARunIsNotToldOfATaskThatWasTakenOut) {
  const HttpToken token = send(with_key({"POST", "/v1/tasks/t/run", "", {{"prefer", "wait=10"}}}));
  auto [shard, message] = take_commands();
  CommandDone done;
  done.effect = CommandEffect::kStarted;
  done.run = kRun;
  done.state = test_state();
  reply(message.token, std::move(done));
  pass(kFollowInterval);
  answer_next<GetTask>(QueryAnswer(task_of("b")));
  EXPECT_TRUE(shards_.queries.empty()) << "its rows are not asked for";
  ASSERT_TRUE(responder_.at(token).ended);
  EXPECT_EQ(responder_.at(token).field("preference-applied"), "");
}

// On a busy server the changes of others would leave it ever further behind.
TEST_F(NarrowedKeyTest, AStreamPassesOverTheChangesOfOthersAtOnce) {
  const HttpToken token = send(with_key({"GET", "/v1/changes", "", {}}));
  answer_next<FollowChanges>(followed(3, {}));
  answer_next<FollowChanges>(followed(5, {}));
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.streaming);
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_next<FollowChanges>(followed(259, {seen(SeenKind::kUpdated, "b")}, true));
  answer_next<FollowChanges>(followed(5, {}));
  EXPECT_TRUE(sent.chunks.empty());
  ASSERT_EQ(shards_.queries.size(), 2U) << "it goes on when it is time to look again";
  EXPECT_EQ(std::get<FollowChanges>(shards_.queries[0].second.query).after->row, 259U);
  answer_next<FollowChanges>(followed(400, {}));
  answer_next<FollowChanges>(followed(5, {}));
  EXPECT_TRUE(shards_.queries.empty());
  pass(kFollowPing);
  ASSERT_EQ(sent.chunks.size(), 1U);
  ASSERT_TRUE(sent.chunks[0].starts_with(": ping\n\nid: ")) << sent.chunks[0];
  const std::string id = sent.chunks[0].substr(12, sent.chunks[0].size() - 14);
  send(with_key({"GET", "/v1/changes?last_event_id=" + id, "", {}}));
  EXPECT_EQ(std::get<FollowChanges>(take_query().second.query).after->row, 400U);
}

// CH1: what one shard has told waits for the other.
TEST_F(NarrowedKeyTest, APingTakesNothingAwayThatWaitsToBeTold) {
  const HttpToken token = send(with_key({"GET", "/v1/changes", "", {}}));
  answer_next<FollowChanges>(followed(3, {}));
  answer_next<FollowChanges>(followed(5, {}));
  api_.on_writable(token);
  pass(kFollowInterval);
  answer_next<FollowChanges>(followed(4, {seen(SeenKind::kUpdated, "a")}));
  pass(kFollowPing);
  EXPECT_EQ(responder_.at(token).chunks, std::vector<std::string>{": ping\n\n"});
}

// Its tasks may be few among many: a list without a filter is a search all the same.
TEST_F(NarrowedKeyTest, AListThatFindsLittleIsAShortPage) {
  const HttpToken token = send(with_key({"GET", "/v1/tasks", "", {}}));
  pass(seconds(1));
  answer_next<ListTasks>(looked_up_to(512));
  answer_next<ListTasks>(looked_up_to(600));
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended) << "the shards are asked on and on";
  const std::string next = token_in(sent.response.body);
  send(with_key({"GET", "/v1/tasks?page_token=" + next, "", {}}));
  EXPECT_EQ(std::get<ListTasks>(take_query().second.query).after, TaskNumber{512});
}

TEST_F(NarrowedKeyTest, AStreamedListIsNotCutWhileItFindsNothing) {
  const HttpToken token = send(with_key({"GET", "/tasks", "", {}}));
  TaskPage first;
  first.tasks.push_back(task_of("a"));
  first.next = TaskNumber{17};
  answer_next<ListTasks>(QueryAnswer(std::move(first)));
  answer_next<ListTasks>(looked_up_to(0));
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.streaming);
  EXPECT_TRUE(sent.chunks.empty());
  api_.on_writable(token);
  answer_next<ListTasks>(looked_up_to(529));
  EXPECT_EQ(sent.chunks, std::vector<std::string>{""}) << "the server's deadline begins anew";
  EXPECT_EQ(shards_.queries.size(), 1U) << "goes on";
}

TEST_F(NarrowedKeyTest, LabelsThatAreMissingAreNamed) {
  const Sent& sent = ask_and_decide(
      with_key({"POST", "/v1/tasks", R"({"id":"t","schedule":"2026-02-01T00:00:00Z"})", {}}),
      [](Command& command) -> CommandOutcome {
        EXPECT_TRUE(command.selection && *command.selection == of_team_a());
        return failure(ErrorCode::kForbidden, "/labels", "lacks them");
      });
  EXPECT_EQ(sent.response.status, 403);
  EXPECT_TRUE(contains(sent.response.body, R"("pointer":"#/labels")")) << sent.response.body;
}

TEST_F(NarrowedKeyTest, ADryRunRefusesWhatTheOrderWould) {
  const HttpToken lines = send(with_key({"POST",
                                         "/v1/tasks:import?dry_run=true",
                                         R"({"id":"in","schedule":"@daily","labels":{"team":"a"}})"
                                         "\n"
                                         R"({"id":"out","schedule":"@daily"})",
                                         {{"content-type", "application/x-ndjson"}}}));
  const std::string& imported = responder_.at(lines).response.body;
  EXPECT_TRUE(
      contains(imported, R"({"line":1,"status":200,"id":"in"},{"line":2,"status":403,"id":"out",)"))
      << imported;
  EXPECT_TRUE(contains(imported, R"("pointer":"#/labels")")) << imported;

  constexpr const char* kTakeOut =
      R"({"filter":{},"action":"patch","patch":{"labels":{"team":"b"}},"dry_run":true})";
  const HttpToken token = send(with_key({"POST", "/v1/tasks:bulk", kTakeOut, {}}));
  TaskPage found;
  found.tasks.push_back(task_of("a"));
  answer_next<ListTasks>(QueryAnswer(std::move(found)));
  answer_next<ListTasks>(looked_up_to(0));
  const std::string& patched = responder_.at(token).response.body;
  EXPECT_TRUE(contains(
      patched, R"("changed":0,"in_flight":0,"failed":1,"problems":[{"status":403,"id":"t",)"))
      << patched;
}

TEST_F(NarrowedKeyTest, OtherKeysAreNotNarrowed) {
  system_.key_table[0].selection.clear();
  send(with_key({"GET", "/v1/tasks", "", {}}));
  EXPECT_TRUE(std::get<ListTasks>(take_query().second.query).filter.labels.empty());
  send(with_key({"DELETE", "/v1/tasks/t", "", {}}));
  EXPECT_EQ(take_commands().second.commands.at(0).selection, nullptr);
}

}  // namespace
}  // namespace hourwheel::narrowing_test
