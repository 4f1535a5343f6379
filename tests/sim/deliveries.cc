#include "tests/sim/deliveries.h"

#include <algorithm>

namespace hourwheel {
namespace {

constexpr Duration kSlewed = milliseconds(60);  // 500 ppm of two minutes

long long instant(const RunKey& run) {
  return static_cast<long long>(run.instant_or_nonce);
}

}  // namespace

bool Deliveries::must_flag(const RunKey& run, const std::vector<Send>& earlier) const {
  return std::any_of(earlier.begin(), earlier.end(), [&](const Send& send) {
    if (send.at_most_once) return false;  // one that may have arrived is never followed by another
    if (send.reports > 0) return false;
    if (send.life == life_ && send.over) return send.unanswered;
    if (!ledger_.has_attempt(run, send.attempt, send.started)) return true;
    return send.unanswered;
  });
}

// C-6 as the disk sees it.
void Deliveries::check_claim(const AttemptStart& attempt, const Ledger::Task& task) {
  const auto& open = task.state.open;
  const bool claimed = std::any_of(open.begin(), open.end(), [&attempt](const OpenRun& run) {
    return run.key == attempt.run && run.claimed && run.in_flight &&
           run.attempts == attempt.attempt;
  });
  if (!claimed) {
    trace_.fail("C-6 run %lld is sent before its claim is durable", instant(attempt.run));
  }
  if (attempt.possible_duplicate) {
    trace_.fail("C-6 run %lld may be a duplicate, yet is sent", instant(attempt.run));
  }
}

bool Deliveries::any_reported(const std::vector<Send>& sends) {
  return std::any_of(sends.begin(), sends.end(), [](const Send& send) { return send.reports > 0; });
}

void Deliveries::check_not_left(const AttemptStart& attempt, const Ledger::Task& task,
                                const std::vector<Send>& earlier) {
  for (const OpenRun& run : task.state.open) {
    if (run.key != attempt.run || !run.awaited || any_reported(earlier)) continue;
    if (attempt.now < run.next_attempt) {
      trace_.fail("CO1 run %lld is sent while its target is waited for until %lld",
                  instant(attempt.run), static_cast<long long>(run.next_attempt.ms));
    }
  }
}

// What holds for all runs but redriven ones.
void Deliveries::check_not_over(const AttemptStart& attempt, const std::vector<Send>& earlier) {
  const RunKey& run = attempt.run;
  for (const Send& send : earlier) {
    if (send.at_most_once && send.may_have_arrived) {
      trace_.fail("C-6 run %lld is sent again", instant(run));
    }
  }
  if (earlier.empty()) return;
  const Send& last = earlier.back();
  const bool here = last.life == life_;
  const bool known = here || ledger_.has_attempt(run, last.attempt, last.started);
  // CO3: whatever the response asks for, a report is what the attempt came to.
  if (known && last.reports == 0 && attempt.now < last.next_not_before) {
    trace_.fail("C-13 run %lld: attempt %u starts at %lld, not before %lld was asked for",
                instant(run), attempt.attempt, static_cast<long long>(attempt.now.ms),
                static_cast<long long>(last.next_not_before.ms));
  }
  // A clock that is slewed goes at another pace than the time that a target is given.
  const bool left = last.left_until > Instant{} && last.reports == 0;
  if (known && left && attempt.now < last.left_until - kSlewed) {
    trace_.fail("CO4 run %lld: attempt %u starts at %lld, its target had until %lld", instant(run),
                attempt.attempt, static_cast<long long>(attempt.now.ms),
                static_cast<long long>(last.left_until.ms));
  }
  if (here && last.cut) {
    trace_.fail("C-12 run %lld is sent again after it was cut off", instant(run));
  }
  if (here && last.succeeded && last.reports == 0) {
    trace_.fail("C-8 run %lld is sent again after success", instant(run));
  }
}

void Deliveries::check_earlier(const AttemptStart& attempt, const std::vector<Send>& earlier) {
  const RunKey& run = attempt.run;
  // A redrive is asked for by somebody who knows how the run had ended.
  if (!ledger_.is_redriven(attempt.task, run)) check_not_over(attempt, earlier);
  const bool doubt = must_flag(run, earlier);
  if (doubt && !attempt.possible_duplicate) {
    trace_.fail("C-7 run %lld may have been sent before, but attempt %u is not flagged",
                instant(run), attempt.attempt);
  }
  if (!doubt && !unclean_ && attempt.possible_duplicate && !any_reported(earlier)) {
    trace_.fail("C-8 run %lld is flagged without a fault", instant(run));
  }
  if (earlier.empty()) return;
  const Send& last = earlier.back();
  if (last.life == life_) {
    if (!last.over) trace_.fail("C-12 run %lld is sent twice at once", instant(run));
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

void Deliveries::check_due(const Ledger::Task& task, const AttemptStart& attempt) {
  const RunKey& run = attempt.run;
  const Ledger::Reign* reign = Ledger::reign(task, run.generation);
  if (reign == nullptr) return trace_.fail("C-7 run %lld is of no schedule", instant(run));
  if (attempt.due.ms != run.instant_or_nonce) {
    trace_.fail("C-7 run %lld says it was due at %lld", instant(run),
                static_cast<long long>(attempt.due.ms));
  }
  const Instant fire_at = reign->oracle.fire_at(run.generation, attempt.due);
  if (fire_at > attempt.now && attempt.attempt == 1) {
    trace_.fail("S3 run %lld starts before its jitter is over", instant(run));
  }
  if (reign->oracle.is_excluded(attempt.due)) {
    trace_.fail("C-16 run %lld is excluded and is sent", instant(run));
  }
  // Missed while the server was down, and no run before that.
  const bool missed = task.spec.type == TaskType::kRecurring && attempt.attempt == 1 &&
                      fire_at + task.spec.misfire_after < up_since_ && !ledger_.was_open(run);
  if (missed) check_made_up(task, attempt);
}

void Deliveries::check_made_up(const Ledger::Task& task, const AttemptStart& attempt) {
  const RunKey& run = attempt.run;
  if (task.spec.misfire.policy == MisfirePolicy::kSkip && task.reigns.size() == 1 &&
      task.state.version.value == task.state.generation.value) {
    trace_.fail("C-11 run %lld was missed and is sent", instant(run));
  }
  if (task.spec.misfire.policy != MisfirePolicy::kFireAll) return;
  MadeUp& made_up = made_up_[task.number];
  if (made_up.count > 0 && attempt.due < made_up.last) {
    trace_.fail("C-11 run %lld is made up for after a later one", instant(run));
  }
  made_up.last = attempt.due;
  const Duration step = milliseconds(1'000 / task.top_rate);
  if (attempt.now - up_since_ < step * static_cast<int64_t>(made_up.count)) {
    trace_.fail("C-11 run %lld is made up for too soon, as the %lluth", instant(run),
                static_cast<unsigned long long>(made_up.count + 1));
  }
  ++made_up.count;
}

Deliveries::Kind Deliveries::kind_of(const AttemptStart& attempt) const {
  const Trigger trigger = attempt.run.trigger;
  if (trigger == Trigger::kManual || ledger_.is_redriven(attempt.task, attempt.run)) {
    return Kind::kOther;
  }
  return trigger == Trigger::kSchedule ? Kind::kScheduled : Kind::kBackfilled;
}

void Deliveries::check_overlap(const Ledger::Task& task, const AttemptStart& attempt) {
  const Kind kind = kind_of(attempt);
  InFlight& in_flight = in_flight_[task.number];
  ++in_flight.of(kind);
  const uint32_t in_lane = in_flight.scheduled + in_flight.backfilled;
  const bool beside = in_lane + in_flight.others > 1;
  bool right = true;
  switch (task.spec.overlap) {
    case Overlap::kBufferOne:
    case Overlap::kSkip:
      right = !beside;
      break;
    case Overlap::kBufferAll:
    case Overlap::kCancelRunning:
      right = in_lane <= 1 || kind == Kind::kOther;
      break;
    case Overlap::kAllow:
      right = in_flight.scheduled <= kMaxOpenRuns;
      break;
  }
  if (!right) {
    trace_.fail("C-12 %u scheduled, %u backfilled and %u other attempts of task %llu at once",
                in_flight.scheduled, in_flight.backfilled, in_flight.others,
                static_cast<unsigned long long>(task.number.value));
  }
}

void Deliveries::started(const AttemptStart& attempt) {
  ++sends_count_;
  const RunKey& run = attempt.run;
  if (attempt.due > attempt.now && attempt.attempt == 1) {
    trace_.fail("S3 run %lld starts before it is due", instant(run));
  }
  if (run.trigger == Trigger::kBackfill && !ledger_.is_open(attempt.task, run)) {
    trace_.fail("BF3 run %lld of a backfill is sent before it is durable", instant(run));
  }
  if (ledger_.ended(run)) trace_.fail("S2 run %lld has ended and is sent", instant(run));
  const Ledger::Task* task = ledger_.live(attempt.task);
  if (task == nullptr) return trace_.fail("S7 a run of a task that is not stored is sent");
  if (task->state.version != attempt.task_version) {
    trace_.fail("C-10 run %lld is sent with version %llu, stored is %llu", instant(run),
                static_cast<unsigned long long>(attempt.task_version.value),
                static_cast<unsigned long long>(task->state.version.value));
  }
  if (run.trigger == Trigger::kSchedule) check_due(*task, attempt);
  check_overlap(*task, attempt);
  const TaskSpec& spec = attempt.spec;
  const bool at_most_once = spec.delivery == Delivery::kAtMostOnce;
  if (at_most_once) check_claim(attempt, *task);
  // Of a redriven or backfilled run it counts from then on.
  const bool begun_anew =
      run.trigger == Trigger::kBackfill || ledger_.is_redriven(attempt.task, run);
  if (spec.type == TaskType::kOneTime && spec.expires_after && !begun_anew &&
      attempt.now > attempt.due + *spec.expires_after) {
    trace_.fail("C-11 run %lld has expired and is sent", instant(run));
  }
  const auto& pause = task->state.pause;
  if (pause && !pause->until) {
    trace_.fail("S7 run %lld is sent while its task is paused", instant(run));
  }
  std::vector<Send>& sends = sends_[run];
  check_not_left(attempt, *task, sends);
  check_earlier(attempt, sends);
  Send& send = sends.emplace_back();
  send.life = life_;
  send.attempt = attempt.attempt;
  send.task = task->number;
  send.kind = kind_of(attempt);
  send.started = send.timed_from = attempt.now;
  send.at_most_once = at_most_once;
  send.success_body = attempt.spec.target.success_body;
  send.completion = attempt.spec.target.completion;
}

void Deliveries::ended(const RunKey& run, const AttemptOutcome& outcome, End how) {
  Send& send = sends_[run].back();
  InFlight& in_flight = in_flight_[send.task];
  --in_flight.of(send.kind);
  if (in_flight.scheduled + in_flight.backfilled + in_flight.others == 0) {
    in_flight_.erase(send.task);
  }
  send.cut = how == End::kCut;
  send.over = outcome.result != AttemptResult::kStopped || send.cut;
  if (!send.over) unclean_ = true;
  send.unanswered = outcome.sent && outcome.result != AttemptResult::kResponded;
  send.may_have_arrived = outcome.sent;
  send.next_not_before = outcome.ended;
  if (outcome.retry_after && (outcome.status == 429 || outcome.status == 503)) {
    send.next_not_before = outcome.ended + *outcome.retry_after;
  }
  send.succeeded = outcome.result == AttemptResult::kResponded && outcome.status / 100 == 2 &&
                   outcome.body.find(send.success_body) != std::string::npos;
  if (outcome.deferred) left_to_target(send, outcome);
}

void Deliveries::left_to_target(Send& send, const AttemptOutcome& outcome) {
  send.succeeded = false;
  send.unanswered = true;
  if (!send.completion) return;
  send.left_until = send.timed_from + send.completion->timeout;
  if (send.completion->heartbeat > Duration{}) {
    send.left_until = std::min(send.left_until, outcome.ended + send.completion->heartbeat);
  }
}

void Deliveries::count_report(const RunKey& run, uint32_t attempt, int by) {
  auto sends = sends_.find(run);
  if (sends == sends_.end()) return;
  for (Send& send : sends->second) {
    if (send.attempt == attempt) send.reports += by;
  }
}

void Deliveries::clock_stepped(Duration step) {
  if (step > Duration{}) return;
  up_since_ = up_since_ + step;
  for (auto& [run, sends] : sends_) {
    if (sends.empty()) continue;
    Send& last = sends.back();
    for (Instant* at : {&last.next_not_before, &last.timed_from, &last.left_until})
      *at = *at + step;
  }
}

void Deliveries::stopped(Stop how) {
  in_flight_.clear();
  made_up_.clear();
  ++life_;
  if (how == Stop::kCrash) unclean_ = true;
}

}  // namespace hourwheel
