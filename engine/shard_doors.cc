// The part of the shard that takes what comes back from the doors: answers to queries, batches that
// are durable, tasks that were fetched or found due, and rows that cannot be read.
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/retry.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

// The answer about the dead letter of `run`, to the command that asked; null: there is no task.
void take_letter(WaitingCommand& waiting, const RunKey& run, StoredTask* found) {
  waiting.looked_up = waiting.command.run == run;
  if (!waiting.looked_up || found == nullptr || !found->dead) return;
  waiting.command.letter = std::make_unique<DeadRun>(std::move(*found->dead));
}

}  // namespace

void Shard::apply(Answered answered) {
  HW_CHECK(queries_ > 0, "S6 every query is counted once");
  --queries_;
  if (answered.answer) {
    if (auto* task = std::get_if<StoredTask>(&*answered.answer)) show_flights(*task);
    if (auto* page = std::get_if<TaskPage>(&*answered.answer)) {
      for (StoredTask& task : page->tasks) show_flights(task);
    }
    if (auto* found = std::get_if<RunsFound>(&*answered.answer)) {
      show_flights(found->task);
      show_breaker(*found);
    }
  }
  doors_.reply.reply({answered.token, std::move(answered.answer)});
}

// A first attempt is stored with its end, and so is a run that only waits for its turn: who asks
// meanwhile is to see that it is under way.
void Shard::show_flights(StoredTask& shown) {
  const HotTask* task = find(shown.key);
  const bool more = task != nullptr && task->number == shown.number && task->known &&
                    (task->flights > 0 || task->unstored);
  if (!more) return;
  for (const OpenRun& run : task->state.open) {
    if (!run.in_flight && !task->unstored) continue;
    OpenRun* stored = shown.state.find_open(run.key);
    if (stored == nullptr) stored = &shown.state.open.emplace_back();
    *stored = run;
  }
}

// What of the task may have to wait for.
void Shard::show_breaker(RunsFound& shown) const {
  const Target& target = shown.task.spec.target;
  if (target.kind != TargetKind::kHttp) return;
  const auto url = parse_url(target.url);
  if (!url) return;
  const auto until = admission_.open_until(destination_of(*url), now_.mono);
  if (until) shown.breaker_until = as_instant(*until);
}

// By the wall clock as it goes now.
Instant Shard::as_instant(Monotonic t) const {
  return now_.utc + (t - now_.mono);
}

BreakerPage Shard::open_breakers(uint32_t limit) const {
  BreakerPage page;
  for (Admission::Tripped& one : admission_.longest_tripped(limit)) {
    page.breakers.push_back({std::move(one.destination), as_instant(one.opened),
                             as_instant(one.open_until), one.failures});
  }
  return page;
}

void Shard::apply(Committed done) {
  commit_.completed(*done.batch);
  end_keyed(*done.batch);
  give_places_back(*done.batch);
  count_statuses(*done.batch);
  commit_.release_replies(doors_.reply);
  park_unkept();
  // All definitions first: a task may have changed several times in this batch, and whatever is
  // decided from here on is decided on the last.
  for (TaskChange& change : done.batch->tasks) {
    HotTask* holder = find(change.key);
    if (holder != nullptr && change.spec) take_definition(*holder, change);
  }
  for (const TaskChange& change : done.batch->tasks) {
    // The id's holder, and the deleted task whose runs are still in flight, may be two entries.
    if (HotTask* holder = find(change.key)) durable(*holder);
    if (auto slot = removed_.find(change.number)) durable(tasks_.at(*slot));
  }
}

// The definition of a change that is durable, if it is the one in force.
void Shard::take_definition(HotTask& task, TaskChange& change) {
  if (!task.exists || task.number != change.number || task.state.version != change.state.version) {
    return;
  }
  auto next = next_action(task.state);
  const bool soon = next && *next <= now_.utc + kArmingLead;
  const bool may_go = !next && change.spec->on_complete == OnComplete::kDelete;
  if (soon || may_go || task.flights > 0 || !task.waiting.empty()) {
    arm(task, std::move(change.spec));
  } else {
    disarm(task);
  }
}

// A batch that holds a change of this entry is durable. Commands wait for the definition only:
// there may be no end of later states.
void Shard::durable(HotTask& task) {
  const bool changing = task.held > commit_.durable();
  if (!changing && !task.fetching && !task.waiting.empty()) return decide_waiting(task);
  if (task.dirty <= commit_.durable()) settle(task);
}

void Shard::apply(Fetched fetched) {
  HW_CHECK(fetched.asked.size() == fetched.found.size(), "one answer for each task asked for");
  HW_CHECK(fetches_ >= fetched.asked.size(), "S6 every fetch is counted once");
  fetches_ -= static_cast<uint32_t>(fetched.asked.size());
  Recalled* recalled = fetched.recalled.data();
  for (size_t i = 0; i < fetched.asked.size(); ++i) {
    const FetchOne& asked = fetched.asked[i];
    if (asked.of_dormant()) {
      revive(asked.number, std::move(fetched.found[i]));
    } else {
      fetched_one(asked, std::move(fetched.found[i]), asked.recall ? recalled++ : nullptr);
    }
  }
  HW_CHECK(recalled == fetched.recalled.data() + fetched.recalled.size(),
           "what was asked to be recalled is told, and nothing else");
}

void Shard::get_to_know(HotTask& task, Result<StoredTask>& found) {
  task.known = true;
  task.exists = found.has_value();
  if (!found) return;
  task.number = found->number;
  task.state = std::move(found->state);
  task.counted = status_of(task.state);
  count_payloads(task);
  adopt(task.state);
}

void Shard::fetched_one(const FetchOne& asked, Result<StoredTask> found, Recalled* recalled) {
  HotTask* task = find(asked.key);
  // The id has changed hands meanwhile (deleted, or created anew).
  if (task == nullptr || !task->fetching || (asked.number && task->number != asked.number)) return;
  task->fetching = false;
  take_recalled(*task, recalled);
  const bool settled = task->held <= commit_.durable();
  if (!found && found.error().code == ErrorCode::kIo) return could_not_read(*task, found.error());
  if (!found && (found.error().code != ErrorCode::kNotFound || (task->exists && settled))) {
    return found_damaged(*task, found.error());
  }
  if (task->called_by) called_.push_back(task->self);
  if (!task->known) get_to_know(*task, found);
  if (asked.dead && !task->waiting.empty()) {
    take_letter(task->waiting.front(), *asked.dead, found ? &*found : nullptr);
  }
  bool current = found && task->exists && task->number == found->number &&
                 (!asked.version || *asked.version == task->state.version);
  if (current && !task->armed && settled) {
    arm(*task, std::make_unique<TaskSpec>(std::move(found->spec)));
    lose_claims(*task);
  }
  if (!task->waiting.empty()) return decide_waiting(*task);
  settle(*task);
}

// What was in flight or due when the former life ended may have been sent (C-8). At most once,
// nothing was sent without a claim, and what was claimed is over (C-6): see lose_claims.
void Shard::adopt(TaskState& state) const {
  for (OpenRun& run : state.open) {
    const bool unclaimed = state.at_most_once && run.next_attempt > restored_;
    const bool sent_unstored = !unclaimed && run.next_attempt <= recovered_mark_;
    if (!run.claimed && (run.in_flight || sent_unstored)) run.possible_duplicate = true;
    run.in_flight = false;
  }
}

// The disk did not give the row this time, which says nothing about the row: whoever asked is told,
// and the task is read again when it next has something to do.
void Shard::could_not_read(HotTask& task, const Error& why) {
  give_place_back(task);
  for (WaitingCommand& waiting : std::exchange(task.waiting, {})) {
    settle_answer(waiting, tl::unexpected<Error>(why), task.dirty);
  }
  if (!task.known) return forget(task);
  if (task.armed) return settle(task);  // it came back with its definition meanwhile
  const auto action = task.exists ? next_action(task.state) : std::nullopt;
  const Instant again = now_.utc + kReadAgain;
  if (!action || *action - kArmingLead > again) return settle(task);
  enter_wheel(task, again);
}

// The stored definition cannot be used: its task stays as it is and does not fire (C-23).
void Shard::quarantine(HotTask& task, const Error& why) {
  if (!task.quarantined) metrics_.quarantined.add();
  leave_wheel(task);
  give_place_back(task);
  task.quarantined = true;
  if (task.counted) count_damaged(task.number, *task.counted);
  for (WaitingCommand& waiting : std::exchange(task.waiting, {})) {
    // It can be deleted, and told what was kept.
    const bool needs_none = waiting.command.kind == CommandKind::kDelete || waiting.recalled;
    if (task.known && needs_none) {
      task.waiting.push_back(std::move(waiting));
    } else {
      settle_answer(waiting, failure(damage_as_told(waiting.command, why)), task.dirty);
    }
  }
  // One that was only asked about is looked at afresh by the next command.
  if (!task.known) forget(task);
}

void Shard::found_damaged(HotTask& task, const Error& why) {
  const bool stays = task.known;
  quarantine(task, why);
  if (stays && !task.waiting.empty()) decide_waiting(task);
}

void Shard::apply(Scanned page) {
  horizon_.arrived(page);
  for (ThinTask& thin : page.tasks) scanned_one(std::move(thin));
}

void Shard::scanned_one(ThinTask thin) {
  if (thin.state.deleted) {
    if (!removed_.find(thin.number)) end_lost_runs(thin);
    return;
  }
  HotTask* task = find(thin.key);
  if (task != nullptr && task->known) return;  // N1: memory knows it better
  // One that is being asked about is known from here on: no other page brings it again, and what
  // asks may find that the disk does not answer.
  if (task == nullptr) task = keep(thin.key);
  HW_CHECK(task != nullptr, "S6 scans are only asked for while there is room for their pages");
  task->known = task->exists = true;
  task->number = thin.number;
  task->state = std::move(thin.state);
  task->counted = status_of(task->state);
  count_payloads(*task);
  adopt(task->state);
  settle(*task);
}

// The runs of a deleted task that were in flight when the former life ended (C-10).
void Shard::end_lost_runs(const ThinTask& tombstone) {
  for (const OpenRun& run : tombstone.state.open) {
    RunRecord record =
        hourwheel::record_of(tombstone.number, tombstone.state.version, run, now_.utc);
    // What was claimed was perhaps carried out (C-6).
    record.state = run.canceled && !run.claimed ? RunState::kCanceled : RunState::kUnknown;
    if (run.report) {  // CO1
      record.outcome = outcome_of_target(run, now_.utc);
      record.state = judge_without_policy(run, record.outcome).state;
    }
    metrics_.runs_ended(record.state).add();
    commit_.open().records.push_back(std::move(record));
  }
  TaskChange forgotten;
  forgotten.kind = ChangeKind::kForget;
  forgotten.number = tombstone.number;
  forgotten.key = tombstone.key;
  commit_.open().tasks.push_back(std::move(forgotten));
}

}  // namespace hourwheel
