#include "engine/pauses.h"

#include <gtest/gtest.h>

namespace hourwheel::pauses_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};
const std::vector<NamedText> kRed{{"area", "x"}, {"team", "red"}};
const std::vector<NamedText> kBlue{{"team", "blue"}};

GlobalPause pause_of(std::vector<NamedText> labels) {
  GlobalPause pause;
  pause.id = 1;
  pause.labels = std::move(labels);
  pause.since = kNow;
  return pause;
}

Pauses table_of(const GlobalPause& pause) {
  Pauses pauses;
  pauses.replace({2, {pause}});
  return pauses;
}

TEST(PausesTest, AllLabelsMustMatch) {
  EXPECT_TRUE(pause_of({{"team", "red"}}).selects(kRed));
  EXPECT_TRUE(pause_of({{"area", "x"}, {"team", "red"}}).selects(kRed));
  EXPECT_FALSE(pause_of({{"area", "y"}, {"team", "red"}}).selects(kRed));
  EXPECT_FALSE(pause_of({{"team", "red"}}).selects(kBlue));
}

TEST(PausesTest, WithoutLabelsEverythingIsHeld) {
  Pauses pauses = table_of(pause_of({}));
  EXPECT_NE(pauses.holding(kRed, kNow), nullptr);
  EXPECT_NE(pauses.holding_all(kNow), nullptr);
  EXPECT_EQ(table_of(pause_of({{"team", "red"}})).holding_all(kNow), nullptr);
}

TEST(PausesTest, EndsByItselfOrBySomebodyWhicheverComesFirst) {
  GlobalPause pause = pause_of({});
  pause.until = kNow + seconds(10);
  Pauses pauses = table_of(pause);
  EXPECT_NE(pauses.holding(kRed, kNow + seconds(9)), nullptr);
  EXPECT_EQ(pauses.holding(kRed, kNow + seconds(10)), nullptr);
  EXPECT_EQ(*pause.end(), kNow + seconds(10));
  pause.ended = kNow + seconds(5);
  EXPECT_EQ(*pause.end(), kNow + seconds(5));
  EXPECT_EQ(table_of(pause).holding(kRed, kNow + seconds(6)), nullptr);
}

TEST(PausesTest, WhatIsSeenAfterAPauseSleptThroughIt) {
  GlobalPause pause = pause_of({{"team", "red"}});
  pause.ended = kNow + seconds(10);
  Pauses pauses = table_of(pause);
  const Instant now = kNow + seconds(60);
  EXPECT_EQ(pauses.slept_until(kRed, kNow + seconds(1), now), kNow + seconds(10));
  EXPECT_TRUE(pauses.slept_until(kRed, kNow - seconds(1), now)) << "due before, seen after";
  EXPECT_FALSE(pauses.slept_until(kRed, kNow + seconds(10), now)) << "due when it was over";
  EXPECT_FALSE(pauses.slept_until(kBlue, kNow + seconds(1), now));
}

}  // namespace
}  // namespace hourwheel::pauses_test
