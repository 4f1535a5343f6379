#include "tests/sim/breaker_check.h"

#include <algorithm>
#include <utility>

namespace hourwheel {

// Of what SimTargets draws.
BreakerCheck::News BreakerCheck::news_of(const AttemptOutcome& outcome) {
  const AttemptResult result = outcome.result;
  if (result == AttemptResult::kStopped || result == AttemptResult::kSecretMissing) {
    return News::kNone;
  }
  const uint16_t status = outcome.status;
  const bool refused = status == 429 || status == 502 || status == 503 || status == 504;
  const bool answered =
      result == AttemptResult::kResponded ? !refused : result == AttemptResult::kBadResponse;
  return answered ? News::kGood : News::kBad;
}

void BreakerCheck::turn_begins(Monotonic now) {
  now_ = now;
  for (const Ended& end : std::exchange(unheard_, {})) hear(end);
}

void BreakerCheck::shut(Target& target, Duration asked) {
  const int64_t doubled = int64_t{1} << std::min(target.pauses, 10U);
  const Duration pause = std::min(kBreakerFirstPause * doubled, kBreakerLongestPause);
  target.until = now_ + std::max(pause, asked);
  target.shut = true;
  target.ramps = false;
  target.bad_in_row = target.in_flight_since = 0;
  ++target.pauses;
  trace_.note("a breaker is open until %lld", static_cast<long long>(target.until.ms));
}

void BreakerCheck::open_again(Target& target) {
  if (target.shut) {
    target.shut = false;
    target.ramps = true;
    target.good_since = 0;
  }
  target.bad_in_row = 0;
  if (!target.ramps || ++target.good_since + 1 < kBreakerRampEnd) return;
  target.ramps = false;
  target.pauses = 0;
}

void BreakerCheck::hear(const Ended& end) {
  Target& target = targets_[end.flight.url];
  if (target.shut && now_ < target.until) {
    if (end.news == News::kBad) target.until = std::max(target.until, now_ + end.asked);
    return;
  }
  const bool old = end.flight.started < target.until;
  if (!old && target.in_flight_since > 0) --target.in_flight_since;
  if (end.news == News::kGood) open_again(target);
  if (end.news != News::kBad || old) return;
  if (target.shut || ++target.bad_in_row == features_.breaker_failures) shut(target, end.asked);
}

void BreakerCheck::started(const AttemptStart& attempt) {
  if (!watches()) return;
  const TaskSpec& spec = attempt.spec;
  const std::string url = spec.target.url.substr(0, spec.target.url.find('/', 8));
  in_flight_[{attempt.token.slot, attempt.token.generation}] = {url, now_};
  Target& target = targets_[url];
  const auto run = static_cast<long long>(attempt.run.instant_or_nonce);
  const bool claimed = spec.delivery == Delivery::kAtMostOnce;
  if (target.shut && now_ < target.until && !claimed) {
    trace_.fail("A4 run %lld starts at %lld, the breaker of its target is open until %lld", run,
                static_cast<long long>(now_.ms), static_cast<long long>(target.until.ms));
  }
  ++target.in_flight_since;
  if (!counts_probes()) return;
  if (target.shut && target.in_flight_since > 1) {
    trace_.fail("BR2 run %lld starts while a probe is under way", run);
  }
  if (target.ramps && target.in_flight_since > target.good_since + 1) {
    trace_.fail("BR3 run %lld is the %uth in flight, after %u answers", run, target.in_flight_since,
                target.good_since);
  }
}

void BreakerCheck::ended(AttemptToken attempt, const AttemptOutcome& outcome) {
  auto flight = in_flight_.extract({attempt.slot, attempt.generation});
  if (flight.empty()) return;
  const Duration asked = std::min(outcome.retry_after.value_or(Duration{}), kBreakerLongestAsked);
  unheard_.push_back({std::move(flight.mapped()), news_of(outcome), asked});
}

}  // namespace hourwheel
