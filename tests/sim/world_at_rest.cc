// The liveness phase of a world: faults end, and everything must converge.
#include <algorithm>
#include <utility>

#include "tests/sim/world.h"

namespace hourwheel {
namespace {

constexpr size_t kMaxStepsAtRest = 2'000'000;

// Another run of the task is left to its target, and this one waits for it (O1, O2): for long after
// the clock was set back, because what is not in memory then stays at the instant once computed.
bool waits_for_a_report(const TaskState& state, const OpenRun& run, Instant now) {
  const bool shares_the_lane = is_exclusive(state.overlap) || of_schedule(run) ||
                               (run.key.trigger == Trigger::kBackfill && run.redrive_count == 0);
  return state.overlap != Overlap::kAllow && shares_the_lane &&
         std::any_of(state.open.begin(), state.open.end(), [now](const OpenRun& other) {
           return other.is_with_target() && other.next_attempt > now;
         });
}

}  // namespace

// How long what is due may take when nobody else is due all the time.
Duration World::patience() const {
  return features_.has_little_memory() ? minutes(2) : seconds(5);
}

// BR1: how long a target that is well again may be left alone. What was in flight when faults ended
// may open its breaker once more, for as long as it asked for.
Duration World::patience_with_breakers() const {
  if (features_.breaker_failures == 0) return {};
  return kAttemptTimeout + std::max(kBreakerLongestPause, kBreakerLongestAsked);
}

// Entries in lines of tasks that are gone, which leave when their turn comes: each was a request's
// doing, one of which may name some tasks.
size_t World::gone_in_line() const {
  return features_.breaker_failures == 0 ? 0 : size_t{8} * features_.commands;
}

// With more due all the time than little memory holds, each waits for its turn: what is in memory
// stays there until time has come to the horizon.
Duration World::patience_in_a_crowd(const Node& node) const {
  if (!features_.has_little_memory()) return patience();
  const MemoryLimits& limits = features_.memory;
  const size_t turns = node.ledger.tasks().size() / (limits.tasks - 3 * limits.scan_page) + 1;
  return patience() + kHorizonNear + kHorizonStep * static_cast<int64_t>(turns);
}

// A task of which something came due a while ago and has not ended; null: there is none.
const Ledger::Task* World::unsettled(Crowd crowd) const {
  for (const auto& node : nodes_) {
    const Instant before =
        now_ - (crowd == Crowd::kIsDue ? patience_in_a_crowd(*node) : patience());
    for (const auto& [number, task] : node->ledger.tasks()) {
      if (!task.has_state) continue;
      if (!task.has_spec) return &task;  // a deleted task's runs must end
      const TaskState& state = task.state;
      // Whatever holds its starts back (CO4).
      for (const OpenRun& run : state.open) {
        if ((run.awaited || run.report) && run.next_attempt <= before) return &task;
      }
      if (pauses_.may_hold(task.spec.labels, now_)) continue;
      if (state.pause) {
        if (state.pause->until && *state.pause->until <= before) return &task;
        continue;
      }
      const Oracle& oracle = task.reigns.back().oracle;
      // What has come due may be open in memory only, and wait for its jitter; what is owed waits
      // for what is open.
      const bool owes_all = task.spec.misfire.policy == MisfirePolicy::kFireAll;
      // So does what finds a run open that is not due any more, because the clock was set back, or
      // one of the schedule that waits for a retry.
      const bool replaces = state.overlap == Overlap::kCancelRunning;
      const bool blocked =
          std::any_of(state.open.begin(), state.open.end(), [&](const OpenRun& run) {
            return run.due > now_ || (of_schedule(run) && run.next_attempt > now_ && !replaces) ||
                   (run.is_with_target() && run.next_attempt > now_);
          });
      const bool full = state.open.size() + 1 >= kMaxOpenRuns;  // perhaps one in memory only
      const bool waits = state.overlap == Overlap::kAllow
                             ? full && blocked
                             : blocked || (owes_all && oracle.holds_back(state.generation, now_));
      if (!waits && state.next_due && oracle.fire_at(state.generation, *state.next_due) <= before) {
        return &task;
      }
      const bool is_free =
          !waits && state.open.empty() && (!state.next_due || *state.next_due > now_);
      const bool may_open = is_free || state.overlap == Overlap::kAllow;
      if (!state.catch_up.empty() && may_open && state.catch_up_after <= before &&
          state.catch_up.front().next <= before) {
        return &task;
      }
      if (state.backfill && may_open && state.backfill->opens_at <= before &&
          state.backfill->next <= before) {
        return &task;
      }
      for (const OpenRun& run : state.open) {
        const bool behind =
            blocked && state.overlap != Overlap::kAllow && of_schedule(run) && run.attempts == 0;
        if (!behind && !waits_for_a_report(state, run, now_) && run.next_attempt <= before) {
          return &task;
        }
      }
    }
  }
  return nullptr;
}

bool World::run_until_settled() {
  Instant until = now_ + minutes(10);
  for (const auto& node : nodes_) until = std::max(until, now_ + patience_in_a_crowd(*node));
  until = until + patience_with_breakers();
  for (size_t steps = 0; !trace_.failed(); ++steps) {
    // Asking is dear; a thousand steps are not.
    if (steps % 64 == 0 && settled()) return true;
    if (now_ > until || steps > kMaxStepsAtRest) return false;
    if (!step()) pass_time();
  }
  return true;
}

void World::liveness() {
  trace_.note("faults end");
  faults_on_ = false;
  clients_on_ = false;
  moments_.reset();
  make_room();
  for (auto& node : nodes_) {
    node->disk->heal();
    if (node->disk->died()) crash_wanted_ = true;
  }
  if (crash_wanted_ || random_.chance(50)) crash();
  for (auto& node : nodes_) heal(*node);
  pauses_.end_all();
  tell_pauses();
  audit();
  pass(seconds(10));
  // Callbacks may be made faster than little memory lets them through.
  if (features_.has_little_memory() && features_.callbacks) pause_recurring();
  if (!run_until_settled()) {
    const Ledger::Task* task = unsettled(Crowd::kIsDue);
    if (task == nullptr) return trace_.fail("%zu requests get no answer", clients_.unanswered());
    auto ms = [](std::optional<Instant> t) { return static_cast<long long>(t ? t->ms : -1); };
    const TaskState& state = task->state;
    const OpenRun* run = state.open.empty() ? nullptr : &state.open.front();
    trace_.fail(
        "C-4 what is due does not end: task %llu, next due %lld, %zu open (first: due %lld, "
        "next %lld%s)%s%s",
        static_cast<unsigned long long>(task->number.value), ms(state.next_due), state.open.size(),
        run != nullptr ? ms(run->due) : -1, run != nullptr ? ms(run->next_attempt) : -1,
        run != nullptr && run->in_flight ? ", in flight" : "", state.pause ? ", paused" : "",
        state.deleted ? ", deleted" : "");
  }
  if (trace_.failed()) return;
  audit();
  if (features_.near_horizon) crowd_the_horizon();
  if (!rest()) return;
  if (!trace_.failed()) check_rest();
  if (!trace_.failed()) drain_and_restart();
}

// Tasks due just beyond the horizon, created one a millisecond while it moves over them: some are
// applied before and durable after. No crash will read again what was overlooked.
void World::crowd_the_horizon() {
  const int64_t step_ms = kHorizonStep.ms;
  clients_on_ = true;  // pass_time() stops at client_due_
  for (int round = 0; round < 4 && !trace_.failed(); ++round) {
    const Instant horizon{((now_ + kHorizonAhead).ms / step_ms + 1) * step_ms};
    client_due_ = horizon - kHorizonAhead - milliseconds(4);
    while (now_ < client_due_ && !trace_.failed()) {
      if (!step()) pass_time();
    }
    client_due_ = now_ + hours(1);
    for (int created = 0; created < 10 && !trace_.failed(); ++created) {
      std::vector<Clients::Request> requests;
      requests.push_back(clients_.create_once(now_, horizon + seconds(created)));
      send(std::move(requests));
      while (step()) {
      }
      now_ = now_ + milliseconds(1);
      trace_.at(now_);
    }
  }
  clients_on_ = false;
}

std::vector<TaskKey> World::recurring(Which which) const {
  std::vector<TaskKey> found;
  for (const auto& node : nodes_) {
    for (const auto& [number, task] : node->ledger.tasks()) {
      if (!task.has_spec || task.spec.type != TaskType::kRecurring) continue;
      const bool paused = task.state.pause && !task.state.pause->until;
      if (which == Which::kAll || !paused) found.push_back(task.key);
    }
  }
  return found;
}

void World::pass(Duration time) {
  const Instant until = now_ + time;
  while (now_ < until && !trace_.failed()) {
    if (!step()) pass_time();
  }
}

// With little memory some of the pauses are refused, and asked again.
void World::pause_recurring() {
  for (auto running = recurring(Which::kAll); !running.empty() && !trace_.failed();
       running = recurring(Which::kRunning)) {
    send(clients_.rest(running, now_));
    pass(seconds(10));
  }
}

// Recurring tasks are paused; what is left comes due within the time the horizon runs ahead, and
// beyond, and must end too.
bool World::rest() {
  pause_recurring();
  pass(kHorizonAhead + minutes(4));
  const Ledger::Task* task = unsettled(Crowd::kIsPaused);
  if (task != nullptr) {
    trace_.fail("C-4 task %llu never fires", static_cast<unsigned long long>(task->number.value));
  }
  return !trace_.failed();
}

void World::check_rest() {
  if (clients_.unanswered() > 0) {
    trace_.fail("a request is not answered at rest");
  }
  quota_check_.at_rest(*quotas_);
  for (const auto& node : nodes_) {
    if (node->targets->in_flight() > 0) trace_.fail("an attempt is in flight at rest");
    node->callbacks.at_rest();
    for (const RunKey& run : clients_.done(node->index)) {
      if (!node->ledger.succeeded(run)) {
        trace_.fail("CO1 run %lld was reported as done and did not end so",
                    static_cast<long long>(run.instant_or_nonce));
      }
    }
    if (node->shard->metrics().runs_waiting.value() != 0) {
      trace_.fail("A2 somebody still stands in line at rest");
    }
  }
}

}  // namespace hourwheel
