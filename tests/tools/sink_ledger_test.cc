#include "tools/sink/sink_ledger.h"

#include <gtest/gtest.h>

namespace hourwheel::sink_ledger_test {
namespace {

constexpr Instant kDue{1'800'000'000'000};

Arrival arrival(std::string_view run_id, int64_t late_us, uint32_t attempt = 1) {
  return {kDue.ms * 1000 + late_us, run_id, "1", attempt, kDue, false};
}

TEST(SinkLedger, EveryRunIdCountsOnce) {
  SinkLedger ledger;
  ledger.record(arrival("a", 0));
  ledger.record(arrival("b", 0));
  ledger.record(arrival("a", 0));
  EXPECT_EQ(3U, ledger.received());
  EXPECT_EQ(2U, ledger.distinct());
  EXPECT_EQ(1U, ledger.repeats());
  EXPECT_EQ(2U, ledger.seen("a")->arrivals);
  EXPECT_FALSE(ledger.seen("c"));
}

TEST(SinkLedger, RepeatWithoutFlagOrHigherAttemptIsUnflagged) {
  SinkLedger ledger;
  ledger.record(arrival("a", 0, 1));
  ledger.record(arrival("a", 0, 2));
  EXPECT_EQ(0U, ledger.unflagged_repeats());
  ledger.record(arrival("a", 0, 2));
  EXPECT_EQ(1U, ledger.unflagged_repeats());
  Arrival flagged = arrival("a", 0, 2);
  flagged.possible_duplicate = true;
  ledger.record(flagged);
  EXPECT_EQ(1U, ledger.unflagged_repeats());
}

TEST(SinkLedger, ArrivalBeforeTheDueMillisecondIsEarly) {
  SinkLedger ledger;
  ledger.record(arrival("a", 0));
  EXPECT_EQ(0U, ledger.early());
  ledger.record(arrival("b", -1));
  EXPECT_EQ(1U, ledger.early());
}

TEST(SinkLedger, StatisticsAreJson) {
  SinkLedger ledger;
  ledger.record(arrival("a", 2'000));
  std::string json = ledger.to_json();
  EXPECT_NE(std::string::npos, json.find(R"("received":1,"distinct":1,"repeats":0)")) << json;
  EXPECT_NE(std::string::npos, json.find(R"("max":2.000)")) << json;
  ledger.clear();
  EXPECT_EQ(0U, ledger.received());
}

TEST(SinkLedger, LapCountsFromItsBeginning) {
  SinkLedger ledger;
  ledger.record(arrival("a", 2'000));
  ledger.begin_lap();
  ledger.record(arrival("b", 1'000));
  std::string json = ledger.to_json();
  EXPECT_NE(std::string::npos, json.find(R"("lateness_ms":{"count":2,)")) << json;
  EXPECT_NE(std::string::npos, json.find(R"("lap_ms":{"count":1,"p50":1.000,)")) << json;
}

TEST(LatencyPercentiles, AreAtMostTwoPercentTooHigh) {
  LatencyPercentiles latency;
  for (int64_t us = 1; us <= 100'000; ++us) {
    latency.add(us);
  }
  for (double fraction : {0.5, 0.99, 0.999}) {
    double exact = fraction * 100'000;
    auto read = static_cast<double>(latency.percentile(fraction));
    EXPECT_GE(read, exact);
    EXPECT_LE(read, exact * 1.02);
  }
  EXPECT_EQ(100'000, latency.max());
}

TEST(LatencyPercentiles, NothingAndTheExtremesAreFine) {
  LatencyPercentiles latency;
  EXPECT_EQ(0, latency.percentile(0.5));
  latency.add(-5);
  EXPECT_EQ(0, latency.percentile(0.5));
  latency.add(INT64_MAX);
  EXPECT_EQ(INT64_MAX, latency.percentile(1));
}

}  // namespace
}  // namespace hourwheel::sink_ledger_test
