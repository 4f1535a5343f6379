#include "engine/horizon.h"

#include <gtest/gtest.h>

#include "engine/limits.h"

namespace hourwheel::horizon_test {
namespace {

constexpr Instant kStart{1'800'000'000'000};
using Room = Horizon::Room;

TEST(HorizonTest, AskingMovesTheHorizonAtOnce) {
  Horizon horizon(kStart);
  EXPECT_FALSE(horizon.covers(kStart));
  auto asked = horizon.next(kStart, Room::kPlenty);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->from, kStart);
  EXPECT_TRUE(horizon.covers(asked->to - milliseconds(1)));
  EXPECT_FALSE(horizon.covers(asked->to));
}

TEST(HorizonTest, OneRangeAheadIsReadAtATime) {
  Horizon horizon(kStart);
  ASSERT_TRUE(horizon.next(kStart, Room::kPlenty));
  EXPECT_FALSE(horizon.next(kStart, Room::kSome));
}

TEST(HorizonTest, StandsStillWithoutRoom) {
  Horizon horizon(kStart);
  EXPECT_FALSE(horizon.next(kStart, Room::kNone));
  EXPECT_EQ(horizon.position(), kStart);
}

TEST(HorizonTest, ReadsTheRestOfARangeBeforeTheNext) {
  Horizon horizon(kStart);
  auto asked = horizon.next(kStart, Room::kPlenty);
  ScanRequest rest = *asked;
  rest.after_task = {5};
  horizon.arrived({*asked, {}, rest});
  auto again = horizon.next(kStart, Room::kSome);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->after_task, TaskNumber{5});
  EXPECT_EQ(again->to, asked->to);
}

TEST(HorizonTest, ReadsTheBacklogBesideOnlyWithPlentyOfRoom) {
  Horizon horizon(kStart);
  auto ahead = horizon.next(kStart, Room::kPlenty);
  auto backlog = horizon.next(kStart, Room::kPlenty);
  ASSERT_TRUE(backlog);
  EXPECT_EQ(backlog->to, kStart);
  EXPECT_FALSE(horizon.all_read());
  horizon.arrived({*backlog, {}, std::nullopt});
  EXPECT_TRUE(horizon.backlog_read());
  EXPECT_FALSE(horizon.all_read());
  horizon.arrived({*ahead, {}, std::nullopt});
  EXPECT_TRUE(horizon.all_read());
}

// Has taken its first step, and has no backlog any more.
Horizon without_backlog() {
  Horizon horizon(kStart);
  auto ahead = horizon.next(kStart, Room::kPlenty);
  auto backlog = horizon.next(kStart, Room::kPlenty);
  horizon.arrived({*backlog, {}, std::nullopt});
  horizon.arrived({*ahead, {}, std::nullopt});
  return horizon;
}

TEST(HorizonTest, RunsAheadByItsBoundAndNoFurther) {
  Horizon horizon = without_backlog();
  while (auto asked = horizon.next(kStart, Room::kSome)) {
    horizon.arrived({*asked, {}, std::nullopt});
  }
  EXPECT_GE(horizon.position(), kStart + kHorizonAhead);
  EXPECT_LT(horizon.position(), kStart + kHorizonAhead + kHorizonStep);
}

TEST(HorizonTest, RunsLessFarAheadWhenToldTo) {
  Horizon horizon = without_backlog();
  horizon.reach(kHorizonNear);
  while (auto asked = horizon.next(kStart, Room::kSome)) {
    horizon.arrived({*asked, {}, std::nullopt});
  }
  EXPECT_LT(horizon.position(), kStart + kHorizonNear + kHorizonStep);
  EXPECT_EQ(*horizon.next_wake(), horizon.position() - kHorizonNear);
  horizon.reach(kHorizonAhead);
  EXPECT_TRUE(horizon.next(kStart, Room::kSome));
}

// The page comes and leaves a rest.
void read_a_part(Horizon& horizon, const ScanRequest& range) {
  ScanRequest rest = range;
  rest.after_task = {5};
  horizon.arrived({range, {}, rest});
}

TEST(HorizonTest, IsPulledBackWithWhatIsLeftToReadBeyond) {  // N4
  Horizon horizon = without_backlog();
  Instant now = kStart;
  auto read_all = [&] {
    while (auto range = horizon.next(now, Room::kSome)) horizon.arrived({*range, {}, std::nullopt});
  };
  read_all();
  const Instant far = horizon.position();
  horizon.pull_back(now, kHorizonAhead);
  EXPECT_EQ(horizon.position(), far) << "it is where it belongs";

  now = now + kHorizonStep;
  auto range = horizon.next(now, Room::kSome);
  ASSERT_TRUE(range);
  horizon.pull_back(now, kHorizonNear);
  EXPECT_EQ(horizon.position(), range->to) << "a page is under way";
  read_a_part(horizon, *range);
  horizon.pull_back(now, kHorizonNear);
  EXPECT_EQ(horizon.position(), now + kHorizonNear);
  auto again = horizon.next(now, Room::kSome);
  EXPECT_FALSE(again && again->after_task) << "what was left is read again with the rest";
  if (again) horizon.arrived({*again, {}, std::nullopt});
  read_all();
  EXPECT_GT(horizon.position(), now + kHorizonAhead);
}

TEST(HorizonTest, StaysWhileSomethingBeforeItsNewPlaceIsLeftToRead) {  // N4
  Horizon horizon(kStart);
  const Instant late = kStart + hours(10);
  auto range = horizon.next(late, Room::kPlenty);  // all of the time in which it stood still
  ASSERT_TRUE(range);
  ASSERT_EQ(range->to, late);
  read_a_part(horizon, *range);
  horizon.pull_back(kStart + hours(1), kHorizonNear);  // the clock was set back
  EXPECT_EQ(horizon.position(), late);
}

TEST(HorizonTest, ReadsAgainFromAPlaceOnceTheBacklogIsRead) {
  Horizon horizon(kStart);
  auto ahead = horizon.next(kStart, Room::kPlenty);
  auto backlog = horizon.next(kStart, Room::kPlenty);
  horizon.arrived({*backlog, {}, std::nullopt});
  const IndexPlace from{(kStart.ms >> kSliceBits) - 1, {5}};
  horizon.read_again(from, kStart + milliseconds(1));
  EXPECT_FALSE(horizon.backlog_read());
  auto again = horizon.next(kStart, Room::kPlenty);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->part, ScanPart::kBacklog);
  EXPECT_EQ(again->after_task, TaskNumber{4}) << "the place itself is read too";
  EXPECT_EQ(again->from.ms, from.slice << kSliceBits);
  ScanRequest rest = *again;
  rest.after_task = {70};
  horizon.arrived({*again, {}, rest});
  EXPECT_EQ(horizon.leave_backlog(), (IndexPlace{from.slice, {71}}));
  EXPECT_TRUE(horizon.backlog_read());
  horizon.arrived({*ahead, {}, std::nullopt});
  EXPECT_TRUE(horizon.all_read());
}

// Goes ahead as far as it may while there is no room for the backlog.
void read_ahead(Horizon& horizon, Instant now) {
  while (auto range = horizon.next(now, Room::kSome)) horizon.arrived({*range, {}, std::nullopt});
}

TEST(HorizonTest, StandsStillOnceTheBacklogHasWaitedLong) {  // N6
  Horizon horizon(kStart);
  read_ahead(horizon, kStart);
  EXPECT_GT(horizon.position(), kStart + kHorizonAhead) << "it has not waited long";
  const Instant there = horizon.position();
  Instant now = kStart + kHorizonStep;
  EXPECT_FALSE(horizon.next(now, Room::kSome));
  EXPECT_EQ(horizon.next_wake(), there + kBacklogTurn) << "all that was in memory has fired";
  now = there + milliseconds(1);
  auto backlog = horizon.next(now, Room::kPlenty);
  ASSERT_TRUE(backlog);
  EXPECT_EQ(backlog->part, ScanPart::kBacklog);
  read_a_part(horizon, *backlog);
  EXPECT_FALSE(horizon.next(now, Room::kSome)) << "its turn goes on";
  now = there + kBacklogTurn;
  auto ahead = horizon.next(now, Room::kSome);
  ASSERT_TRUE(ahead);
  EXPECT_EQ(ahead->from, there);
  horizon.arrived({*ahead, {}, std::nullopt});
  EXPECT_TRUE(horizon.next(now, Room::kSome)) << "it has just had room";
}

TEST(HorizonTest, ABacklogThatIsBeingReadDelaysNothing) {  // N6
  Horizon horizon(kStart);
  horizon.reach(kHorizonNear);
  Instant now = kStart;
  for (int step = 0; step < 20; ++step) {
    read_ahead(horizon, now);
    EXPECT_GT(horizon.position(), now + kHorizonNear) << step;
    now = *horizon.next_wake() - milliseconds(1);
    auto backlog = horizon.next(now, Room::kPlenty);
    ASSERT_TRUE(backlog);
    read_a_part(horizon, *backlog);
    now = *horizon.next_wake();
  }
}

TEST(HorizonTest, AClockSetBackDoesNotKeepTheBacklogWaiting) {  // N6
  Horizon horizon(kStart + hours(10));
  horizon.reach(kHorizonNear);
  read_ahead(horizon, kStart + hours(10));
  horizon.pull_back(kStart, kHorizonNear);
  read_ahead(horizon, kStart);
  const Instant there = horizon.position();
  EXPECT_FALSE(horizon.next(kStart + kHorizonStep, Room::kSome));
  EXPECT_EQ(horizon.next_wake(), there + kBacklogTurn);
}

TEST(HorizonTest, GoesOnAtOnceWhenTheBacklogIsRead) {  // N6
  Horizon horizon(kStart);
  read_ahead(horizon, kStart);
  const Instant now = kStart + kHorizonStep;
  EXPECT_FALSE(horizon.next(now, Room::kSome));
  auto backlog = horizon.next(now, Room::kPlenty);
  ASSERT_TRUE(backlog);
  horizon.arrived({*backlog, {}, std::nullopt});
  EXPECT_TRUE(horizon.next(now, Room::kSome));
}

TEST(HorizonTest, WakesWhenItCanReadOnAndNotBefore) {
  Horizon horizon = without_backlog();
  while (auto asked = horizon.next(kStart, Room::kSome)) {
    EXPECT_FALSE(horizon.next_wake());
    horizon.arrived({*asked, {}, std::nullopt});
  }
  auto wake = horizon.next_wake();
  ASSERT_TRUE(wake);
  EXPECT_FALSE(horizon.next(*wake - milliseconds(1), Room::kSome));
  EXPECT_TRUE(horizon.next(*wake, Room::kSome));
}

}  // namespace
}  // namespace hourwheel::horizon_test
