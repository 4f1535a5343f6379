// The op "patch" of a batch.
#include "tests/api/support/fixture.h"

namespace hourwheel::batch_patch_test {
namespace {

class BatchPatchTest : public ApiTest {
 protected:
  BatchPatchTest() : ApiTest(1) {}
  using Fields = std::vector<std::pair<std::string, std::string>>;
  HttpToken batch(const std::string& operations, Fields fields = {}) {
    return send(
        {"POST", "/v1/tasks:batch", "{\"operations\":[" + operations + "]}", std::move(fields)});
  }
  static std::string patch(const std::string& id, const std::string& task) {
    return R"({"op":"patch","id":")" + id + R"(","task":)" + task + "}";
  }
  // Answers the oldest look, which is for this task.
  void show(const std::string& id, uint64_t version) {
    auto [shard, look] = take_query();
    EXPECT_EQ(std::get<GetTask>(look.query).key, task_key(id));
    StoredTask task = stored_task(id, 1);
    task.state.version = {version};
    answer(look.token, QueryAnswer(std::move(task)));
  }
  void show_none() {
    auto [shard, look] = take_query();
    answer(look.token, failure(ErrorCode::kNotFound, "", "no such task"));
  }
  // Takes the commands as asked for and answers each with what `outcome_of` makes of it.
  template <class OutcomeOf>
  void decide(OutcomeOf outcome_of) {
    auto [shard, message] = take_commands();
    std::vector<CommandOutcome> outcomes;
    for (Command& command : message.commands) outcomes.push_back(outcome_of(command));
    reply(message.token, std::move(outcomes));
  }
  static CommandOutcome take(Command& command) {
    EXPECT_EQ(command.kind, CommandKind::kReplace);
    EXPECT_EQ(command.existence, Existence::kMustExist);
    return accepted(command, CommandEffect::kReplaced, command.if_match->value + 1);
  }
  const std::string& answered(HttpToken token) {
    EXPECT_TRUE(responder_.at(token).ended);
    return responder_.at(token).response.body;
  }
};

TEST_F(BatchPatchTest, IsPutOnTheTaskAsItIsRead) {
  const HttpToken token = batch(patch("a", R"({"description":"new"})"));
  show("a", 7);
  decide([](Command& command) {
    EXPECT_EQ(command.id, "a");
    EXPECT_EQ(command.if_match, Version{7});
    EXPECT_EQ(command.spec->id, "a");
    EXPECT_EQ(command.spec->description, "new");
    EXPECT_EQ(command.spec->schedule.at, kTestNow + hours(1)) << "the rest stays";
    return take(command);
  });
  EXPECT_EQ(answered(token), R"({"results":[{"status":200,"id":"a","version":8,"in_flight":0}]})");
}

TEST_F(BatchPatchTest, ComesAfterAllOtherEntries) {  // BP1
  const HttpToken token = batch(patch("a", R"({"description":"x"})") +
                                R"(,{"op":"create","task":{"id":"a","schedule":"@daily"}})");
  EXPECT_TRUE(shards_.queries.empty()) << "the task may not be there yet";
  decide([](Command& command) { return accepted(command, CommandEffect::kCreated, 3); });
  show("a", 3);
  decide(take);
  EXPECT_EQ(answered(token), R"({"results":[{"status":200,"id":"a","version":4,"in_flight":0},)"
                             R"({"status":201,"id":"a","version":3}]})");
}

TEST_F(BatchPatchTest, TwoOfOneTaskAreOneAfterTheOther) {  // BP1
  const HttpToken token =
      batch(patch("a", R"({"description":"x"})") + "," + patch("b", R"({"description":"x"})") +
            "," + patch("a", R"({"description":"y"})"));
  show("a", 1);
  show("b", 1);
  EXPECT_TRUE(shards_.queries.empty());
  decide(take);
  show("a", 2);
  decide([](Command& command) {
    EXPECT_EQ(command.spec->description, "y");
    return take(command);
  });
  EXPECT_TRUE(contains(answered(token), R"("id":"a","version":3)")) << answered(token);
}

TEST_F(BatchPatchTest, EachIsRefusedByItself) {
  const HttpToken token =
      batch(patch("gone", R"({"description":"x"})") + "," + patch("a", R"({"retry":7})") + "," +
            patch("b", R"({"description":"x"})") + "," + patch("c", R"({"version":3})") + "," +
            patch("d", R"({"id":"other"})") + "," + patch("e", "7") + "," +
            R"({"op":"patch","id":"f"},{"op":"patch","task":{}})");
  show_none();
  show("a", 1);
  show("b", 1);
  decide(take);
  const std::string& body = answered(token);
  size_t at = 0;
  for (const char* part :
       {R"({"status":404,"id":"gone")", R"("pointer":"#/operations/1/task/retry")",
        R"({"status":200,"id":"b")",
        R"("pointer":"#/operations/3/task/version","code":"read-only")",
        R"("pointer":"#/operations/4/task/id")", R"("pointer":"#/operations/5/task")",
        R"("pointer":"#/operations/6/task","code":"required")",
        R"("pointer":"#/operations/7/id","code":"required")"}) {
    const size_t found = body.find(part, at);
    EXPECT_NE(found, std::string::npos) << part << " is not where it should be in\n" << body;
    if (found != std::string::npos) at = found;
  }
}

TEST_F(BatchPatchTest, AnOvertakenOneBeginsAnewAndGivesUpInTheEnd) {
  const HttpToken token = batch(patch("a", R"({"description":"x"})"));
  for (uint64_t version = 1; version <= 7; ++version) {
    show("a", version);
    decide([](Command&) { return refused(ErrorCode::kVersionMismatch); });
    ASSERT_FALSE(responder_.at(token).ended) << version;
  }
  show("a", 8);
  decide([](Command&) { return refused(ErrorCode::kVersionMismatch); });
  EXPECT_TRUE(contains(answered(token), R"("status":409)")) << answered(token);
}

TEST_F(BatchPatchTest, SixteenOfAShardAreUnderWayAtATime) {  // BP2
  std::string operations;
  for (int i = 0; i < 20; ++i) {
    operations += (i > 0 ? "," : "") + patch("t" + std::to_string(i), R"({"description":"x"})");
  }
  const HttpToken token = batch(operations);
  EXPECT_EQ(shards_.queries.size(), 16U);
  for (int i = 0; i < 16; ++i) show("t" + std::to_string(i), 1);
  EXPECT_EQ(shards_.commands.front().second.commands.size(), 16U);
  decide(take);
  for (int i = 16; i < 20; ++i) show("t" + std::to_string(i), 1);
  decide(take);
  EXPECT_FALSE(contains(answered(token), "problem"));
}

TEST_F(BatchPatchTest, NoneIsBegunWhenTheTimeIsUp) {
  std::string operations;
  for (int i = 0; i < 20; ++i) {
    operations += (i > 0 ? "," : "") + patch("t" + std::to_string(i), R"({"description":"x"})");
  }
  const HttpToken token = batch(operations);
  for (int i = 0; i < 16; ++i) show("t" + std::to_string(i), 1);
  api_.set_now({kTestNow + seconds(10), Monotonic{10'000}});
  decide(take);
  EXPECT_TRUE(contains(answered(token), R"({"status":200,"id":"t15")"));
  EXPECT_TRUE(contains(answered(token), R"({"status":503,"id":"t16")")) << answered(token);
  EXPECT_TRUE(contains(answered(token), R"({"status":503,"id":"t19")"));
}

TEST_F(BatchPatchTest, WithoutCreditItsEntryIsRefused) {
  shards_.without_credit = {0};
  const HttpToken token = batch(patch("a", R"({"description":"x"})"));
  EXPECT_TRUE(contains(answered(token), R"({"status":503,"id":"a")")) << answered(token);
}

TEST_F(BatchPatchTest, SentAgainUnderItsKeyItIsAnsweredAsBefore) {  // C-2
  const HttpToken token =
      batch(patch("a", R"({"description":"x"})") + "," + patch("b", R"({"description":"x"})"),
            {{"idempotency-key", "\"k\""}});
  auto [shard, first] = take_query();
  const AnswerScope scope = std::get<Recall>(first.query).scope;
  auto [same_shard, second] = take_query();
  EXPECT_NE(std::get<Recall>(second.query).scope, scope) << "each entry has its own";
  Recalled none;
  none.scope = std::get<Recall>(second.query).scope;
  answer(second.token, QueryAnswer(std::move(none)));
  show("b", 4);  // of which nothing is kept
  EXPECT_TRUE(shards_.commands.empty()) << "the other one is still looked for";
  Recalled nothing;
  nothing.scope = scope;
  nothing.failed = Error{ErrorCode::kIo, "", "no luck"};
  answer(first.token, QueryAnswer(std::move(nothing)));
  decide([scope](Command& command) {
    EXPECT_NE(command.idempotency->scope, scope);
    return take(command);
  });
  EXPECT_TRUE(contains(answered(token), R"({"status":500,"id":"a")")) << answered(token);
  EXPECT_TRUE(contains(answered(token), R"({"status":200,"id":"b","version":5)"));
}

TEST_F(BatchPatchTest, WhatIsKeptIsToldAgainAlsoOfATaskThatIsGone) {  // C-2
  const std::string body = patch("a", R"({"description":"x"})");
  const HttpToken before = batch(body, {{"idempotency-key", "\"k\""}});
  auto [shard, recall] = take_query();
  auto kept = std::make_unique<KeptAnswer>();
  answer(recall.token, QueryAnswer(Recalled{}));
  show("a", 4);
  decide([&kept](Command& command) {
    kept->key = *command.idempotency;
    return take(command);
  });
  EXPECT_TRUE(contains(answered(before), R"("version":5)"));
  kept->decided = kTestNow;
  kept->done.effect = CommandEffect::kReplaced;
  kept->done.state = test_state(5);

  const HttpToken again = batch(body, {{"idempotency-key", "\"k\""}});
  auto [other_shard, told] = take_query();
  Recalled recalled;
  recalled.scope = kept->key.scope;
  recalled.answer = std::move(kept);
  answer(told.token, QueryAnswer(std::move(recalled)));
  EXPECT_TRUE(shards_.commands.empty());
  EXPECT_EQ(answered(again),
            R"({"results":[{"status":200,"id":"a","version":5,"in_flight":0,"replayed":true}]})");
}

TEST_F(BatchPatchTest, OthersOfTheBatchAreNotHeldUpByAClientThatGoesAway) {
  const HttpToken token = batch(patch("a", R"({"description":"x"})"));
  auto [shard, look] = take_query();
  api_.on_closed(token);
  answer(look.token, QueryAnswer(stored_task("a", 1)));
  EXPECT_TRUE(shards_.commands.empty()) << "nobody waits for it";
}

}  // namespace
}  // namespace hourwheel::batch_patch_test
