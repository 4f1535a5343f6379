#include "engine/shard.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr uint32_t kMaxRequests = kMaxCommandsWaiting;

}  // namespace

Shard::Shard(uint32_t index, uint64_t seed, const RecoveredShard& recovered, Instant start,
             ShardDoors doors)
    : index_(index),
      up_since_(start),
      random_(seed),
      doors_(doors),
      now_{start, {}},
      latest_(start),
      requests_(kMaxRequests),
      tasks_(kMaxTasksInMemory),
      by_key_(random_.next()),
      removed_(random_.next()),
      wheel_(start),
      dormant_(seed),
      horizon_(start),
      flights_(kMaxRunsInFlight),
      commit_(recovered),
      recovered_mark_(recovered.send_mark),
      recovered_counter_(recovered.counter),
      restored_(recovered.restored),
      statuses_(recovered.statuses) {
  show_statuses();
}

// --- the door in ---

void Shard::post(Message message) {
  if (auto* commands = std::get_if<Commands>(&message)) {
    if (refuse_for_storage(*commands)) return;
    auto count = static_cast<uint32_t>(commands->commands.size());
    const uint32_t kept_free = commands->urgent() ? 0 : memory_.urgent_reserve;
    if (commands_waiting_ + count + kept_free > memory_.commands_waiting) {
      return refuse(*commands, ErrorCode::kOverloaded, "too many changes wait to be made durable");
    }
    commands_waiting_ += count;
    commands_.push_back({std::move(*commands), now_.mono});
    return;
  }
  arrived_.push_back(std::move(message));
}

bool Shard::turn(Now now, uint32_t budget) {
  now_ = now;
  latest_ = std::max(latest_, now.utc);
  follow_clock();
  while (budget > 0 && !arrived_.empty()) {
    --budget;
    Message message = std::move(arrived_.front());
    arrived_.pop_front();
    std::visit(Overloaded{[](Commands&) { HW_CHECK(false, "commands have their own queue"); },
                          [this](QueryRequest& request) { apply_query(std::move(request)); },
                          [this](auto& other) { apply(std::move(other)); }},
               message);
  }
  // Half of the turn is kept for what is due, whatever clients ask for.
  uint32_t for_commands = (budget + 1) / 2;
  budget -= for_commands;
  apply_commands(for_commands);
  budget += for_commands;
  const bool held_back = enough_gathered();
  if (!held_back) fire(budget);
  sweep_wheel();
  flush_asks();
  read_ahead();
  keep_send_mark();
  const bool gathers = budget > 0 && commit_.gathers();  // after a turn at its bound it goes
  if (auto batch = gathers ? nullptr : commit_.take()) {
    metrics_.commits.add();
    metrics_.batch_changes.record(batch->tasks.size() + batch->records.size());
    doors_.store.commit(std::move(batch));
    batch_callbacks_ = 0;
  }
  show_gauges();
  const bool commands_left = !commands_.empty() && !commit_.full();
  return budget == 0 || gathers || commands_left || (held_back && !enough_gathered());
}

Duration Shard::oldest_wait() const {
  return commands_.empty() ? Duration{} : now_.mono - commands_.front().since;
}

void Shard::show_gauges() {
  metrics_.tasks_in_memory.set(tasks_.size());
  metrics_.tasks_dormant.set(static_cast<int64_t>(dormant_.size()));
  metrics_.wheel_entries.set(static_cast<int64_t>(wheel_.size()));
  metrics_.armed_bytes.set(static_cast<int64_t>(armed_bytes_));
  metrics_.runs_waiting.set(static_cast<int64_t>(admission_.waiting()));
  metrics_.runs_in_flight.set(flights_.size());
  metrics_.breakers_open.set(static_cast<int64_t>(admission_.tripped()));
  metrics_.pauses_in_force.set(static_cast<int64_t>(pauses_.all_in_force(now_.utc).size()));
  Duration behind = now_.utc + kHorizonAhead - horizon_.position();
  metrics_.horizon_lag_ms.set(std::max<int64_t>(behind.ms, 0));
}

std::optional<Instant> Shard::next_wake() const {
  if (draining_) return std::nullopt;  // nothing is read ahead or started; messages end the drain
  std::optional<Instant> wake;
  auto consider = [&wake](Instant t) { wake = wake ? std::min(*wake, t) : t; };
  // While memory is full there is nothing to wake for: what makes room reads on in the same turn.
  auto read_on = horizon_.next_wake();
  if (read_on && room_to_read() != Horizon::Room::kNone) consider(*read_on);
  // B5: what makes the batch durable wakes.
  if (auto due = wheel_.next_wake(); due && !enough_gathered()) consider(*due);
  if (auto release = next_release()) consider(*release);
  // C-8: without the mark nothing starts; that it is durable wakes. So with B5.
  const auto probe = admission_.next_wake();
  if (probe && now_.utc < commit_.send_mark() && !enough_gathered()) {
    consider(now_.utc + Duration{probe->ms - now_.mono.ms});
  }
  if (sends_soon()) consider(commit_.send_mark_asked() - kSendMarkRenewal);
  return wake;
}

// --- requests ---

void Shard::refuse(const Commands& commands, ErrorCode code, const char* why) {
  metrics_.refusals.add();
  std::vector<CommandOutcome> outcomes;
  for (size_t i = 0; i < commands.commands.size(); ++i) outcomes.push_back(failure(code, "", why));
  doors_.reply.reply({commands.token, std::move(outcomes)});
}

void Shard::apply_commands(uint32_t& budget) {
  while (budget > 0 && !commands_.empty() && !commit_.full()) {
    Commands& front = commands_.front().commands;
    auto count = static_cast<uint32_t>(front.commands.size());
    if (next_command_ == 0) {
      auto request = requests_.emplace();
      HW_CHECK(request, "S6 no more requests than commands");
      front_request_ = *request;
      PendingAnswers& answers = *requests_.find(front_request_);
      answers.token = front.token;
      answers.outcomes.resize(count);
      answers.undecided = count;
    }
    apply(std::move(front.commands[next_command_]), front_request_, next_command_);
    --budget;
    if (++next_command_ == count) {
      commands_.pop_front();
      next_command_ = 0;
    }
  }
}

void Shard::apply(Command command, SlabHandle request, uint32_t index) {
  metrics_.commands(command.kind).add();
  if (auto why = refused_by_storage(command)) {
    metrics_.refusals.add();
    return settle_answer(request, index, tl::unexpected<Error>(std::move(*why)), 0);
  }
  if (is_under_way(command)) {
    return settle_answer(request, index,
                         failure(ErrorCode::kIdempotencyInProgress, "",
                                 "a request with this Idempotency-Key is being answered"),
                         0);
  }
  HotTask* task = find(command.key);
  if (task == nullptr) {
    const uint32_t kept_free =
        memory_.scan_reserve() + (is_urgent(command.kind) ? 0 : memory_.urgent_reserve);
    if (tasks_.size() + kept_free < memory_.tasks) task = keep(command.key);
    if (task == nullptr) {
      metrics_.refusals.add();
      return settle_answer(
          request, index, failure(ErrorCode::kOverloaded, "", "too many tasks are due at once"), 0);
    }
    // Nobody can have stored a task under an id that was generated for this very command.
    task->known = command.id_origin == IdOrigin::kGenerated;
  }
  const TaskKey key = command.key;
  if (command.idempotency) keys_under_way_.insert(command.idempotency->scope);
  decide(*task, {request, index, std::move(command)});
  if (HotTask* holder = find(key)) settle(*holder);
}

// To decide the command.
bool Shard::knows_enough(const HotTask& task, const WaitingCommand& waiting) const {
  const bool changing = task.held > commit_.durable();
  // Most commands look at the definition. A delete only needs it if something is due that must be
  // accounted for, an attempt is over that its policy judges, or its labels are asked for (SL1).
  const bool overdue = (task.state.next_due && *task.state.next_due <= now_.utc) ||
                       !task.state.catch_up.empty() || has_overdue(task);
  const bool looks_at_it =
      waiting.command.kind != CommandKind::kDelete || overdue || waiting.command.selection;
  const bool needs_definition = task.exists && !task.quarantined && looks_at_it;
  // The answer about a dead letter holds for the decision that follows it at once: between the
  // question and the answer no command on this task is decided.
  const bool lacks_letter = task.exists && needs_letter(waiting.command.kind) && !waiting.looked_up;
  return task.known && (!needs_definition || (task.armed && !changing)) && !lacks_letter;
}

// Decides a command or keeps it waiting. The caller settles the id's holder when it has no more.
void Shard::decide(HotTask& task, WaitingCommand waiting) {
  const bool needs_answer = waiting.command.idempotency && !waiting.recalled;
  if (waiting.recalled && task.waiting.empty()) {
    if (auto told = undecided_answer(waiting.command)) {
      return settle_answer(waiting, std::move(*told), task.dirty);
    }
  }
  if (task.quarantined && !needs_answer && waiting.command.kind != CommandKind::kDelete) {
    const Error why{ErrorCode::kCorrupt, "", "the stored task cannot be read"};
    return settle_answer(waiting, failure(damage_as_told(waiting.command, why)), task.dirty);
  }
  const bool ready = !needs_answer && knows_enough(task, waiting);
  if (!ready || !task.waiting.empty()) {
    waiting.looked_up = false;
    task.waiting.push_back(std::move(waiting));
    if (!ready) ask_for(task);
    return;
  }
  const TaskKey key = task.key;
  CommandOutcome outcome = decide_command(task, waiting.command);
  if (outcome) outcome->state.drop_payloads();  // answers tell of none, nor are they kept for that
  // A delete may have left the id to a new, empty entry; answers rest on what that one knows.
  HotTask* holder = find(key);
  HW_CHECK(holder != nullptr, "an id stays in memory until what was decided on it is durable");
  if (outcome) note(task, waiting.command, *outcome);
  uint64_t after = holder->dirty;
  if (outcome && waiting.command.idempotency) {
    after = keep_answer(waiting.command, *outcome);
  }
  settle_answer(waiting, std::move(outcome), after);
}

// The commands that waited for a fetch or a commit, in order, as far as they can now be decided.
// The entry is settled after the last of them: one let go in between would have to be fetched
// again.
void Shard::decide_waiting(HotTask& task) {
  const TaskKey key = task.key;
  for (WaitingCommand& command : std::exchange(task.waiting, {})) {
    HotTask* holder = find(key);
    HW_CHECK(holder != nullptr, "an id stays in memory while commands wait for it");
    decide(*holder, std::move(command));
  }
  if (HotTask* holder = find(key)) settle(*holder);
}

void Shard::settle_answer(const WaitingCommand& waiting, CommandOutcome outcome, uint64_t after) {
  end_keyed(waiting.command, outcome);
  settle_answer(waiting.request, waiting.index, std::move(outcome), after);
}

void Shard::settle_answer(SlabHandle request, uint32_t index, CommandOutcome outcome,
                          uint64_t after) {
  HW_CHECK(commands_waiting_ > 0, "S6 every command is counted once");
  --commands_waiting_;
  PendingAnswers* answers = requests_.find(request);
  HW_CHECK(answers != nullptr && answers->undecided > 0, "each command is answered once");
  answers->outcomes[index].emplace(std::move(outcome));
  answers->after = std::max(answers->after, after);
  if (--answers->undecided > 0) return;
  std::vector<CommandOutcome> outcomes;
  outcomes.reserve(answers->outcomes.size());
  for (auto& decided : answers->outcomes) outcomes.push_back(std::move(*decided));
  Reply reply{answers->token, std::move(outcomes)};
  uint64_t rests_on = answers->after;
  requests_.erase(request);
  commit_.answer(rests_on, std::move(reply), doors_.reply);
}

// A deleted task is in memory until the end of its last run is durable.
LastRuns Shard::last_runs(TaskNumber removed) {
  const auto slot = removed_.find(removed);
  if (!slot) return {0};
  return {static_cast<uint32_t>(std::max<size_t>(1, tasks_.at(*slot).state.open.size()))};
}

void Shard::apply_query(QueryRequest request) {
  if (const auto* list = std::get_if<ListBreakers>(&request.query)) {
    // It waits for nothing, so it is told however many wait.
    return doors_.reply.reply(
        {request.token, Result<QueryAnswer>(QueryAnswer(open_breakers(list->limit)))});
  }
  if (queries_ >= memory_.queries) {
    metrics_.refusals.add();
    doors_.reply.reply({request.token, Result<QueryAnswer>(failure(ErrorCode::kOverloaded, "",
                                                                   "too many queries at once"))});
    return;
  }
  if (const auto* count = std::get_if<CountLastRuns>(&request.query)) {
    return doors_.reply.reply(
        {request.token, Result<QueryAnswer>(QueryAnswer(last_runs(count->task)))});
  }
  if (auto* list = std::get_if<ListTasks>(&request.query)) {
    auto& by = list->filter.may_be_open_at;
    if (by) by = std::max(*by, latest_);
  }
  ++queries_;
  doors_.store.query(std::move(request));
}

// --- changes ---

void Shard::add(TaskChange made) {
  size_t bytes = sizeof(TaskChange) + (made.spec ? made.spec->bytes() : 0);
  for (const OpenRun& run : made.state.open) {
    bytes += sizeof(OpenRun) + (run.report ? run.report->text.size() : 0) +
             (run.payload ? run.payload->bytes() : 0);
  }
  commit_.open().bytes += bytes;
  commit_.open().tasks.push_back(std::move(made));
}

void Shard::change(HotTask& task, ChangeKind kind, std::unique_ptr<TaskSpec> spec, Holds holds) {
  TaskChange made;
  made.kind = kind;
  made.number = task.number;
  made.key = task.key;
  made.spec = std::move(spec);
  made.state = task.state;
  made.was = std::exchange(task.counted, counts_as(made));
  add(std::move(made));
  task.dirty = commit_.sequence();
  task.unstored = false;
  if (kind == ChangeKind::kRemove && dormant_.erase(task.number)) wheel_.note_stale();
  if (holds == Holds::kStarts) task.held = task.dirty;
  count_payloads(task);
}

}  // namespace hourwheel
