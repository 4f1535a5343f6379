// The part of the shard that decides which tasks are in memory, and what each of them waits for.
#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

// A task that is due again this soon keeps its definition; while more than half of the memory for
// definitions is used, this soon.
constexpr Duration kKeepArmed = seconds(10);
constexpr Duration kKeepArmedCrowded = seconds(2);
// Wheel entries looked at in a turn when it is swept: about 50 us.
constexpr size_t kSweepBudget = 4'096;

}  // namespace

void Shard::limit_memory(const MemoryLimits& limits) {
  memory_ = limits;
  commit_.limit_changes(limits.batch_changes);
}

HotTask* Shard::find(TaskKey key) {
  auto slot = by_key_.find(key);
  return slot ? &tasks_.at(*slot) : nullptr;
}

HotTask* Shard::keep(TaskKey key) {
  if (tasks_.size() >= memory_.tasks) return nullptr;
  auto handle = tasks_.emplace();
  if (!handle) return nullptr;
  HotTask* task = tasks_.find(*handle);
  task->self = *handle;
  task->key = key;
  by_key_.insert(key, handle->slot);
  return task;
}

void Shard::forget(HotTask& task) {
  HW_CHECK(task.flights == 0 && task.waiting.empty() && task.dirty <= commit_.durable(),
           "S1 what is not durable stays in memory");
  leave_wheel(task);
  give_place_back(task);
  disarm(task);
  payload_bytes_ -= task.payloads_counted;
  auto holder = by_key_.find(task.key);
  if (holder && *holder == task.self.slot) {
    by_key_.erase(task.key);
  } else {
    removed_.erase(task.number);
  }
  tasks_.erase(task.self);
}

void Shard::settle(HotTask& task) {
  if (task.fetching || task.quarantined || !task.waiting.empty()) return;
  const bool clean = task.dirty <= commit_.durable();
  if (!task.exists) {
    leave_wheel(task);
    if (clean && task.flights == 0) forget(task);
    return;
  }
  if (task.held > commit_.durable()) return leave_wheel(task);  // S7
  auto action = next_action(task.state);
  const bool in_flight = task.flights > 0;
  if (action && (in_flight || horizon_.covers(*action))) return await(task, *action);
  leave_wheel(task);
  if (in_flight) return;
  if (is_complete(task)) return remove_complete(task);
  disarm(task);
  if (task.unstored) return change(task, ChangeKind::kState, nullptr, Holds::kNothing);
  if (clean) forget(task);
}

void Shard::await(HotTask& task, Instant action) {
  if (action <= now_.utc) {
    leave_wheel(task);
    return ready(task);
  }
  const bool crowded = armed_bytes_ >= memory_.armed_bytes / 2;
  if (action > now_.utc + (crowded ? kKeepArmedCrowded : kKeepArmed)) {
    if (may_lie_dormant(task, action)) return lie_dormant(task, action);
    if (task.flights == 0) disarm(task);  // what is in flight is judged by its definition
  }
  // It is fetched again when it is due, after those that wait now: else what comes every second
  // would keep its memory for good.
  if (task.armed && task.flights == 0 && definitions_are_wanted()) {
    disarm(task);
    return enter_wheel(task, action);
  }
  if (task.armed) return enter_wheel(task, action);
  if (action - kArmingLead > now_.utc) return enter_wheel(task, action - kArmingLead);
  if (pauses_.holding_all(now_.utc) != nullptr) return enter_wheel(task, action);
  leave_wheel(task);
  ask_for(task);
}

void Shard::enter_wheel(HotTask& task, Instant due) {
  if (task.in_wheel && task.wheel_due == due) return;
  leave_wheel(task);
  task.in_wheel = true;
  task.wheel_due = due;
  wheel_.schedule({task.self.slot, task.self.generation, due});
}

void Shard::leave_wheel(HotTask& task) {
  if (!task.in_wheel) return;
  task.in_wheel = false;
  wheel_.note_stale();
}

void Shard::arm(HotTask& task, std::unique_ptr<TaskSpec> spec) {
  disarm(task);
  auto schedule = Schedule::compile(spec->schedule, spread_seed(task.key));
  if (!schedule) {
    // Accepted once, refused now: its time zone is gone from the system.
    return quarantine(task, schedule.error());
  }
  Destination destination;
  if (spec->target.kind == TargetKind::kHttp) {
    auto url = parse_url(spec->target.url);
    HW_CHECK(url.has_value(), "a stored URL is one that was accepted");
    destination = destination_of(*url);
  }
  size_t bytes = spec->bytes() + sizeof(Armed);
  task.armed = std::make_unique<Armed>(Armed{std::move(*spec), *schedule, destination, bytes});
  ++armed_;
  count_armed(task);
}

void Shard::disarm(HotTask& task) {
  if (!task.armed) return;
  --armed_;
  task.armed.reset();
  count_armed(task);
}

// M3. To call after every change of what it goes by.
void Shard::count_armed(HotTask& task) {
  const bool counts = task.armed && task.flights == 0 && !task.called_by;
  const size_t bytes = counts ? task.armed->bytes : 0;
  armed_bytes_ += bytes - task.armed_counted;
  task.armed_counted = bytes;
}

// Has the task's definition fetched. One that is being changed brings it along when it is durable.
void Shard::ask_for(HotTask& task) {
  if (task.fetching || (task.known && task.held > commit_.durable())) return;
  if (task.waiting.empty() && !task.called_by && !room_to_arm()) {
    if (!task.wanting) (is_left_behind(task) ? wanting_later_ : wanting_).push_back(task.self);
    task.wanting = true;
    return drop_forgotten();
  }
  task.fetching = true;
  ++fetches_;
  FetchOne ask;
  ask.key = task.key;
  if (task.known) {
    ask.number = task.number;
    ask.version = task.state.version;
  }
  if (!task.waiting.empty()) {
    const WaitingCommand& first = task.waiting.front();
    if (needs_letter(first.command.kind)) ask.dead = first.command.run;
    if (first.command.idempotency && !first.recalled) ask.recall = first.command.idempotency->scope;
  }
  asks_.push_back(ask);
}

// Entries of tasks that were given up meanwhile go before they outnumber the others.
void Shard::drop_forgotten() {
  if (wanting_.size() + wanting_later_.size() <= 2 * size_t{memory_.tasks}) return;
  auto is_gone = [this](SlabHandle handle) { return tasks_.find(handle) == nullptr; };
  std::erase_if(wanting_, is_gone);
  std::erase_if(wanting_later_, is_gone);
}

// It came due before this life; fresh ones go first (C-11).
bool Shard::is_left_behind(const HotTask& task) const {
  const auto& due = task.state.next_due;
  return task.state.open.empty() && due && *due < up_since_;
}

// Three lines wait for the same memory, and none for good: those in memory and those that come back
// to it take turns, and what came due before this life has its share however many those are. False:
// nobody waits.
bool Shard::ask_for_next() {
  const bool fresh = !wanting_.empty();
  const bool revives = !stirred_.empty() && room_to_revive();
  const bool backlog = !wanting_later_.empty();
  if (!fresh && !revives && !backlog) return false;
  const uint32_t turn = ++asked_;
  if (backlog && (turn % kBacklogShare == 0 || !(fresh || revives))) {
    ask_for_first(wanting_later_);
  } else if (revives && (!fresh || turn % 2 != 0)) {
    ask_for_stirred();
  } else {
    ask_for_first(wanting_);
  }
  return true;
}

void Shard::ask_for_first(std::deque<SlabHandle>& line) {
  HotTask* task = tasks_.find(line.front());
  line.pop_front();
  if (task == nullptr) return;
  task->wanting = false;
  settle(*task);
}

void Shard::flush_asks() {
  for (size_t room = kFetchBatch; room > 0 && room_to_arm() && ask_for_next(); --room) {
  }
  for (size_t first = 0; first < asks_.size(); first += kFetchBatch) {
    size_t last = std::min(asks_.size(), first + kFetchBatch);
    doors_.store.fetch({asks_.begin() + static_cast<ptrdiff_t>(first),
                        asks_.begin() + static_cast<ptrdiff_t>(last)});
  }
  asks_.clear();
}

// With so many tasks in memory no more of the backlog is read: three quarters, and pages must fit.
uint32_t Shard::room_for_backlog() const {
  const uint32_t pages = 3 * memory_.scan_page;
  return std::min(memory_.tasks - std::min(memory_.tasks, pages), memory_.tasks / 4 * 3);
}

// The backlog is read while a quarter of memory is free and what was read of it finds its way: not
// faster than definitions come and lines move. Lines that do not move hold nobody else up.
Horizon::Room Shard::room_to_read() const {
  const bool pages_fit = tasks_.size() + 3 * memory_.scan_page < memory_.tasks;
  if (tasks_.size() < room_for_backlog() && admission_.waiting_to_move() < 2 * memory_.scan_page &&
      fetches_ + wanting_.size() + stirred_.size() < memory_.scan_page) {
    return Horizon::Room::kPlenty;
  }
  const bool room =
      pages_fit && dormant_tasks() < memory_.dormant && (stirred_.empty() || room_to_revive());
  return room ? Horizon::Room::kSome : Horizon::Room::kNone;
}

void Shard::read_ahead() {
  if (draining_) return;
  const bool crowded = now_.mono < crowded_until_ || tasks_.size() >= memory_.tasks / 2 ||
                       dormant_tasks() >= memory_.dormant / 2 || many_payloads();
  horizon_.reach(crowded ? kHorizonNear : kHorizonAhead);
  // What wakes later goes, so that those that wait to be read have their turn; what is due every
  // few seconds keeps its place until time has come to the horizon.
  const bool is_full = tasks_.size() >= room_for_backlog() || many_payloads();
  if (is_full && horizon_.pull_back(now_.utc, kHorizonNear)) {
    crowded_until_ = now_.mono + kHorizonAhead;  // else all of it would be read again at once
    leave_to_index();
  }
  release_parked();
  read_parked();
  const auto room = room_to_read();
  while (auto range = horizon_.next(now_.utc, room)) {
    range->limit = memory_.scan_page;
    doors_.store.scan(*range);
  }
}

// Gives up what wakes beyond the horizon, which has moved back. Cost: a look at every task.
void Shard::leave_to_index() {
  std::vector<SlabHandle> beyond;
  tasks_.for_each([&](SlabHandle handle, const HotTask& task) {
    if (!task.in_wheel) return;
    const auto action = next_action(task.state);
    if (action && !horizon_.covers(*action)) beyond.push_back(handle);
  });
  // Settling may let go of the one it is about, and of no other.
  for (SlabHandle handle : beyond) {
    if (HotTask* task = tasks_.find(handle)) settle(*task);
  }
}

// Out-of-date entries are dropped before they outnumber the live ones by much.
void Shard::sweep_wheel() {
  if (!wheel_.wants_compaction()) return;
  auto is_stale = [this](const WheelEntry& entry) {
    const SlabHandle named{entry.slot, entry.generation};
    if (auto number = DormantTasks::number_in(named)) return !dormant_.holds(*number, entry.due);
    const HotTask* task = tasks_.find(named);
    return task == nullptr || !task->in_wheel || task->wheel_due != entry.due;
  };
  static_cast<void>(wheel_.compact(is_stale, kSweepBudget));
}

}  // namespace hourwheel
