#include "engine/metrics.h"

#include <gtest/gtest.h>

namespace hourwheel::metrics_test {
namespace {

TEST(Histogram, EveryValueLiesInTheBucketThatClaimsIt) {
  for (int bits = 0; bits < Histogram::kTopBits; ++bits) {
    for (const int64_t off : {-1, 0, 1}) {
      const uint64_t value = (uint64_t{1} << bits) + static_cast<uint64_t>(off);
      const size_t bucket = Histogram::bucket_of(value);
      EXPECT_LE(Histogram::first_of(bucket), value);
      EXPECT_GE(Histogram::last_of(bucket), value);
    }
  }
  for (size_t i = 0; i + 1 < Histogram::kBuckets; ++i) {
    EXPECT_EQ(Histogram::bucket_of(Histogram::first_of(i)), i);
    EXPECT_EQ(Histogram::bucket_of(Histogram::last_of(i)), i);
    EXPECT_LE(Histogram::last_of(i) - Histogram::first_of(i), Histogram::first_of(i) / 4);
  }
  EXPECT_EQ(Histogram::bucket_of(UINT64_MAX), Histogram::kBuckets - 1);
}

TEST(Histogram, QuantilesAreWithinAQuarterAndNeverTooSmall) {
  Histogram histogram;
  for (uint64_t v = 1; v <= 10'000; ++v) {
    histogram.record(v);
  }
  EXPECT_EQ(histogram.count(), 10'000U);
  EXPECT_EQ(histogram.sum(), 50'005'000U);
  for (const double q : {0.01, 0.5, 0.99, 1.0}) {
    EXPECT_GE(static_cast<double>(histogram.quantile(q)), q * 10'000);
    EXPECT_LE(static_cast<double>(histogram.quantile(q)), q * 12'500);
  }
  EXPECT_EQ(Histogram().quantile(0.5), 0U);
}

TEST(Histogram, CumulativeIsExactAtEdgesAndNeverInOurFavour) {
  Histogram histogram;
  for (uint64_t v = 0; v < 5'000; ++v) {
    histogram.record(v);
  }
  for (uint64_t bound = 0; bound < 5'000; bound += 7) {
    EXPECT_LE(histogram.cumulative(bound), bound + 1);
    const uint64_t edge = Histogram::edge(bound);
    EXPECT_EQ(histogram.cumulative(edge), std::min<uint64_t>(edge + 1, 5'000));
  }
}

TEST(Histogram, MergeAddsUp) {
  Histogram a;
  Histogram b;
  a.record(1);
  b.record(1'000'000);
  a.merge(b);
  EXPECT_EQ(a.count(), 2U);
  EXPECT_EQ(a.sum(), 1'000'001U);
  EXPECT_GE(a.quantile(1.0), 1'000'000U);
}

TEST(ShardMetrics, CountsByOutcomeAndKind) {
  ShardMetrics metrics;
  metrics.runs_ended(RunState::kUnknown).add();
  metrics.runs_ended(RunState::kSucceeded).add(3);
  metrics.commands(CommandKind::kRun).add();
  metrics.record_lateness(milliseconds(-4));
  metrics.record_lateness(milliseconds(2));
  metrics.armed_bytes.set(-1);
  EXPECT_EQ(metrics.runs_ended(RunState::kUnknown).value(), 1U);
  EXPECT_EQ(metrics.runs_ended(RunState::kSucceeded).value(), 3U);
  EXPECT_EQ(metrics.runs_ended(RunState::kDead).value(), 0U);
  EXPECT_EQ(metrics.commands(CommandKind::kRun).value(), 1U);
  EXPECT_EQ(metrics.lateness_us.sum(), 2'000U);
  EXPECT_EQ(metrics.armed_bytes.value(), -1);
}

TEST(ShardMetrics, CountAttemptsByWhatTheyCameToAndTimeThoseOfTheWire) {
  ShardMetrics metrics;
  auto count = [&metrics](AttemptResult result, uint16_t status, Duration took) {
    AttemptOutcome outcome;
    outcome.result = result;
    outcome.status = status;
    outcome.ended = outcome.started + took;
    metrics.count_attempt(outcome);
  };
  count(AttemptResult::kResponded, 204, milliseconds(20));
  count(AttemptResult::kResponded, 599, milliseconds(30));
  count(AttemptResult::kTimedOut, 0, milliseconds(-7));  // the wall clock was stepped
  count(AttemptResult::kRecorded, 0, milliseconds(0));
  count(AttemptResult::kReportedSuccess, 0, seconds(3600));
  EXPECT_EQ(metrics.attempts_ended(AttemptResult::kResponded).value(), 2U);
  EXPECT_EQ(metrics.responses(1).value(), 1U);
  EXPECT_EQ(metrics.responses(4).value(), 1U);
  EXPECT_EQ(metrics.attempts_ended(AttemptResult::kReportedSuccess).value(), 1U);
  EXPECT_EQ(metrics.attempt_us.count(), 3U);
  EXPECT_EQ(metrics.attempt_us.sum(), 50'000U);
}

}  // namespace
}  // namespace hourwheel::metrics_test
