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
      const SlabHandle named{due[i].slot, due[i].generation};
      if (auto number = DormantTasks::number_in(named)) {
        stir(*number, due[i].due);
        continue;
      }
      HotTask* task = tasks_.find(named);
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
  send_claimed(budget);
  start_called(budget);
  start_waiting(budget);
  if (budget > 0) thin_out_hopeful();
  if (more_due) budget = 0;
}

// The task's next action has come.
void Shard::ready(HotTask& task) {
  if (draining_) return;
  if (settle_overdue(task)) return;
  if (hold_back(task)) return;
  if (!task.armed) {
    if (!task.in_line) ask_for(task);
    return;
  }
  if (task.state.pause) end_pause(task);
  open_due(task);
  while (end_unstartable(task)) open_due(task);
  OpenRun* run = startable(task);
  while (run != nullptr && task.armed->spec.target.kind == TargetKind::kLog) {
    start(task, *run);
    open_due(task);  // that it has ended may have made room
    while (end_unstartable(task)) open_due(task);
    run = startable(task);
  }
  if (run != nullptr) return stand_in_line(task, *run);
  if (open_backfill(task)) return;
  auto action = next_action(task.state);
  HW_CHECK(!action || *action > now_.utc || task.held > commit_.durable(),
           "what cannot start now waits for something");
  settle(task);
}

void Shard::check_may_start(const HotTask& task, const OpenRun& run) const {
  HW_CHECK(has_come(run) && run.next_attempt <= now_.utc, "S3 no run starts early");
  HW_CHECK(!task.state.deleted && !task.state.pause && task.held <= commit_.durable(),
           "S7 nothing starts while its task is deleted, paused or being changed");
  HW_CHECK(pause_of(task) == nullptr, "S7 nothing starts under a pause that was confirmed");
  HW_CHECK(!run.is_given_up(), "CA1 a run that was asked to end makes no further attempt");
  HW_CHECK(!run.awaited && !run.report, "CO1 a run that waits for a report makes no attempt");
}

void Shard::start(HotTask& task, OpenRun& run) {
  ++run.attempts;
  check_may_start(task, run);
  const Armed& armed = *task.armed;
  run.in_flight = true;
  run.next_attempt = now_.utc;
  if (!run.first_started) run.first_started = now_.utc;
  if (armed.spec.target.kind == TargetKind::kLog) {
    count_start(task, run);
    AttemptOutcome recorded;
    recorded.result = AttemptResult::kRecorded;
    recorded.started = recorded.ended = now_.utc;
    return record_attempt(task, run, task.state.version, std::move(recorded));
  }
  auto flight = flights_.emplace();
  HW_CHECK(flight, "A1 attempts in flight are bounded");
  *flights_.find(*flight) = {task.self, run.key, armed.destination, task.state.version};
  ++task.flights;
  if (task.called_by) {
    task.called_by.reset();  // it has its place
  } else {
    admission_.started(armed.destination, now_.mono);
  }
  count_armed(task);
  if (armed.spec.delivery == Delivery::kAtMostOnce) return claim(task, run, *flight);
  HW_CHECK(now_.utc < commit_.send_mark(), "C-8 the send mark is durable before anything is sent");
  send(task, run, *flight);
}

void Shard::count_start(const HotTask& task, const OpenRun& run) {
  metrics_.attempts.add();
  if (run.attempts > 1 || run.key.trigger == Trigger::kBackfill) return;
  const Duration late = now_.utc - run.due - run.jitter;
  metrics_.record_lateness(late);
  const auto& most = task.armed->spec.max_lateness;
  if (most && late > *most) metrics_.late_runs.add();
}

void Shard::send(HotTask& task, const OpenRun& run, SlabHandle handle) {
  count_start(task, run);
  Flight& flight = *flights_.find(handle);
  const TaskSpec& spec = task.armed->spec;
  flight.completion = spec.target.completion;
  flight.store_response = spec.target.store_response;
  flight.sent = now_.mono;
  const auto start_with = [&](const TaskSpec& sent) {
    doors_.dispatch.start({{index_, handle.slot, handle.generation},
                           sent,
                           task.key,
                           run.key,
                           task.state.version,
                           run.due,
                           now_.utc,
                           run.attempts,
                           run.missed_count,
                           run.possible_duplicate});
  };
  if (run.payload) return start_with(spec_with(spec, *run.payload));  // RP1
  start_with(spec);
}

// Takes a flight out of the counts.
Shard::Flight Shard::land(SlabHandle handle, Admission::End end) {
  const Flight flight = *flights_.find(handle);
  flights_.erase(handle);
  HotTask* task = tasks_.find(flight.task);
  HW_CHECK(task != nullptr && task->flights > 0, "a task stays in memory while it is in flight");
  // A definition that took the place of the one that was sent may name another destination.
  const bool names_it = task->armed && task->armed->destination == flight.destination;
  if (names_it) end.url = task->armed->spec.target.url;
  if (admission_.ended(flight.destination, now_.mono, end)) metrics_.breaker_opens.add();
  --task->flights;
  count_armed(*task);
  return flight;
}

void Shard::apply(AttemptEnded ended) {
  const SlabHandle handle{ended.token.slot, ended.token.generation};
  if (flights_.find(handle) == nullptr) return;  // S2
  AttemptOutcome& outcome = ended.outcome;
  HW_CHECK(outcome.wire.is_sound(), "AW1, AW2 an attempt's times are of its own connection");
  const bool answered = outcome.result == AttemptResult::kResponded && outcome.status < 500;
  const Monotonic sent = flights_.find(handle)->sent;
  const Flight flight = land(handle, {answered, sign_of(outcome), outcome.retry_after, sent});
  HotTask* task = tasks_.find(flight.task);
  OpenRun* run = task->state.find_open(flight.run);
  HW_CHECK(run != nullptr, "S2 a run in flight has not ended");
  if (run->report) {  // CO3
    const AttemptWire wire = outcome.wire;
    outcome = outcome_of_target(*run, now_.utc);
    outcome.wire = wire;
  } else if (leave_to_target(*task, *run, flight, outcome)) {
    return settle(*task);
  }
  if (outcome.result == AttemptResult::kStopped && !run->claimed && !run->is_given_up()) {
    cut_off_ = true;  // its fate is open; the next life sends it again, flagged
    return;
  }
  if (outcome.result == AttemptResult::kStopped && !outcome.sent && run->claimed) {
    withdraw(*task, *run);
  } else {
    if (task->armed) look_for_success_body(task->armed->spec.target, outcome);
    // By what it was sent with: its definition may be gone, or say something else by now.
    if (!flight.store_response) {
      outcome.body.clear();
      outcome.kept_fields.clear();
    }
    record_attempt(*task, *run, flight.version, std::move(outcome));
  }
  settle(*task);
}

// With retry_until_next, where the retries of a run end.
std::optional<Instant> Shard::next_due_after(const HotTask& task, const OpenRun& run) {
  if (!task.armed->spec.retry.retry_until_next) return std::nullopt;
  return task.armed->schedule.next_after(run.counted_from.value_or(run.due));
}

RunRecord Shard::record_of(const HotTask& task, const OpenRun& run) const {
  return hourwheel::record_of(task.number, task.state.version, run, now_.utc);
}

void Shard::record_attempt(HotTask& task, OpenRun& run, Version version, AttemptOutcome outcome) {
  metrics_.count_attempt(outcome);
  Verdict verdict = judge_without_policy(run, outcome);
  if (task.armed) {
    const auto next_due = next_due_after(task, run);
    verdict = judge(task.armed->spec, run.as_counted(), outcome, next_due, random_);
  }
  // Nobody will retry a deleted task's run (S7), or one whose place is taken (C-12), nor wait for
  // its report. One that somebody asked to end is nobody's dead letter either (CA1).
  const bool cut = outcome.deferred ||
                   (outcome.result == AttemptResult::kStopped && verdict.state == RunState::kDead);
  const bool retries = verdict.state == RunState::kRetrying;
  if (((task.state.deleted || run.is_given_up()) && (retries || cut)) ||
      (run.canceled && verdict.state == RunState::kDead)) {
    verdict = {RunState::kCanceled, {}};
  }

  RunRecord record = record_of(task, run);
  record.task_version = version;
  record.state = verdict.state;
  record.next_attempt = verdict.next_attempt;
  // An attempt that got no answer may have been carried out all the same (C-7).
  if (outcome.sent && !outcome.responded()) run.possible_duplicate = true;
  record.outcome = std::move(outcome);
  log_failure(task, record);

  look_before_end(task);  // opens runs: `run` may have moved
  OpenRun* its = task.state.find_open(record.key);
  if (verdict.state == RunState::kRetrying) {
    its->in_flight = false;
    its->awaited.reset();
    its->report.reset();
    its->claimed = false;  // L2: a claimed run is only retried when nothing was sent
    its->next_attempt = *verdict.next_attempt;
  } else {
    if (verdict.state == RunState::kDead && !task.state.deleted) bury(task, *its, record);
    end_run(task, record);
  }
  commit_.open().bytes +=
      sizeof(RunRecord) + record.outcome.body.size() + record.outcome.kept_fields.size();
  commit_.open().records.push_back(std::move(record));
  bool over = task.state.deleted && task.state.open.empty();
  change(task, over ? ChangeKind::kForget : ChangeKind::kState, nullptr, Holds::kNothing);
}

void Shard::end_run(HotTask& task, const RunRecord& record) {
  TaskState& state = task.state;
  call_back(task, record);
  metrics_.runs_ended(record.state).add();
  const Duration lateness = record.outcome.started - record.due - record.jitter;
  state.last_run = {record.key, record.state, record.due, now_.utc,
                    record.outcome.result == AttemptResult::kNone ? Duration{} : lateness};
  take_out(task, record.key, record.state);
  switch (record.state) {
    case RunState::kSucceeded:
      ++state.counts.succeeded;
      state.dead_in_row = 0;
      break;
    case RunState::kDead:
      count_dead(task, record.task_version);
      break;
    default:
      ++state.counts.other;
      break;
  }
}

// An open run has ended so: what follows for its schedule (C-16).
void Shard::take_out(HotTask& task, const RunKey& key, RunState state) {
  const OpenRun* run = task.state.find_open(key);
  HW_CHECK(run != nullptr, "S2 a run ends once");
  const bool counts = of_schedule(*run) && key.generation == task.state.generation;
  std::erase_if(task.state.open, [&key](const OpenRun& r) { return r.key == key; });
  if (!counts || task.state.deleted) return;
  if (state != RunState::kSkipped) ++task.state.ended_runs;
  if (task.armed) follow_end(due_task(task), Instant{key.instant_or_nonce}, now_.utc);
}

// A target that only ever fails pauses its task, if the task as it stands says so. Where nothing is
// to come there is nothing to hold back.
void Shard::count_dead(HotTask& task, Version version) {
  TaskState& state = task.state;
  ++state.counts.dead;
  ++state.dead_in_row;
  if (!task.armed || version != state.version || state.deleted || state.pause) return;
  const uint32_t most = task.armed->spec.pause_after_dead;
  const bool to_come = state.next_due || state.backfill ||
                       (task.armed->schedule.is_fixed_delay() && !state.open.empty());
  if (most == 0 || state.dead_in_row < most || !to_come) return;
  state.pause = Pause{auto_pause_reason(state.dead_in_row), now_.utc, std::nullopt};
  state.updated = now_.utc;
  state.dead_in_row = 0;
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
  if (parking_.may_hold(recovered_mark_)) return true;
  bool in_doubt = false;
  tasks_.for_each([&](SlabHandle, const HotTask& task) {
    if (!task.exists) return;
    // What comes due while another run is open may have been sent too, and what was owed.
    std::optional<Instant> due = task.state.next_due;
    if (!task.state.catch_up.empty()) due = task.state.catch_up.front().next;
    in_doubt |= due && !task.state.pause && *due <= recovered_mark_;
    for (const OpenRun& run : task.state.open) {
      in_doubt |=
          run.next_attempt <= recovered_mark_ || (run.attempts == 0 && run.possible_duplicate);
    }
  });
  return in_doubt;
}

void Shard::drain() {
  draining_ = true;
}

bool Shard::drained() const {
  return draining_ && mark_cleared_ && arrived_.empty() && commands_waiting_ == 0 &&
         queries_ == 0 && commit_.idle();
}

}  // namespace hourwheel
