// The part of the shard that lets go of tasks that only wait, and fetches them again in time
// (engine/dormant.h).
#include <algorithm>
#include <utility>

#include "engine/limits.h"
#include "engine/shard.h"

namespace hourwheel {
namespace {

constexpr uint32_t kFewRevives = 64;

}  // namespace

// What is stored says all there is to say of it, and nothing of a former life is in doubt about it.
bool Shard::may_lie_dormant(const HotTask& task, Instant action) const {
  const TaskState& state = task.state;
  const bool stored = task.dirty <= commit_.durable() && !task.unstored;
  const bool idle = task.flights == 0 && !task.in_line && state.open.empty() &&
                    state.catch_up.empty() && !state.backfill;
  return stored && idle && action > recovered_mark_ && dormant_tasks() < memory_.dormant;
}

void Shard::lie_dormant(HotTask& task, Instant action) {
  lay_down(task.number, action - kArmingLead);
  forget(task);
}

void Shard::lay_down(TaskNumber number, Instant wake) {
  const auto entry = dormant_.lay(number, wake);
  if (entry == DormantTasks::Entry::kUnchanged) return;
  if (entry == DormantTasks::Entry::kInstead) wheel_.note_stale();
  const SlabHandle named = DormantTasks::handle_of(number);
  wheel_.schedule({named.slot, named.generation, wake});
}

// An entry has come out: its task is fetched as soon as there is room.
void Shard::stir(TaskNumber number, Instant wake) {
  if (!dormant_.holds(number, wake)) return wheel_.note_stale_came_out();
  dormant_.erase(number);
  stirred_.push_back(number);
}

// What more than half of the memory for definitions would hold is taken from the lines again
// (thin_out), and would be fetched twice; so beyond that only a few at a time come back, as
// long as there is room_to_arm(). What is due goes before what scans would bring.
bool Shard::room_to_revive() const {
  const bool few = revives_ < kFewRevives || armed_bytes_ < memory_.armed_bytes / 2;
  return few && tasks_.size() + 2 * memory_.scan_page + memory_.arming_fetches < memory_.tasks;
}

void Shard::ask_for_stirred() {
  ++fetches_;
  ++revives_;
  asks_.push_back({{}, stirred_.front(), {}, {}});
  stirred_.pop_front();
}

void Shard::revive(TaskNumber number, Result<StoredTask> found) {
  --revives_;
  if (!found) {
    if (found.error().code == ErrorCode::kNotFound) return;  // deleted meanwhile
    // A damaged row does not fire; who asks for it is told why (C-23).
    if (found.error().code == ErrorCode::kCorrupt) {
      metrics_.quarantined.add();
      return count_damaged(number, TaskStatus::kActive);  // or paused until then, which is rare
    }
    return lay_down(number, now_.utc + kReadAgain);
  }
  HotTask* task = find(found->key);
  if (task != nullptr && task->known) return;  // N1
  // One that is being asked about is known from here on (scanned_one).
  if (task == nullptr) task = keep(found->key);
  if (task == nullptr) return stirred_.push_back(number);
  get_to_know(*task, found);
  arm(*task, std::make_unique<TaskSpec>(std::move(found->spec)));
  lose_claims(*task);
  settle(*task);
}

}  // namespace hourwheel
