#include "tests/sim/verdicts.h"

#include <algorithm>
#include <cmath>

namespace hourwheel {
namespace {

bool is_among(uint16_t code, const std::vector<CodeRange>& ranges) {
  for (const CodeRange& range : ranges) {
    if (code >= range.first && code <= range.last) return true;
  }
  return false;
}

bool has_good_status(const TaskSpec& spec, const AttemptOutcome& outcome) {
  const auto& codes = spec.target.success_codes;
  return codes.empty() ? outcome.status / 100 == 2 : is_among(outcome.status, codes);
}

bool has_response(const AttemptOutcome& outcome) {
  return outcome.result == AttemptResult::kResponded ||
         outcome.result == AttemptResult::kBodyMismatch;
}

bool has_answer(const AttemptOutcome& outcome) {
  return has_response(outcome) || outcome.result == AttemptResult::kReportedSuccess ||
         outcome.result == AttemptResult::kReportedFailure;
}

bool succeeded(const TaskSpec& spec, const AttemptOutcome& outcome) {
  if (!has_response(outcome)) {
    return outcome.result == AttemptResult::kRecorded ||
           outcome.result == AttemptResult::kReportedSuccess;
  }
  return has_good_status(spec, outcome) &&
         outcome.body.find(spec.target.success_body) != std::string::npos;
}

bool is_worth_a_retry(const TaskSpec& spec, const AttemptOutcome& outcome) {
  if (outcome.no_retry) return false;
  if (outcome.result != AttemptResult::kResponded) return true;
  const uint16_t status = outcome.status;
  return status / 100 == 5 || status == 408 || status == 425 || status == 429 ||
         is_among(status, spec.retry.retry_on);
}

// Without jitter.
int64_t whole_wait(const RetryPolicy& policy, uint32_t attempt) {
  const auto n = static_cast<double>(attempt);
  const auto least = static_cast<double>(policy.min_backoff.ms);
  double ms = least;
  if (policy.backoff == BackoffKind::kList) {
    return policy.backoff_list.at(std::min<size_t>(attempt, policy.backoff_list.size()) - 1).ms;
  }
  if (policy.backoff == BackoffKind::kLinear) ms = least * n;
  if (policy.backoff == BackoffKind::kExponential) {
    ms = least * std::pow(policy.multiplier_percent / 100.0, n - 1);
  }
  return static_cast<int64_t>(std::min(ms, static_cast<double>(policy.max_backoff.ms)));
}

bool tells_when(const AttemptOutcome& outcome) {
  return outcome.retry_after && (outcome.status == 429 || outcome.status == 503);
}

const char* complaint_about_retry(const JudgedAttempt& judged) {
  const AttemptOutcome& outcome = judged.record.outcome;
  const RetryPolicy& policy = judged.spec.retry;
  if (judged.spec.delivery == Delivery::kAtMostOnce && outcome.sent) {
    return "it may have been carried out, and is retried (C-6)";
  }
  if (!is_worth_a_retry(judged.spec, outcome)) return "it is retried against the target's word";
  if (judged.record.attempt >= policy.max_attempts) return "it was the last, and is retried";
  const Instant next = judged.record.next_attempt.value_or(Instant{});
  const int64_t wait = (next - outcome.ended).ms;
  const int64_t whole = whole_wait(policy, judged.record.attempt);
  if (tells_when(outcome)) {
    if (wait != outcome.retry_after->ms) return "Retry-After is not kept";
  } else if (wait < 0 || wait > whole || (policy.jitter == BackoffJitter::kNone && wait != whole)) {
    return "the back-off is another one";
  }
  if (next > judged.since + policy.max_age) return "it is retried beyond max_age";
  if (policy.retry_until_next && judged.next_due && next >= *judged.next_due) {
    return "it is retried at or after the next due instant";
  }
  return nullptr;
}

const char* complaint_about_death(const JudgedAttempt& judged) {
  const AttemptOutcome& outcome = judged.record.outcome;
  const RetryPolicy& policy = judged.spec.retry;
  if (judged.spec.delivery == Delivery::kAtMostOnce) {
    // The age of a claimed run counts from its claim, which is not in the log.
    return outcome.sent && !has_answer(outcome) ? "its result is lost, which is not death (C-6)"
                                                : nullptr;
  }
  if (!is_worth_a_retry(judged.spec, outcome)) return nullptr;
  if (judged.record.attempt >= policy.max_attempts) return nullptr;
  const int64_t wait =
      tells_when(outcome) ? outcome.retry_after->ms : whole_wait(policy, judged.record.attempt);
  const Instant latest = outcome.ended + milliseconds(wait);
  if (latest > judged.since + policy.max_age) return nullptr;
  if (policy.retry_until_next && (!judged.next_due || latest >= *judged.next_due)) return nullptr;
  return "the run is given up too early";
}

}  // namespace

const char* complaint_about(const JudgedAttempt& judged) {
  const AttemptOutcome& outcome = judged.record.outcome;
  const RunState state = judged.record.state;
  if (succeeded(judged.spec, outcome) != (state == RunState::kSucceeded)) {
    return "a success is none, or none is one";
  }
  if (state == RunState::kRetrying) return complaint_about_retry(judged);
  if (state == RunState::kDead) return complaint_about_death(judged);
  const bool may_be_lost =
      outcome.sent && !has_answer(outcome) && judged.spec.delivery == Delivery::kAtMostOnce;
  if (state == RunState::kUnknown && !may_be_lost) return "its result is known";
  return nullptr;
}

}  // namespace hourwheel
