#include "engine/retry.h"

#include <algorithm>

namespace hourwheel {
namespace {

bool is_success(const AttemptOutcome& outcome) {
  return outcome.result == AttemptResult::kRecorded ||
         (outcome.result == AttemptResult::kResponded && outcome.status >= 200 &&
          outcome.status <= 299);
}

bool may_retry(const AttemptOutcome& outcome) {
  if (outcome.no_retry) return false;
  if (outcome.result != AttemptResult::kResponded) return true;
  return outcome.status == 408 || outcome.status == 425 || outcome.status == 429 ||
         outcome.status >= 500;
}

}  // namespace

Duration backoff(const RetryPolicy& policy, uint32_t attempts, Random& random) {
  int64_t ceiling = policy.max_backoff.ms;
  int64_t ms = std::min(policy.min_backoff.ms, ceiling);
  for (uint32_t i = 1; i < attempts && ms < ceiling; ++i) {
    ms = std::min(ceiling, std::max(ms, ms * policy.multiplier_percent / 100));
    if (policy.multiplier_percent <= 100) break;
  }
  if (policy.jitter == BackoffJitter::kFull) {
    ms = static_cast<int64_t>(random.below(static_cast<uint64_t>(ms) + 1));
  }
  return {ms};
}

Verdict judge(const RetryPolicy& policy, const OpenRun& run, const AttemptOutcome& outcome,
              Random& random) {
  if (is_success(outcome)) return {RunState::kSucceeded, std::nullopt};
  if (!may_retry(outcome) || run.attempts >= policy.max_attempts) {
    return {RunState::kDead, std::nullopt};
  }
  Duration wait = backoff(policy, run.attempts, random);
  if (outcome.retry_after && (outcome.status == 429 || outcome.status == 503)) {
    wait = *outcome.retry_after;
  }
  Instant next = outcome.ended + wait;
  if (next > run.due + policy.max_age) return {RunState::kDead, std::nullopt};
  return {RunState::kRetrying, next};
}

}  // namespace hourwheel
