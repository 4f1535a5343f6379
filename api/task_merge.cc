#include "api/task_merge.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// One number a lane: odd is the end, even twice the position.
constexpr uint64_t kEnded = 1;

}  // namespace

void TaskMerge::go_on_from(const std::vector<uint64_t>& positions) {
  HW_CHECK(positions.size() == lanes_.size(), "M2: a position for each lane");
  for (size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].ended = positions[i] % 2 == 1;
    lanes_[i].position = TaskNumber{positions[i] / 2};
  }
}

std::vector<uint64_t> TaskMerge::positions() const {
  std::vector<uint64_t> out;
  for (const Lane& lane : lanes_) out.push_back(lane.ended ? kEnded : lane.position.value * 2);
  return out;
}

bool TaskMerge::is_dry(size_t lane) const {
  return !lanes_[lane].ended && lanes_[lane].taken == lanes_[lane].tasks.size();
}

bool TaskMerge::any_dry() const {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (is_dry(i)) return true;
  }
  return false;
}

bool TaskMerge::at_end() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.ended; });
}

void TaskMerge::drain(Lane& lane) {
  lane.tasks.clear();
  lane.taken = 0;
  lane.ended = !lane.next;
  if (lane.next) lane.position = lane.next;
}

void TaskMerge::fill(size_t lane, TaskPage page) {
  HW_CHECK(is_dry(lane), "M1: a lane is filled when it is dry");
  Lane& into = lanes_[lane];
  into.tasks = std::move(page.tasks);
  into.taken = 0;
  into.next = page.next;
  if (into.tasks.empty()) drain(into);
}

StoredTask TaskMerge::take() {
  Lane* first = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.ended) continue;
    HW_CHECK(lane.taken < lane.tasks.size(), "M1: no lane is dry when a task is taken");
    if (first == nullptr ||
        lane.tasks[lane.taken].state.created < first->tasks[first->taken].state.created) {
      first = &lane;
    }
  }
  HW_CHECK(first != nullptr, "M1: a task is taken before the end");
  StoredTask task = std::move(first->tasks[first->taken++]);
  first->position = task.number;
  if (first->taken == first->tasks.size()) drain(*first);
  return task;
}

}  // namespace hourwheel
