#include "engine/parking.h"

#include <gtest/gtest.h>

namespace hourwheel::parking_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};
const ParkReason kPause = ParkReason::pause(7);
const ParkReason kLine = ParkReason::line({99});

IndexPlace place(int64_t slice, uint64_t number) {
  return {slice, {number}};
}

TEST(ParkingTest, ARangeHoldsAllThatWasParkedForItsReason) {
  Parking parking;
  parking.park(kPause, place(5, 30), kNow);
  parking.park(kPause, place(4, 90), kNow + seconds(1));
  parking.park(kPause, place(6, 1), kNow);
  parking.release(kPause);
  auto range = parking.begin_reading();
  ASSERT_TRUE(range);
  EXPECT_EQ(range->from, place(4, 90));
  EXPECT_EQ(range->last, kNow + seconds(1));
}

TEST(ParkingTest, NothingIsReadBeforeItsReasonIsGone) {
  Parking parking;
  parking.park(kLine, place(5, 30), kNow);
  EXPECT_FALSE(parking.begin_reading());
  EXPECT_EQ(parking.parked().size(), 1U);
}

TEST(ParkingTest, WhatIsReleasedTogetherIsReadAtOnce) {
  Parking parking;
  parking.park(kLine, place(5, 30), kNow);
  parking.park(kPause, place(9, 1), kNow + seconds(9));
  parking.release(kLine);
  parking.release(kPause);
  auto range = parking.begin_reading();
  ASSERT_TRUE(range);
  EXPECT_EQ(range->from, place(5, 30));
  EXPECT_EQ(range->last, kNow + seconds(9));
  EXPECT_EQ(parking.reading_for().size(), 2U);
  parking.end_reading();
  EXPECT_FALSE(parking.begin_reading());
}

TEST(ParkingTest, TheRestOfAReadingLeftEarlyIsNotForgotten) {
  Parking parking;
  parking.park(kLine, place(5, 30), kNow);
  parking.release(kLine);
  ASSERT_TRUE(parking.begin_reading());
  parking.park(kLine, place(5, 800), kNow);  // it was met and did not fit
  parking.leave_reading(place(5, 600));
  ASSERT_EQ(parking.parked().count(kLine), 1U);
  EXPECT_EQ(parking.parked().at(kLine).from, place(5, 600));
  EXPECT_EQ(parking.parked().at(kLine).last, kNow);
}

TEST(ParkingTest, KnowsHowEarlyAParkedTaskMayWake) {
  Parking parking;
  const Instant wake{int64_t{5} << kSliceBits};
  EXPECT_FALSE(parking.may_hold(wake));
  parking.park(kLine, place(5, 30), wake);
  EXPECT_TRUE(parking.may_hold(wake));
  EXPECT_FALSE(parking.may_hold(wake - milliseconds(1)));
}

}  // namespace
}  // namespace hourwheel::parking_test
