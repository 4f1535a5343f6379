// C-12: which due instants become runs while others are open (engine/overlap.h).
#include "tests/engine/due_fixture.h"

namespace hourwheel::due_overlap_test {
namespace {

using DueOverlapTest = DueTest;

TEST_F(DueOverlapTest, OneRunWaitsBehindAnOpenOneAndTheRestAreSkipped) {
  wake_up(kStart);
  start(0);
  look_up(kStart + minutes(5));
  EXPECT_EQ(open_minutes(), Minutes({0, 1}));
  ASSERT_EQ(records_.size(), 1U);
  expect_skip(0, SkipReason::kOverlap, 2, 5);
  EXPECT_EQ(state_.next_due, kStart + minutes(6));
}

TEST_F(DueOverlapTest, OneRunWaitsBehindOneThatIsAboutToStart) {
  look_up(kStart);
  look_up(kStart + minutes(2));
  EXPECT_EQ(open_minutes(), Minutes({0, 1}));
  expect_skip(0, SkipReason::kOverlap, 2, 2);
}

TEST_F(DueOverlapTest, RunThatWaitsForARetryCountsAsRunning) {
  look_up(kStart);
  run(0).attempts = 1;
  run(0).next_attempt = kStart + hours(2);
  look_up(kStart + minutes(1));
  look_up(kStart + minutes(2));
  EXPECT_EQ(state_.open.size(), 2U);
  EXPECT_EQ(records_.size(), 1U);
  // The one that waits starts when it has ended, not between two attempts.
  EXPECT_EQ(next_action(state_), kStart + hours(2));
}

TEST_F(DueOverlapTest, SkipLetsNoneWait) {
  state_.overlap = Overlap::kSkip;
  look_up(kStart);
  start(0);
  look_up(kStart + minutes(3));
  EXPECT_EQ(state_.open.size(), 1U);
  expect_skip(0, SkipReason::kOverlap, 1, 3);
}

TEST_F(DueOverlapTest, AllowedRunsAreBoundedAndNoneIsSkipped) {
  state_.overlap = Overlap::kAllow;
  look_up(kStart + minutes(200));
  EXPECT_EQ(state_.open.size(), kMaxOpenRuns);
  EXPECT_TRUE(records_.empty());
  EXPECT_EQ(state_.next_due, kStart + minutes(kMaxOpenRuns));  // waits for a place
  for (OpenRun& open : state_.open) open.in_flight = true;
  EXPECT_FALSE(next_action(state_));
  end(5, kStart + minutes(200));
  EXPECT_EQ(next_action(state_), state_.next_due);
  look_up(kStart + minutes(200));
  EXPECT_EQ(state_.open.back().due, kStart + minutes(kMaxOpenRuns));
}

// O3: what another policy had let open counts.
TEST_F(DueOverlapTest, ABufferedRunAlsoNeedsAPlaceAmongAll) {
  state_.overlap = Overlap::kAllow;
  look_up(kStart + minutes(200));
  for (size_t i = 0; i < kMaxOpenRuns; ++i) start(i);
  state_.overlap = Overlap::kBufferOne;
  state_.next_due = kStart + minutes(201);
  look_up(kStart + minutes(201));
  EXPECT_EQ(state_.open.size(), kMaxOpenRuns);
  expect_skip(0, SkipReason::kOverlap, 201, 201);
}

TEST_F(DueOverlapTest, AOneTimeTaskWaitsForAPlaceAndIsNotSkipped) {
  state_.overlap = Overlap::kAllow;
  look_up(kStart + minutes(200));
  for (size_t i = 0; i < kMaxOpenRuns; ++i) start(i);
  const Instant due = kStart + minutes(201);
  spec_.type = TaskType::kOneTime;
  spec_.schedule = {};
  spec_.schedule.kind = ScheduleKind::kAt;
  spec_.schedule.at = due;
  compile();
  state_.generation = {2};
  for (Overlap overlap : {Overlap::kAllow, Overlap::kBufferOne}) {
    state_.overlap = overlap;
    state_.next_due = due;
    look_up(due);
    EXPECT_EQ(state_.open.size(), kMaxOpenRuns);
    EXPECT_EQ(state_.next_due, due);
    EXPECT_FALSE(next_action(state_));
    end(0, due);
    look_up(due);
    EXPECT_EQ(state_.open.back().due, due);
  }
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueOverlapTest, BufferAllKeepsAllUpToItsBound) {
  state_.overlap = Overlap::kBufferAll;
  look_up(kStart);
  start(0);
  look_up(kStart + minutes(200));
  EXPECT_EQ(state_.open.size(), kMaxOpenRuns);
  ASSERT_EQ(records_.size(), 1U);
  expect_skip(0, SkipReason::kOverlap, kMaxOpenRuns, 200);
  EXPECT_FALSE(next_action(state_));  // they wait for the one in flight
}

TEST_F(DueOverlapTest, CancelRunningTakesThePlaceOfWhatRuns) {
  state_.overlap = Overlap::kCancelRunning;
  look_up(kStart);
  start(0);
  EXPECT_EQ(next_action(state_), kStart + minutes(1));
  look_up(kStart + minutes(1));
  EXPECT_EQ(open_minutes(), Minutes({0, 1}));
  EXPECT_TRUE(run(0).superseded);
  EXPECT_EQ(superseded_, std::vector<RunKey>{run(0).key});
  EXPECT_EQ(next_action(state_), kStart + minutes(2));  // the new one waits for the end of the old
  look_up(kStart + minutes(3));
  // One that was never sent is skipped; of those that came at once the newest runs.
  EXPECT_EQ(open_minutes(), Minutes({0, 3}));
  expect_skip(0, SkipReason::kOverlap, 2, 2);
  expect_skip(1, SkipReason::kOverlap, 1, 1);
}

TEST_F(DueOverlapTest, ManualRunIsInTheWayOnlyWhileItIsInFlight) {
  OpenRun manual;
  manual.key = {{1}, Trigger::kManual, 77};
  manual.due = manual.next_attempt = kStart - seconds(1);
  state_.open.push_back(manual);
  state_.overlap = Overlap::kSkip;
  look_up(kStart);
  EXPECT_EQ(state_.open.size(), 2U);
  EXPECT_TRUE(records_.empty());
  end(1, kStart);
  start(0);
  EXPECT_FALSE(next_action(state_));
  look_up(kStart + minutes(1));
  expect_skip(0, SkipReason::kOverlap, 1, 1);
  state_.overlap = Overlap::kBufferAll;  // does not mind
  look_up(kStart + minutes(2));
  EXPECT_EQ(state_.open.size(), 2U);
  EXPECT_EQ(next_action(state_), kStart + minutes(2));
}

}  // namespace
}  // namespace hourwheel::due_overlap_test
