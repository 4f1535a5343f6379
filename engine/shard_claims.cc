// The part of the shard that keeps at-most-once runs (C-6), and ends runs of which there is no
// attempt to tell.
//
// A run is claimed when its turn in the line has come: attempt counted, in flight, claimed, in the
// open batch. It holds its place among the runs in flight from then on. When that batch is durable
// it is sent; or, if meanwhile its task was deleted, paused or changed, or the run has expired, the
// claim is withdrawn and the run is as it was. A claim that the next life finds ends `unknown`.
//   L1  A claimed run is sent after its claim is durable, and at most once for each claim.
//   L2  A claim is only given up (for a retry, or withdrawn) when nothing was sent under it.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/retry.h"
#include "engine/shard.h"

namespace hourwheel {

void Shard::claim(HotTask& task, OpenRun& run, SlabHandle flight) {
  run.claimed = true;
  change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  flights_.find(flight)->claimed_by = task.dirty;
  claims_.push_back(flight);
}

// S3, of a run whose attempt is counted already. A retry may come before its run's due instant once
// more, if the clock was set back (C-20).
bool Shard::has_come(const OpenRun& run) const {
  return run.due + run.jitter <= now_.utc || run.attempts > 1;
}

// Sends what is claimed durably. A drain starts nothing new: it only gives claims back.
void Shard::send_claimed(uint32_t& budget) {
  while (budget > 0 && !claims_.empty()) {
    const SlabHandle handle = claims_.front();
    const Flight* flight = flights_.find(handle);
    HW_CHECK(flight != nullptr, "L1 a claim waits for its batch as a flight");
    if (flight->claimed_by > commit_.durable()) return;
    claims_.pop_front();
    --budget;
    HotTask& task = *tasks_.find(flight->task);
    OpenRun* run = task.state.find_open(flight->run);
    const bool as_claimed = task.exists && !task.state.pause && task.armed &&
                            pause_of(task) == nullptr && task.held <= commit_.durable() &&
                            task.state.version == flight->version;
    const bool goes = as_claimed && !draining_ && run != nullptr && has_come(*run) &&
                      !run->is_given_up() && !is_expired(task.armed->spec, *run, now_.utc);
    if (goes) {
      send(task, *run, handle);
    } else {
      land(handle, {});
      if (run != nullptr) withdraw(task, *run);
      settle(task);
    }
  }
}

// L2: nothing was sent under the claim.
void Shard::withdraw(HotTask& task, OpenRun& run) {
  HW_CHECK(run.claimed && run.in_flight && run.attempts > 0, "L2 only a claim is withdrawn");
  run.claimed = run.in_flight = false;
  if (--run.attempts == run.attempts_before) run.first_started.reset();
  if (!task.state.deleted && !run.is_given_up()) {
    return change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  }
  end_untold(task, run, RunState::kCanceled, SkipReason::kNone);
}

// The claims of a former life: whether they were sent nobody knows, unless their targets answered.
// What follows for the schedule takes its definition, so they end when that is at hand.
void Shard::lose_claims(HotTask& task) {
  const std::vector<OpenRun> open = task.state.open;
  for (const OpenRun& run : open) {
    if (run.claimed && !run.in_flight && !run.is_with_target()) {
      end_untold(task, run, RunState::kUnknown, SkipReason::kNone);
    }
  }
}

// Ends what is due but may not start any more: a one-time run later than its task allows, and one
// that is now to be sent at most once and may have been sent before, by an earlier definition.
// True: there was such a run.
bool Shard::end_unstartable(HotTask& task) {
  const bool may_start =
      task.armed && !task.state.deleted && !task.state.pause && task.held <= commit_.durable();
  if (!may_start) return false;
  const TaskSpec& spec = task.armed->spec;
  const bool at_most_once = spec.delivery == Delivery::kAtMostOnce;
  if (!at_most_once && !spec.expires_after) return false;
  const std::vector<OpenRun> open = task.state.open;
  for (const OpenRun& run : open) {
    if (run.in_flight || run.is_with_target() || run.next_attempt > now_.utc) continue;
    if (at_most_once && run.possible_duplicate) {
      end_untold(task, run, RunState::kUnknown, SkipReason::kNone);
    } else if (is_expired(spec, run, now_.utc)) {
      end_untold(task, run, RunState::kSkipped, SkipReason::kExpired);
    }
  }
  return task.state.open.size() < open.size();
}

// Ends a run with a record that tells of no attempt's outcome, and stores that. It may be the open
// run itself that is named, which is gone before the end: hence the copy.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void Shard::end_untold(HotTask& task, OpenRun run, RunState state, SkipReason reason) {
  RunRecord record = record_of(task, run);
  record.state = state;
  record.skip_reason = reason;
  if (run.claimed) {
    record.outcome.started = run.next_attempt;
  } else {
    record.attempt = 0;
  }
  call_back(task, record);
  commit_.open().records.push_back(std::move(record));
  commit_.open().bytes += sizeof(RunRecord);
  metrics_.runs_ended(state).add();
  ++(state == RunState::kSkipped ? task.state.counts.skipped : task.state.counts.other);
  task.state.last_run = {run.key, state, run.due, now_.utc,
                         run.first_started.value_or(now_.utc) - run.due - run.jitter};
  take_out(task, run.key, state);
  const bool over = task.state.deleted && task.state.open.empty();
  change(task, over ? ChangeKind::kForget : ChangeKind::kState, nullptr, Holds::kNothing);
}

}  // namespace hourwheel
