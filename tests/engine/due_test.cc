#include "engine/due.h"

#include <gtest/gtest.h>

namespace hourwheel {
namespace {

constexpr Instant kStart{1'800'000'000'000};

// A task due every minute from kStart on.
class DueTest : public testing::Test {
 protected:
  DueTest() {
    spec_.type = TaskType::kRecurring;
    spec_.schedule.kind = ScheduleKind::kEvery;
    spec_.schedule.every = minutes(1);
    spec_.schedule.anchor = kStart;
    schedule_.emplace(*Schedule::compile(spec_.schedule, {}));
    state_.version = {1};
    state_.generation = {1};
    state_.next_due = kStart;
  }
  DueTask task() { return {{1}, spec_, *schedule_, state_}; }

  TaskSpec spec_;
  std::optional<Schedule> schedule_;
  TaskState state_;
  std::vector<RunRecord> records_;
};

TEST_F(DueTest, OnTimeDueBecomesARunAndNothingIsSkipped) {
  open_next(task(), kStart + milliseconds(3), seconds(60), SkipReason::kMisfire, records_);
  ASSERT_EQ(state_.open.size(), 1U);
  EXPECT_EQ(state_.open[0].due, kStart);
  EXPECT_EQ(state_.next_due, kStart + minutes(1));
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueTest, MissedInstantsBecomeOneRunAndOneSkipRow) {
  open_next(task(), kStart + minutes(10), seconds(90), SkipReason::kMisfire, records_);
  ASSERT_EQ(state_.open.size(), 1U);
  EXPECT_EQ(state_.open[0].due, kStart + minutes(8));  // the newest that is a misfire
  EXPECT_EQ(state_.open[0].missed_count, 8U);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].due, kStart);
  EXPECT_EQ(records_[0].last_due, kStart + minutes(7));
  EXPECT_EQ(records_[0].count, 8U);
  EXPECT_EQ(records_[0].skip_reason, SkipReason::kMisfire);
  EXPECT_EQ(state_.next_due, kStart + minutes(9));
}

TEST_F(DueTest, OneTimeTaskFiresHoweverLate) {
  spec_.type = TaskType::kOneTime;
  spec_.schedule = {};
  spec_.schedule.at = kStart;
  schedule_.emplace(*Schedule::compile(spec_.schedule, {}));
  open_next(task(), kStart + hours(10'000), seconds(60), SkipReason::kMisfire, records_);
  ASSERT_EQ(state_.open.size(), 1U);
  EXPECT_FALSE(state_.next_due);
  EXPECT_TRUE(records_.empty());
}

TEST_F(DueTest, OneRunWaitsBehindAnOpenOneAndTheRestAreSkipped) {
  open_next(task(), kStart, seconds(60), SkipReason::kMisfire, records_);
  state_.open[0].in_flight = true;
  buffer_one(task(), kStart + minutes(5), records_);
  ASSERT_EQ(state_.open.size(), 2U);
  EXPECT_EQ(state_.open[1].due, kStart + minutes(1));
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].skip_reason, SkipReason::kOverlap);
  EXPECT_EQ(records_[0].count, 4U);
  EXPECT_EQ(state_.next_due, kStart + minutes(6));
}

TEST_F(DueTest, OneRunWaitsBehindOneThatIsAboutToStart) {
  open_next(task(), kStart, seconds(60), SkipReason::kMisfire, records_);
  buffer_one(task(), kStart + minutes(2), records_);
  ASSERT_EQ(state_.open.size(), 2U);
  EXPECT_EQ(state_.open[1].due, kStart + minutes(1));
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].due, kStart + minutes(2));
  EXPECT_EQ(records_[0].count, 1U);
}

TEST_F(DueTest, OneRunWaitsBehindARetryAndNoSecondOne) {
  open_next(task(), kStart, seconds(60), SkipReason::kMisfire, records_);
  state_.open[0].attempts = 1;
  buffer_one(task(), kStart + minutes(1), records_);
  buffer_one(task(), kStart + minutes(2), records_);
  EXPECT_EQ(state_.open.size(), 2U);
  EXPECT_EQ(records_.size(), 1U);
}

TEST_F(DueTest, ClosingAccountsForWhatHadComeDue) {
  close_due(task(), kStart + minutes(2), RunState::kSkipped, SkipReason::kSuperseded, records_);
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].count, 3U);
  EXPECT_EQ(state_.counts.skipped, 3U);
  EXPECT_FALSE(state_.next_due);
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
  state_.open.push_back(retry);
  EXPECT_EQ(state_.wake(), next_action(state_));
  state_.pause = Pause{"", kStart, kStart + hours(3)};
  state_.open[0].in_flight = true;
  EXPECT_EQ(state_.wake(), next_action(state_));
}

}  // namespace
}  // namespace hourwheel
