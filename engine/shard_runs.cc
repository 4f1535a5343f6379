// The part of the shard that steers single runs: dead letters and their redrive (C-14), cancel, and
// backfill.
//
//   DL1  A dead letter is written with the end it tells of, and removed with the change that opens
//        its run again, or discards it: one commit each.
//   DL2  A redriven or backfilled run is durable before it is sent (the task is held), so that a
//        crash leaves either the letter or the open run, and a second redrive finds it so.
//   CA1  A run that was asked to end makes no further attempt. In flight, the wish is stored with
//        the run, so that whoever finds it after a crash ends it.
#include <algorithm>
#include <utility>

#include "engine/backfill.h"
#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {

// --- dead letters ---

void Shard::bury(const HotTask& task, const OpenRun& run, const RunRecord& record) {
  DeadRun dead;
  dead.task = task.number;
  dead.key = task.key;
  dead.task_version = record.task_version;
  dead.run = run.key;
  dead.due = run.due;
  dead.ended = record.recorded;
  dead.attempts = run.attempts;
  dead.missed_count = run.missed_count;
  dead.redrive_count = run.redrive_count;
  dead.possible_duplicate = run.possible_duplicate;
  dead.result = record.outcome.result;
  dead.status = record.outcome.status;
  dead.detail = record.outcome.detail;
  dead.payload = run.payload;  // RP1
  commit_.open().bytes +=
      sizeof(DeadRun) + dead.detail.size() + (dead.payload ? dead.payload->bytes() : 0);
  commit_.open().died.push_back(std::move(dead));
}

CommandOutcome Shard::redrive(HotTask& task, const Command& command) {
  TaskState& state = task.state;
  if (state.find_open(command.run) != nullptr) return conflict("the run is open");
  if (!command.letter) {
    return conflict("no dead letter of this run is kept: it ended otherwise, or never was");
  }
  if (auto why = no_room_for_run(task)) return conflict(std::move(*why));
  const DeadRun& dead = *command.letter;
  if (dead.payload) {
    Status good = check_payload(task, *dead.payload);
    // The request has no such member: it is the task that is another one now.
    if (!good && good.error().code == ErrorCode::kValidationFailed) {
      return conflict("the run's own payload: " + good.error().detail);
    }
    if (!good) return failure(std::move(good.error()));
  }
  OpenRun run;
  run.key = dead.run;
  run.due = dead.due;
  if (run.key.trigger == Trigger::kSchedule && run.key.generation == state.generation) {
    run.jitter = run_jitter(task.armed->spec.schedule, task.armed->schedule, task.key, run.key);
  }
  run.next_attempt = std::max(now_.utc, command.not_before);
  run.attempts = run.attempts_before = dead.attempts;
  run.missed_count = dead.missed_count;
  run.redrive_count = dead.redrive_count + 1;
  run.possible_duplicate = dead.possible_duplicate;
  run.counted_from = run.next_attempt;
  run.payload = dead.payload;
  state.open.push_back(run);
  if (state.counts.dead > 0) --state.counts.dead;  // its fate is open again
  commit_.open().redriven.push_back({task.number, run.key});
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  auto outcome = as_it_stands(task, CommandEffect::kStarted);
  outcome->run = run.key;
  return outcome;
}

// The task is held until the letter is gone (DL1), so that who asks for it next does not find it.
CommandOutcome Shard::discard(HotTask& task, const Command& command) {
  if (task.state.find_open(command.run) != nullptr) return conflict("the run is open");
  if (!command.letter) {
    return conflict("no dead letter of this run is kept: it ended otherwise, or never was");
  }
  commit_.open().discarded.push_back({task.number, command.run});
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  auto outcome = as_it_stands(task, CommandEffect::kDone);
  outcome->run = command.run;
  return outcome;
}

// --- cancel ---

CommandOutcome Shard::cancel(HotTask& task, const Command& command) {
  // Reported on, or canceled, in a former life, and not looked at since.
  end_overdue(task);
  end_given_up(task);
  OpenRun* run = task.state.find_open(command.run);
  if (run == nullptr) return conflict("the run has ended, has not begun, or never was");
  std::unique_ptr<RunRecord> ended;
  const bool asked_before = run->canceled;
  if (!run->in_flight) {
    look_before_end(task);  // opens runs: `run` may have moved
    ended = std::make_unique<RunRecord>(end_canceled(task, command.run));
  } else if (!run->canceled) {
    run->canceled = true;
    change(task, ChangeKind::kState, nullptr, Holds::kNothing);
    cut_attempt(task, command.run);
  }
  auto outcome =
      as_it_stands(task, asked_before ? CommandEffect::kUnchanged : CommandEffect::kDone);
  outcome->run = command.run;
  outcome->ended = std::move(ended);
  return outcome;
}

// Ends a run that is not in flight; nothing is said of an attempt.
RunRecord Shard::end_canceled(HotTask& task, RunKey run) {
  const OpenRun* ends = task.state.find_open(run);
  HW_CHECK(ends != nullptr && !ends->in_flight, "CA1 what is in flight ends with its attempt");
  RunRecord record = record_of(task, *ends);
  record.state = RunState::kCanceled;
  record.attempt = 0;
  end_run(task, record);
  commit_.open().records.push_back(record);
  change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  return record;
}

// --- backfill ---

CommandOutcome Shard::backfill(HotTask& task, const Command& command) {
  HW_CHECK(command.range.has_value(), "a backfill has a range");
  TaskState& state = task.state;
  auto plan = plan_order(task.armed->spec, state, task.armed->schedule, *command.range, now_.utc);
  if (!plan) return failure(std::move(plan.error()));
  state.backfill = begin_backfill(*plan, {commit_.next_number()}, command.range->rate, now_.utc);
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  return as_it_stands(task, CommandEffect::kStarted);
}

CommandOutcome Shard::stop_backfill(HotTask& task) {
  if (!task.state.backfill) return conflict("no backfill of this task is under way");
  task.state.backfill.reset();
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  return as_it_stands(task, CommandEffect::kDone);
}

// DL2: true if a run was opened; nothing of the task starts until that is durable.
bool Shard::open_backfill(HotTask& task) {
  if (!task.state.backfill) return false;
  if (!open_backfilled(due_task(task), now_.utc)) return false;
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  return true;
}

}  // namespace hourwheel
