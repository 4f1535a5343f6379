// The part of the shard that keeps due runs in their destination's line (engine/admission.h), and
// the definitions of those that wait within bounds.
//
// A task may wait with its definition or with its handle only. When the turn of a handle comes, the
// task is called: it takes its place among the attempts in flight, its definition is fetched
// whatever the memory holds, and with that it starts, or gives its place back.
//   M1  From three quarters of the memory for definitions on nothing that comes to a line keeps its
//       own, in lines that do not move from one quarter on: however many targets hang, there is
//       room for what is due elsewhere (C-24).
//   M2  One fetch a turn: a called task does not stand in line again before it had its place.
//   M3  A called task is being fetched or in called_. What has a place, called or in flight, is
//       bounded by A1; its definition does not count among those held for firing.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {

// One entry a task: when it has come out, the task's next run stands in line.
void Shard::stand_in_line(HotTask& task, const OpenRun& run) {
  // What comes due meanwhile may have to be acted upon (C-12).
  const auto& next = task.state.next_due;
  if (next && *next > now_.utc && acts_beside(task.state.overlap)) enter_wheel(task, *next);
  if (task.called_by) return;
  if (!task.in_line) {
    task.in_line = true;
    const bool left_behind = run.attempts == 0 && run.due < up_since_;
    admission_.wait(task.armed->destination, task.self,
                    left_behind ? Admission::Standing::kLeftBehind : Admission::Standing::kFresh);
  }
  thin_out(task, Hope::kMayStart);
}

// M1, of one in line that has its definition. What may start this very turn keeps it as long.
void Shard::thin_out(HotTask& task, Hope hope) {
  if (task.flights > 0) return;
  const Destination destination = task.armed->destination;
  const size_t waiting = std::max(size_t{1}, admission_.waiting_for(destination));
  if (waiting <= longest_armed(destination)) return;
  if (hope == Hope::kMayStart && waiting <= admission_.room_for(destination, now_.mono)) {
    return hopeful_.push_back(task.self);
  }
  disarm(task);
}

// Those that did not start after all.
void Shard::thin_out_hopeful() {
  for (SlabHandle handle : hopeful_) {
    HotTask* task = tasks_.find(handle);
    if (task != nullptr && task->in_line && task->armed) thin_out(*task, Hope::kNone);
  }
  hopeful_.clear();
}

// M1. A line that moves needs its definitions soon, and fetching is most of what a run costs.
size_t Shard::longest_armed(Destination destination) const {
  const bool moves = admission_.is_proven(destination, now_.mono);
  const size_t eighth = memory_.armed_bytes / 8;
  if (armed_bytes_ > eighth * (moves ? 6 : 2)) return 0;
  if (armed_bytes_ > eighth * (moves ? 4 : 1)) return line_limits_.in_flight_unproven;
  return moves ? memory_.tasks : kMaxArmedPerDestination;
}

OpenRun* Shard::startable(HotTask& task) {
  if (task.state.pause || task.held > commit_.durable()) return nullptr;
  if (pause_of(task) != nullptr) return nullptr;
  const OpenRun* run = next_to_start(task.state, lanes_of(task.state));
  if (run == nullptr || run->next_attempt > now_.utc) return nullptr;
  return &task.state.open[static_cast<size_t>(run - task.state.open.data())];
}

// What the task would start now that it has its turn.
OpenRun* Shard::run_at_its_turn(HotTask& task) {
  if (!task.exists || task.quarantined) return nullptr;
  end_unstartable(task);
  return startable(task);
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
    OpenRun* run = run_at_its_turn(*task);
    if (run != nullptr && !task->armed) {
      call(*task, admitted->destination);
      continue;
    }
    if (run != nullptr && goes_to(*task, admitted->destination)) start(*task, *run);
    settle(*task);  // another run of it may start beside
  }
}

void Shard::call(HotTask& task, Destination destination) {
  task.called_by = destination;
  admission_.started(destination, now_.mono);
  ask_for(task);
  HW_CHECK(task.fetching, "M3 who is called is fetched");
}

// Those that were fetched. One that is without its definition all the same waits for something else
// by now: for a commit, or for its instant.
void Shard::start_called(uint32_t& budget) {
  if (draining_ || now_.utc >= commit_.send_mark()) return;
  for (; budget > 0 && !called_.empty(); --budget) {
    HotTask* task = tasks_.find(called_.front());
    called_.pop_front();
    if (task == nullptr || !task->called_by) continue;
    if (!task->armed) {
      if (!task->fetching) give_place_back(*task);
      continue;
    }
    OpenRun* run = run_at_its_turn(*task);
    // A4: it may have opened since.
    const bool open = admission_.open_until(*task->called_by, now_.mono).has_value();
    if (run != nullptr && goes_to(*task, *task->called_by) && !open) {
      start(*task, *run);
    } else {
      give_place_back(*task);
    }
    settle(*task);
  }
}

// It may have been replaced while it waited.
bool Shard::goes_to(const HotTask& task, Destination destination) {
  return task.armed->spec.target.kind == TargetKind::kHttp &&
         task.armed->destination == destination;
}

void Shard::give_place_back(HotTask& task) {
  if (!task.called_by) return;
  admission_.ended(*task.called_by, now_.mono, {});
  task.called_by.reset();
  count_armed(task);
}

}  // namespace hourwheel
