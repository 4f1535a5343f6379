// What follows an attempt (C-13, C-6): the run's end, or a durable timer for the next attempt.
// Pure.
//
// Invariants
//   V1  A claimed run whose request may have reached the target is never retried (C-6).
//   V2  No retry is planned before the attempt's end, beyond max_age, or past max_attempts.
#pragma once

#include <optional>

#include "engine/base/random.h"
#include "engine/run.h"
#include "engine/task.h"

namespace hourwheel {

struct Verdict {
  RunState state = RunState::kDead;     // kSucceeded, kDead, kUnknown or kRetrying
  std::optional<Instant> next_attempt;  // kRetrying
};

// Of a good response that lacks the target's success_body, makes a kBodyMismatch.
void look_for_success_body(const Target& target, AttemptOutcome& outcome);

// Judges attempt number run.attempts of a run that ended at outcome.ended. Retried: no response for
// whatever reason, a kBodyMismatch, 408, 425, 429, 5xx and what the policy names, unless the target
// said no (outcome.no_retry); within max_attempts, and only while the next attempt starts within
// max_age of the due instant or, if that was later, of the first attempt's start. Retry-After,
// given with 429 or 503, replaces the back-off. `next_due` ends the retries of a policy with
// retry_until_next.
Verdict judge(const TaskSpec& spec, const OpenRun& run, const AttemptOutcome& outcome,
              std::optional<Instant> next_due, Random& random);

// The verdict on a claimed run when its definition is at hand no more: nothing is retried.
Verdict judge_without_policy(const OpenRun& run, const AttemptOutcome& outcome);

// What the attempt of a run comes to that is reported on, or was left to its target and has waited
// in vain. Its wire is that of the request, where it is known. Requires: one of both.
AttemptOutcome outcome_of_target(const OpenRun& run, Instant now);

// The back-off after attempt number `attempts`. Exponential: min_backoff * multiplier^(attempts-1);
// linear: min_backoff * attempts; fixed: min_backoff; each at most max_backoff. A list gives its
// own, the last one again and again. With full jitter uniform in [0, that] (AWS "exponential
// backoff and jitter").
Duration backoff(const RetryPolicy& policy, uint32_t attempts, Random& random);

// The run is later than its one-time task may be.
bool is_expired(const TaskSpec& spec, const OpenRun& run, Instant now);

}  // namespace hourwheel
