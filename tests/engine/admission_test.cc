#include "engine/admission.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel::admission_test {
namespace {

constexpr Destination kA{1};
constexpr Destination kB{2};
constexpr Monotonic kNow{1'000};
constexpr auto kFresh = Admission::Standing::kFresh;
const Admission::End kGood{true, Sign::kAnswered, std::nullopt};
const Admission::End kSilent{false, Sign::kFailed, std::nullopt};

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

TEST(AdmissionTest, FreshOnesWithoutAnEndDoNotKeepWhatWasLeftBehindForGood) {
  Admission admission;
  admission.wait(kA, {1, 1}, Admission::Standing::kLeftBehind);
  uint32_t turns = 0;
  for (bool came = false; !came; ++turns) {
    ASSERT_LT(turns, kBacklogShare);
    admission.wait(kA, {2, 1}, kFresh);
    admission.wait(kA, {3, 1}, kFresh);
    came = admission.next(kNow)->task.slot == 1;
  }
  EXPECT_EQ(turns, kBacklogShare);
}

TEST(AdmissionTest, UnprovenDestinationGetsAFew) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  uint32_t started = 0;
  while (auto admitted = admission.next(kNow)) {
    admission.started(admitted->destination, kNow);
    ++started;
  }
  EXPECT_EQ(started, kMaxRunsUnprovenDestination);
  EXPECT_EQ(admission.waiting(), 5U);
}

TEST(AdmissionTest, FullDestinationLeavesRoomForOthers) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination, kNow);
  admission.wait(kB, {77, 1}, kFresh);
  auto admitted = admission.next(kNow);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->task.slot, 77U);
}

TEST(AdmissionTest, AnEndBringsAFullDestinationBack) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination, kNow);
  admission.ended(kA, kNow, kSilent);
  auto admitted = admission.next(kNow);
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->task.slot, kMaxRunsUnprovenDestination);
}

TEST(AdmissionTest, SuccessProvesADestinationForAWhile) {
  Admission admission;
  admission.wait(kA, {0, 1}, kFresh);
  admission.started(admission.next(kNow)->destination, kNow);
  admission.ended(kA, kNow, kGood);
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  uint32_t started = 0;
  while (auto admitted = admission.next(kNow)) {
    admission.started(admitted->destination, kNow);
    ++started;
  }
  EXPECT_EQ(started, kMaxRunsUnprovenDestination + 5);
}

TEST(AdmissionTest, AnOperatorMayHaveEachDestinationGetLess) {
  Admission admission;
  admission.limit(3, kMaxRunsUnprovenDestination);
  auto start_all = [&admission] {
    uint32_t started = 0;
    for (; auto admitted = admission.next(kNow); ++started) {
      admission.started(admitted->destination, kNow);
    }
    return started;
  };
  for (uint32_t i = 0; i < 10; ++i) admission.wait(kA, {i, 1}, kFresh);
  EXPECT_EQ(start_all(), 3U) << "without a recent success";
  admission.ended(kA, kNow, kGood);
  EXPECT_EQ(start_all(), 1U) << "with one";
  EXPECT_EQ(admission.room_for(kA, kNow), 0U);
  admission.wait(kB, {99, 1}, kFresh);
  EXPECT_EQ(start_all(), 1U) << "each has its own";
  EXPECT_EQ(admission.waiting_for(kA), 6U);
}

TEST(AdmissionTest, ALineBehindAFullDeadTargetIsNotWaitingToMove) {
  Admission admission;
  for (uint32_t i = 0; i < kMaxRunsUnprovenDestination + 5; ++i) admission.wait(kA, {i, 1}, kFresh);
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination, kNow);
  EXPECT_EQ(admission.waiting(), 5U);
  EXPECT_EQ(admission.waiting_to_move(), 0U);
  admission.wait(kA, {98, 1}, kFresh);
  admission.wait(kB, {99, 1}, kFresh);
  EXPECT_EQ(admission.waiting_to_move(), 1U);
  admission.ended(kA, kNow, kGood);  // it is not dead after all
  EXPECT_EQ(admission.waiting_to_move(), 7U);
}

// Fills the lines of so many destinations beyond any bound, and starts what may start.
uint32_t hang(Admission& admission, uint32_t destinations) {
  for (uint32_t d = 0; d < destinations; ++d) {
    for (uint32_t i = 0; i <= kMaxRunsUnprovenDestination; ++i) {
      admission.wait({100 + d}, {i, 1}, kFresh);
    }
  }
  uint32_t started = 0;
  while (auto admitted = admission.next(kNow)) {
    admission.started(admitted->destination, kNow);
    ++started;
  }
  return started;
}

void prove(Admission& admission, Destination destination) {
  admission.wait(destination, {0, 1}, kFresh);
  admission.started(admission.next(kNow)->destination, kNow);
  admission.ended(destination, kNow, kGood);
}

// C-24, A3.
TEST(AdmissionTest, HoweverManyDestinationsHangTheNextOneFindsRoom) {
  for (uint32_t hung : {10U, 100U, 1'000U}) {
    Admission admission;
    prove(admission, kA);
    const uint32_t started = hang(admission, hung);
    EXPECT_GE(started, std::min(hung * kMaxRunsUnprovenDestination, kMaxRunsUnproven) * 2 / 3);
    EXPECT_LT(started, kMaxRunsUnproven) << hung;
    admission.wait(kB, {77, 1}, kFresh);  // was never heard of
    auto admitted = admission.next(kNow);
    ASSERT_TRUE(admitted) << hung;
    EXPECT_EQ(admitted->destination, kB);
    for (uint32_t i = 0; i < 500; ++i) admission.wait(kA, {i, 1}, kFresh);
    for (uint32_t i = 0; i < 500; ++i) {
      admitted = admission.next(kNow);
      ASSERT_TRUE(admitted) << hung << ", " << i;
      admission.started(admitted->destination, kNow);
    }
  }
}

TEST(AdmissionTest, DestinationsThatHangAfterASuccessLeaveRoomToo) {
  Admission admission;
  constexpr uint32_t kHung = 50;
  for (uint32_t d = 0; d < kHung; ++d) prove(admission, {100 + d});
  for (uint32_t d = 0; d < kHung; ++d) {
    for (uint32_t i = 0; i < 500; ++i) admission.wait({100 + d}, {i, 1}, kFresh);
  }
  while (auto admitted = admission.next(kNow)) admission.started(admitted->destination, kNow);
  EXPECT_GT(admission.in_flight(), kMaxRunsInFlight * 9 / 10);
  admission.wait(kB, {77, 1}, kFresh);
  EXPECT_TRUE(admission.next(kNow));
}

// Not even then is anybody forgotten.
TEST(AdmissionTest, WhoFoundEveryPlaceTakenStartsWhenAnotherEnds) {
  Admission admission;
  EXPECT_EQ(hang(admission, kMaxRunsUnproven), kMaxRunsUnproven);
  admission.wait(kA, {1, 1}, kFresh);
  admission.wait(kB, {2, 1}, kFresh);
  EXPECT_FALSE(admission.next(kNow));
  EXPECT_EQ(admission.waiting_to_move(), 0U);
  uint64_t first_to_end = 100;
  for (Destination waits : {kA, kB}) {
    admission.ended({first_to_end++}, kNow, kSilent);
    auto admitted = admission.next(kNow);
    ASSERT_TRUE(admitted);
    EXPECT_EQ(admitted->destination, waits);
    admission.started(waits, kNow);
    EXPECT_FALSE(admission.next(kNow));
  }
}

// A4: what waits holds no place and comes out when the pause is over, one at first.
TEST(AdmissionTest, NothingStartsWhileTheBreakerIsOpen) {
  Admission admission;
  admission.break_after(2);
  for (uint32_t i = 0; i < 6; ++i) admission.wait(kA, {i, 1}, kFresh);
  for (int i = 0; i < 2; ++i) admission.started(admission.next(kNow)->destination, kNow);
  EXPECT_FALSE(admission.ended(kA, kNow, kSilent));
  EXPECT_TRUE(admission.ended(kA, kNow, kSilent));
  EXPECT_EQ(admission.tripped(), 1U);
  EXPECT_FALSE(admission.next(kNow));
  EXPECT_EQ(admission.in_flight(), 0U);
  EXPECT_EQ(admission.waiting(), 4U);
  EXPECT_EQ(admission.waiting_to_move(), 0U);
  ASSERT_EQ(admission.next_wake(), kNow + kBreakerFirstPause);
  EXPECT_FALSE(admission.next(kNow + (kBreakerFirstPause - kOneMs)));
  admission.wait(kB, {77, 1}, kFresh);
  EXPECT_EQ(admission.next(kNow)->task.slot, 77U) << "the others go on";

  const Monotonic later = *admission.next_wake();
  auto probe = admission.next(later);
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->task.slot, 2U) << "in the order of arrival";
  admission.started(kA, later);
  EXPECT_FALSE(admission.next(later)) << "one probe at a time";
  EXPECT_FALSE(admission.next_wake()) << "its end wakes";
  EXPECT_FALSE(admission.ended(kA, later, kGood));
  EXPECT_EQ(admission.tripped(), 0U);
  int started = 0;
  for (; auto admitted = admission.next(later); ++started) admission.started(kA, later);
  EXPECT_EQ(started, 2) << "no herd";
  EXPECT_EQ(admission.waiting(), 1U);
}

TEST(AdmissionTest, AProbeThatIsNotMadeLetsTheNextOneGo) {
  Admission admission;
  admission.break_after(1);
  for (uint32_t i = 0; i < 3; ++i) admission.wait(kA, {i, 1}, kFresh);
  admission.started(admission.next(kNow)->destination, kNow);
  EXPECT_TRUE(admission.ended(kA, kNow, kSilent));
  EXPECT_FALSE(admission.next(kNow));
  const Monotonic later = *admission.next_wake();
  EXPECT_EQ(admission.next(later)->task.slot, 1U);  // it went away while it waited
  EXPECT_EQ(admission.next(later)->task.slot, 2U);
  admission.started(kA, later);
  EXPECT_FALSE(admission.ended(kA, later, {}));  // a place that is given back
  admission.wait(kA, {3, 1}, kFresh);
  EXPECT_EQ(admission.next(later)->task.slot, 3U);
}

// BR4, by when it was sent.
TEST(AdmissionTest, WhatHungSinceBeforeThePauseKeepsNobodyWaiting) {
  Admission admission;
  admission.break_after(1);
  for (uint32_t i = 0; i < 6; ++i) admission.wait(kA, {i, 1}, kFresh);
  for (int i = 0; i < 3; ++i) admission.started(admission.next(kNow)->destination, kNow);
  EXPECT_TRUE(admission.ended(kA, kNow, {false, Sign::kFailed, {}, kNow}));
  EXPECT_EQ(admission.open_until(kA, kNow), kNow + kBreakerFirstPause);
  EXPECT_FALSE(admission.next(kNow));
  const Monotonic later = *admission.next_wake();
  EXPECT_FALSE(admission.open_until(kA, later));
  admission.started(admission.next(later)->destination, later);
  EXPECT_FALSE(admission.ended(kA, later, {false, Sign::kFailed, {}, kNow}));
  EXPECT_FALSE(admission.next(later)) << "the probe is under way";
  EXPECT_FALSE(admission.ended(kA, later, {true, Sign::kAnswered, {}, later}));
  EXPECT_EQ(admission.tripped(), 0U);
  int started = 0;
  for (; auto admitted = admission.next(later); ++started) admission.started(kA, later);
  EXPECT_EQ(started, 2) << "beside the one that still hangs";
}

// BR4: also if that is all that a destination without a recent success may have.
TEST(AdmissionTest, AProbeFindsRoomBesideHoweverManyThatHang) {
  Admission admission;
  admission.break_after(1);
  admission.wait(kA, {0, 1}, kFresh);
  admission.started(admission.next(kNow)->destination, kNow);
  admission.ended(kA, kNow, kGood);
  constexpr uint32_t kHang = 2 * kMaxRunsUnprovenDestination;
  for (uint32_t i = 0; i <= kHang; ++i) {
    admission.wait(kA, {i, 1}, kFresh);
    ASSERT_TRUE(admission.next(kNow));
    admission.started(kA, kNow);
  }
  EXPECT_TRUE(admission.ended(kA, kNow, {false, Sign::kFailed, {}, kNow}));
  for (uint32_t i = 0; i < 2; ++i) admission.wait(kA, {i, 2}, kFresh);
  EXPECT_FALSE(admission.next(kNow));
  const Monotonic later = *admission.next_wake();
  ASSERT_TRUE(admission.next(later));
  admission.started(kA, later);
  EXPECT_EQ(admission.in_flight(), kHang + 1);
  EXPECT_FALSE(admission.next(later)) << "one probe at a time";
}

TEST(AdmissionTest, AProbeKeepsToWhatAnOperatorAllows) {
  Admission admission;
  admission.break_after(1);
  admission.limit(2, 2);
  for (uint32_t i = 0; i < 4; ++i) admission.wait(kA, {i, 1}, kFresh);
  for (int i = 0; i < 2; ++i) admission.started(admission.next(kNow)->destination, kNow);
  EXPECT_TRUE(admission.ended(kA, kNow, {false, Sign::kFailed, {}, kNow}));
  EXPECT_FALSE(admission.next(kNow));
  const Monotonic later = *admission.next_wake();
  admission.started(admission.next(later)->destination, later);
  EXPECT_EQ(admission.in_flight(), 2U);
}

TEST(AdmissionTest, ABreakerToWhichNothingIsSentIsNotToldForEver) {
  Admission admission;
  admission.break_after(1);
  auto fail_at = [&admission](Monotonic now) {
    admission.wait(kA, {1, 1}, kFresh);
    admission.started(admission.next(now)->destination, now);
    admission.ended(kA, now, {false, Sign::kFailed, {}, now, "http://a.example/"});
  };
  fail_at(kNow);
  constexpr Duration kTold = kBreakerFirstPause + kBreakerToldFor;
  const Monotonic last = kNow + kTold;
  EXPECT_FALSE(admission.next(kNow + (kTold - kOneMs)));
  EXPECT_EQ(admission.tripped(), 1U);
  EXPECT_FALSE(admission.next(last));
  EXPECT_EQ(admission.tripped(), 0U);
  EXPECT_TRUE(admission.longest_tripped(1).empty());

  fail_at(last);
  EXPECT_EQ(admission.tripped(), 1U);
  auto told = admission.longest_tripped(1);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].opened, kNow) << "it was half-open all the time";
  EXPECT_EQ(told[0].open_until, last + kBreakerFirstPause * 2);
  admission.wait(kA, {2, 1}, kFresh);
  admission.started(admission.next(told[0].open_until)->destination, told[0].open_until);
  admission.ended(kA, told[0].open_until, kGood);
  EXPECT_EQ(admission.tripped(), 0U);
  EXPECT_FALSE(admission.next(told[0].open_until + kBreakerToldFor));
}

TEST(AdmissionTest, BreakersAreToldInTheOrderInWhichTheyOpened) {
  Admission admission;
  admission.break_after(1);
  auto end_one = [&admission](Destination destination, Monotonic now, Admission::End end,
                              std::string_view url) {
    end.url = url;
    admission.wait(destination, {1, 1}, kFresh);
    admission.started(admission.next(now)->destination, now);
    admission.ended(destination, now, end);
  };
  constexpr Destination kC{3};
  end_one(kB, kNow, kSilent, "https://b.example:8443/x?y=1");
  end_one(kA, kNow + kOneMs, kSilent, "http://[2001:db8::1]/");
  end_one(kC, kNow + kOneMs, kSilent, "");
  auto told = admission.longest_tripped(20);
  ASSERT_EQ(told.size(), 2U) << "nobody knows what the third is called";
  EXPECT_EQ(told[0].destination, "https://b.example:8443");
  EXPECT_EQ(told[0].opened, kNow);
  EXPECT_EQ(told[0].open_until, kNow + kBreakerFirstPause);
  EXPECT_EQ(told[0].failures, 1U);
  EXPECT_EQ(told[1].destination, "http://[2001:db8::1]");
  EXPECT_EQ(admission.longest_tripped(1).size(), 1U);
  EXPECT_EQ(admission.tripped(), 3U);

  const Monotonic later = kNow + kOneMs + kBreakerFirstPause;
  end_one(kC, later, kSilent, "http://c.example/");
  end_one(kB, later, kGood, "https://b.example:8443/");
  told = admission.longest_tripped(20);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].destination, "http://[2001:db8::1]");
  EXPECT_EQ(told[1].destination, "http://c.example") << "its probe knew";
  EXPECT_EQ(told[1].opened, kNow + kOneMs);
  EXPECT_EQ(told[1].failures, 2U);
}

// What went away while it waited leaves nothing of its destination behind.
TEST(AdmissionTest, DestinationsOfWhatDidNotStartAreForgotten) {
  Admission admission;
  for (uint64_t i = 0; i < 2 * kMaxDestinations; ++i) {
    admission.wait({i + 10}, {1, 1}, kFresh);
    EXPECT_TRUE(admission.next(kNow));
  }
  EXPECT_LE(admission.known(), size_t{kMaxDestinations} + 1);
}

}  // namespace
}  // namespace hourwheel::admission_test
