// What the shard keeps of responses (target.store_response), in virtual time.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_responses_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

class ShardResponsesTest : public ::testing::Test {
 protected:
  static std::unique_ptr<TaskSpec> spec_with(bool store_response) {
    auto spec = once_at("a", kSoon);
    spec->target.store_response = store_response;
    spec->target.success_body = "ok";
    spec->retry.min_backoff = spec->retry.max_backoff = seconds(1);
    spec->retry.jitter = BackoffJitter::kNone;
    return spec;
  }
  void send(bool store_response) {
    under_.rest();
    under_.ask(create(spec_with(store_response)));
    under_.live_until(kSoon);
    ASSERT_EQ(under_.targets.sent.size(), 1U);
  }
  // The newest record, once the last attempt has brought this.
  RunRecord record_of(std::string body) {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kResponded;
    outcome.sent = true;
    outcome.status = 200;
    outcome.started = outcome.ended = under_.now;
    outcome.body = std::move(body);
    outcome.kept_fields = "Server: secret\n";
    under_.shard.post(AttemptEnded{under_.targets.sent.back().token, std::move(outcome)});
    under_.rest();
    EXPECT_FALSE(under_.records.empty());
    return under_.records.empty() ? RunRecord{} : under_.records.back();
  }

  ShardUnderTest under_;
};

TEST_F(ShardResponsesTest, ABodyIsKeptByItself) {
  send(true);
  const RunRecord record = record_of("ok: 7");
  EXPECT_EQ(record.state, RunState::kSucceeded);
  EXPECT_EQ(record.outcome.body, "ok: 7");
  EXPECT_EQ(record.outcome.kept_fields, "Server: secret\n");
}

TEST_F(ShardResponsesTest, WhereItIsNotKeptItIsStillJudged) {
  send(false);
  const RunRecord failed = record_of("no: secret");
  EXPECT_EQ(failed.state, RunState::kRetrying);
  EXPECT_EQ(failed.outcome.result, AttemptResult::kBodyMismatch);
  EXPECT_EQ(failed.outcome.status, 200);
  EXPECT_EQ(failed.outcome.body, "");
  EXPECT_EQ(failed.outcome.kept_fields, "");
  under_.live_until(under_.now + seconds(2));
  ASSERT_EQ(under_.targets.sent.size(), 2U);
  const RunRecord ended = record_of("ok: secret");
  EXPECT_EQ(ended.state, RunState::kSucceeded);
  EXPECT_EQ(ended.outcome.body, "");
  EXPECT_EQ(ended.outcome.kept_fields, "");
}

TEST_F(ShardResponsesTest, WhatTheAttemptWasSentWithCounts) {
  send(false);
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = spec_with(true);
  under_.ask(std::move(replace));
  under_.rest();
  ASSERT_TRUE(under_.store.stored.begin()->second.spec.target.store_response);
  const RunRecord record = record_of("ok: secret");
  EXPECT_EQ(record.outcome.status, 200);
  EXPECT_EQ(record.outcome.body, "");
  EXPECT_EQ(record.outcome.kept_fields, "");
}

TEST_F(ShardResponsesTest, NothingIsKeptOfATaskThatIsGone) {
  send(false);
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.rest();
  const RunRecord record = record_of("ok: secret");
  EXPECT_EQ(record.outcome.status, 200);
  EXPECT_EQ(record.outcome.body, "");
  EXPECT_EQ(record.outcome.kept_fields, "");
}

}  // namespace
}  // namespace hourwheel::shard_responses_test
