#include "engine/backfill.h"

#include <gtest/gtest.h>

#include "engine/limits.h"
#include "engine/overlap.h"

namespace hourwheel::backfill_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};

ScheduleSpec every_minute() {
  ScheduleSpec spec;
  spec.kind = ScheduleKind::kEvery;
  spec.every = minutes(1);
  spec.anchor = kNow - hours(24 * 365);
  return spec;
}

struct Under {
  TaskSpec spec;
  Schedule schedule = *Schedule::compile(every_minute(), {});
  TaskState state;
  [[nodiscard]] DueTask task() { return {{1}, {1, 2}, spec, schedule, state}; }
};

TEST(BackfillTest, AnOrderCountsTheDueInstantsOfItsRange) {
  Under under;
  auto plan = plan_backfill(under.schedule, {kNow - minutes(10), kNow, 10}, kNow);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->count, 10U);
  EXPECT_EQ(plan->first, kNow - minutes(10));
  EXPECT_EQ(plan->last, kNow - minutes(1));  // the end is not included
}

TEST(BackfillTest, ARangeWithoutDueInstantsHasNone) {
  Under under;
  auto plan = plan_backfill(under.schedule, {kNow + milliseconds(1) - minutes(1), kNow, 10}, kNow);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->count, 0U);
}

TEST(BackfillTest, ExcludedInstantsAreLeftOut) {
  ScheduleSpec spec = every_minute();
  spec.exclude = {{std::nullopt, {kNow - minutes(10), kNow - minutes(8)}},
                  {std::nullopt, {kNow - minutes(6), kNow - minutes(5)}},
                  {std::nullopt, {kNow - minutes(2), kNow + hours(1)}}};
  Under under;
  under.schedule = *Schedule::compile(spec, {});
  auto plan = plan_backfill(under.schedule, {kNow - minutes(10), kNow, 10}, kNow);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->count, 5U);
  EXPECT_EQ(plan->first, kNow - minutes(8));
  EXPECT_EQ(plan->last, kNow - minutes(3));
  under.state.backfill = begin_backfill(*plan, {7}, 1'000, kNow);
  std::vector<int64_t> made;
  for (Instant now = kNow; under.state.backfill; now = now + seconds(1)) {
    ASSERT_TRUE(open_backfilled(under.task(), now));
    made.push_back((kNow - under.state.open.at(0).due).ms / 60'000);
    under.state.open.clear();
  }
  EXPECT_EQ(made, (std::vector<int64_t>{8, 7, 5, 4, 3}));
}

TEST(BackfillTest, EmptyFutureAndHugeRangesAreRefused) {
  Under under;
  EXPECT_EQ(plan_backfill(under.schedule, {kNow, kNow, 10}, kNow).error().field, "/to");
  EXPECT_EQ(plan_backfill(under.schedule, {kNow, kNow + minutes(1), 10}, kNow).error().field,
            "/to");
  const int64_t most = kMaxBackfill;
  EXPECT_TRUE(plan_backfill(under.schedule, {kNow - minutes(most), kNow, 10}, kNow));
  auto huge = plan_backfill(under.schedule, {kNow - minutes(most + 1), kNow, 10}, kNow);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().detail,
            "the range has 10001 due instants; at most 10000 are made up for at once");
}

TEST(BackfillTest, AfterAStepBackAnInstantWaitsUntilItIsDueAgain) {  // C-20
  Under under;
  auto plan = plan_backfill(under.schedule, {kNow - minutes(3), kNow, 10}, kNow);
  under.state.backfill = begin_backfill(*plan, {7}, 10, kNow - hours(1));
  EXPECT_EQ(next_action(under.state), kNow - minutes(3));
  EXPECT_FALSE(open_backfilled(under.task(), kNow - minutes(3) - milliseconds(1)));
  EXPECT_TRUE(open_backfilled(under.task(), kNow - minutes(3)));
}

TEST(BackfillTest, EveryInstantBecomesOneRunAtTheRate) {  // BF1, BF2
  Under under;
  auto plan = plan_backfill(under.schedule, {kNow - minutes(3), kNow, 10}, kNow);
  under.state.backfill = begin_backfill(*plan, {7}, 10, kNow);
  Instant now = kNow;
  for (int64_t i = 3; i > 0; --i) {
    ASSERT_TRUE(under.state.backfill);
    EXPECT_EQ(under.state.backfill->left, static_cast<uint64_t>(i));
    EXPECT_EQ(next_action(under.state), now);
    EXPECT_FALSE(open_backfilled(under.task(), now - milliseconds(1)));
    ASSERT_TRUE(open_backfilled(under.task(), now));
    const OpenRun run = under.state.open.at(0);
    EXPECT_EQ(run.key, (RunKey{{7}, Trigger::kBackfill, (kNow - minutes(i)).ms}));
    EXPECT_EQ(run.due, kNow - minutes(i));
    EXPECT_FALSE(open_backfilled(under.task(), now + hours(1))) << "one at a time";
    under.state.open.clear();
    now = now + milliseconds(100);
  }
  EXPECT_FALSE(under.state.backfill);
  EXPECT_EQ(next_action(under.state), std::nullopt);
}

}  // namespace
}  // namespace hourwheel::backfill_test
