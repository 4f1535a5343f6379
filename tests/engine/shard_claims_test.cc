// At-most-once runs, step by step: what is claimed when, and what becomes of a claim (C-6).
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_claims_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

Command create_once_at_most(const std::string& id) {
  Command made = create(id, kSoon);
  made.spec->delivery = Delivery::kAtMostOnce;
  made.spec->retry.jitter = BackoffJitter::kNone;
  return made;
}

// A shard with such a task, up to the moment it is due: its claim is with the store.
class ClaimsTest : public testing::Test {
 protected:
  ClaimsTest() { claim_first(under_); }

  static void claim_first(ShardUnderTest& under) {
    under.rest();
    under.ask(create_once_at_most("a"));
    under.live_until(kSoon - milliseconds(1));
    under.now = kSoon;
    under.turn();
  }
  void end_attempt(AttemptResult result, bool sent) {  // NOLINT: an outcome's two facts
    AttemptOutcome outcome;
    outcome.result = result;
    outcome.sent = sent;
    outcome.started = outcome.ended = under_.now;
    under_.shard.post(AttemptEnded{under_.targets.sent.back().token, std::move(outcome)});
    under_.turn();
  }
  const TaskState& stored() { return under_.store.stored.begin()->second.state; }

  ShardUnderTest under_;
};

TEST_F(ClaimsTest, ClaimIsDurableBeforeAnythingIsSent) {
  EXPECT_TRUE(under_.targets.sent.empty());
  ASSERT_TRUE(under_.store.committing);
  ASSERT_EQ(under_.store.committing->tasks.size(), 1U);
  const OpenRun& run = under_.store.committing->tasks[0].state.open.at(0);
  EXPECT_TRUE(run.claimed && run.in_flight);
  EXPECT_EQ(run.attempts, 1U);
  under_.pass(seconds(1));
  EXPECT_TRUE(under_.targets.sent.empty());
  under_.flush();
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  EXPECT_FALSE(under_.targets.sent[0].possible_duplicate);
}

TEST_F(ClaimsTest, SuccessEndsTheRun) {
  under_.flush();
  under_.end_attempt(0, 204);
  under_.live_until(kSoon + hours(1));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kSucceeded);
  EXPECT_EQ(under_.targets.sent.size(), 1U);
}

TEST_F(ClaimsTest, LostResultEndsUnknownAtOnce) {
  under_.flush();
  end_attempt(AttemptResult::kConnectionLost, true);
  under_.live_until(kSoon + hours(1));
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kUnknown);
  EXPECT_EQ(under_.targets.sent.size(), 1U);
}

TEST_F(ClaimsTest, AttemptThatDidNotReachTheTargetIsRetriedWithANewClaim) {
  under_.flush();
  end_attempt(AttemptResult::kConnectFailed, false);
  under_.flush();
  EXPECT_FALSE(stored().open.at(0).claimed);
  under_.pass(milliseconds(999));
  EXPECT_EQ(under_.targets.sent.size(), 1U);
  under_.pass(milliseconds(1));
  EXPECT_EQ(under_.targets.sent.size(), 1U);
  under_.flush();  // the new claim, perhaps behind the send mark's next step
  under_.flush();
  ASSERT_EQ(under_.targets.sent.size(), 2U);
  EXPECT_EQ(under_.targets.sent[1].attempt, 2U);
  EXPECT_FALSE(under_.targets.sent[1].possible_duplicate);
  EXPECT_TRUE(stored().open.at(0).claimed);
}

TEST_F(ClaimsTest, ClaimOfAFormerLifeEndsUnknownAndIsNotSent) {
  under_.flush();
  const StoredTask left = under_.store.stored.begin()->second;
  RecoveredShard recovered{left.number.value, under_.store.mark};
  ShardUnderTest next(recovered);
  next.now = kSoon + seconds(1);
  next.store.stored = under_.store.stored;
  next.turn();
  next.shard.post(Scanned{next.store.scans.front(), {{left.number, left.key, left.state}}, {}});
  next.store.scans.pop_front();
  next.live_until(kSoon + hours(1));
  EXPECT_TRUE(next.targets.sent.empty());
  ASSERT_EQ(next.records.size(), 1U);
  EXPECT_EQ(next.records[0].state, RunState::kUnknown);
  EXPECT_EQ(next.records[0].attempt, 1U);
  EXPECT_EQ(next.records[0].outcome.started, kSoon);
}

// C-6, C-8: what an earlier definition may have sent without a claim stays in doubt, in every life.
TEST(Claims, AnInstantFromBeforeAtMostOnceIsNotSentAgain) {
  ShardUnderTest former;
  former.rest();
  former.ask(create("a", kSoon));
  former.live_until(kSoon);
  ASSERT_EQ(former.targets.sent.size(), 1U);
  const StoredTask sent = former.store.stored.begin()->second;

  ShardUnderTest next(RecoveredShard{sent.number.value, former.store.mark});
  next.now = kSoon + seconds(1);
  next.store.stored = former.store.stored;
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = create_once_at_most("a").spec;
  next.ask(std::move(replace));
  next.answer_fetch();
  while (!next.store.stored.begin()->second.state.at_most_once) next.flush();
  const StoredTask replaced = next.store.stored.begin()->second;
  ASSERT_TRUE(replaced.state.open.empty()) << "the store knows nothing of a run";

  ShardUnderTest last(RecoveredShard{replaced.state.version.value, former.store.mark});
  last.now = kSoon + seconds(2);
  last.store.stored = next.store.stored;
  last.live_until(kSoon + hours(1));
  EXPECT_TRUE(last.targets.sent.empty());
  ASSERT_EQ(last.records.size(), 1U);
  EXPECT_EQ(last.records[0].state, RunState::kUnknown);
}

TEST_F(ClaimsTest, PauseDecidedBeforeTheClaimIsDurableGivesItBack) {  // S7
  under_.ask(command(CommandKind::kPause, "a"));
  under_.rest();
  EXPECT_TRUE(under_.targets.sent.empty());
  ASSERT_EQ(stored().open.size(), 1U);
  EXPECT_FALSE(stored().open[0].claimed || stored().open[0].in_flight);
  EXPECT_EQ(stored().open[0].attempts, 0U);
  under_.ask(command(CommandKind::kResume, "a"));
  under_.live_until(under_.now + seconds(1));
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  EXPECT_EQ(under_.targets.sent[0].attempt, 1U);
}

TEST_F(ClaimsTest, DeleteDecidedBeforeTheClaimIsDurableCancelsTheRun) {  // S7
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.rest();
  EXPECT_TRUE(under_.targets.sent.empty());
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kCanceled);
  EXPECT_TRUE(under_.store.stored.empty());
}

// C-12: also while the task is being read, when nobody looks at what it has to do.
TEST(Claims, ASupersededClaimOfWhichNothingWasSentEndsAtOnce) {
  ShardUnderTest under;
  under.rest();
  Command made = create("a", kSoon);
  made.spec = every("a", seconds(10), kSoon);
  made.spec->delivery = Delivery::kAtMostOnce;
  made.spec->overlap = Overlap::kCancelRunning;
  under.ask(std::move(made));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  const FakeTargets::Sent first = under.targets.sent[0];
  under.live_until(kSoon + seconds(10));
  ASSERT_EQ(under.targets.canceled.size(), 1U);
  Command redrive = command(CommandKind::kRedrive, "a");
  redrive.run = {first.run.generation, Trigger::kManual, 7};
  under.ask(std::move(redrive));
  ASSERT_EQ(under.store.fetches.size(), 1U) << "its letter is looked up";
  AttemptOutcome outcome;
  outcome.result = AttemptResult::kStopped;
  outcome.started = outcome.ended = under.now;
  under.shard.post(AttemptEnded{first.token, std::move(outcome)});
  under.turn();
  under.flush();
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].key, first.run);
  EXPECT_EQ(under.records[0].state, RunState::kCanceled);
}

TEST_F(ClaimsTest, DrainGivesBackAClaimThatIsNotSent) {  // C-26
  under_.shard.drain();
  under_.rest();
  EXPECT_TRUE(under_.shard.drained());
  EXPECT_TRUE(under_.targets.sent.empty());
  EXPECT_FALSE(stored().open.at(0).claimed);
}

TEST_F(ClaimsTest, RunCutOffByADrainEndsUnknown) {  // C-26
  under_.flush();
  under_.shard.drain();
  end_attempt(AttemptResult::kStopped, true);
  under_.rest();
  EXPECT_TRUE(under_.shard.drained());
  ASSERT_EQ(under_.records.size(), 1U);
  EXPECT_EQ(under_.records[0].state, RunState::kUnknown);
}

// C-20: its due instant has passed once, and that holds.
TEST_F(ClaimsTest, RetryAfterAStepBackIsClaimedOnceAndSent) {
  under_.flush();
  end_attempt(AttemptResult::kConnectFailed, false);
  under_.live_until(kSoon);
  under_.step_clock(minutes(-1));
  const uint64_t batches = under_.store.commits;
  under_.live_until(under_.now + seconds(2));
  ASSERT_EQ(under_.targets.sent.size(), 2U);
  EXPECT_EQ(under_.targets.sent[1].attempt, 2U);
  EXPECT_LT(under_.store.commits, batches + 5);
}

// ... and a first attempt that has only been claimed waits for it, and its jitter, anew.
TEST_F(ClaimsTest, ClaimBeforeAStepBackIsGivenUpUntilItsDueInstant) {
  under_.step_clock(seconds(-5));
  under_.flush();
  under_.live_until(kSoon - milliseconds(1));
  EXPECT_TRUE(under_.targets.sent.empty());
  under_.live_until(kSoon);
  EXPECT_EQ(under_.targets.sent.size(), 1U);
}

void store_daily_with_jitter(ShardUnderTest& under) {
  under.rest();
  Command made = create("a", kSoon);
  made.spec = every("a", hours(24), kSoon);
  made.spec->delivery = Delivery::kAtMostOnce;
  made.spec->schedule.jitter = hours(1);
  under.ask(std::move(made));
}

class ClaimBeforeAStepBack : public testing::TestWithParam<Duration> {};
INSTANTIATE_TEST_SUITE_P(Late, ClaimBeforeAStepBack, testing::Values(milliseconds(0), seconds(1)),
                         [](const auto& late) { return std::to_string(late.param.ms) + "ms"; });

// Also when it was claimed late.
TEST_P(ClaimBeforeAStepBack, WaitsForItsJitterAnew) {
  ShardUnderTest before;
  store_daily_with_jitter(before);
  before.live_until(kSoon + hours(1));
  ASSERT_EQ(before.targets.sent.size(), 1U);
  const Instant at = before.targets.sent[0].at;
  ASSERT_GT(at, kSoon + seconds(10));

  ShardUnderTest under;
  store_daily_with_jitter(under);
  under.live_until(at - seconds(1));
  auto claims = [&under] {
    return under.store.committing && !under.store.committing->tasks.empty();
  };
  while (!under.store.fetches.empty() || under.store.committing) {
    if (!under.store.fetches.empty()) under.answer_fetch();
    under.flush();
  }
  under.now = at + GetParam() - milliseconds(1);
  while (!claims() && under.now <= at + GetParam()) {
    under.pass(milliseconds(1));
    if (!claims()) under.flush();
  }
  ASSERT_TRUE(claims());
  under.step_clock(seconds(-5));
  under.flush();
  EXPECT_TRUE(under.targets.sent.empty());
  under.live_until(at);
  EXPECT_EQ(under.targets.sent.size(), 1U);
}

}  // namespace
}  // namespace hourwheel::shard_claims_test
