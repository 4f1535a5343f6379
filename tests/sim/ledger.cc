#include "tests/sim/ledger.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "tests/sim/verdicts.h"

namespace hourwheel {

std::unique_ptr<Batch> Ledger::copy(const Batch& batch) {
  auto copied = std::make_unique<Batch>();
  copied->sequence = batch.sequence;
  copied->records = batch.records;
  copied->redriven = batch.redriven;
  copied->discarded = batch.discarded;
  copied->died = batch.died;
  for (const KeptAnswer& answer : batch.answers) copied->answers.push_back(copy_of(answer));
  copied->audit = batch.audit;
  copied->counter = batch.counter;
  copied->send_mark = batch.send_mark;
  copied->bytes = batch.bytes;
  for (const TaskChange& change : batch.tasks) {
    TaskChange& to = copied->tasks.emplace_back();
    to.kind = change.kind;
    to.number = change.number;
    to.key = change.key;
    to.state = change.state;
    to.was = change.was;
    if (change.spec) to.spec = std::make_unique<TaskSpec>(*change.spec);
  }
  return copied;
}

void Ledger::apply(const Batch& batch) {
  if (batch.counter < recovered_.counter) trace_.fail("C-3 the counter went back");
  recovered_.counter = batch.counter;
  ++batches_;
  if (batch.send_mark) recovered_.send_mark = *batch.send_mark;
  trace_.note("durable %llu: %zu changes, %zu records", shown(batch.sequence), batch.tasks.size(),
              batch.records.size());
  for (const TaskChange& change : batch.tasks) {
    trace_.note("  task %llu change %d version %llu next due %lld open %zu%s",
                shown(change.number.value), static_cast<int>(change.kind),
                shown(change.state.version.value), shown(change.state.next_due),
                change.state.open.size(), change.state.pause ? " paused" : "");
  }
  for (const RunRecord& record : batch.records) {
    trace_.note("  task %llu run %llu-%lld trigger %d ends %d/%d x%llu", shown(record.task.value),
                shown(record.key.generation.value), shown(record.due),
                static_cast<int>(record.key.trigger), static_cast<int>(record.state),
                static_cast<int>(record.skip_reason), shown(record.count));
  }
  let_go(batch);
  for (const TaskRun& run : batch.redriven) redrive(run);
  for (const TaskRun& run : batch.discarded) discard(run);
  if (callbacks_ != nullptr) callbacks_->before(batch, *this);
  // Records first: a task's states speak of what is in the ledger with them.
  for (const RunRecord& record : batch.records) apply(record);
  bury(batch);
  for (const TaskChange& change : batch.tasks) apply(change);
  for (const KeptAnswer& answer : batch.answers) keep(batch, answer);
  audit_.insert(audit_.end(), batch.audit.begin(), batch.audit.end());
  if (audit_check_ != nullptr) audit_check_->durable(batch);
  add_up(recovered_.made_by, tasks_made(batch));
  add_up(recovered_.statuses, counts_moved(batch));
  if (quota_check_ != nullptr) quota_check_->durable(batch);
  // Within a batch a task may change more than once; only its last state must add up.
  std::set<TaskNumber> changed;
  for (const TaskChange& change : batch.tasks) changed.insert(change.number);
  for (const RunRecord& record : batch.records) changed.insert(record.task);
  for (TaskNumber number : changed) {
    auto found = tasks_.find(number);
    if (found == tasks_.end()) continue;
    keep_place(found->second);
    check(found->second);
    check_open(found->second);
    check_backfill(found->second);
    // Where nothing is to come there is nothing to hold back.
    const bool goes_on = found->second.has_spec && found->second.state.next_due;
    if (found->second.must_pause && goes_on) {
      trace_.fail("C-15 task %llu goes on after %u dead runs in a row", shown(number.value),
                  found->second.dead_in_row);
    }
    Task& task = found->second;
    // The count began again somewhere in this batch.
    if (std::exchange(task.paused_itself, false)) task.dead_in_row = task.state.dead_in_row;
    task.must_pause = false;
    task.most_dead_in_row = 0;
  }
  for (const RunRecord& record : batch.records) check_full(batch, record);
  if (callbacks_ != nullptr) callbacks_->after(batch, *this);
}

void Ledger::keep(const Batch& batch, const KeptAnswer& answer) {
  const auto before = answers_.find(answer.key.scope);
  if (before != answers_.end() && before->second.decided + kAnswersKept > trace_.latest()) {
    trace_.fail("C-2 a key is answered anew after %lld ms",
                shown(answer.decided) - shown(before->second.decided));
  }
  const TaskState& state = answer.done.state;
  const bool changes = answer.done.effect != CommandEffect::kUnchanged;
  // A task that is complete with it goes in the same change.
  const bool is_there =
      std::any_of(batch.tasks.begin(), batch.tasks.end(), [&state](const TaskChange& change) {
        return change.state.version == state.version &&
               (change.state.updated == state.updated || change.kind == ChangeKind::kRemove);
      });
  if (changes && !is_there) trace_.fail("C-2 an answer is kept without what it tells of");
  answers_.insert_or_assign(answer.key.scope, copy_of(answer));
}

bool Ledger::same(const AuditEntry& a, const AuditEntry& b) {
  return a.at == b.at && a.actor == b.actor && a.action == b.action && a.task == b.task &&
         a.subject == b.subject && a.version == b.version && a.run == b.run && a.note == b.note;
}

bool Ledger::same(const KeptAnswer& a, const KeptAnswer& b) {
  auto equal = [](const auto& left, const auto& right) {
    return left && right ? *left == *right : !left && !right;
  };
  auto same_end = [](const auto& left, const auto& right) {
    return left && right ? left->key == right->key && left->state == right->state &&
                               left->recorded == right->recorded && left->task == right->task
                         : !left && !right;
  };
  return a.key == b.key && a.decided == b.decided && a.done.effect == b.done.effect &&
         equal(a.done.spec, b.done.spec) && a.done.state == b.done.state &&
         a.done.in_flight == b.done.in_flight && a.done.run == b.done.run &&
         same_end(a.done.ended, b.done.ended);
}

Recalled Ledger::recall(const AnswerScope& scope) const {
  const auto found = answers_.find(scope);
  if (found == answers_.end()) return {scope, nullptr, std::nullopt};
  return {scope, std::make_unique<KeptAnswer>(copy_of(found->second)), std::nullopt};
}

void Ledger::keep_place(Task& task) {
  if (task.place) due_.erase(*task.place);
  task.place.reset();
  const auto wake = task.has_state ? task.state.wake() : std::nullopt;
  if (!wake) return;
  task.place = {wake->ms >> kSliceBits, task.number};
  due_.insert(*task.place);
}

// The policy of the definition that was durable when the attempt was judged: if that is the one it
// was sent with, it is also the one at hand here.
void Ledger::check_verdict(const Task& task, const RunRecord& record) {
  if (record.attempt == 0 || record.outcome.result == AttemptResult::kNone) return;
  if (!task.has_spec || record.task_version != task.state.version) return;
  // What stands beside the schedule counts from its own beginning, which is not in the log.
  const bool beside = record.redrive_count > 0 || record.key.trigger == Trigger::kBackfill;
  if (beside || record.state == RunState::kCanceled) return;
  const auto& attempts = attempts_[record.key];
  auto first = std::find_if(attempts.begin(), attempts.end(),
                            [](const Recorded& attempt) { return attempt.attempt == 1; });
  if (first == attempts.end()) return;
  JudgedAttempt judged{task.spec, record, std::max(record.due, first->started), {}};
  if (record.key.generation == task.state.generation) {
    judged.next_due = task.reigns.back().oracle.next_after(record.due);
  }
  if (const char* complaint = complaint_about(judged)) {
    trace_.fail("C-13 run %lld, attempt %u (status %d): %s",
                static_cast<long long>(record.key.instant_or_nonce), record.attempt,
                record.outcome.status, complaint);
  }
}

// What task.state says here is still what was durable before this batch.
void Ledger::count_dead(Task& task, const RunRecord& record) {
  if (record.state == RunState::kSucceeded) task.dead_in_row = 0;
  if (record.state != RunState::kDead) return;
  ++task.dead_in_row;
  task.most_dead_in_row = std::max(task.most_dead_in_row, task.dead_in_row);
  const uint32_t most = task.spec.pause_after_dead;
  task.must_pause = task.must_pause ||
                    (most > 0 && task.dead_in_row >= most && task.has_spec && !task.state.pause &&
                     record.task_version == task.state.version && task.state.next_due);
}

void Ledger::check_own_pause(Task& task, const TaskState& state) {
  if (state.pause) task.must_pause = false;
  if (!state.pause || task.state.pause == state.pause) return;
  if (!state.pause->reason.ends_with("(pause_after_dead)")) return;
  // Runs beside each other may have ended well in the same batch, after the dead ones.
  if (task.spec.pause_after_dead == 0 || task.most_dead_in_row < task.spec.pause_after_dead) {
    trace_.fail("C-15 task %llu pauses itself after %u dead runs in a row",
                shown(task.number.value), task.most_dead_in_row);
  }
  task.paused_itself = true;
}

void Ledger::end_reign(Reign& reign, Instant at) const {
  reign.ended = at;
  if (reign.moved_in == batches_) reign.end_in_doubt = true;
}

void Ledger::begin_reign(Task& task, const TaskState& state) {
  if (!task.reigns.empty()) end_reign(task.reigns.back(), state.updated);
  Oracle oracle(task.spec.schedule, task.key);
  auto first = task.spec.schedule.kind == ScheduleKind::kAt ? oracle.first_from(kFirstInstant)
                                                            : oracle.first_from(state.updated);
  task.reigns.push_back(
      {state.generation, std::move(oracle), task.spec.type, first, {}, {}, false, 0, 0});
  if (!versions_.insert(state.version.value).second ||
      state.version.value != state.generation.value) {
    trace_.fail("C-3 generation %llu is not new", shown(state.generation.value));
  }
}

void Ledger::apply(const TaskChange& change) {
  if (change.state.version.value > recovered_.counter) {
    trace_.fail("C-3 version %llu is beyond the stored counter", shown(change.state.version.value));
  }
  if (change.kind != ChangeKind::kForget) {
    shown_.emplace(change.state.version.value, change.state.updated.ms);
    for (const OpenRun& run : change.state.open) open_once_.insert(run.key);
  }
  if (change.kind == ChangeKind::kCreate) {
    if (by_key_.contains(change.key)) trace_.fail("two tasks hold one id");
    Task& task = tasks_[change.number];
    task.number = change.number;
    task.key = change.key;
    task.spec = *change.spec;
    task.state = change.state;
    task.top_rate = task.spec.misfire.rate;
    by_key_[change.key] = change.number;
    return begin_reign(task, change.state);
  }
  auto place = tasks_.find(change.number);
  if (place == tasks_.end() || !place->second.has_state) {
    return trace_.fail("task %llu is changed but not stored", shown(change.number.value));
  }
  Task& task = place->second;
  check_own_pause(task, change.state);
  switch (change.kind) {
    case ChangeKind::kCreate:
      break;
    case ChangeKind::kReplace: {
      task.must_pause = false;  // judged by the definition that this one replaces
      const bool new_schedule = change.state.generation != task.state.generation;
      task.spec = *change.spec;
      task.state = change.state;
      task.top_rate = std::max(task.top_rate, task.spec.misfire.rate);
      if (new_schedule) {
        begin_reign(task, change.state);
      } else if (!versions_.insert(change.state.version.value).second) {
        trace_.fail("C-3 version %llu is not new", shown(change.state.version.value));
      }
      break;
    }
    case ChangeKind::kState:
      if (!change.state.deleted && !task.has_spec) trace_.fail("a deleted task came back");
      task.state = change.state;
      break;
    case ChangeKind::kRemove:
      std::erase_if(letters_,
                    [&change](const auto& letter) { return letter.second.task == change.number; });
      task.state = change.state;
      task.has_spec = false;
      task.has_state = !change.state.open.empty();
      end_reign(task.reigns.back(), change.state.updated);
      by_key_.erase(task.key);
      break;
    case ChangeKind::kForget:
      task.has_state = false;
      task.state.open.clear();
      break;
  }
  follow_backfill(task);
}

void Ledger::apply(const RunRecord& record) {
  auto place = tasks_.find(record.task);
  // A record may tell of a task that this very batch creates: there is no such yet.
  if (place == tasks_.end()) {
    return trace_.fail("a record tells of task %llu, which is not stored",
                       shown(record.task.value));
  }
  Task& task = place->second;
  task.runs.emplace_back(++position_, record);
  if (record.attempt > 0 && record.outcome.result != AttemptResult::kNone) {
    attempts_[record.key].push_back(
        {record.attempt, record.outcome.started, record.outcome.result});
    check_wire(task, record);
  }
  check_verdict(task, record);
  count_dead(task, record);
  if (!is_end(record.state)) return;
  if (record.state == RunState::kSucceeded) succeeded_.insert(record.key);
  if (record.state == RunState::kSkipped && watcher_ != nullptr) {
    watcher_->skipped(task.spec, record);
  }
  if (record.count == 1 && !ended_.insert(record.key).second) {
    trace_.fail("S2 run %lld of task %llu ended twice",
                static_cast<long long>(record.key.instant_or_nonce), shown(record.task.value));
  }
  auto order = orders_.find(record.key.generation);
  if (record.key.trigger == Trigger::kBackfill && order != orders_.end()) {
    order->second.made.insert(record.due);
  }
  // A redriven run's instant has been covered for long.
  if (record.key.trigger != Trigger::kSchedule || record.redrive_count > 0) return;
  for (Reign& reign : task.reigns) {
    if (reign.generation != record.key.generation) continue;
    if (record.state != RunState::kSkipped) ++reign.ended_runs;
    const bool by_the_next =
        record.skip_reason == SkipReason::kSuperseded || record.skip_reason == SkipReason::kExpired;
    if (by_the_next) ++reign.superseded;
    check_skip(task, reign, record);
    cover(task, reign, record);
  }
}

// D1: the record's instants are the schedule's, and have no other fate.
void Ledger::cover(Task& task, Reign& reign, const RunRecord& record) {
  const Oracle& oracle = reign.oracle;
  const bool is_due = oracle.is_fixed_delay()
                          ? reign.cursor == record.due
                          : oracle.first_from(record.due) == record.due &&
                                oracle.first_from(record.last_due) == record.last_due;
  if (oracle.count(record.due, record.last_due) != record.count || !is_due) {
    trace_.fail("C-4 task %llu: a record says %llu instants in [%lld, %lld]",
                shown(task.number.value), shown(record.count), shown(record.due),
                shown(record.last_due));
  }
  if (!reign.ahead.try_emplace(record.due, Covered{record.last_due, record.count}).second) {
    trace_.fail("C-4 task %llu: due %lld has two fates", shown(task.number.value),
                shown(record.due));
  }
  while (!reign.ahead.empty() && reign.cursor == reign.ahead.begin()->first) {
    // A schedule that is over has no more instants, whatever the clock said when its last run
    // ended.
    const bool is_over = oracle.is_fixed_delay() && reign.ended;
    reign.cursor = is_over ? std::nullopt
                   : oracle.is_fixed_delay()
                       ? std::optional(oracle.after_end(record.last_due, record.recorded))
                       : oracle.next_after(reign.ahead.begin()->second.last);
    reign.ahead.erase(reign.ahead.begin());
    reign.end_in_doubt = record.recorded < record.last_due;
    reign.moved_in = batches_;
  }
}

// What a record is about, by the definition that was in force when it was decided.
void Ledger::check_skip(const Task& task, const Reign& reign, const RunRecord& record) {
  const bool excluded = record.skip_reason == SkipReason::kExcluded;
  for (Instant due : {record.due, record.last_due}) {
    if (reign.oracle.is_excluded(due) == excluded) continue;
    trace_.fail("C-16 task %llu: due %lld is %sexcluded, its fate is %d/%d",
                shown(task.number.value), shown(due), excluded ? "not " : "",
                static_cast<int>(record.state), static_cast<int>(record.skip_reason));
  }
  const Instant fire_at = reign.oracle.fire_at(reign.generation, record.last_due);
  // The last run that max_runs leaves ends what is owed too, be it late or slept through.
  const bool may_be_last = reign.oracle.max_runs() > 0;
  if (record.skip_reason == SkipReason::kMisfire && !may_be_last &&
      fire_at + task.spec.misfire_after >= record.recorded) {
    trace_.fail("C-11 task %llu: due %lld is skipped as a misfire at %lld",
                shown(task.number.value), shown(record.last_due), shown(record.recorded));
  }
  if (record.skip_reason == SkipReason::kOverlap && task.spec.overlap == Overlap::kAllow) {
    trace_.fail("C-12 task %llu: due %lld is skipped for an overlap that is allowed",
                shown(task.number.value), shown(record.due));
  }
}

// C-12 buffer_all: what is skipped found all places taken.
void Ledger::check_full(const Batch& batch, const RunRecord& record) {
  const Task* its = task(record.task);
  if (its == nullptr || its->spec.overlap != Overlap::kBufferAll ||
      record.skip_reason != SkipReason::kOverlap) {
    return;
  }
  const bool was_full =
      std::any_of(batch.tasks.begin(), batch.tasks.end(), [&record](const TaskChange& change) {
        return change.number == record.task && change.state.open.size() + 1 >= kMaxOpenRuns;
      });
  // A definition that came with this batch had another policy before.
  if (!was_full && its->state.version == record.task_version) {
    trace_.fail("C-12 task %llu: due %lld is skipped, yet a place was free",
                shown(record.task.value), shown(record.due));
  }
}

const Ledger::Reign* Ledger::reign(const Task& task, Generation generation) {
  for (const Reign& reign : task.reigns) {
    if (reign.generation == generation) return &reign;
  }
  return nullptr;
}

// D1 for each schedule that ever ruled the task.
void Ledger::check(const Task& task) {
  for (const Reign& reign : task.reigns) check_reign(task, reign);
  const auto& open = task.state.open;
  const auto scheduled = std::count_if(open.begin(), open.end(), [](const OpenRun& run) {
    return run.key.trigger == Trigger::kSchedule && run.redrive_count == 0;
  });
  if (scheduled > static_cast<ptrdiff_t>(kMaxOpenRuns) + 1) {  // O3
    trace_.fail("S6 task %llu: %zu runs of its schedule are open", shown(task.number.value),
                open.size());
  }
}

void Ledger::check_reign(const Task& task, const Reign& reign) {
  std::map<Instant, Covered> pending = reign.ahead;
  const bool current = task.has_spec && reign.generation == task.state.generation;
  uint64_t open = 0;
  if (task.has_state) {
    for (const OpenRun& run : task.state.open) {
      if (run.key.generation != reign.generation || run.key.trigger != Trigger::kSchedule ||
          run.redrive_count > 0) {
        continue;
      }
      ++open;
      if (!pending.try_emplace(run.due, Covered{run.due, 1}).second) {
        trace_.fail("C-4 task %llu: due %lld is open and ended", shown(task.number.value),
                    shown(run.due));
      }
    }
  }
  for (const CatchUp& owed : current ? task.state.catch_up : std::vector<CatchUp>{}) {
    const uint64_t count = reign.oracle.count(owed.next, owed.last);
    if (!pending.try_emplace(owed.next, Covered{owed.last, count}).second) {
      trace_.fail("C-4 task %llu: due %lld is owed and has a fate", shown(task.number.value),
                  shown(owed.next));
    }
  }
  std::optional<Instant> cursor = reign.cursor;
  for (const auto& [due, covered] : pending) {
    if (cursor != due) {
      trace_.fail("C-4 task %llu generation %llu: expected a fate of %lld, found one of %lld",
                  shown(task.number.value), shown(reign.generation.value), shown(cursor),
                  shown(due));
    }
    cursor = reign.oracle.next_after(covered.last);
  }
  if (current) return check_count(task, reign, open, cursor);
  const bool in_doubt = reign.oracle.is_fixed_delay() && reign.end_in_doubt;
  if (reign.ended && cursor && *cursor <= *reign.ended && !in_doubt &&
      (reign.oracle.max_runs() == 0 ||
       reign.ended_runs + reign.superseded + open < reign.oracle.max_runs())) {
    trace_.fail("C-4 task %llu: due %lld has no fate, its schedule ended at %lld",
                shown(task.number.value), shown(cursor), shown(reign.ended));
  }
}

// The state of the schedule that rules the task: its cursor, and how many runs are left.
void Ledger::check_count(const Task& task, const Reign& reign, uint64_t open,
                         std::optional<Instant> cursor) {
  const uint64_t most = reign.oracle.max_runs();
  const uint64_t begun = reign.ended_runs + open;
  if (task.state.ended_runs != reign.ended_runs) {
    trace_.fail("C-16 task %llu: %llu runs ended, it says %llu", shown(task.number.value),
                shown(reign.ended_runs), shown(task.state.ended_runs));
  }
  if (most > 0 && begun > most) {
    trace_.fail("C-16 task %llu: %llu runs of at most %llu", shown(task.number.value), shown(begun),
                shown(most));
  }
  const bool last_is_open = most > 0 && begun == most;  // D3
  const long long expected = last_is_open ? -1 : shown(cursor);
  if (expected != shown(task.state.next_due)) {
    trace_.fail("C-4 task %llu: the ledger goes to %lld, the cursor is at %lld",
                shown(task.number.value), expected, shown(task.state.next_due));
  }
}

const Ledger::Task* Ledger::live(TaskKey key) const {
  auto place = by_key_.find(key);
  return place == by_key_.end() ? nullptr : task(place->second);
}

const Ledger::Task* Ledger::task(TaskNumber number) const {
  auto place = tasks_.find(number);
  return place == tasks_.end() ? nullptr : &place->second;
}

bool Ledger::has_attempt(const RunKey& run, uint32_t attempt, Instant started) const {
  auto place = attempts_.find(run);
  if (place == attempts_.end()) return false;
  return std::any_of(place->second.begin(), place->second.end(), [&](const Recorded& r) {
    return r.attempt == attempt && r.started == started;
  });
}

bool Ledger::was_durable(const TaskState& state) const {
  return shown_.contains({state.version.value, state.updated.ms});
}

}  // namespace hourwheel
