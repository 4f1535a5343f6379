// Prefer: wait=N with a run that is asked for.
#include "api/run_wait.h"

#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::run_wait_test {
namespace {

class RunWaitTest : public ApiTest {
 protected:
  HttpToken run(const std::string& prefer) {
    HttpToken token = send({"POST", "/v1/tasks/a/run", "", {{"prefer", prefer}}});
    auto [shard, message] = take_commands();
    CommandDone done;
    done.effect = CommandEffect::kStarted;
    done.run = key_;
    done.state = test_state();
    reply(message.token, std::move(done));
    return token;
  }
  void pass(Duration time) {
    mono_ = mono_ + time;
    api_.set_now({kTestNow + (mono_ - Monotonic{0}), mono_});
    api_.end_turn();
  }
  // To the oldest question, which is for the task.
  void answer_task(bool open) {
    auto [shard, query] = take_query();
    EXPECT_EQ(std::get<GetTask>(query.query).key, task_key("a"));
    StoredTask task = stored_task("a", 17);
    if (open) task.state.open.emplace_back().key = key_;
    answer(query.token, QueryAnswer(std::move(task)));
  }
  // To the one for the run, which is open no more.
  void answer_run(RunState state) {
    auto [shard, query] = take_query();
    const auto& asked = std::get<GetRun>(query.query);
    EXPECT_EQ(asked.key, task_key("a"));
    EXPECT_EQ(asked.run, key_);
    RunPage page;
    page.task = task_key("a");
    RunRecord& record = page.records.emplace_back();
    record.key = key_;
    record.state = state;
    record.due = record.last_due = kTestNow;
    record.attempt = 1;
    answer(query.token, QueryAnswer(std::move(page)));
  }

  const RunKey key_{Generation{17}, Trigger::kManual, 7};
  Monotonic mono_{0};
};

TEST_F(RunWaitTest, TheAnswerComesWhenTheRunHasEnded) {
  const HttpToken token = run("wait=10");
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  answer_task(true);
  EXPECT_TRUE(shards_.queries.empty()) << "the run log is not searched for a run that is open";
  pass(kFollowInterval);
  answer_task(false);
  answer_run(RunState::kDead);
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_EQ(sent.field("preference-applied"), "wait=10");
  EXPECT_EQ(sent.field("location"), "/v1/runs/" + run_id(task_key("a"), key_));
  EXPECT_TRUE(contains(sent.response.body, R"("state":"dead")")) << sent.response.body;
  EXPECT_TRUE(contains(sent.response.body, R"("task_id":"a")"));
}

TEST_F(RunWaitTest, OfATaskThatIsGoneTheRunIsLookedFor) {
  const HttpToken token = run("wait=10");
  pass(kFollowInterval);
  auto [shard, query] = take_query();
  answer(query.token, failure(ErrorCode::kNotFound, "", "no such task"));
  answer_run(RunState::kCanceled);
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(RunWaitTest, WhenTheTimeIsOverItIsTheOneThatWouldHaveComeAtOnce) {
  const HttpToken token = run("wait=1");
  for (int i = 0; i < 3; ++i) {
    pass(kFollowInterval);
    answer_task(true);
  }
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 202);
  EXPECT_EQ(sent.field("location"), "/v1/runs/" + run_id(task_key("a"), key_));
  EXPECT_EQ(sent.field("preference-applied"), "");
}

TEST_F(RunWaitTest, AServerThatStopsHoldsNothing) {  // C-26
  const HttpToken token = run("wait=20");
  facts_.is_draining = true;
  pass(kFollowInterval);
  EXPECT_EQ(responder_.at(token).response.status, 202);
}

TEST_F(RunWaitTest, NobodyWaitsLongerThanAnswersMay) {
  const HttpToken token = run("wait=86400");
  for (Duration passed{}; passed < kMaxRunWait; passed = passed + seconds(5)) {
    EXPECT_FALSE(responder_.at(token).ended);
    pass(seconds(5));
    if (!shards_.queries.empty()) answer_task(true);
  }
  EXPECT_EQ(responder_.at(token).response.status, 202);
  static_assert(kMaxRunWait < kAnswerDeadline);
}

TEST_F(RunWaitTest, AShardWithoutTimeIsAskedAgain) {
  const HttpToken token = run("wait=10");
  shards_.without_credit = {0, 1};
  pass(kFollowInterval);
  EXPECT_TRUE(shards_.queries.empty());
  shards_.without_credit = {};
  pass(kFollowInterval);
  auto [shard, query] = take_query();
  answer(query.token, failure(ErrorCode::kOverloaded, "", "too much to do"));
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  answer_task(false);
  answer_run(RunState::kSucceeded);
  EXPECT_EQ(responder_.at(token).response.status, 200);
}

TEST_F(RunWaitTest, WhoFindsNoRoomOrNamesNoTimeIsAnsweredAtOnce) {
  for (const char* prefer : {"wait=0", "wait=soon", "wait", "wait=-1", "respond-async"}) {
    EXPECT_EQ(responder_.at(run(prefer)).response.status, 202) << prefer;
  }
  for (size_t i = 0; i < kMaxFollowers / 2; ++i) {
    EXPECT_FALSE(responder_.at(run("wait=9")).ended);
  }
  EXPECT_EQ(responder_.at(run("wait=9")).response.status, 202) << "other places are for followers";
}

}  // namespace
}  // namespace hourwheel::run_wait_test
