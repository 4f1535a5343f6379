#include "tests/engine/due_fixture.h"

namespace hourwheel::due_test {
namespace {

TEST_F(DueTest, OnTimeDueBecomesARunAndNothingIsSkipped) {
  wake_up(kStart + milliseconds(3));
  EXPECT_EQ(open_minutes(), Minutes{0});
  EXPECT_EQ(state_.next_due, kStart + minutes(1));
  EXPECT_TRUE(records_.empty());
}

// --- C-11: misfires ---

TEST_F(DueTest, MissedInstantsBecomeOneRunAndOneSkipRow) {
  wake_up(kStart + minutes(10) - milliseconds(1), seconds(90));
  ASSERT_EQ(open_minutes(), Minutes({8, 9}));  // the newest that is a misfire, and one in time
  EXPECT_EQ(run(0).missed_count, 8U);
  ASSERT_EQ(records_.size(), 1U);
  expect_skip(0, SkipReason::kMisfire, 0, 7);
  EXPECT_EQ(state_.next_due, kStart + minutes(10));
}

TEST_F(DueTest, OneTimeTaskFiresHoweverLate) {
  spec_.type = TaskType::kOneTime;
  spec_.schedule = {};
  spec_.schedule.at = kStart;
  spec_.misfire.policy = MisfirePolicy::kSkip;
  compile();
  wake_up(kStart + hours(10'000));
  ASSERT_EQ(state_.open.size(), 1U);
  EXPECT_FALSE(state_.next_due);
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueTest, SkipPolicyRecordsAllThatWasMissedAndFiresTheNext) {
  spec_.misfire.policy = MisfirePolicy::kSkip;
  wake_up(kStart + minutes(10) + seconds(30));
  EXPECT_EQ(open_minutes(), Minutes({10}));  // half a minute late: a late firing, no misfire
  ASSERT_EQ(records_.size(), 1U);
  expect_skip(0, SkipReason::kMisfire, 0, 9);
}

TEST_F(DueTest, FireAllOwesTheNewestAndSkipsTheRest) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 3, 10};
  wake_up(kStart + minutes(10) + seconds(30));
  ASSERT_EQ(records_.size(), 1U);
  expect_skip(0, SkipReason::kMisfire, 0, 6);
  ASSERT_EQ(state_.catch_up.size(), 1U);
  EXPECT_EQ(state_.catch_up[0], (CatchUp{kStart + minutes(7), kStart + minutes(9)}));
  EXPECT_EQ(open_minutes(), Minutes({10}));  // the fresh one first
}

TEST_F(DueTest, FireAllLeavesOutWhatIsTooOld) {
  spec_.misfire = {MisfirePolicy::kFireAll, minutes(5), 100, 10};
  wake_up(kStart + minutes(10));
  expect_skip(0, SkipReason::kMisfire, 0, 4);
  ASSERT_EQ(state_.catch_up.size(), 1U);
  EXPECT_EQ(state_.catch_up[0].next, kStart + minutes(5));
}

TEST_F(DueTest, FireAllRunsOldestFirstAtItsPace) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 4};
  state_.overlap = Overlap::kAllow;
  const Instant now = kStart + minutes(3) + seconds(30);
  wake_up(now);
  EXPECT_EQ(open_minutes(), Minutes({3, 0}));
  EXPECT_EQ(state_.catch_up_after, now + milliseconds(250));
  look_up(now + milliseconds(249));
  EXPECT_EQ(state_.open.size(), 2U);
  look_up(now + milliseconds(250));
  look_up(now + milliseconds(500));
  EXPECT_EQ(open_minutes(), Minutes({3, 0, 1, 2}));
  EXPECT_TRUE(state_.catch_up.empty());
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueTest, WhatIsOwedWaitsForItsInstantAfterAStepBack) {  // C-20
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  state_.overlap = Overlap::kAllow;
  wake_up(kStart + minutes(3) + seconds(30));
  EXPECT_EQ(open_minutes(), Minutes({3, 0}));
  state_.catch_up_after = kStart;
  state_.open.clear();
  EXPECT_EQ(next_action(state_), kStart + minutes(1));
  look_up(kStart + minutes(1) - milliseconds(1));
  EXPECT_TRUE(state_.open.empty());
  look_up(kStart + minutes(1));
  EXPECT_EQ(open_minutes(), Minutes({1}));
}

TEST_F(DueTest, WhatIsOwedWaitsForItsJitterAfterAStepBack) {  // D2
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  spec_.schedule.jitter = seconds(50);
  compile();
  state_.overlap = Overlap::kAllow;
  wake_up(kStart + minutes(4));
  state_.catch_up_after = kStart;
  state_.open.clear();
  look_up(kStart + minutes(1));
  ASSERT_EQ(open_minutes(), Minutes({1}));
  EXPECT_GT(run(0).jitter, Duration{});
  EXPECT_EQ(run(0).next_attempt, run(0).due + run(0).jitter);
}

TEST_F(DueTest, FixedDelayGoesOnBehindItsLastRunAfterAStepBack) {  // C-20
  spec_.schedule.kind = ScheduleKind::kFixedDelay;
  compile();
  look_up(kStart + minutes(10));
  start(0);
  end(0, kStart + minutes(12));
  EXPECT_EQ(state_.next_due, kStart + minutes(13));
  look_up(kStart + minutes(13));
  start(0);
  end(0, kStart - minutes(1));  // that alone would make it kStart again
  EXPECT_EQ(state_.next_due, kStart + minutes(14));
}

TEST_F(DueTest, WhatIsOwedWaitsForTheRunsOfTheScheduleUnderBufferOne) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  Instant now = kStart + minutes(2) + seconds(30);
  wake_up(now);
  EXPECT_EQ(open_minutes(), Minutes({2}));
  start(0);
  now = kStart + minutes(3);
  look_up(now);  // a fresh one comes due, and goes before what is owed
  EXPECT_EQ(open_minutes(), Minutes({2, 3}));
  end(0, now);
  end(0, now);
  look_up(now);
  EXPECT_EQ(open_minutes(), Minutes({0}));
  start(0);
  now = kStart + minutes(4);
  look_up(now);
  EXPECT_EQ(open_minutes(), Minutes({0, 4}));  // waits for the run that is being made up for
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueTest, SecondMissAddsAStretchAndTheBoundsHoldForBoth) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 6, 10};
  wake_up(kStart + minutes(4) + seconds(30));  // owes 0 to 3
  state_.open.clear();                         // 4 has ended
  wake_up(kStart + minutes(9) + seconds(30));  // 5 to 8 are missed too
  ASSERT_EQ(state_.catch_up.size(), 2U);
  EXPECT_EQ(state_.catch_up[0], (CatchUp{kStart + minutes(2), kStart + minutes(3)}));
  EXPECT_EQ(state_.catch_up[1], (CatchUp{kStart + minutes(5), kStart + minutes(8)}));
  expect_skip(0, SkipReason::kMisfire, 0, 1);
}

TEST_F(DueTest, StretchesAreBounded) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 1'000, 10};
  for (int64_t i = 0; i < 12; ++i) {
    wake_up(kStart + minutes(5 * i + 3) + seconds(30));
    state_.open.clear();
    look_up(kStart + minutes(5 * i + 4));
    state_.open.clear();
  }
  EXPECT_EQ(state_.catch_up.size(), kMaxCatchUps);
}

// --- C-16: what limits a schedule ---

TEST_F(DueTest, MaxRunsCountsRunsAndNotSkips) {
  spec_.schedule.max_runs = 2;
  compile();
  state_.overlap = Overlap::kSkip;
  look_up(kStart);
  start(0);
  look_up(kStart + minutes(3));
  EXPECT_EQ(records_.size(), 1U);
  end(0, kStart + minutes(3));
  look_up(kStart + minutes(4));
  EXPECT_EQ(open_minutes(), Minutes({4}));
  EXPECT_FALSE(state_.next_due);  // the last one is open
  EXPECT_EQ(status_of(state_), TaskStatus::kActive);
  end(0, kStart + minutes(4));
  EXPECT_EQ(state_.ended_runs, 2U);
  EXPECT_EQ(status_of(state_), TaskStatus::kCompleted);
}

TEST_F(DueTest, LastRunLeavesNothingOwed) {
  spec_.schedule.max_runs = 2;
  compile();
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  state_.overlap = Overlap::kAllow;
  wake_up(kStart + minutes(5) + seconds(30));
  EXPECT_EQ(open_minutes(), Minutes({5, 0}));
  EXPECT_TRUE(state_.catch_up.empty());
  expect_skip(0, SkipReason::kMisfire, 1, 4);
  EXPECT_FALSE(state_.next_due);
}

TEST_F(DueTest, JitterMovesTheStartAndNotTheDueInstant) {
  spec_.schedule.jitter = minutes(10);  // clipped before the next due instant
  compile();
  look_up(kStart);
  EXPECT_EQ(run(0).key.instant_or_nonce, kStart.ms);
  EXPECT_GT(run(0).jitter, Duration{});
  EXPECT_LT(run(0).jitter, minutes(1));
  EXPECT_EQ(run(0).next_attempt, kStart + run(0).jitter);
  EXPECT_EQ(next_action(state_), kStart + run(0).jitter);
  const Duration before = run(0).jitter;
  state_.open.clear();
  state_.next_due = kStart;
  look_up(kStart);
  EXPECT_EQ(run(0).jitter, before);
}

TEST_F(DueTest, InstantWhoseJitterIsNotOverIsNoMisfire) {
  spec_.schedule.every = hours(1);
  spec_.schedule.jitter = hours(1);
  compile();
  const Duration jitter =
      run_jitter(spec_.schedule, *schedule_, task_key("a"), {{1}, Trigger::kSchedule, kStart.ms});
  ASSERT_GT(jitter, minutes(2));
  spec_.misfire.policy = MisfirePolicy::kSkip;
  wake_up(kStart + jitter - minutes(1));
  EXPECT_EQ(state_.open.size(), 1U);
  state_.open.clear();
  state_.next_due = kStart;
  wake_up(kStart + jitter + minutes(1) + milliseconds(1));
  EXPECT_TRUE(state_.open.empty());
  EXPECT_EQ(records_.size(), 1U);
}

TEST_F(DueTest, ExcludedInstantsAreRecordedAndNotRun) {
  spec_.schedule.exclude = {{std::nullopt, {kStart + minutes(3), kStart + minutes(6)}}};
  compile();
  wake_up(kStart + minutes(8) + seconds(30));
  EXPECT_EQ(open_minutes(), Minutes({7, 8}));
  EXPECT_EQ(run(0).missed_count, 4U);  // 0, 1, 2 and 6
  ASSERT_EQ(records_.size(), 3U);
  expect_skip(0, SkipReason::kMisfire, 0, 2);
  expect_skip(1, SkipReason::kExcluded, 3, 5);
  expect_skip(2, SkipReason::kMisfire, 6, 6);
}

TEST_F(DueTest, ExcludedInstantsDoNotCountAgainstWhatIsOwed) {
  spec_.schedule.exclude = {{std::nullopt, {kStart + minutes(3), kStart + minutes(6)}}};
  compile();
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 3, 10};
  wake_up(kStart + minutes(7) + seconds(30));
  EXPECT_EQ(state_.catch_up.at(0), (CatchUp{kStart + minutes(1), kStart + minutes(6)}));
  for (Instant now = kStart + minutes(7) + seconds(31); !state_.catch_up.empty();
       now = now + seconds(1)) {
    state_.open.clear();
    look_up(now);
  }
  EXPECT_EQ(open_minutes(), Minutes({6}));
  ASSERT_EQ(records_.size(), 2U);
  expect_skip(0, SkipReason::kMisfire, 0, 0);
  expect_skip(1, SkipReason::kExcluded, 3, 5);
}

TEST_F(DueTest, FixedDelayCountsFromTheEnd) {
  spec_.schedule.kind = ScheduleKind::kFixedDelay;
  compile();
  look_up(kStart + seconds(1));
  EXPECT_EQ(open_minutes(), Minutes({0}));
  EXPECT_FALSE(state_.next_due);
  EXPECT_EQ(next_action(state_), kStart);  // the run itself
  end(0, kStart + seconds(20));
  EXPECT_EQ(state_.next_due, kStart + seconds(80));
}

TEST_F(DueTest, FixedDelayAfterASkipCountsFromNow) {
  spec_.schedule.kind = ScheduleKind::kFixedDelay;
  spec_.misfire.policy = MisfirePolicy::kSkip;
  compile();
  wake_up(kStart + minutes(30));
  EXPECT_TRUE(state_.open.empty());
  expect_skip(0, SkipReason::kMisfire, 0, 0);
  EXPECT_EQ(state_.next_due, kStart + minutes(31));
}

// --- the end of a schedule, and when a task acts ---

TEST_F(DueTest, ClosingAccountsForWhatHadComeDueAndWhatIsOwed) {
  spec_.misfire = {MisfirePolicy::kFireAll, hours(24), 100, 10};
  wake_up(kStart + minutes(2) + seconds(30));
  close_due(task(), kStart + minutes(4), RunState::kSkipped, SkipReason::kSuperseded, records_);
  ASSERT_EQ(records_.size(), 3U);
  expect_skip(0, SkipReason::kSuperseded, 2, 2);  // it had not started
  expect_skip(1, SkipReason::kSuperseded, 0, 1);
  expect_skip(2, SkipReason::kSuperseded, 3, 4);
  EXPECT_TRUE(state_.open.empty());
  EXPECT_EQ(state_.counts.skipped, 5U);
  EXPECT_FALSE(state_.next_due);
  EXPECT_TRUE(state_.catch_up.empty());
}

TEST_F(DueTest, PausedTaskActsAtTheEndOfItsPause) {
  state_.pause = Pause{"", kStart, std::nullopt};
  EXPECT_FALSE(next_action(state_));
  state_.pause->until = kStart + hours(1);
  EXPECT_EQ(next_action(state_), kStart + hours(1));
}

// The due index must lead to a task exactly when it has something to do.
TEST_F(DueTest, StoredTaskWakesWhenItNextActs) {
  EXPECT_EQ(state_.wake(), next_action(state_));
  OpenRun retry;
  retry.key = {{1}, Trigger::kSchedule, kStart.ms};
  retry.due = kStart;
  retry.next_attempt = kStart + hours(2);
  retry.attempts = 1;
  state_.open.push_back(retry);
  for (Overlap overlap : {Overlap::kBufferOne, Overlap::kSkip, Overlap::kAllow, Overlap::kBufferAll,
                          Overlap::kCancelRunning}) {
    state_.overlap = overlap;
    EXPECT_EQ(state_.wake(), acts_beside(overlap) ? kStart : kStart + hours(2));
    EXPECT_EQ(state_.wake(), next_action(state_));
  }
  state_.open[0].in_flight = true;
  state_.overlap = Overlap::kBufferOne;
  EXPECT_EQ(state_.wake(), kStart + hours(2));  // after a stop nothing is in flight
  EXPECT_FALSE(next_action(state_));
  state_.pause = Pause{"", kStart, kStart + hours(3)};
  EXPECT_EQ(state_.wake(), next_action(state_));
}

}  // namespace
}  // namespace hourwheel::due_test
