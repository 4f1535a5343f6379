#include "api/overload_gate.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel::overload_gate_test {
namespace {

constexpr Monotonic kStart{5'000};
constexpr Demand kInOrder[] = {Demand::kList, Demand::kCreate, Demand::kChange, Demand::kUrgent};

// Four turns in a row that took so long.
void lag(OverloadGate& gate, Duration each) {
  for (int turn = 0; turn < 4; ++turn) gate.observe({.oldest_wait = {}, .turn_lag = each});
}

TEST(OverloadGate, LetsEverythingInWhileThereIsLittleToDo) {
  OverloadGate gate;
  for (Demand demand : kInOrder) EXPECT_FALSE(gate.refuses(demand));
  EXPECT_EQ(gate.pressure(), 0);
}

// C-25, O1, O2.
TEST(OverloadGate, RefusesListsThenCreatesThenOtherChangesAndNeverWhatIsUrgent) {
  struct Case {
    int64_t lag_ms;
    size_t refused;  // so many of kInOrder
  };
  for (Case c : {Case{0, 0}, {49, 0}, {50, 1}, {99, 1}, {100, 2}, {149, 2}, {150, 3}, {9'000, 3}}) {
    OverloadGate gate;
    lag(gate, milliseconds(c.lag_ms));
    EXPECT_EQ(gate.pressure(), c.lag_ms);
    for (size_t i = 0; i < std::size(kInOrder); ++i) {
      EXPECT_EQ(gate.refuses(kInOrder[i]).has_value(), i < c.refused) << c.lag_ms << " ms, " << i;
    }
  }
}

TEST(OverloadGate, TakesOneLongTurnForNoReason) {
  OverloadGate gate;
  lag(gate, seconds(1));
  EXPECT_EQ(gate.refuses(Demand::kCreate), Strain::kLag);
  gate.observe({.oldest_wait = {}, .turn_lag = milliseconds(3)});
  EXPECT_FALSE(gate.refuses(Demand::kList));
  gate.observe({.oldest_wait = {}, .turn_lag = seconds(1)});
  EXPECT_FALSE(gate.refuses(Demand::kList));
}

TEST(OverloadGate, RefusesBehindALineThatIsLongAndSlow) {
  OverloadGate gate;
  const LoadSigns slow{.oldest_wait = kFullWait, .turn_lag = {}};
  gate.observe(slow);
  EXPECT_FALSE(gate.refuses(Demand::kList)) << "nobody waits";
  gate.enter({.commands = static_cast<uint32_t>(kFewChanges) - 1});
  EXPECT_FALSE(gate.refuses(Demand::kCreate)) << "a short line, however slow";
  gate.enter({.commands = 1});
  EXPECT_EQ(gate.refuses(Demand::kCreate), Strain::kWait);
  EXPECT_FALSE(gate.refuses(Demand::kChange));
  gate.observe({.oldest_wait = kFullWait - milliseconds(1), .turn_lag = {}});
  EXPECT_FALSE(gate.refuses(Demand::kCreate)) << "a long line that moves";
}

TEST(OverloadGate, BoundsChangesTheirBytesAndLists) {
  OverloadGate gate;
  const CallLoad many{.commands = static_cast<uint32_t>(kFullChanges)};
  gate.enter(many);
  EXPECT_EQ(gate.refuses(Demand::kCreate), Strain::kChanges);
  gate.leave(many);
  const CallLoad large{.bytes = static_cast<size_t>(kFullChangeBytes)};
  gate.enter(large);
  EXPECT_EQ(gate.refuses(Demand::kCreate), Strain::kBytes);
  gate.leave(large);
  const CallLoad lists{.lists = kMaxListsOpen};
  gate.enter(lists);
  EXPECT_EQ(gate.refuses(Demand::kList), Strain::kLists);
  EXPECT_FALSE(gate.refuses(Demand::kCreate));
  gate.leave(lists);
  EXPECT_FALSE(gate.refuses(Demand::kList));
}

TEST(OverloadGateDeathTest, CountsOutOnlyWhatItCountedIn) {
  OverloadGate gate;
  gate.enter({.commands = 1});
  EXPECT_DEATH(gate.leave({.commands = 2}), "O3");
}

int taken(RefusalPace& pace, Monotonic now) {
  int count = 0;
  while (count < 1'000 && pace.take(now)) ++count;
  return count;
}

TEST(RefusalPace, LetsSomeLeaveAtOnceAndThenSoManyAMillisecond) {
  RefusalPace pace;
  EXPECT_EQ(taken(pace, kStart), kRefusalsAtOnce);
  EXPECT_EQ(taken(pace, kStart), 0);
  EXPECT_EQ(pace.next(kStart), kStart + milliseconds(1));
  EXPECT_EQ(taken(pace, kStart + milliseconds(1)), kRefusalsPerMs);
  EXPECT_EQ(taken(pace, kStart + milliseconds(4)), 3 * kRefusalsPerMs);
  EXPECT_EQ(taken(pace, kStart + hours(24 * 365)), kRefusalsAtOnce) << "nothing is saved up";
}

}  // namespace
}  // namespace hourwheel::overload_gate_test
