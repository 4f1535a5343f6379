// The part of the shard that decides commands, each on the task as it stands with what is pending.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

// What was asked for, not what it was resolved to.
bool same_schedule(const TaskSpec& a, const TaskSpec& b) {
  return a.schedule.source == b.schedule.source && a.schedule.kind == b.schedule.kind &&
         a.schedule.timezone == b.schedule.timezone;
}

// A repeat of the same request means the same definition: what was resolved at its acceptance (an
// anchor, the instant of a delay, its trace) is left out of the comparison (C-2).
bool same_definition(const TaskSpec& a, const TaskSpec& b) {
  if (!same_schedule(a, b)) return false;
  TaskSpec resolved = a;
  resolved.schedule = b.schedule;
  resolved.trace = b.trace;
  return resolved == b;
}

// C-17. A schedule that stays as it is names no new instant.
Status check_past(const Command& command, Instant now) {
  if (command.past == PastInstant::kAccept) return {};
  return check_not_past(command.spec->schedule, now);
}

// Of one that takes the place of another.
Status check_new_schedule(const Command& command, std::optional<Instant> first, Instant now) {
  if (!first) {
    return failure(ErrorCode::kNeverFires, "/schedule", "the schedule has no due instant");
  }
  return check_past(command, now);
}

}  // namespace

CommandOutcome Shard::decide_command(HotTask& task, Command& command) {
  if (auto why = refused_by_selection(task, command)) return failure(std::move(*why));
  if (command.if_match && (!task.exists || task.state.version != *command.if_match)) {
    return failure(ErrorCode::kVersionMismatch, "",
                   task.exists
                       ? "the task is at version " + std::to_string(task.state.version.value) +
                             ", not at the one asked for"
                       : "the task does not exist");
  }
  if (command.kind == CommandKind::kCreate) return create(task, command);
  if (command.kind == CommandKind::kReplace) return replace(task, command);
  if (!task.exists) return failure(ErrorCode::kNotFound, "", "no task has this id");
  switch (command.kind) {
    case CommandKind::kDelete:
      return remove(task, command);
    case CommandKind::kPause:
      return pause(task, command);
    case CommandKind::kResume:
      return resume(task);
    case CommandKind::kRun:
      return run_now(task, command);
    case CommandKind::kRedrive:
      return redrive(task, command);
    case CommandKind::kCancel:
      return cancel(task, command);
    case CommandKind::kDiscard:
      return discard(task, command);
    case CommandKind::kBackfill:
      return backfill(task, command);
    case CommandKind::kStopBackfill:
      return stop_backfill(task);
    case CommandKind::kComplete:
      return complete(task, command);
    case CommandKind::kCreate:
    case CommandKind::kReplace:
      break;
  }
  HW_CHECK(false, "every command has its case");
}

CommandOutcome Shard::as_it_stands(const HotTask& task, CommandEffect effect) const {
  CommandDone done;
  done.effect = effect;
  if (task.armed) done.spec = std::make_unique<TaskSpec>(task.armed->spec);
  done.state = task.state;
  done.in_flight = task.flights;
  return done;
}

CommandOutcome Shard::create(HotTask& task, Command& command) {
  if (task.exists) {
    if (same_definition(task.armed->spec, *command.spec)) {
      return as_it_stands(task, CommandEffect::kUnchanged);
    }
    return failure(ErrorCode::kAlreadyExists, "/id", "a task with this id exists");
  }
  if (Status good = check_past(command, now_.utc); !good) return failure(std::move(good.error()));
  auto schedule = Schedule::compile(command.spec->schedule, spread_seed(task.key));
  if (!schedule) return failure(std::move(schedule.error()));
  auto first = first_due(command.spec->schedule, *schedule);
  if (!first) {
    return failure(ErrorCode::kNeverFires, "/schedule", "the schedule has no due instant");
  }
  if (Status room = take_place(command); !room) return failure(std::move(room.error()));

  // C-3: a task created anew under an old id goes on from the counter, not from 1.
  task.exists = true;
  task.number = {commit_.next_number()};
  task.state = first_state(*command.spec, task.number, *first);
  task.state.pause = std::move(command.pause);
  task.state.created_by = command.actor.key;
  CommandDone done;
  done.effect = CommandEffect::kCreated;
  done.spec = std::make_unique<TaskSpec>(*command.spec);
  done.state = task.state;
  change(task, ChangeKind::kCreate, std::move(command.spec), Holds::kStarts);
  return done;
}

// Where a new schedule begins: one-time tasks at their instant, even if it has passed (C-17 has
// accepted it); recurring ones with the first instant from now on.
std::optional<Instant> Shard::first_due(const ScheduleSpec& spec, const Schedule& schedule) const {
  if (spec.kind == ScheduleKind::kAt) return spec.at;
  return schedule.first_from(now_.utc);
}

// A new task's, whose number is its first version as well.
TaskState Shard::first_state(const TaskSpec& spec, TaskNumber number, Instant first) const {
  TaskState state;
  state.version = {number.value};
  state.generation = {number.value};
  state.created = state.updated = now_.utc;
  state.ruled_since = now_.utc;
  state.next_due = first;
  state.overlap = spec.overlap;
  state.at_most_once = spec.delivery == Delivery::kAtMostOnce;
  return state;
}

CommandOutcome Shard::replace(HotTask& task, Command& command) {
  if (!task.exists) {
    if (command.existence == Existence::kMustExist) {
      return failure(ErrorCode::kNotFound, "/id", "no task has this id");
    }
    return create(task, command);
  }
  if (command.existence == Existence::kMustNotExist) {
    return failure(ErrorCode::kVersionMismatch, "", "the task exists");
  }
  const TaskSpec& old = task.armed->spec;
  if (same_definition(old, *command.spec) && !command.pause) {
    return as_it_stands(task, CommandEffect::kUnchanged);
  }
  auto schedule = Schedule::compile(command.spec->schedule, spread_seed(task.key));
  if (!schedule) return failure(std::move(schedule.error()));
  TaskState& state = task.state;
  const bool keeps_schedule = same_schedule(old, *command.spec) && old.type == command.spec->type;
  auto first = first_due(command.spec->schedule, *schedule);
  if (!keeps_schedule) {
    Status good = check_new_schedule(command, first, now_.utc);
    if (!good) return failure(std::move(good.error()));
  }
  if (Status good = check_open_payloads(state, *command.spec); !good) {
    return failure(std::move(good.error()));
  }
  if (keeps_schedule && command.pause) open_doubtful(task);
  state.version = {commit_.next_number()};
  state.updated = now_.utc;
  const bool at_most_once = command.spec->delivery == Delivery::kAtMostOnce;
  if (at_most_once && !state.at_most_once) state.claims_since = now_.utc;
  state.at_most_once = at_most_once;
  if (keeps_schedule) {
    command.spec->schedule = old.schedule;  // keeps its anchor
  } else {
    auto& records = commit_.open().records;
    const size_t records_before = records.size();
    close_due(due_task(task), now_.utc, RunState::kSkipped, SkipReason::kSuperseded, records);
    count_passed_over(records_before);
    state.generation = {state.version.value};
    state.next_due = first;
    state.ended_runs = 0;
    state.ruled_since = now_.utc;
    state.backfill.reset();  // it was about the former schedule
  }
  state.overlap = command.spec->overlap;
  // A pause is not part of the definition: it stays until it is ended or replaced by another.
  if (command.pause) state.pause = std::move(command.pause);
  CommandDone done;
  done.effect = CommandEffect::kReplaced;
  done.spec = std::make_unique<TaskSpec>(*command.spec);
  done.state = state;
  done.in_flight = task.flights;
  change(task, ChangeKind::kReplace, std::move(command.spec), Holds::kStarts);
  return done;
}

CommandOutcome Shard::remove(HotTask& task, const Command& command) {
  TaskState& state = task.state;
  auto& records = commit_.open().records;
  end_overdue(task);  // what was reported in a former life is so (CO1)
  lose_claims(task);
  if (task.armed) {
    const size_t records_before = records.size();
    close_due(due_task(task), now_.utc, RunState::kCanceled, SkipReason::kNone, records);
    count_passed_over(records_before);
  }
  state.next_due.reset();
  state.catch_up.clear();
  state.backfill.reset();
  cancel_waiting_runs(task);
  if (command.cut_running) cancel_running_runs(task);
  state.deleted = !state.open.empty();  // nothing is left of one without runs in flight
  state.pause.reset();
  state.updated = now_.utc;
  task.exists = false;
  task.quarantined = false;  // the id is free
  task.fetching = false;     // a fetch under way is of nobody's interest any more
  give_place_back(task);
  change(task, ChangeKind::kRemove, nullptr, Holds::kStarts);
  commit_.open().tasks.back().id = command.id;
  CommandDone done;
  done.effect = CommandEffect::kDeleted;
  done.number = task.number;
  done.state = state;
  done.in_flight = task.flights;
  if (task.flights > 0) {
    // The entry stays for its runs in flight; the id is free for a new task at once.
    by_key_.erase(task.key);
    removed_.insert(task.number, task.self.slot);
    HotTask* vacant = keep(task.key);
    HW_CHECK(vacant != nullptr, "S6 commands leave room for the entries they need");
    vacant->known = true;
    vacant->dirty = task.dirty;
  }
  return done;
}

// They end with their attempt, which is cut off at once; it may have arrived all the same.
void Shard::cancel_running_runs(HotTask& task) {
  for (OpenRun& run : task.state.open) {
    run.canceled = true;
    cut_attempt(task, run.key);
  }
}

// Runs of a deleted task that wait for a retry or their turn end here; those in flight may arrive.
void Shard::cancel_waiting_runs(HotTask& task) {
  for (const OpenRun& run : task.state.open) {
    if (run.in_flight) continue;
    RunRecord record = record_of(task, run);
    record.state = RunState::kCanceled;
    record.attempt = 0;
    commit_.open().records.push_back(std::move(record));
    ++task.state.counts.other;
    metrics_.runs_ended(RunState::kCanceled).add();
  }
  std::erase_if(task.state.open, [](const OpenRun& run) { return !run.in_flight; });
}

// Before a pause: a paused task is in nobody's memory, so what the former life may have sent of it
// is opened now, and the doubt stored with it (C-8). There is none about what a global pause held
// from the start.
void Shard::open_doubtful(HotTask& task) {
  const TaskState& state = task.state;
  const bool in_doubt = state.next_due && *state.next_due <= std::min(recovered_mark_, now_.utc);
  if (!in_doubt || state.pause || !task.armed) return;
  const GlobalPause* pause = pause_of(task);
  if (pause == nullptr) return open_due(task);
  if (*state.next_due < pause->since) look_after_pause(task, now_.utc + milliseconds(1));
}

CommandOutcome Shard::pause(HotTask& task, Command& command) {
  HW_CHECK(command.pause.has_value(), "a pause says why");
  open_doubtful(task);
  task.state.pause = std::move(command.pause);
  task.state.updated = now_.utc;
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  return as_it_stands(task, CommandEffect::kDone);
}

CommandOutcome Shard::resume(HotTask& task) {
  if (!task.state.pause) return as_it_stands(task, CommandEffect::kUnchanged);
  end_pause(task);
  task.held = task.dirty;
  return as_it_stands(task, CommandEffect::kDone);
}

// Why nobody may open a run of this task now; none: they may.
std::optional<std::string> Shard::no_room_for_run(const HotTask& task) const {
  if (task.state.pause) return "the task is paused: " + task.state.pause->reason;
  if (const GlobalPause* pause = pause_of(task)) {
    return "the task is paused with others: " + pause->reason;
  }
  if (task.state.open.size() < kMaxOpenRuns) return std::nullopt;
  return std::to_string(kMaxOpenRuns) + " runs of this task are open, which is the most";
}

CommandOutcome Shard::run_now(HotTask& task, const Command& command) {
  TaskState& state = task.state;
  if (auto why = no_room_for_run(task)) return conflict(std::move(*why));
  OpenRun run;
  if (command.payload) {
    if (Status good = check_payload(task, *command.payload); !good) return failure(good.error());
    run.payload = *command.payload;
  }
  run.key = {state.generation, Trigger::kManual,
             static_cast<int64_t>(command.nonce & static_cast<uint64_t>(INT64_MAX))};
  run.due = run.next_attempt = now_.utc;
  state.open.push_back(run);
  change(task, ChangeKind::kState, nullptr, Holds::kStarts);
  auto outcome = as_it_stands(task, CommandEffect::kStarted);
  outcome->run = run.key;
  return outcome;
}

}  // namespace hourwheel
