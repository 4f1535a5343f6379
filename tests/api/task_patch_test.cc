#include "tests/api/support/fixture.h"

namespace hourwheel::task_patch_test {
namespace {

class TaskPatchTest : public ApiTest {
 public:
  static Ask patch(const std::string& body,
                   std::vector<std::pair<std::string, std::string>> fields = {}) {
    return {"PATCH", "/v1/tasks/a", body, std::move(fields)};
  }
  // Sends a patch and answers its look with `task`.
  HttpToken send_at(const Ask& request, StoredTask task) {
    const HttpToken token = send(request);
    answer_look(std::move(task));
    return token;
  }
  void answer_look(Result<QueryAnswer> found) {
    auto [shard, look] = take_query();
    EXPECT_EQ(std::get<GetTask>(look.query).key, task_key("a"));
    answer(look.token, std::move(found));
  }
  // The command that the patch of `task` came to; its request is answered with success.
  Command command_of(const std::string& body, StoredTask task) {
    const HttpToken token = send_at(patch(body), std::move(task));
    if (shards_.commands.empty()) {
      ADD_FAILURE() << responder_.at(token).response.body;
      return {};
    }
    auto [shard, message] = take_commands();
    Command command = std::move(message.commands[0]);
    Command copy;
    copy.spec = std::make_unique<TaskSpec>(*command.spec);
    reply(message.token, accepted(copy, CommandEffect::kReplaced, 18));
    EXPECT_EQ(responder_.at(token).response.status, 200);
    EXPECT_EQ(responder_.at(token).field("etag"), "\"18\"");
    return command;
  }
  static StoredTask task_with_everything() {
    StoredTask task = stored_task("a", 17);
    task.spec.description = "old";
    task.spec.labels = {{"env", "prod"}, {"team", "billing"}};
    task.spec.payload_kind = PayloadKind::kJson;
    task.spec.payload = R"({"n": 123456789012345678901234567890, "s":"x"})";
    task.spec.content_type = "application/json";
    task.spec.retry.max_attempts = 7;
    return task;
  }
};

TEST_F(TaskPatchTest, TlsSettingsAreMergedLikeOtherMembers) {
  StoredTask task = stored_task("a", 17);
  task.spec.target.kind = TargetKind::kHttp;
  task.spec.target.url = "https://a.example/";
  task.spec.target.tls.insecure_skip_verify = true;
  const std::string pin = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
  task.spec.target.tls.pin = pin;
  const Command less = command_of(R"({"target":{"tls":{"insecure_skip_verify":null}}})", task);
  ASSERT_TRUE(less.spec);
  EXPECT_EQ(less.spec->target.tls, (TargetTls{"", pin, false}));
  const Command more = command_of(
      R"({"target":{"tls":{"client_certificate":"me","insecure_skip_verify":false}}})", task);
  ASSERT_TRUE(more.spec);
  EXPECT_EQ(more.spec->target.tls, (TargetTls{"", pin, false, "me"}));
  task.spec.target.tls.client_certificate = "me";
  const Command other = command_of(
      R"({"target":{"tls":{"client_certificate":null,"insecure_skip_verify":false}}})", task);
  ASSERT_TRUE(other.spec);
  EXPECT_EQ(other.spec->target.tls, (TargetTls{"", pin, false}));
  const Command none = command_of(R"({"target":{"tls":null}})", task);
  ASSERT_TRUE(none.spec);
  EXPECT_EQ(none.spec->target.tls, TargetTls{});
}

TEST_F(TaskPatchTest, CompletionIsMergedLikeOtherMembersAndStaysWithoutLinks) {
  StoredTask task = stored_task("a", 17);
  task.spec.target.kind = TargetKind::kHttp;
  task.spec.target.url = "https://a.example/";
  const CompletionPolicy before{minutes(30), minutes(2)};
  task.spec.target.completion = before;
  const Command more = command_of(R"({"target":{"completion":{"timeout":"1h"}}})", task);
  EXPECT_EQ(more.spec->target.completion, (CompletionPolicy{hours(1), minutes(2)}));
  const Command less = command_of(R"({"target":{"completion":{"heartbeat":null}}})", task);
  EXPECT_EQ(less.spec->target.completion, CompletionPolicy{minutes(30)});
  const Command none = command_of(R"({"target":{"completion":null}})", task);
  EXPECT_EQ(none.spec->target.completion, std::nullopt);
  links_.is_available = false;
  const Command other = command_of(R"({"description":"new"})", task);
  EXPECT_EQ(other.spec->target.completion, before);
  const HttpToken token =
      send_at(patch(R"({"target":{"completion":{"timeout":"1h"}}})"), std::move(task));
  EXPECT_EQ(responder_.at(token).response.status, 422) << "what it asks for is new";
}

TEST_F(TaskPatchTest, ThatResponsesAreNotKeptStaysUntilItIsNamed) {
  StoredTask task = stored_task("a", 17);
  task.spec.target.kind = TargetKind::kHttp;
  task.spec.target.url = "https://a.example/";
  task.spec.target.store_response = false;
  EXPECT_FALSE(
      command_of(R"({"target":{"url":"https://b.example/"}})", task).spec->target.store_response);
  EXPECT_TRUE(
      command_of(R"({"target":{"store_response":null}})", task).spec->target.store_response);
  task.spec.target.store_response = true;
  EXPECT_FALSE(
      command_of(R"({"target":{"store_response":false}})", task).spec->target.store_response);
}

TEST_F(TaskPatchTest, RetentionStaysUntilItIsNamed) {
  StoredTask task = stored_task("a", 17);
  EXPECT_EQ(command_of(R"({"retention":{"count":5}})", task).spec->keep_runs, 5U);
  task.spec.keep_runs = 5;
  EXPECT_EQ(command_of(R"({"description":"new"})", task).spec->keep_runs, 5U);
  EXPECT_EQ(command_of(R"({"retention":{"count":7}})", task).spec->keep_runs, 7U);
  EXPECT_EQ(command_of(R"({"retention":null})", task).spec->keep_runs, 0U);
}

TEST_F(TaskPatchTest, AuthIsMergedLikeOtherMembers) {
  StoredTask task = stored_task("a", 17);
  task.spec.target.kind = TargetKind::kHttp;
  task.spec.target.url = "https://a.example/";
  task.spec.target.auth = {AuthKind::kBasic, "old", "user"};
  task.spec.target.signing_secret = "signer";
  const Command other = command_of(R"({"target":{"auth":{"secret":"new"}}})", task);
  EXPECT_EQ(other.spec->target.auth, (TargetAuth{AuthKind::kBasic, "new", "user"}));
  EXPECT_EQ(other.spec->target.signing_secret, "signer");
  const Command bearer = command_of(
      R"({"target":{"auth":{"type":"bearer","username":null},"signing_secret":null}})", task);
  EXPECT_EQ(bearer.spec->target.auth, (TargetAuth{AuthKind::kBearer, "old", ""}));
  EXPECT_EQ(bearer.spec->target.signing_secret, "");
}

TEST_F(TaskPatchTest, ChangesWhatItNamesAndLeavesTheRest) {
  const StoredTask before = task_with_everything();
  Command command = command_of(R"({"description":"new","labels":{"env":null,"zone":"eu"}})",
                               task_with_everything());
  EXPECT_EQ(command.kind, CommandKind::kReplace);
  EXPECT_EQ(command.existence, Existence::kMustExist);
  EXPECT_EQ(command.if_match, Version{17});
  TaskSpec wanted = before.spec;
  wanted.description = "new";
  wanted.labels = {{"team", "billing"}, {"zone", "eu"}};
  EXPECT_EQ(*command.spec, wanted);
}

TEST_F(TaskPatchTest, NullTakesAMemberBackToItsDefault) {
  Command command = command_of(R"({"retry":null,"payload":null})", task_with_everything());
  EXPECT_EQ(command.spec->retry, RetryPolicy{});
  EXPECT_EQ(command.spec->payload_kind, PayloadKind::kNone);
}

// What is not named is not read anew: it could mean other instants by now, or be refused.
TEST_F(TaskPatchTest, AScheduleThatIsNotNamedStaysWhateverItsForm) {
  for (const char* body : {R"({"type":"one-time","schedule":"15m"})", R"({"schedule":"15m"})",
                           R"({"schedule":{"every":"1h","end_at":"2026-01-01T03:00:00Z"}})",
                           R"({"schedule":{"rrule":"FREQ=DAILY;UNTIL=20260105T000000Z"}})",
                           R"({"schedule":{"cron":"0 9 * * *","note":1}})",
                           R"({"schedule":"2020-01-01T00:00:00Z"})"}) {
    Command made;
    ask_and_decide({"POST", "/tasks", body, {}}, [&](Command& command) {
      made.spec = std::make_unique<TaskSpec>(*command.spec);
      return accepted(command, CommandEffect::kCreated);
    });
    StoredTask task = stored_task("a", 17);
    task.spec = *made.spec;
    api_.set_now({kTestNow + hours(24 * 365), Monotonic{0}});
    Command command = command_of(R"({"description":"new"})", std::move(task));
    api_.set_now({kTestNow, Monotonic{0}});
    made.spec->description = "new";
    made.spec->id = command.spec->id = "a";
    EXPECT_EQ(*command.spec, *made.spec) << body;
  }
}

TEST_F(TaskPatchTest, TheTypeStaysUnlessItIsNamed) {
  StoredTask delay = task_with_everything();
  delay.spec.schedule.source = R"("15m")";
  const Command longer = command_of(R"({"schedule":"30m"})", delay);
  EXPECT_EQ(longer.spec->type, TaskType::kOneTime);
  EXPECT_EQ(longer.spec->schedule.at, kTestNow + milliseconds(30 * 60'000));
  const HttpToken token = send_at(patch(R"({"schedule":"*/5 * * * *"})"), delay);
  EXPECT_TRUE(contains(responder_.at(token).response.body, "a one-time task is due once"));
  Command command = command_of(R"({"type":null,"schedule":"*/5 * * * *"})", delay);
  EXPECT_EQ(command.spec->type, TaskType::kRecurring);
  EXPECT_EQ(command.spec->schedule.cron, "*/5 * * * *");
}

TEST_F(TaskPatchTest, TaskOfTheSimpleShapeKeepsAnIdThatV1WouldNotTake) {
  const HttpToken token =
      send({"PATCH", "/v1/tasks/%C3%A4%2F1", R"({"id":"ä/1","description":"x"})", {}});
  auto [shard, look] = take_query();
  answer(look.token, stored_task("ä/1", 17));
  auto [owner, message] = take_commands();
  EXPECT_EQ(message.commands[0].id, "ä/1");
  EXPECT_EQ(message.commands[0].spec->id, "ä/1");
  reply(message.token, accepted(message.commands[0], CommandEffect::kReplaced));
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(TaskPatchTest, IsMergedAnewWhenOthersWereFaster) {
  const HttpToken token = send_at(patch(R"({"description":"mine"})"), task_with_everything());
  reply(take_commands().second.token, refused(ErrorCode::kVersionMismatch));
  StoredTask theirs = task_with_everything();
  theirs.state = test_state(20);
  theirs.spec.labels = {{"by", "them"}};
  answer_look(std::move(theirs));
  auto [shard, message] = take_commands();
  EXPECT_EQ(message.commands[0].if_match, Version{20});
  EXPECT_EQ(message.commands[0].spec->description, "mine");
  EXPECT_EQ(message.commands[0].spec->labels, (std::vector<NamedText>{{"by", "them"}}));
  reply(message.token, accepted(message.commands[0], CommandEffect::kReplaced));
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(TaskPatchTest, GivesUpWhenOthersAreAlwaysFaster) {
  const HttpToken token = send_at(patch(R"({"description":"mine"})"), task_with_everything());
  int tries = 0;
  while (!shards_.commands.empty() && tries < 100) {
    ++tries;
    reply(take_commands().second.token, refused(ErrorCode::kVersionMismatch));
    if (!shards_.queries.empty()) answer_look(task_with_everything());
  }
  EXPECT_EQ(tries, 8);
  EXPECT_EQ(responder_.at(token).response.status, 409);
}

TEST_F(TaskPatchTest, OfANamedVersionTheClientHearsThatItIsGone) {
  // Gone when it is looked at, whatever else is wrong with the patch by then.
  const HttpToken before = send_at(patch(R"({"payload_base64":"eA=="})", {{"if-match", "\"16\""}}),
                                   task_with_everything());
  EXPECT_EQ(responder_.at(before).response.status, 412);
  // Gone between the look and the change.
  const HttpToken token =
      send_at(patch(R"({"description":"mine"})", {{"if-match", "\"17\""}}), task_with_everything());
  auto [shard, message] = take_commands();
  EXPECT_EQ(message.commands[0].if_match, Version{17});
  reply(message.token, refused(ErrorCode::kVersionMismatch));
  EXPECT_EQ(responder_.at(token).response.status, 412);
}

TEST_F(TaskPatchTest, NoTaskIs404AndWithAPrecondition412) {
  for (const auto& [tag, status] : {std::pair("", 404), {"*", 412}, {"\"16\"", 412}}) {
    const HttpToken token = send(patch(R"({"description":"x"})", {{"if-match", tag}}));
    answer_look(failure(ErrorCode::kNotFound, "", "no task has this id"));
    EXPECT_EQ(responder_.at(token).response.status, status) << tag;
  }
  const HttpToken token =
      send_at(patch(R"({"description":"x"})", {{"if-none-match", "*"}}), task_with_everything());
  EXPECT_EQ(responder_.at(token).response.status, 412);
}

TEST_F(TaskPatchTest, WhatItCannotSayIsRefusedByName) {
  struct Case {
    const char* body;
    const char* pointer;
  };
  for (const Case& each :
       {Case{R"({"state":"paused"})", "#/state"}, Case{R"({"version":3})", "#/version"},
        Case{R"({"id":"b"})", "#/id"}, Case{R"({"id":null})", "#/id"},
        Case{R"({"paused":null})", "#/paused"},
        Case{R"({"paused":{"until":"2020-01-01T00:00:00Z"}})", "#/paused/until"}}) {
    const Sent& sent = ask(patch(each.body));
    EXPECT_EQ(sent.response.status, 422) << each.body;
    EXPECT_TRUE(contains(sent.response.body, each.pointer)) << sent.response.body;
  }
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(TaskPatchTest, ResultIsCheckedLikeAnyTask) {
  const HttpToken token =
      send_at(patch(R"({"retry":{"max_attempts":0},"colour":1})"), task_with_everything());
  const Sent& sent = responder_.at(token);
  EXPECT_EQ(sent.response.status, 422);
  EXPECT_TRUE(contains(sent.response.body, "#/retry/max_attempts")) << sent.response.body;
  EXPECT_TRUE(contains(sent.response.body, "#/colour")) << sent.response.body;
}

TEST_F(TaskPatchTest, TakesMergePatchesAndSaysSoOtherwise) {
  const std::string body = R"({"description":"x"})";
  for (const char* type : {"application/merge-patch+json", "application/json; charset=utf-8"}) {
    send(patch(body, {{"content-type", type}}));
    answer_look(failure(ErrorCode::kNotFound, "", "no task has this id"));
  }
  const Sent& sent = ask(patch(body, {{"content-type", "application/json-patch+json"}}));
  EXPECT_EQ(sent.response.status, 415);
  EXPECT_EQ(sent.field("accept-patch"), "application/merge-patch+json");
  const Sent& put =
      ask({"PUT", "/v1/tasks/a", body, {{"content-type", "application/merge-patch+json"}}});
  EXPECT_EQ(put.response.status, 415);
  EXPECT_EQ(put.field("accept-patch"), "");
}

}  // namespace
}  // namespace hourwheel::task_patch_test
