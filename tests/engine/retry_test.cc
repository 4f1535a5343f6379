#include "engine/retry.h"

#include <gtest/gtest.h>

namespace hourwheel {
namespace {

constexpr Instant kDue{1'800'000'000'000};

AttemptOutcome responded(uint16_t status) {
  AttemptOutcome outcome;
  outcome.result = AttemptResult::kResponded;
  outcome.status = status;
  outcome.ended = kDue + milliseconds(10);
  return outcome;
}
OpenRun after_attempt(uint32_t number) {
  OpenRun run;
  run.due = kDue;
  run.attempts = number;
  return run;
}

TEST(Retry, SortsResponsesAsTheContractSays) {  // C-13
  Random random(1);
  for (uint16_t ok : std::initializer_list<uint16_t>{200, 204, 299}) {
    EXPECT_EQ(judge({}, after_attempt(1), responded(ok), random).state, RunState::kSucceeded);
  }
  for (uint16_t again : std::initializer_list<uint16_t>{408, 425, 429, 500, 503, 599}) {
    EXPECT_EQ(judge({}, after_attempt(1), responded(again), random).state, RunState::kRetrying);
  }
  for (uint16_t never : std::initializer_list<uint16_t>{199, 301, 400, 404, 410}) {
    EXPECT_EQ(judge({}, after_attempt(1), responded(never), random).state, RunState::kDead);
  }
}

TEST(Retry, NoResponseIsRetriedAndNoRetryIsObeyed) {
  Random random(1);
  AttemptOutcome lost;
  lost.result = AttemptResult::kConnectionLost;
  lost.ended = kDue;
  EXPECT_EQ(judge({}, after_attempt(1), lost, random).state, RunState::kRetrying);
  AttemptOutcome refused = responded(500);
  refused.no_retry = true;
  EXPECT_EQ(judge({}, after_attempt(1), refused, random).state, RunState::kDead);
}

TEST(Retry, EndsAtMaxAttemptsAndAtMaxAge) {
  Random random(1);
  EXPECT_EQ(judge({}, after_attempt(5), responded(500), random).state, RunState::kDead);
  RetryPolicy policy;
  policy.max_age = seconds(30);
  AttemptOutcome outcome = responded(503);
  outcome.retry_after = seconds(29);
  EXPECT_EQ(judge(policy, after_attempt(1), outcome, random).next_attempt,
            kDue + milliseconds(10) + seconds(29));
  outcome.retry_after = seconds(30);
  EXPECT_EQ(judge(policy, after_attempt(1), outcome, random).state, RunState::kDead);
}

TEST(Retry, RetryAfterCountsOnlyWith429And503) {
  Random random(1);
  RetryPolicy policy;
  policy.jitter = BackoffJitter::kNone;
  AttemptOutcome outcome = responded(500);
  outcome.retry_after = seconds(600);
  EXPECT_EQ(judge(policy, after_attempt(1), outcome, random).next_attempt,
            kDue + milliseconds(10) + seconds(1));
}

TEST(Backoff, DoublesUpToItsCeilingWithoutOverflow) {
  Random random(1);
  RetryPolicy policy;
  policy.jitter = BackoffJitter::kNone;
  EXPECT_EQ(backoff(policy, 1, random), seconds(1));
  EXPECT_EQ(backoff(policy, 2, random), seconds(2));
  EXPECT_EQ(backoff(policy, 11, random), seconds(1024));
  EXPECT_EQ(backoff(policy, 13, random), hours(1));
  EXPECT_EQ(backoff(policy, 1000, random), hours(1));
  policy.multiplier_percent = 100;
  EXPECT_EQ(backoff(policy, 1000, random), seconds(1));
}

TEST(Backoff, FullJitterStaysWithinAndReachesBothHalves) {
  Random random(1);
  int low = 0;
  for (int i = 0; i < 1000; ++i) {
    Duration d = backoff({}, 4, random);
    ASSERT_GE(d, seconds(0));
    ASSERT_LE(d, seconds(8));
    low += d < seconds(4);
  }
  EXPECT_GT(low, 400);
  EXPECT_LT(low, 600);
}

}  // namespace
}  // namespace hourwheel
