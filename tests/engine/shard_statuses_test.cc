// How many tasks are in each state, as a shard shows it and as its batches tell the store.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_statuses_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;
constexpr Instant kSoon = kStart + seconds(5);
constexpr Instant kFarAway = kStart + hours(50);  // beyond the horizon: nothing stays in memory

StatusCounts counts(int64_t active, int64_t paused, int64_t completed) {
  return {active, paused, completed};
}

class ShardStatusesTest : public ::testing::Test {
 protected:
  void tell(Command made) {
    under_.ask(std::move(made));
    under_.live_until(under_.now);
  }
  [[nodiscard]] StatusCounts shown() const {
    const ShardMetrics& metrics = under_.shard.metrics();
    return counts(metrics.tasks(TaskStatus::kActive).value(),
                  metrics.tasks(TaskStatus::kPaused).value(),
                  metrics.tasks(TaskStatus::kCompleted).value());
  }
  [[nodiscard]] int64_t quarantined() const {
    return under_.shard.metrics().tasks(TaskStatus::kQuarantined).value();
  }

  ShardUnderTest under_;
};

TEST_F(ShardStatusesTest, ATaskCountsAsWhatItsLastChangeLeftIt) {
  tell(create("a", kFarAway));
  tell(create("b", kFarAway));
  EXPECT_EQ(shown(), counts(2, 0, 0));
  tell(command(CommandKind::kPause, "a"));
  EXPECT_EQ(shown(), counts(1, 1, 0)) << "it was read again to be paused";
  tell(command(CommandKind::kPause, "a"));
  EXPECT_EQ(shown(), counts(1, 1, 0)) << "paused twice is paused once";
  tell(command(CommandKind::kResume, "a"));
  EXPECT_EQ(shown(), counts(2, 0, 0));
  tell(command(CommandKind::kDelete, "a"));
  EXPECT_EQ(shown(), counts(1, 0, 0));
  tell(create("a", kFarAway));
  EXPECT_EQ(shown(), counts(2, 0, 0)) << "the same id is another task";
}

TEST_F(ShardStatusesTest, OnlyWhatIsDurableCounts) {  // C-3
  under_.ask(create("a", kFarAway));
  under_.turn();
  EXPECT_EQ(shown(), counts(0, 0, 0));
  under_.flush();
  EXPECT_EQ(shown(), counts(1, 0, 0));
}

TEST_F(ShardStatusesTest, AOneTimeTaskIsCompleteWhenItsRunHasEnded) {
  tell(create("a", kSoon));
  under_.live_until(kSoon);
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  EXPECT_EQ(shown(), counts(1, 0, 0));
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(shown(), counts(0, 0, 1));
  Command again = command(CommandKind::kReplace, "a");
  again.spec = once_at("a", kFarAway);
  tell(std::move(again));
  EXPECT_EQ(shown(), counts(1, 0, 0)) << "a new schedule makes it active again";
}

TEST_F(ShardStatusesTest, WhatGoesWhenItIsCompleteCountsNoMore) {
  auto spec = once_at("a", kSoon);
  spec->on_complete = OnComplete::kDelete;
  tell(create(std::move(spec)));
  under_.live_until(kSoon);
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(shown(), counts(0, 0, 0));
  tell(create("a", kFarAway));
  EXPECT_EQ(shown(), counts(1, 0, 0)) << "nothing of the former one is taken off";
}

TEST_F(ShardStatusesTest, ADeletedTaskCountsNoMoreAlthoughItsRunIsInFlight) {
  tell(create("a", kSoon));
  under_.live_until(kSoon);
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  tell(command(CommandKind::kDelete, "a"));
  EXPECT_EQ(shown(), counts(0, 0, 0));
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(shown(), counts(0, 0, 0));
}

// As a former life left it: known to be active, and its definition damaged.
class ShardStatusesDamaged : public ::testing::Test {
 protected:
  static RecoveredShard recovered() {
    RecoveredShard shard;
    shard.counter = 7;
    shard.statuses = counts(1, 4, 5);
    return shard;
  }
  void SetUp() override {
    StoredTask& task = under_.store.stored[{7}];
    task.number = {7};
    task.key = task_key("a");
    task.spec = *once_at("a", kStart + seconds(1));
    task.state.version = {7};
    task.state.generation = {7};
    task.state.next_due = kStart + seconds(1);
  }
  [[nodiscard]] int64_t shown(TaskStatus status) const {
    return under_.shard.metrics().tasks(status).value();
  }
  ShardUnderTest under_{recovered()};
};

TEST_F(ShardStatusesDamaged, AStartShowsWhatIsStored) {
  EXPECT_EQ(shown(TaskStatus::kActive), 1);
  EXPECT_EQ(shown(TaskStatus::kPaused), 4);
  EXPECT_EQ(shown(TaskStatus::kCompleted), 5);
}

TEST_F(ShardStatusesDamaged, WhatCannotBeUsedIsQuarantinedUntilItIsDeleted) {  // C-23
  under_.rest();
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  under_.fail_fetch(ErrorCode::kCorrupt);
  EXPECT_EQ(shown(TaskStatus::kActive), 0);
  EXPECT_EQ(shown(TaskStatus::kQuarantined), 1);
  under_.ask(command(CommandKind::kDelete, "a"));
  under_.live_until(under_.now);
  ASSERT_TRUE(under_.answer(0));
  EXPECT_EQ(shown(TaskStatus::kActive), 0);
  EXPECT_EQ(shown(TaskStatus::kQuarantined), 0);
  EXPECT_EQ(shown(TaskStatus::kPaused), 4);
  under_.ask(create("a", kFarAway));
  under_.live_until(under_.now);
  EXPECT_TRUE(under_.answer(1)) << "its id is free";
  EXPECT_EQ(shown(TaskStatus::kActive), 1);
}

}  // namespace
}  // namespace hourwheel::shard_statuses_test
