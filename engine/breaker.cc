#include "engine/breaker.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {

Sign sign_of(const AttemptOutcome& outcome) {
  switch (outcome.result) {
    case AttemptResult::kResponded:
      return outcome.status == 429 || (outcome.status >= 502 && outcome.status <= 504)
                 ? Sign::kFailed
                 : Sign::kAnswered;
    case AttemptResult::kBodyMismatch:
    case AttemptResult::kBadResponse:
      return Sign::kAnswered;
    case AttemptResult::kResolveFailed:
    case AttemptResult::kConnectFailed:
    case AttemptResult::kConnectTimedOut:
    case AttemptResult::kTimedOut:
    case AttemptResult::kConnectionLost:
    case AttemptResult::kTlsFailed:
    case AttemptResult::kTlsTimedOut:
      return Sign::kFailed;
    case AttemptResult::kNone:
    case AttemptResult::kRecorded:
    case AttemptResult::kAddressDenied:
    case AttemptResult::kStopped:
    case AttemptResult::kSecretMissing:
    case AttemptResult::kSecretRefused:
    case AttemptResult::kSecretUnusable:
    case AttemptResult::kReportedSuccess:
    case AttemptResult::kReportedFailure:
    case AttemptResult::kReportMissing:
      return Sign::kNone;
  }
  HW_CHECK(false, "every result has its case");
}

Breaker::State Breaker::state(Monotonic now) const {
  if (!tripped_) return State::kClosed;
  return now < until_ ? State::kOpen : State::kHalfOpen;
}

uint32_t Breaker::room(Monotonic now) const {
  switch (state(now)) {
    case State::kOpen:
      return 0;  // BR1
    case State::kHalfOpen:
      return probing_ ? 0 : 1;  // BR2
    case State::kClosed:
      break;
  }
  if (ramp_ == 0) return UINT32_MAX;
  return ramp_ - std::min(ramp_, since_);  // BR3
}

void Breaker::started(Monotonic now) {
  HW_CHECK(state(now) != State::kOpen, "BR1 nothing starts while it is open");
  HW_CHECK(!tripped_ || !probing_, "BR2 one probe at a time");
  probing_ = tripped_;
  ++since_;
}

void Breaker::open(std::optional<Duration> retry_after, Monotonic now) {
  pause_ = std::clamp(pause_ * 2, kBreakerFirstPause, kBreakerLongestPause);
  const Duration asked = std::min(retry_after.value_or(Duration{}), kBreakerLongestAsked);
  until_ = now + std::max(pause_, asked);
  if (!tripped_) opened_ = now;
  tripped_ = true;
  probing_ = false;
  ramp_ = 0;
  since_ = 0;
}

void Breaker::answered(Monotonic now) {
  in_row_ = 0;
  if (state(now) == State::kHalfOpen) {
    tripped_ = probing_ = false;
    ramp_ = 1;
  }
  if (ramp_ == 0 || ++ramp_ < kBreakerRampEnd) return;
  ramp_ = 0;
  pause_ = {};
}

bool Breaker::ended(const End& end, uint32_t failures, Monotonic now) {
  if (failures == 0) return false;
  if (state(now) == State::kOpen) {
    if (end.sign == Sign::kFailed && end.retry_after) {
      until_ = std::max(until_, now + std::min(*end.retry_after, kBreakerLongestAsked));
    }
    return false;
  }
  const bool old = is_old(end);
  if (!old && since_ > 0) --since_;
  switch (end.sign) {
    case Sign::kNone:
      if (!old) probing_ = false;
      return false;
    case Sign::kAnswered:
      answered(now);
      return false;
    case Sign::kFailed:
      break;
  }
  if (old) return false;  // BR4
  ++in_row_;
  if (!tripped_ && in_row_ < failures) return false;
  const bool was_closed = !tripped_;
  open(end.retry_after, now);
  return was_closed;
}

}  // namespace hourwheel
