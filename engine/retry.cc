#include "engine/retry.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

bool contains(const std::vector<CodeRange>& ranges, uint16_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const CodeRange& range) {
    return range.first <= code && code <= range.last;
  });
}

bool is_success_code(const Target& target, uint16_t status) {
  if (!target.success_codes.empty()) return contains(target.success_codes, status);
  return status >= 200 && status <= 299;
}

bool is_success(const Target& target, const AttemptOutcome& outcome) {
  using enum AttemptResult;
  if (outcome.result == kRecorded || outcome.result == kReportedSuccess) return true;
  if (outcome.result != kResponded) return false;
  return is_success_code(target, outcome.status);
}

bool may_retry(const RetryPolicy& policy, const AttemptOutcome& outcome) {
  if (outcome.no_retry) return false;
  if (outcome.result != AttemptResult::kResponded) return true;
  return outcome.status == 408 || outcome.status == 425 || outcome.status == 429 ||
         outcome.status >= 500 || contains(policy.retry_on, outcome.status);
}

int64_t exponential(const RetryPolicy& policy, uint32_t attempts) {
  int64_t ms = policy.min_backoff.ms;
  for (uint32_t i = 1; i < attempts && ms < policy.max_backoff.ms; ++i) {
    ms = std::min(policy.max_backoff.ms, std::max(ms, ms * policy.multiplier_percent / 100));
    if (policy.multiplier_percent <= 100) break;
  }
  return ms;
}

int64_t longest_backoff(const RetryPolicy& policy, uint32_t attempts) {
  switch (policy.backoff) {
    case BackoffKind::kList: {
      HW_CHECK(!policy.backoff_list.empty() && attempts > 0, "a list of back-offs has some");
      return policy.backoff_list[std::min<size_t>(attempts, policy.backoff_list.size()) - 1].ms;
    }
    case BackoffKind::kFixed:
      return std::min(policy.max_backoff.ms, policy.min_backoff.ms);
    case BackoffKind::kLinear:
      return std::min(policy.max_backoff.ms, policy.min_backoff.ms * attempts);
    case BackoffKind::kExponential:
      return std::min(policy.max_backoff.ms, exponential(policy, attempts));
  }
  HW_CHECK(false, "every kind of back-off has its case");
}

// As the clock was then, from where max_age counts: next_attempt has followed its steps since.
Instant started_of(const OpenRun& run) {
  const bool is_first = run.attempts == run.attempts_before + 1;
  return is_first ? run.first_started.value_or(run.next_attempt) : run.next_attempt;
}

}  // namespace

Duration backoff(const RetryPolicy& policy, uint32_t attempts, Random& random) {
  int64_t ms = longest_backoff(policy, attempts);
  if (policy.jitter == BackoffJitter::kFull) {
    ms = static_cast<int64_t>(random.below(static_cast<uint64_t>(ms) + 1));
  }
  return {ms};
}

Verdict judge(const TaskSpec& spec, const OpenRun& run, const AttemptOutcome& outcome,
              std::optional<Instant> next_due, Random& random) {
  const RetryPolicy& policy = spec.retry;
  if (is_success(spec.target, outcome)) return {RunState::kSucceeded, std::nullopt};
  if (run.claimed && outcome.sent) return judge_without_policy(run, outcome);  // V1
  if (!may_retry(policy, outcome) || run.attempts >= policy.max_attempts) {
    return {RunState::kDead, std::nullopt};
  }
  Duration wait = backoff(policy, run.attempts, random);
  if (outcome.retry_after && (outcome.status == 429 || outcome.status == 503)) {
    wait = *outcome.retry_after;
  }
  const Instant next = outcome.ended + wait;
  const Instant since = std::max(run.due, run.first_started.value_or(run.due));
  const bool after_next_due = policy.retry_until_next && next_due && next >= *next_due;
  if (next > since + policy.max_age || after_next_due) return {RunState::kDead, std::nullopt};
  return {RunState::kRetrying, next};
}

void look_for_success_body(const Target& target, AttemptOutcome& outcome) {
  const bool good =
      outcome.result == AttemptResult::kResponded && is_success_code(target, outcome.status);
  if (good && outcome.body.find(target.success_body) == std::string::npos) {
    outcome.result = AttemptResult::kBodyMismatch;
    outcome.detail = "the response does not contain what success_body asks for";
  }
}

Verdict judge_without_policy(const OpenRun& run, const AttemptOutcome& outcome) {
  if (outcome.result == AttemptResult::kReportedSuccess) return {RunState::kSucceeded, {}};
  const bool lost = run.claimed && outcome.sent && !outcome.responded();
  return {lost ? RunState::kUnknown : RunState::kDead, std::nullopt};
}

AttemptOutcome outcome_of_target(const OpenRun& run, Instant now) {
  HW_CHECK(run.awaited || run.report, "CO1 the target has, or was to have, the last word");
  AttemptOutcome outcome;
  outcome.sent = true;
  outcome.started = run.awaited ? run.awaited->started : started_of(run);
  if (run.awaited) outcome.wire = run.awaited->wire;
  outcome.ended = now;
  if (!run.report) {
    outcome.result = AttemptResult::kReportMissing;
    outcome.detail = "the target did not report in time";
    return outcome;
  }
  const bool well = run.report->kind == ReportKind::kSucceeded;
  outcome.result = well ? AttemptResult::kReportedSuccess : AttemptResult::kReportedFailure;
  outcome.no_retry = run.report->kind == ReportKind::kFailedFinal;
  outcome.detail = run.report->text;
  return outcome;
}

bool is_expired(const TaskSpec& spec, const OpenRun& run, Instant now) {
  return spec.type == TaskType::kOneTime && spec.expires_after &&
         now > run.counted_from.value_or(run.due) + *spec.expires_after;
}

}  // namespace hourwheel
