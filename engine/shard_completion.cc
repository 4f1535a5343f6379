// The part of the shard that lets targets report on their attempts (engine/completion.h).
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/retry.h"
#include "engine/shard.h"

namespace hourwheel {

// True: its response is no end. The run waits for a report from here on, and holds no place among
// the attempts in flight.
bool Shard::leave_to_target(HotTask& task, OpenRun& run, const Flight& flight,
                            AttemptOutcome& outcome) {
  outcome.deferred = outcome.deferred && flight.completion;
  // Nobody waits for what is not to go on (S7, C-12, CA1).
  if (!outcome.deferred || task.state.deleted || run.is_given_up()) return false;
  const CompletionPolicy& policy = *flight.completion;
  const Instant until = now_.utc + (policy.timeout - (now_.mono - flight.sent));
  run.in_flight = false;
  run.awaited = Awaited{outcome.started, until, flight.version, policy.heartbeat, outcome.wire};
  run.next_attempt = until;
  if (policy.heartbeat > Duration{}) {
    run.next_attempt = std::min(until, now_.utc + policy.heartbeat);
  }
  change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  return true;
}

// Without the definition, which nobody who reports is told.
CommandDone Shard::done_with(const HotTask& task, CommandEffect effect, const RunKey& run) {
  CommandDone done;
  done.effect = effect;
  done.state = task.state;
  done.run = run;
  return done;
}

CommandOutcome Shard::complete(HotTask& task, const Command& command) {
  OpenRun* run = task.state.find_open(command.run);
  const bool open = run != nullptr && run->attempts == command.attempt && !run->report &&
                    (run->in_flight || run->is_with_target());
  if (!open) return conflict("the attempt is over, or was reported on before");  // CO2
  if (command.report.kind == ReportKind::kHeartbeat) return note_life(task, *run);
  run->report = command.report;
  run->report->version = version_sent(task, *run);
  std::unique_ptr<RunRecord> record;
  if (run->in_flight) {  // CO3
    change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  } else {
    end_with_target(task, *run);
    record = std::make_unique<RunRecord>(commit_.open().records.back());
  }
  CommandDone done = done_with(task, CommandEffect::kDone, command.run);
  done.ended = std::move(record);
  return done;
}

// Cost: while the response is still to come, a look at every attempt in flight.
Version Shard::version_sent(const HotTask& task, const OpenRun& run) {
  if (run.awaited) return run.awaited->version;
  Version version = task.state.version;
  flights_.for_each([&](SlabHandle, const Flight& flight) {
    if (flight.task == task.self && flight.run == run.key) version = flight.version;
  });
  return version;
}

// CO4. Its end moves in steps, so that signs of life that come all the time are not all stored.
CommandOutcome Shard::note_life(HotTask& task, OpenRun& run) {
  auto effect = CommandEffect::kUnchanged;
  if (run.awaited && run.awaited->heartbeat > Duration{}) {
    const Duration wanted = run.awaited->heartbeat;
    const Instant next = std::min(run.awaited->until, now_.utc + wanted);
    const bool is_last = next == run.awaited->until && next > run.next_attempt;
    if (is_last || next - run.next_attempt > Duration{wanted.ms / kHeartbeatSteps}) {
      run.next_attempt = next;
      change(task, ChangeKind::kState, nullptr, Holds::kNothing);
      effect = CommandEffect::kDone;
    }
  }
  return done_with(task, effect, run.key);
}

// The attempt is over: reported on, or waited for in vain. Its record is the last of the batch.
void Shard::end_with_target(HotTask& task, OpenRun& run) {
  HW_CHECK(run.is_with_target(), "CO1 only what was left to its target ends without an attempt");
  record_attempt(task, run, run.awaited ? run.awaited->version : run.report->version,
                 outcome_of_target(run, now_.utc));
}

// Those whose time is up, and those that were reported on in a former life.
void Shard::end_overdue(HotTask& task) {
  auto is_overdue = [this](const OpenRun& run) { return run.is_overdue(now_.utc); };
  while (true) {
    auto& open = task.state.open;
    auto run = std::find_if(open.begin(), open.end(), is_overdue);
    if (run == open.end()) return;
    end_with_target(task, *run);
  }
}

bool Shard::has_overdue(const HotTask& task) const {
  const auto& open = task.state.open;
  return std::any_of(open.begin(), open.end(),
                     [this](const OpenRun& run) { return run.is_overdue(now_.utc); });
}

// CO4, whatever holds the task's starts back. True: there were some, and the task has been settled
// without them, or its definition, which judges them, was asked for.
bool Shard::settle_overdue(HotTask& task) {
  if (!has_overdue(task)) return false;
  if (task.armed) {
    end_overdue(task);
    settle(task);
  } else {
    ask_for(task);
  }
  return true;
}

}  // namespace hourwheel
