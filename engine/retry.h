// What follows an attempt (C-13): the run's end, or a durable timer for the next attempt. Pure.
#pragma once

#include <optional>

#include "engine/base/random.h"
#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

struct Verdict {
  RunState state = RunState::kDead;     // kSucceeded, kDead, or kRetrying
  std::optional<Instant> next_attempt;  // kRetrying
};

// Judges attempt number run.attempts of a run that ended at outcome.ended. Retried: no response for
// whatever reason, 408, 425, 429 and 5xx, unless the target said no (outcome.no_retry); within
// max_attempts, and only while the next attempt starts within max_age of the due instant.
// Retry-After, given with 429 or 503, replaces the back-off.
Verdict judge(const RetryPolicy& policy, const OpenRun& run, const AttemptOutcome& outcome,
              Random& random);

// The back-off after attempt number `attempts`: min_backoff * multiplier^(attempts-1), at most
// max_backoff; with full jitter uniform in [0, that] (AWS "exponential backoff and jitter").
Duration backoff(const RetryPolicy& policy, uint32_t attempts, Random& random);

}  // namespace hourwheel
