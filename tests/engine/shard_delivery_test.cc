// What a task says about its delivery, as its shard keeps it: expiry, pauses of its own, late
// runs, and instants in the past.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_delivery_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

TEST(ShardDelivery, RunLaterThanItsTaskAllowsEndsExpired) {
  ShardUnderTest under;
  under.rest();
  Command made = create("a", kSoon);
  made.spec->expires_after = seconds(30);
  under.ask(std::move(made));
  under.live_until(kSoon - seconds(5));
  under.now = kSoon + seconds(31);  // the loop was late by that much
  under.live_until(kSoon + seconds(60));
  EXPECT_TRUE(under.targets.sent.empty());
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kSkipped);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kExpired);
  EXPECT_EQ(under.records[0].due, kSoon);
}

TEST(ShardDelivery, RunExpiresBetweenTwoAttempts) {
  ShardUnderTest under;
  under.rest();
  Command made = create("a", kSoon);
  made.spec->expires_after = seconds(30);
  made.spec->retry.backoff = BackoffKind::kFixed;
  made.spec->retry.min_backoff = seconds(31);
  made.spec->retry.jitter = BackoffJitter::kNone;
  under.ask(std::move(made));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 500);
  under.live_until(kSoon + minutes(5));
  EXPECT_EQ(under.targets.sent.size(), 1U);
  ASSERT_EQ(under.records.size(), 2U);
  EXPECT_EQ(under.records[0].state, RunState::kRetrying);
  EXPECT_EQ(under.records[1].skip_reason, SkipReason::kExpired);
}

// A task due every ten seconds whose target answers each attempt with the next of these.
class AutoPause : public testing::Test {
 protected:
  void live_through(const std::vector<uint16_t>& statuses) {
    under_.rest();
    Command made = create("a", kSoon);
    made.spec = every("a", seconds(10), kSoon);
    made.spec->pause_after_dead = 2;
    under_.ask(std::move(made));
    for (uint16_t status : statuses) {
      const size_t before = answered_;
      const Instant until = under_.now + seconds(60);
      while (under_.targets.sent.size() == before && under_.now < until) {
        under_.live_until(under_.now + seconds(1));
      }
      if (under_.targets.sent.size() == before) return;
      under_.end_attempt(answered_++, status);
    }
    under_.rest();
  }
  const TaskState& stored() { return under_.store.stored.begin()->second.state; }

  ShardUnderTest under_;
  size_t answered_ = 0;
};

TEST_F(AutoPause, ComesWithTheLastOfSoManyDeadRunsAndSaysWhy) {
  live_through({404, 404, 404});
  EXPECT_EQ(answered_, 2U);
  ASSERT_TRUE(stored().pause);
  EXPECT_EQ(stored().pause->reason, auto_pause_reason(2));
  EXPECT_FALSE(stored().pause->until);
}

TEST_F(AutoPause, ASuccessStartsTheCountAnew) {
  live_through({404, 200, 404});
  EXPECT_EQ(answered_, 3U);
  EXPECT_FALSE(stored().pause);
  EXPECT_EQ(stored().dead_in_row, 1U);
}

TEST_F(AutoPause, EachAttemptIsCountedByItsResponse) {
  live_through({404, 200, 404});
  const ShardMetrics& metrics = under_.shard.metrics();
  EXPECT_EQ(metrics.attempts_ended(AttemptResult::kResponded).value(), 3U);
  EXPECT_EQ(metrics.responses(3).value(), 2U);
  EXPECT_EQ(metrics.responses(1).value(), 1U);
}

TEST_F(AutoPause, CountsAnewAfterAResume) {
  live_through({404, 404});
  ASSERT_TRUE(stored().pause);
  under_.ask(command(CommandKind::kResume, "a"));
  under_.live_until(under_.now + seconds(11));
  ASSERT_EQ(under_.targets.sent.size(), 3U);
  under_.end_attempt(2, 404);
  under_.rest();
  EXPECT_FALSE(stored().pause);
}

// Its next due instant is only known when the open run has ended.
TEST(ShardDelivery, AFixedDelayPausesItselfWhileARunIsOpen) {
  ShardUnderTest under;
  under.rest();
  Command made = create("a", kSoon);
  made.spec = every("a", seconds(10), kSoon);
  made.spec->schedule.kind = ScheduleKind::kFixedDelay;
  made.spec->overlap = Overlap::kAllow;
  made.spec->pause_after_dead = 1;
  under.ask(std::move(made));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.ask(command(CommandKind::kRun, "a"));
  under.rest();
  ASSERT_EQ(under.targets.sent.size(), 2U);
  under.end_attempt(1, 404);
  under.rest();
  EXPECT_TRUE(under.store.stored.begin()->second.state.pause);
}

TEST(ShardDelivery, FirstAttemptLaterThanItsTaskWantsIsCounted) {
  for (Duration most : {milliseconds(2'999), seconds(3)}) {
    ShardUnderTest under;
    under.rest();
    Command made = create("a", kSoon);
    made.spec->max_lateness = most;
    under.ask(std::move(made));
    under.live_until(kSoon - milliseconds(1));
    under.now = kSoon + seconds(3);
    under.live_until(kSoon + seconds(4));
    ASSERT_EQ(under.targets.sent.size(), 1U);
    EXPECT_EQ(under.shard.metrics().late_runs.value(), most < seconds(3) ? 1U : 0U);
  }
}

// What the former life may have sent keeps its flag, whatever happens before it is sent again.
TEST(ShardDelivery, PauseKeepsTheDoubtAboutTheFormerLife) {  // C-8
  ShardUnderTest former;
  former.rest();
  former.ask(create("a", kSoon));
  former.live_until(kSoon);
  ASSERT_EQ(former.targets.sent.size(), 1U);
  const StoredTask left = former.store.stored.begin()->second;
  ASSERT_TRUE(left.state.open.empty());
  ShardUnderTest next(RecoveredShard{left.number.value, former.store.mark});
  next.now = kSoon + seconds(1);
  next.store.stored = former.store.stored;
  next.ask(command(CommandKind::kPause, "a"));
  next.live_until(next.now + seconds(1));
  const TaskState& paused = next.store.stored.begin()->second.state;
  ASSERT_TRUE(paused.pause);
  ASSERT_EQ(paused.open.size(), 1U);
  EXPECT_TRUE(paused.open[0].possible_duplicate);
}

// A create or replace of "a" as a client repeats it.
Command chosen(CommandKind kind, Instant at, PastInstant past = PastInstant::kRefuse) {
  Command made = command(kind, "a");
  made.spec = once_at("a", at);
  made.past = past;
  return made;
}

class Past : public testing::Test {  // C-17
 protected:
  Past() {
    under_.rest();
    under_.ask(create("a", kSoon));
    under_.live_until(kSoon + minutes(10));
    under_.end_attempt(0, 200);
    under_.rest();
    under_.client.replies.clear();
  }
  const CommandOutcome& answered(Command asked) {
    under_.ask(std::move(asked));
    under_.live_until(under_.now + seconds(1));
    return under_.answer(under_.client.replies.size() - 1);
  }
  ShardUnderTest under_;
};

TEST_F(Past, RepeatOfACreateLongAfterItsInstantMeetsTheFirst) {
  const CommandOutcome& outcome = answered(chosen(CommandKind::kCreate, kSoon));
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->effect, CommandEffect::kUnchanged);
}

TEST_F(Past, RepeatOfAReplaceMeetsTheFirst) {
  const CommandOutcome& outcome = answered(chosen(CommandKind::kReplace, kSoon));
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->effect, CommandEffect::kUnchanged);
}

TEST_F(Past, AnotherBodyUnderTheSameIdIsAConflictAsEver) {
  const CommandOutcome& outcome = answered(chosen(CommandKind::kCreate, kSoon + seconds(1)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kAlreadyExists);
}

TEST_F(Past, UpdateToAPastInstantIsRefusedUnlessAllowed) {
  const Instant past = under_.now - seconds(90);
  const CommandOutcome& refused = answered(chosen(CommandKind::kReplace, past));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPastInstant);
  EXPECT_TRUE(answered(chosen(CommandKind::kReplace, past, PastInstant::kAccept)));
}

TEST_F(Past, ReplaceThatKeepsAPastInstantChangesTheRest) {
  Command other = chosen(CommandKind::kReplace, kSoon);
  other.spec->description = "another";
  const CommandOutcome& outcome = answered(std::move(other));
  ASSERT_TRUE(outcome) << outcome.error().detail;
  EXPECT_EQ(outcome->effect, CommandEffect::kReplaced);
}

TEST_F(Past, NewTaskInThePastIsRefusedAfterAMinute) {
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.rest();
  Command late = chosen(CommandKind::kCreate, under_.now - seconds(61));
  const CommandOutcome& refused = answered(std::move(late));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kPastInstant);
  EXPECT_EQ(refused.error().field, "/schedule");
  EXPECT_TRUE(answered(chosen(CommandKind::kCreate, under_.now - seconds(50))));
}

}  // namespace
}  // namespace hourwheel::shard_delivery_test
