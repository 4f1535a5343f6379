// DELETE /v1/tasks/{id}?wait=true
#include "api/delete_wait.h"

#include "engine/limits.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::delete_wait_test {
namespace {

class DeleteWaitTest : public ApiTest {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  HttpToken remove(const std::string& query, uint32_t in_flight, Fields fields = {},
                   Duration decided_after = {}) {
    const HttpToken token = send({"DELETE", "/v1/tasks/a" + query, "", std::move(fields)});
    auto [shard, message] = take_commands();
    if (decided_after > Duration{}) pass(decided_after);
    CommandDone done;
    done.effect = CommandEffect::kDeleted;
    done.in_flight = in_flight;
    done.number = {77};
    reply(message.token, std::move(done));
    return token;
  }
  void pass(Duration time) {
    mono_ = mono_ + time;
    api_.set_now({kTestNow + (mono_ - Monotonic{0}), mono_});
    api_.end_turn();
  }
  void count(uint32_t open) {
    auto [shard, query] = take_query();
    EXPECT_EQ(std::get<CountLastRuns>(query.query).task, TaskNumber{77});
    EXPECT_EQ(shard, shards_.shard_of(task_key("a")));
    answer(query.token, QueryAnswer(LastRuns{open}));
  }
  void expect_answer(HttpToken token, uint32_t in_flight) {
    const Sent& sent = responder_.at(token);
    ASSERT_TRUE(sent.ended);
    EXPECT_EQ(sent.response.status, 200);
    EXPECT_EQ(sent.response.body, "{\"id\":\"a\",\"in_flight\":" + std::to_string(in_flight) + "}");
  }

  HttpToken first_{};
  Monotonic mono_{0};
};

TEST_F(DeleteWaitTest, TheAnswerComesWhenTheLastRunHasEnded) {
  const HttpToken token = remove("?wait=true", 2);
  EXPECT_FALSE(responder_.at(token).ended);
  for (uint32_t open : {2U, 1U}) {
    pass(kFollowInterval);
    count(open);
    EXPECT_FALSE(responder_.at(token).ended);
  }
  pass(kFollowInterval);
  count(0);
  expect_answer(token, 0);
}

TEST_F(DeleteWaitTest, WhoDoesNotAskOrFindsNothingInFlightIsAnsweredAtOnce) {
  expect_answer(remove("", 2), 2);
  expect_answer(remove("?wait=false&cancel_running=true", 2), 2);
  expect_answer(remove("?wait=true", 0), 0);
  expect_answer(remove("?wait=true", 2, {{"prefer", "wait=0"}}), 2);
  EXPECT_EQ(ask({"DELETE", "/v1/tasks/a?wait=5", "", {}}).response.status, 400);
}

TEST_F(DeleteWaitTest, WhenTheTimeIsOverItIsTheOneThatWouldHaveComeAtOnce) {
  const HttpToken token = remove("?wait=true", 3, {{"prefer", "wait=1"}});
  for (int i = 0; i < 3; ++i) {
    pass(kFollowInterval);
    count(1);
  }
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  expect_answer(token, 3);
}

TEST_F(DeleteWaitTest, NobodyWaitsLongerThanAnswersMay) {
  const HttpToken token = remove("?wait=true", 1, {{"prefer", "wait=86400"}});
  pass(kMaxRunWait - milliseconds(1));
  count(1);
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  expect_answer(token, 1);
}

TEST_F(DeleteWaitTest, TheLongestWaitBeginsWithTheRequest) {  // and not when it is decided
  const HttpToken token = remove("?wait=true", 1, {}, seconds(20));
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kMaxRunWait - seconds(20) - kFollowInterval);
  count(1);
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  expect_answer(token, 1);
  expect_answer(remove("?wait=true", 2, {}, kMaxRunWait), 2);
}

TEST_F(DeleteWaitTest, AServerThatStopsHoldsNothing) {  // C-26
  const HttpToken token = remove("?wait=true", 1);
  facts_.is_draining = true;
  pass(kFollowInterval);
  expect_answer(token, 1);
}

TEST_F(DeleteWaitTest, WithoutABodyTheHeadSaysTheSame) {
  const HttpToken token = remove("?wait=true", 1, {{"prefer", "return=minimal"}});
  pass(kFollowInterval);
  count(0);
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.status, 204);
  EXPECT_EQ(sent.field("hourwheel-in-flight"), "0");
}

TEST_F(DeleteWaitTest, AShardWithoutTimeIsAskedAgain) {
  const HttpToken token = remove("?wait=true", 1);
  shards_.without_credit = {0, 1};
  pass(kFollowInterval);
  EXPECT_TRUE(shards_.queries.empty());
  shards_.without_credit = {};
  pass(kFollowInterval);
  auto [shard, query] = take_query();
  answer(query.token, failure(ErrorCode::kOverloaded, "", "too much to do"));
  EXPECT_FALSE(responder_.at(token).ended);
  pass(kFollowInterval);
  count(0);
  expect_answer(token, 0);
}

TEST_F(DeleteWaitTest, AClientThatGoesAwayLeavesItsPlace) {
  for (size_t i = 0; i < kMaxFollowers / 2; ++i) {
    const HttpToken token = remove("?wait=true", 1);
    EXPECT_FALSE(responder_.at(token).ended);
    if (i == 0) first_ = token;
  }
  expect_answer(remove("?wait=true", 1), 1);  // other places are for followers
  api_.on_closed(first_);
  const HttpToken next = remove("?wait=true", 1);
  EXPECT_FALSE(responder_.at(next).ended);
}

}  // namespace
}  // namespace hourwheel::delete_wait_test
