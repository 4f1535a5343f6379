#include "tests/sim/deliveries.h"

#include <algorithm>

namespace hourwheel {
namespace {

long long instant(const RunKey& run) {
  return static_cast<long long>(run.instant_or_nonce);
}

}  // namespace

bool Deliveries::must_flag(const RunKey& run, const std::vector<Send>& earlier) const {
  return std::any_of(earlier.begin(), earlier.end(), [&](const Send& send) {
    if (send.life == life_ && send.over) return send.unanswered;
    if (!ledger_.has_attempt(run, send.attempt, send.started)) return true;
    return send.unanswered;
  });
}

void Deliveries::check_earlier(const AttemptStart& attempt, const std::vector<Send>& earlier) {
  const RunKey& run = attempt.run;
  const bool doubt = must_flag(run, earlier);
  if (doubt && !attempt.possible_duplicate) {
    trace_.fail("C-7 run %lld may have been sent before, but attempt %u is not flagged",
                instant(run), attempt.attempt);
  }
  if (!doubt && !unclean_ && attempt.possible_duplicate) {
    trace_.fail("C-8 run %lld is flagged without a fault", instant(run));
  }
  if (earlier.empty()) return;
  const Send& last = earlier.back();
  if (last.life == life_) {
    if (!last.over) trace_.fail("C-12 run %lld is sent twice at once", instant(run));
    if (last.succeeded) trace_.fail("C-8 run %lld is sent again after success", instant(run));
    if (attempt.attempt != last.attempt + 1) {
      trace_.fail("C-8 run %lld: attempt %u follows %u", instant(run), attempt.attempt,
                  last.attempt);
    }
    return;
  }
  ++repeats_;
  if (attempt.attempt <= last.attempt && ledger_.has_attempt(run, last.attempt, last.started)) {
    trace_.fail("C-8 run %lld: attempt %u was recorded, yet is made again", instant(run),
                attempt.attempt);
  }
}

void Deliveries::started(const AttemptStart& attempt) {
  ++sends_count_;
  const RunKey& run = attempt.run;
  if (attempt.due > attempt.now && attempt.attempt == 1) {
    trace_.fail("S3 run %lld starts before it is due", instant(run));
  }
  if (run.trigger == Trigger::kSchedule && attempt.due.ms != run.instant_or_nonce) {
    trace_.fail("C-7 run %lld says it was due at %lld", instant(run),
                static_cast<long long>(attempt.due.ms));
  }
  if (ledger_.ended(run)) trace_.fail("S2 run %lld has ended and is sent", instant(run));
  const Ledger::Task* task = ledger_.live(attempt.task);
  if (task == nullptr) return trace_.fail("S7 a run of a task that is not stored is sent");
  if (task->state.version != attempt.task_version) {
    trace_.fail("C-10 run %lld is sent with version %llu, stored is %llu", instant(run),
                static_cast<unsigned long long>(attempt.task_version.value),
                static_cast<unsigned long long>(task->state.version.value));
  }
  if (++in_flight_[task->number] > 1) {
    trace_.fail("C-12 two attempts of one task at once");
  }
  std::vector<Send>& sends = sends_[run];
  check_earlier(attempt, sends);
  sends.push_back({life_, attempt.attempt, task->number, attempt.now});
}

void Deliveries::ended(const RunKey& run, const AttemptOutcome& outcome) {
  Send& send = sends_[run].back();
  if (--in_flight_[send.task] == 0) in_flight_.erase(send.task);
  send.over = outcome.result != AttemptResult::kStopped;
  if (!send.over) unclean_ = true;
  send.unanswered = outcome.sent && outcome.result != AttemptResult::kResponded;
  send.succeeded = outcome.result == AttemptResult::kResponded && outcome.status / 100 == 2;
}

void Deliveries::stopped(Stop how) {
  in_flight_.clear();
  ++life_;
  if (how == Stop::kCrash) unclean_ = true;
}

}  // namespace hourwheel
