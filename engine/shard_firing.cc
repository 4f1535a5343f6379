// The part of the shard that fires: due -> opened -> in its destination's line -> attempt -> fate.
#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/retry.h"
#include "engine/shard.h"

namespace hourwheel {

void Shard::fire(uint32_t& budget) {
  // Half is kept for starting attempts, so that a herd does not wait for its last member.
  const uint32_t for_starts = budget / 2;
  budget -= for_starts;
  std::array<WheelEntry, 64> due;
  while (budget > 0) {
    auto room = std::min<size_t>(due.size(), budget);
    auto out = wheel_.advance(now_.utc, std::span(due.data(), room));
    for (size_t i = 0; i < out.count; ++i) {
      HotTask* task = tasks_.find({due[i].slot, due[i].generation});
      if (task == nullptr || !task->in_wheel || task->wheel_due != due[i].due) {
        wheel_.note_stale_came_out();
        continue;
      }
      task->in_wheel = false;
      settle(*task);
    }
    budget -= static_cast<uint32_t>(out.count);
    if (!out.more) break;
    if (out.count == 0) --budget;  // a cascade was cut short
  }
  const bool more_due = budget == 0;
  budget += for_starts;
  start_waiting(budget);
  if (more_due) budget = 0;
}

// The task's next action has come.
void Shard::ready(HotTask& task) {
  if (draining_ || task.in_line) return;
  if (!task.armed) return ask_for(task);
  if (task.state.pause) end_pause(task);
  open_due(task);
  if (task.armed->spec.target.kind == TargetKind::kLog) {
    if (OpenRun* run = startable(task)) start(task, *run);
    return settle(task);
  }
  task.in_line = true;
  const Destination destination = task.armed->destination;
  admission_.wait(destination, task.self);
  // A long line keeps handles only, so that a dead target cannot hold all memory for definitions
  // (C-24); the more of it is used, the shorter is what counts as long.
  const bool scarce = armed_bytes_ > kMaxArmedBytes / 4;
  const uint32_t longest = scarce ? kMaxRunsUnprovenDestination : kMaxArmedPerDestination;
  if (admission_.waiting_for(destination) > longest) disarm(task);
}

// Opens what has come due. What is passed over is stored with the cursor that passed it (D1).
void Shard::open_due(HotTask& task) {
  TaskState& state = task.state;
  DueTask due{task.number, task.armed->spec, task.armed->schedule, state};
  auto& records = commit_.open().records;
  const size_t records_before = records.size();
  if (state.open.empty()) {
    if (!state.next_due || *state.next_due > now_.utc) return;
    open_next(due, now_.utc, due.spec.misfire_after, SkipReason::kMisfire, records);
  }
  buffer_one(due, now_.utc, records);
  flag_former_runs(state);
  if (records.size() > records_before) change(task, ChangeKind::kState, nullptr, Holds::kNothing);
}

// The former life may have sent what was due before its mark, and stored nothing of it (C-8).
void Shard::flag_former_runs(TaskState& state) const {
  for (OpenRun& run : state.open) {
    if (run.attempts == 0 && run.key.trigger == Trigger::kSchedule &&
        run.key.generation.value <= recovered_counter_ && run.due <= recovered_mark_) {
      run.possible_duplicate = true;
    }
  }
}

// C-15: the misfire policy picks what still runs of the instants slept through, the rest is one
// row.
void Shard::end_pause(HotTask& task) {
  TaskState& state = task.state;
  state.pause.reset();
  state.updated = now_.utc;
  if (state.open.empty() && state.next_due && *state.next_due <= now_.utc) {
    open_next({task.number, task.armed->spec, task.armed->schedule, state}, now_.utc,
              milliseconds(-1), SkipReason::kPaused, commit_.open().records);
    flag_former_runs(state);
  }
  change(task, ChangeKind::kState, nullptr, Holds::kNothing);
}

OpenRun* Shard::startable(HotTask& task) {
  if (task.state.pause || task.flights > 0 || task.held > commit_.durable()) return nullptr;
  OpenRun* first = nullptr;
  for (OpenRun& run : task.state.open) {
    if (run.next_attempt > now_.utc) continue;
    if (first == nullptr || run.next_attempt < first->next_attempt) first = &run;
  }
  return first;
}

void Shard::start_waiting(uint32_t& budget) {
  if (draining_ || now_.utc >= commit_.send_mark()) return;  // C-8: the mark goes first
  while (budget > 0) {
    auto admitted = admission_.next(now_.mono);
    if (!admitted) return;
    --budget;
    HotTask* task = tasks_.find(admitted->task);
    if (task == nullptr || !task->in_line) continue;  // it went away while it waited
    task->in_line = false;
    OpenRun* run = task->exists ? startable(*task) : nullptr;
    if (run == nullptr || !task->armed) {
      settle(*task);
      continue;
    }
    start(*task, *run);
  }
}

void Shard::start(HotTask& task, OpenRun& run) {
  // A retry may come before its run's due instant once more, if the clock was set back (C-20).
  HW_CHECK((run.due <= now_.utc || run.attempts > 0) && run.next_attempt <= now_.utc,
           "S3 no run starts early");
  HW_CHECK(!task.state.deleted && !task.state.pause && task.held <= commit_.durable(),
           "S7 nothing starts while its task is deleted, paused or being changed");
  const Armed& armed = *task.armed;
  ++run.attempts;
  run.in_flight = true;
  run.next_attempt = now_.utc;
  metrics_.attempts.add();
  if (run.attempts == 1) {
    metrics_.record_lateness(now_.utc - run.due);
  }
  if (armed.spec.target.kind == TargetKind::kLog) {
    AttemptOutcome recorded;
    recorded.result = AttemptResult::kRecorded;
    recorded.started = recorded.ended = now_.utc;
    return record_attempt(task, run, task.state.version, std::move(recorded));
  }
  HW_CHECK(now_.utc < commit_.send_mark(), "C-8 the send mark is durable before anything is sent");
  auto flight = flights_.emplace();
  HW_CHECK(flight, "A1 attempts in flight are bounded");
  *flights_.find(*flight) = {task.self, run.key, armed.destination, task.state.version};
  ++task.flights;
  admission_.started(armed.destination);
  doors_.dispatch.start({{index_, flight->slot, flight->generation},
                         armed.spec,
                         task.key,
                         run.key,
                         task.state.version,
                         run.due,
                         now_.utc,
                         run.attempts,
                         run.missed_count,
                         run.possible_duplicate});
}

void Shard::apply(AttemptEnded ended) {
  Flight* found = flights_.find({ended.token.slot, ended.token.generation});
  if (found == nullptr) return;  // S2
  Flight flight = *found;
  flights_.erase({ended.token.slot, ended.token.generation});
  const AttemptOutcome& outcome = ended.outcome;
  admission_.ended(flight.destination, now_.mono,
                   outcome.result == AttemptResult::kResponded && outcome.status < 500);
  HotTask* task = tasks_.find(flight.task);
  HW_CHECK(task != nullptr && task->flights > 0, "a task stays in memory while it is in flight");
  --task->flights;
  if (outcome.result == AttemptResult::kStopped) {
    cut_off_ = true;  // its fate is open; the next life sends it again, flagged
    return;
  }
  auto run = std::find_if(task->state.open.begin(), task->state.open.end(),
                          [&flight](const OpenRun& r) { return r.key == flight.run; });
  HW_CHECK(run != task->state.open.end(), "S2 a run in flight has not ended");
  record_attempt(*task, *run, flight.version, std::move(ended.outcome));
  settle(*task);
}

void Shard::record_attempt(HotTask& task, OpenRun& run, Version version, AttemptOutcome outcome) {
  Verdict verdict{RunState::kDead, std::nullopt};
  if (task.armed) verdict = judge(task.armed->spec.retry, run, outcome, random_);
  // Nobody will retry a deleted task's run (S7).
  if (task.state.deleted && verdict.state == RunState::kRetrying) {
    verdict = {RunState::kCanceled, {}};
  }

  RunRecord record;
  record.task = task.number;
  record.task_version = version;
  record.key = run.key;
  record.state = verdict.state;
  record.due = record.last_due = run.due;
  record.missed_count = run.missed_count;
  record.attempt = run.attempts;
  record.possible_duplicate = run.possible_duplicate;
  record.recorded = now_.utc;
  record.next_attempt = verdict.next_attempt;
  // An attempt that got no answer may have been carried out all the same (C-7).
  if (outcome.sent && outcome.result != AttemptResult::kResponded) run.possible_duplicate = true;
  record.outcome = std::move(outcome);

  if (verdict.state == RunState::kRetrying) {
    run.in_flight = false;
    run.next_attempt = *verdict.next_attempt;
  } else {
    end_run(task, record);
  }
  commit_.open().bytes += sizeof(RunRecord) + record.outcome.body.size();
  commit_.open().records.push_back(std::move(record));
  bool over = task.state.deleted && task.state.open.empty();
  change(task, over ? ChangeKind::kForget : ChangeKind::kState, nullptr, Holds::kNothing);
}

void Shard::end_run(HotTask& task, const RunRecord& record) {
  TaskState& state = task.state;
  metrics_.runs_ended(record.state).add();
  state.last_run = {record.key, record.state, record.due, now_.utc,
                    record.outcome.started - record.due};
  switch (record.state) {
    case RunState::kSucceeded:
      ++state.counts.succeeded;
      break;
    case RunState::kDead:
      ++state.counts.dead;
      break;
    default:
      ++state.counts.other;
      break;
  }
  // While it ran others may have come due: one waits, the rest are skipped (C-12). While a change
  // of the task is not durable, what is armed is the old definition and knows nothing of next_due.
  const bool current = task.armed && task.held <= commit_.durable();
  if (current && !state.deleted && !state.pause && state.next_due) {
    DueTask due{task.number, task.armed->spec, task.armed->schedule, state};
    buffer_one(due, now_.utc, commit_.open().records);
    flag_former_runs(state);
  }
  std::erase_if(state.open, [&record](const OpenRun& r) { return r.key == record.key; });
}

bool Shard::sends_soon() const {
  return armed_ > 0 || fetches_ > 0 || admission_.waiting() > 0 || flights_.size() > 0;
}

// Keeps the durable send mark ahead of everything that may be sent soon (C-8).
void Shard::keep_send_mark() {
  if (draining_) return clear_send_mark();
  const Instant asked = commit_.send_mark_asked();
  if (sends_soon() && asked <= now_.utc + kSendMarkRenewal) {
    commit_.move_send_mark(std::max(asked, now_.utc + kSendMarkStep));
  }
}

void Shard::clear_send_mark() {
  if (mark_cleared_ || flights_.size() > 0 || commands_waiting_ > 0 || !commit_.idle()) return;
  mark_cleared_ = true;
  if (cut_off_ || commit_.send_mark() == Instant{}) return;
  commit_.settle_send_mark(former_sends_in_doubt() ? recovered_mark_ : Instant{});
}

// Something the former life may have sent is still to be started by this one or the next.
bool Shard::former_sends_in_doubt() {
  if (recovered_mark_ == Instant{}) return false;
  if (!horizon_.all_read() || now_.utc <= recovered_mark_) return true;
  bool in_doubt = false;
  tasks_.for_each([&](SlabHandle, const HotTask& task) {
    if (!task.exists) return;
    auto action = next_action(task.state);
    const auto& due = task.state.next_due;  // it may have been sent while another run was open
    in_doubt |= (action && *action <= recovered_mark_) ||
                (due && !task.state.pause && *due <= recovered_mark_);
  });
  return in_doubt;
}

void Shard::drain() {
  draining_ = true;
}

bool Shard::drained() const {
  return draining_ && mark_cleared_ && commands_waiting_ == 0 && queries_ == 0 && commit_.idle();
}

}  // namespace hourwheel
