#include "engine/breaker.h"

#include <gtest/gtest.h>

namespace hourwheel::breaker_test {
namespace {

constexpr Monotonic kT0{1'000'000};
using State = Breaker::State;

// One that has just opened, at kT0.
Breaker opened(std::optional<Duration> retry_after = std::nullopt) {
  Breaker breaker;
  EXPECT_TRUE(breaker.ended({Sign::kFailed, retry_after}, 1, kT0));
  return breaker;
}

TEST(BreakerTest, OpensAfterSoManyFailuresInARow) {
  Breaker breaker;
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 3, kT0));
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}}, 3, kT0));
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 3, kT0));
  EXPECT_FALSE(breaker.ended({Sign::kNone, {}}, 3, kT0)) << "it tells nothing";
  EXPECT_EQ(breaker.room(kT0), UINT32_MAX);
  EXPECT_TRUE(breaker.ended({Sign::kFailed, {}}, 3, kT0));
  EXPECT_EQ(breaker.state(kT0), State::kOpen);
  EXPECT_EQ(breaker.room(kT0), 0U);
}

TEST(BreakerTest, NeverOpensWhenItIsOff) {
  Breaker breaker;
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 0, kT0));
  EXPECT_EQ(breaker.room(kT0), UINT32_MAX);
}

TEST(BreakerTest, PausesGrowWithinBounds) {
  Breaker breaker = opened();
  Monotonic now = kT0;
  for (int64_t pause : {1, 2, 4, 8, 16, 32, 60, 60}) {
    EXPECT_EQ(breaker.open_until(), now + seconds(pause));
    EXPECT_EQ(breaker.state(breaker.open_until() + milliseconds(-1)), State::kOpen);
    now = breaker.open_until();
    EXPECT_EQ(breaker.state(now), State::kHalfOpen);
    breaker.started(now);
    EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 1, now)) << "it was open before";
  }
}

TEST(BreakerTest, WaitsAsLongAsTheTargetAskedWithinABound) {
  EXPECT_EQ(opened(seconds(17)).open_until(), kT0 + seconds(17));
  EXPECT_EQ(opened(seconds(0)).open_until(), kT0 + kBreakerFirstPause);
  EXPECT_EQ(opened(hours(9)).open_until(), kT0 + kBreakerLongestAsked);
  Breaker breaker = opened();
  EXPECT_FALSE(breaker.ended({Sign::kFailed, seconds(17)}, 1, kT0)) << "it was in flight";
  EXPECT_EQ(breaker.open_until(), kT0 + seconds(17));
}

TEST(BreakerTest, WhatEndsWhileItIsOpenDoesNotCloseIt) {
  Breaker breaker = opened();
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}}, 1, kT0));
  EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 1, kT0));
  EXPECT_EQ(breaker.open_until(), kT0 + kBreakerFirstPause);
  EXPECT_EQ(breaker.state(kT0), State::kOpen);
}

TEST(BreakerTest, LetsOneProbeGoAtATime) {
  Breaker breaker = opened();
  const Monotonic now = breaker.open_until();
  EXPECT_EQ(breaker.room(now), 1U);
  breaker.started(now);
  EXPECT_EQ(breaker.room(now + hours(1)), 0U);
  EXPECT_FALSE(breaker.ended({Sign::kNone, {}}, 1, now));
  EXPECT_EQ(breaker.room(now), 1U) << "it was not sent";
}

// BR4
TEST(BreakerTest, WhatFailsThatWasSentBeforeTellsNothingNew) {
  Breaker breaker = opened();
  const Monotonic now = breaker.open_until();
  breaker.started(now);
  EXPECT_FALSE(breaker.ended({Sign::kFailed, seconds(9), kT0}, 1, now));
  EXPECT_FALSE(breaker.ended({Sign::kNone, {}, kT0}, 1, now));
  EXPECT_EQ(breaker.state(now), State::kHalfOpen);
  EXPECT_EQ(breaker.room(now), 0U) << "the probe is still under way";
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}, now}, 1, now));
  EXPECT_FALSE(breaker.ended({Sign::kFailed, {}, kT0}, 1, now));
  EXPECT_EQ(breaker.state(now), State::kClosed);
  EXPECT_EQ(breaker.room(now), 2U) << "whatever hangs from before";
  EXPECT_TRUE(breaker.ended({Sign::kFailed, {}, now}, 1, now)) << "this was sent after the pause";
}

TEST(BreakerTest, IsClosedByAnAnswerToWhatWasSentBefore) {
  Breaker breaker = opened();
  const Monotonic now = breaker.open_until();
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}, kT0}, 1, now));
  EXPECT_EQ(breaker.state(now), State::kClosed);
  EXPECT_EQ(breaker.room(now), 2U);
}

TEST(BreakerTest, ClosesWithARampAndForgets) {
  Breaker breaker = opened();
  const Monotonic now = breaker.open_until();
  breaker.started(now);
  uint32_t answers = 0;
  for (uint32_t in_flight = 1; breaker.room(now) != UINT32_MAX; --in_flight) {
    EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}, now}, 1, now));
    ++answers;
    if (breaker.room(now) == UINT32_MAX) break;
    for (; breaker.room(now) > 0; ++in_flight) breaker.started(now);
    ASSERT_EQ(in_flight - 1, answers + 1);
  }
  EXPECT_EQ(answers, kBreakerRampEnd - 1);
  EXPECT_TRUE(breaker.ended({Sign::kFailed, {}, now}, 1, now));
  EXPECT_EQ(breaker.open_until(), now + kBreakerFirstPause);
}

TEST(BreakerTest, ThatOpensAgainDuringItsRampPausesLonger) {
  Breaker breaker = opened();
  const Monotonic now = breaker.open_until();
  breaker.started(now);
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}}, 1, now));
  EXPECT_TRUE(breaker.ended({Sign::kFailed, {}}, 1, now));
  EXPECT_EQ(breaker.open_until(), now + kBreakerFirstPause * 2);
}

TEST(BreakerTest, TellsSinceWhenAndAfterHowManyFailures) {
  Breaker breaker;
  for (int i = 0; i < 3; ++i) breaker.ended({Sign::kFailed, {}}, 3, kT0 + seconds(i));
  const Monotonic opened_at = kT0 + seconds(2);
  EXPECT_EQ(breaker.opened(), opened_at);
  EXPECT_EQ(breaker.failures_in_row(), 3U);
  EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 3, opened_at));
  EXPECT_EQ(breaker.failures_in_row(), 3U) << "while it is open nothing counts";
  Monotonic now = breaker.open_until();
  breaker.started(now);
  EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 3, now));
  EXPECT_EQ(breaker.opened(), opened_at) << "it was not closed since";
  EXPECT_EQ(breaker.failures_in_row(), 4U);
  now = breaker.open_until();
  breaker.started(now);
  EXPECT_FALSE(breaker.ended({Sign::kAnswered, {}}, 3, now));
  EXPECT_EQ(breaker.failures_in_row(), 0U);
  now = now + hours(1);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(breaker.ended({Sign::kFailed, {}}, 3, now));
  EXPECT_TRUE(breaker.ended({Sign::kFailed, {}}, 3, now));
  EXPECT_EQ(breaker.opened(), now);
}

TEST(BreakerTest, CountsWhatTellsOfTheDestination) {
  auto answered = [](int status) {
    AttemptOutcome outcome;
    outcome.result = AttemptResult::kResponded;
    outcome.status = static_cast<uint16_t>(status);
    return sign_of(outcome);
  };
  for (int status : {429, 502, 503, 504}) EXPECT_EQ(answered(status), Sign::kFailed) << status;
  for (int status : {200, 301, 404, 408, 428, 430, 500, 501, 505}) {
    EXPECT_EQ(answered(status), Sign::kAnswered) << status;
  }
  auto without = [](AttemptResult result) {
    AttemptOutcome outcome;
    outcome.result = result;
    return sign_of(outcome);
  };
  EXPECT_EQ(without(AttemptResult::kConnectTimedOut), Sign::kFailed);
  EXPECT_EQ(without(AttemptResult::kTimedOut), Sign::kFailed);
  EXPECT_EQ(without(AttemptResult::kResolveFailed), Sign::kFailed);
  EXPECT_EQ(without(AttemptResult::kStopped), Sign::kNone);
  EXPECT_EQ(without(AttemptResult::kSecretMissing), Sign::kNone);
  EXPECT_EQ(without(AttemptResult::kAddressDenied), Sign::kNone);
}

}  // namespace
}  // namespace hourwheel::breaker_test
