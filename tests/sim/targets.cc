#include "tests/sim/targets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tests/sim/sim_wire.h"

namespace hourwheel {

AttemptOutcome SimTargets::draw_failure() {
  AttemptOutcome outcome;
  outcome.sent = true;
  if (features_.retry_options && random_.chance(50)) return draw_refusal(std::move(outcome));
  switch (random_.below(9)) {
    case 0:
      outcome.result =
          faults_ % 2 == 0 ? AttemptResult::kSecretMissing : AttemptResult::kResolveFailed;
      outcome.sent = false;
      break;
    case 1:
      outcome.result = AttemptResult::kConnectFailed;
      outcome.sent = false;
      break;
    case 2:
      outcome.result = AttemptResult::kTimedOut;
      break;
    case 3:
      outcome.result = AttemptResult::kConnectionLost;
      break;
    case 4:
      outcome.result = AttemptResult::kBadResponse;
      break;
    case 5:
      outcome.result = AttemptResult::kResponded;
      outcome.status = 404;
      break;
    case 6:
      outcome.result = AttemptResult::kResponded;
      outcome.status = 410;
      outcome.no_retry = true;
      break;
    case 7:
      outcome.result = AttemptResult::kResponded;
      outcome.status = 503;
      outcome.retry_after = seconds(static_cast<int64_t>(random_.below(100)));
      break;
    default:
      outcome.result = AttemptResult::kResponded;
      outcome.status = 500;
      break;
  }
  return outcome;
}

// A response that says more than a status.
AttemptOutcome SimTargets::draw_refusal(AttemptOutcome outcome) {
  constexpr std::array<uint16_t, 8> kStatuses = {300, 302, 304, 403, 404, 408, 429, 503};
  outcome.result = AttemptResult::kResponded;
  outcome.status = kStatuses[random_.below(kStatuses.size())];
  if (random_.chance(50)) {
    outcome.retry_after = milliseconds(static_cast<int64_t>(random_.below(100'000)));
  }
  outcome.no_retry = random_.chance(10);
  return outcome;
}

bool SimTargets::hangs(const std::string& url) const {
  for (uint32_t i = 0; i < features_.hung_targets; ++i) {
    if (url.starts_with(sim_target_url(3 + i))) return true;
  }
  return false;
}

// What is asked for is there, also for who will ask for it only when the response has come; of one
// who asks already it may be missing.
void SimTargets::draw_body(const TaskSpec& spec, AttemptOutcome& outcome) {
  if (outcome.result != AttemptResult::kResponded) return;
  const bool lacks = !healed_ && !spec.target.success_body.empty() && random_.chance(30);
  if (lacks) ++faults_;
  outcome.body = lacks ? "not yet" : "it is " + std::string(kSimSuccessBody);
}

// Instead of a good answer: it reports later, if somebody does so for it (Clients).
void SimTargets::draw_deferral(const TaskSpec& spec, AttemptOutcome& outcome) {
  const bool good = outcome.result == AttemptResult::kResponded && outcome.status == 200;
  if (!spec.target.completion || !good || healed_ || !random_.chance(60)) return;
  outcome.deferred = true;
  outcome.status = 202;
  outcome.body = kSimSuccessBody;
}

AttemptOutcome SimTargets::draw(const AttemptStart& attempt) {
  AttemptOutcome outcome;
  const bool bad = !healed_ && random_.chance(features_.bad_target_percent);
  if (!healed_ && features_.hung_targets > 0 && hangs(attempt.spec.target.url)) {
    ++faults_;
    outcome.result = AttemptResult::kTimedOut;
    outcome.sent = true;
  } else if (bad) {
    ++faults_;
    outcome = draw_failure();
  } else {
    outcome.result = AttemptResult::kResponded;
    outcome.sent = true;
    outcome.status = 200;
  }
  if (outcome.result == AttemptResult::kResponded) outcome.kept_fields = "Server: sim\n";
  draw_body(attempt.spec, outcome);
  draw_deferral(attempt.spec, outcome);
  auto mean = static_cast<uint64_t>(features_.target_latency.ms);
  Duration takes{static_cast<int64_t>(random_.below(2 * mean + 1))};
  if (healed_) takes = milliseconds(1);
  if (outcome.result == AttemptResult::kTimedOut) takes = attempt.spec.target.timeout;
  outcome.started = attempt.now;
  outcome.ended = attempt.now + takes;
  outcome.wire = sim_wire(attempt.run, attempt.attempt);
  return outcome;
}

void SimTargets::start(const AttemptStart& attempt) {
  trace_.note("attempt %u of %llu-%lld%s version %llu", attempt.attempt,
              static_cast<unsigned long long>(attempt.run.generation.value),
              static_cast<long long>(attempt.run.instant_or_nonce),
              attempt.possible_duplicate ? " flagged" : "",
              static_cast<unsigned long long>(attempt.task_version.value));
  if (watcher_ != nullptr) watcher_->attempt_starts(attempt);
  deliveries_.started(attempt);
  breakers_.started(attempt);
  AttemptOutcome outcome = draw(attempt);
  Instant end = outcome.ended;
  in_flight_.try_emplace({end, ++count_}, InFlight{attempt.token, attempt.run, std::move(outcome)});
}

// Its end may be under way already; else the connection is closed, which takes a moment.
void SimTargets::cancel(AttemptToken attempt) {
  auto named = [&attempt](const auto& entry) {
    const AttemptToken& token = entry.second.token;
    return token.slot == attempt.slot && token.generation == attempt.generation;
  };
  auto place = std::find_if(in_flight_.begin(), in_flight_.end(), named);
  if (place == in_flight_.end()) return;
  trace_.note("attempt of %lld is cut off",
              static_cast<long long>(place->second.run.instant_or_nonce));
  auto entry = in_flight_.extract(place);
  entry.mapped().cut = true;
  if (random_.chance(80)) {
    AttemptOutcome& outcome = entry.mapped().outcome;
    outcome.result = AttemptResult::kStopped;
    outcome.status = 0;
    outcome.no_retry = outcome.deferred = false;
    outcome.retry_after.reset();
    // Before everything else that ends, however the clock is stepped.
    entry.key() = {Instant{}, ++count_};
  }
  in_flight_.insert(std::move(entry));
}

AttemptEnded SimTargets::finish(InFlight over, Instant now) {
  over.outcome.ended = now;
  const auto how = over.cut ? Deliveries::End::kCut : Deliveries::End::kOnItsOwn;
  deliveries_.ended(over.run, over.outcome, how);
  breakers_.ended(over.token, over.outcome);
  return {over.token, std::move(over.outcome)};
}

AttemptEnded SimTargets::end(Instant now) {
  return finish(std::move(in_flight_.extract(in_flight_.begin()).mapped()), now);
}

AttemptEnded SimTargets::cut_off(Instant now) {
  InFlight over = std::move(in_flight_.extract(in_flight_.begin()).mapped());
  over.outcome.result = AttemptResult::kStopped;
  over.outcome.status = 0;
  over.outcome.deferred = false;
  return finish(std::move(over), now);
}

void SimTargets::clock_stepped(Duration step) {
  std::map<std::pair<Instant, uint64_t>, InFlight> moved;
  for (auto& [when, flight] : in_flight_) {
    moved.emplace(std::pair(when.first + step, when.second), std::move(flight));
  }
  in_flight_ = std::move(moved);
}

std::optional<Instant> SimTargets::next() const {
  if (in_flight_.empty()) return std::nullopt;
  return in_flight_.begin()->first.first;
}

}  // namespace hourwheel
