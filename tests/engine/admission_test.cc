#include "engine/admission.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr Destination kA{1};
constexpr Destination kB{2};
constexpr Monotonic kNow{1'000};
constexpr auto kFresh = Admission::Standing::kFresh;

TEST(AdmissionTest, TakesTurnsBetweenDestinations) {
  Admission admission;
  for (uint32_t i = 0; i < 3; ++i) admission.wait(kA, {i, 1}, kFresh);
  admission.wait(kB, {9, 1}, kFresh);
  EXPECT_EQ(admission.next(kNow)->task.slot, 0U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 9U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 1U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 2U);
  EXPECT_FALSE(admission.next(kNow));
  EXPECT_EQ(admission.waiting(), 0U);
}

// C-11: after a restart fresh dues go first.
TEST(AdmissionTest, WhatWasLeftBehindLetsFreshOnesPass) {
  Admission admission;
  admission.wait(kA, {1, 1}, Admission::Standing::kLeftBehind);
  admission.wait(kA, {2, 1}, Admission::Standing::kLeftBehind);
  admission.wait(kA, {3, 1}, kFresh);
  EXPECT_EQ(admission.waiting_for(kA), 3U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 3U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 1U);
  EXPECT_EQ(admission.next(kNow)->task.slot, 2U);
  EXPECT_EQ(admission.waiting(), 0U);
}

TEST(AdmissionTest, UnprovenDestinationGetsAFew) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  uint32_t started = 0;
  while (auto admitted = admission.next(kNow)) {
    admission.started(admitted->destination);
    ++started;
  }
  EXPECT_EQ(started, kMaxRunsUnprovenDestination);
  EXPECT_EQ(admission.waiting(), 5U);
}

TEST(AdmissionTest, FullDestinationLeavesRoomForOthers) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination);
  admission.wait(kB, {77, 1}, kFresh);
  auto admitted = admission.next(kNow);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->task.slot, 77U);
}

TEST(AdmissionTest, AnEndBringsAFullDestinationBack) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination);
  admission.ended(kA, kNow, false);
  auto admitted = admission.next(kNow);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->task.slot, kMaxRunsUnprovenDestination);
}

TEST(AdmissionTest, SuccessProvesADestinationForAWhile) {
  Admission admission;
  admission.wait(kA, {0, 1}, kFresh);
  admission.started(admission.next(kNow)->destination);
  admission.ended(kA, kNow, true);
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  uint32_t started = 0;
  while (auto admitted = admission.next(kNow)) {
    admission.started(admitted->destination);
    ++started;
  }
  EXPECT_EQ(started, kMaxRunsUnprovenDestination + 5);
}

TEST(AdmissionTest, ALineBehindAFullDeadTargetIsNotWaitingToMove) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination);
  EXPECT_EQ(admission.waiting(), 5U);
  EXPECT_EQ(admission.waiting_to_move(), 0U);
  admission.wait(kA, {98, 1}, kFresh);
  admission.wait(kB, {99, 1}, kFresh);
  EXPECT_EQ(admission.waiting_to_move(), 1U);
  admission.ended(kA, kNow, true);  // it is not dead after all
  EXPECT_EQ(admission.waiting_to_move(), 7U);
}

}  // namespace
}  // namespace hourwheel
