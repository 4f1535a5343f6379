#include "engine/retry.h"

#include <gtest/gtest.h>

namespace hourwheel::retry_test {
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

Verdict judged(const RetryPolicy& policy, const OpenRun& run, const AttemptOutcome& outcome,
               std::optional<Instant> next_due = std::nullopt) {
  Random random(1);
  TaskSpec spec;
  spec.retry = policy;
  return judge(spec, run, outcome, next_due, random);
}
RetryPolicy without_jitter() {
  RetryPolicy policy;
  policy.jitter = BackoffJitter::kNone;
  return policy;
}

TEST(Retry, SortsResponsesAsTheContractSays) {  // C-13
  for (uint16_t ok : std::initializer_list<uint16_t>{200, 204, 299}) {
    EXPECT_EQ(judged({}, after_attempt(1), responded(ok)).state, RunState::kSucceeded);
  }
  for (uint16_t again : std::initializer_list<uint16_t>{408, 425, 429, 500, 503, 599}) {
    EXPECT_EQ(judged({}, after_attempt(1), responded(again)).state, RunState::kRetrying);
  }
  for (uint16_t never : std::initializer_list<uint16_t>{199, 301, 400, 404, 410}) {
    EXPECT_EQ(judged({}, after_attempt(1), responded(never)).state, RunState::kDead);
  }
}

TEST(Retry, NoResponseIsRetriedAndNoRetryIsObeyed) {
  AttemptOutcome lost;
  lost.result = AttemptResult::kConnectionLost;
  lost.ended = kDue;
  EXPECT_EQ(judged({}, after_attempt(1), lost).state, RunState::kRetrying);
  AttemptOutcome refused = responded(500);
  refused.no_retry = true;
  EXPECT_EQ(judged({}, after_attempt(1), refused).state, RunState::kDead);
}

TEST(Retry, EndsAtMaxAttemptsAndAtMaxAge) {
  EXPECT_EQ(judged({}, after_attempt(5), responded(500)).state, RunState::kDead);
  RetryPolicy policy;
  policy.max_age = seconds(30);
  AttemptOutcome outcome = responded(503);
  outcome.retry_after = seconds(29);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome).next_attempt,
            kDue + milliseconds(10) + seconds(29));
  outcome.retry_after = seconds(30);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome).state, RunState::kDead);
}

TEST(Retry, RetryAfterCountsOnlyWith429And503) {
  RetryPolicy policy = without_jitter();
  AttemptOutcome outcome = responded(500);
  outcome.retry_after = seconds(600);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome).next_attempt,
            kDue + milliseconds(10) + seconds(1));
}

TEST(Retry, RetryAfterOverridesTheBackoffOn429And503) {  // C-13
  AttemptOutcome outcome = responded(429);
  outcome.retry_after = seconds(600);
  for (uint16_t status : std::initializer_list<uint16_t>{429, 503}) {
    outcome.status = status;
    EXPECT_EQ(judged(without_jitter(), after_attempt(1), outcome).next_attempt,
              kDue + milliseconds(10) + seconds(600));
  }
}

TEST(Retry, AgeCountsFromTheFirstAttemptWhereThatWasLater) {  // C-13
  RetryPolicy policy = without_jitter();
  policy.max_age = seconds(30);
  OpenRun run = after_attempt(1);
  run.first_started = kDue + hours(100);
  AttemptOutcome outcome = responded(500);
  outcome.ended = kDue + hours(100) + seconds(29);
  EXPECT_EQ(judged(policy, run, outcome).next_attempt, outcome.ended + seconds(1));
  outcome.ended = kDue + hours(100) + seconds(30);
  EXPECT_EQ(judged(policy, run, outcome).state, RunState::kDead);
}

TEST(Retry, PolicyNamesWhatElseIsRetriedButNotAgainstTheTarget) {  // C-13
  RetryPolicy policy;
  policy.retry_on = {{404, 404}, {300, 399}};
  for (uint16_t again : std::initializer_list<uint16_t>{404, 300, 302, 399, 500}) {
    EXPECT_EQ(judged(policy, after_attempt(1), responded(again)).state, RunState::kRetrying);
  }
  EXPECT_EQ(judged(policy, after_attempt(1), responded(403)).state, RunState::kDead);
  AttemptOutcome never = responded(404);
  never.no_retry = true;
  EXPECT_EQ(judged(policy, after_attempt(1), never).state, RunState::kDead);
}

TEST(Retry, SuccessCodesReplaceTheUsualOnes) {  // C-13
  TaskSpec spec;
  spec.target.success_codes = {{204, 204}, {304, 304}};
  Random random(1);
  auto state_after = [&](uint16_t status) {
    return judge(spec, after_attempt(1), responded(status), std::nullopt, random).state;
  };
  EXPECT_EQ(state_after(204), RunState::kSucceeded);
  EXPECT_EQ(state_after(304), RunState::kSucceeded);
  EXPECT_EQ(state_after(200), RunState::kDead);
}

TEST(Retry, AGoodResponseWithoutTheSuccessBodyIsRetried) {  // C-13
  TaskSpec spec;
  spec.target.success_body = "\"ok\":true";
  Random random(1);
  auto judged_with = [&](uint16_t status, std::string body, bool no_retry = false) {
    AttemptOutcome outcome = responded(status);
    outcome.body = std::move(body);
    outcome.no_retry = no_retry;
    look_for_success_body(spec.target, outcome);
    const bool mismatch = outcome.result == AttemptResult::kBodyMismatch;
    EXPECT_EQ(mismatch, !outcome.detail.empty());
    return std::pair(mismatch, judge(spec, after_attempt(1), outcome, std::nullopt, random).state);
  };
  EXPECT_EQ(judged_with(200, R"({"ok":true})"), std::pair(false, RunState::kSucceeded));
  EXPECT_EQ(judged_with(200, R"({"ok":false})"), std::pair(true, RunState::kRetrying));
  EXPECT_EQ(judged_with(200, ""), std::pair(true, RunState::kRetrying));
  EXPECT_EQ(judged_with(200, "", true), std::pair(true, RunState::kDead));
  EXPECT_EQ(judged_with(404, ""), std::pair(false, RunState::kDead)) << "its status says enough";
  OpenRun claimed = after_attempt(1);
  claimed.claimed = true;
  AttemptOutcome outcome = responded(200);
  outcome.sent = true;
  look_for_success_body(spec.target, outcome);
  EXPECT_EQ(judge(spec, claimed, outcome, std::nullopt, random).state, RunState::kDead)
      << "what became of it is known (C-6)";
}

TEST(Retry, EndsBeforeTheNextDueInstantWhenThePolicySaysSo) {
  RetryPolicy policy = without_jitter();
  const AttemptOutcome outcome = responded(500);
  const Instant next = outcome.ended + seconds(1);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome, next).state, RunState::kRetrying);
  policy.retry_until_next = true;
  EXPECT_EQ(judged(policy, after_attempt(1), outcome, next).state, RunState::kDead);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome, next + milliseconds(1)).state,
            RunState::kRetrying);
  EXPECT_EQ(judged(policy, after_attempt(1), outcome).state, RunState::kRetrying);
}

TEST(Retry, ClaimedRunIsRetriedOnlyWhenNothingWasSent) {  // C-6, V1
  OpenRun run = after_attempt(1);
  run.claimed = true;
  AttemptOutcome lost;
  lost.result = AttemptResult::kConnectFailed;
  lost.ended = kDue;
  EXPECT_EQ(judged({}, run, lost).state, RunState::kRetrying);
  lost.sent = true;
  for (AttemptResult result : {AttemptResult::kConnectionLost, AttemptResult::kTimedOut,
                               AttemptResult::kBadResponse, AttemptResult::kStopped}) {
    lost.result = result;
    EXPECT_EQ(judged({}, run, lost).state, RunState::kUnknown);
  }
  AttemptOutcome answered = responded(503);
  answered.sent = true;
  EXPECT_EQ(judged({}, run, answered).state, RunState::kDead);
  answered.status = 200;
  EXPECT_EQ(judged({}, run, answered).state, RunState::kSucceeded);
}

TEST(Retry, OneTimeRunExpiresAfterItsTaskSays) {
  TaskSpec spec;
  EXPECT_FALSE(is_expired(spec, after_attempt(0), kDue + hours(10'000)));
  spec.expires_after = minutes(5);
  EXPECT_FALSE(is_expired(spec, after_attempt(0), kDue + minutes(5)));
  EXPECT_TRUE(is_expired(spec, after_attempt(0), kDue + minutes(5) + milliseconds(1)));
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

TEST(Backoff, FixedLinearAndListKeepTheirWord) {
  Random random(1);
  RetryPolicy policy = without_jitter();
  policy.max_backoff = seconds(4);
  policy.backoff = BackoffKind::kFixed;
  EXPECT_EQ(backoff(policy, 1, random), seconds(1));
  EXPECT_EQ(backoff(policy, 1000, random), seconds(1));
  policy.backoff = BackoffKind::kLinear;
  EXPECT_EQ(backoff(policy, 1, random), seconds(1));
  EXPECT_EQ(backoff(policy, 3, random), seconds(3));
  EXPECT_EQ(backoff(policy, 1000, random), seconds(4));
  policy.backoff = BackoffKind::kList;
  policy.backoff_list = {seconds(5), minutes(5), hours(2)};
  EXPECT_EQ(backoff(policy, 1, random), seconds(5));
  EXPECT_EQ(backoff(policy, 2, random), minutes(5));
  EXPECT_EQ(backoff(policy, 1000, random), hours(2));
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

// With the clock set back while it was in flight, next_attempt has moved; max_age counts from here.
TEST(OutcomeOfTarget, TheFirstAttemptStartedWhenItsRunDid) {
  OpenRun run = after_attempt(1);
  run.first_started = kDue + minutes(40);
  run.next_attempt = kDue + minutes(10);
  run.report = Report{};
  const Instant now = kDue + minutes(11);
  EXPECT_EQ(outcome_of_target(run, now).started, *run.first_started);
  run.attempts = 2;
  EXPECT_EQ(outcome_of_target(run, now).started, run.next_attempt);
  run.attempts_before = 1;  // the first one of a redrive
  EXPECT_EQ(outcome_of_target(run, now).started, *run.first_started);
}

}  // namespace
}  // namespace hourwheel::retry_test
