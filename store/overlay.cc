#include "store/overlay.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {

void Overlay::put(TaskNumber number, TaskKey key, const TaskState& state) {
  auto [at, added] = index_.try_emplace(number, static_cast<uint32_t>(entries_.size()));
  if (added) entries_.push_back({number, key, std::nullopt, std::make_unique<TaskState>(state)});
  Entry& entry = entries_[at->second];
  if (!added) *entry.state = state;
  entry.wake_ms = wake_ms_of(state);
}

void Overlay::erase(TaskNumber number) {
  auto at = index_.find(number);
  if (at == index_.end()) return;
  uint32_t slot = at->second;
  index_.erase(at);
  if (slot + 1 != entries_.size()) {
    entries_[slot] = std::move(entries_.back());
    index_[entries_[slot].number] = slot;
  }
  entries_.pop_back();
}

const Overlay::Entry* Overlay::find(TaskNumber number) const {
  auto at = index_.find(number);
  return at == index_.end() ? nullptr : &entries_[at->second];
}

std::vector<TaskNumber> Overlay::numbers_ascending() const {
  std::vector<TaskNumber> numbers;
  numbers.reserve(entries_.size());
  for (const Entry& entry : entries_) numbers.push_back(entry.number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

void Overlay::collect(const DueRange& range, std::vector<DuePlace>& out) const {
  for (const Entry& entry : entries_) {
    if (!entry.wake_ms) continue;
    DuePlace place = due_place(entry.number, *entry.wake_ms);
    if (range.holds(place)) out.push_back(place);
  }
}

void FreshTasks::add(TaskNumber number, int64_t wake_ms) {
  HW_CHECK(highest_ < number, "O2 fresh tasks come in ascending order");
  highest_ = number;
  gathered_.push_back(due_place(number, wake_ms));
}

const DuePlace* FreshTasks::find(const DuePlace& place) const {
  auto by_number = std::lower_bound(
      gathered_.begin(), gathered_.end(), place.number,
      [](const DuePlace& fresh, TaskNumber number) { return fresh.number < number; });
  if (by_number != gathered_.end() && by_number->number == place.number) return &*by_number;
  auto by_place =
      std::lower_bound(folding_.begin() + static_cast<ptrdiff_t>(folded_), folding_.end(), place);
  if (by_place != folding_.end() && by_place->number == place.number) return &*by_place;
  return nullptr;
}

bool FreshTasks::holds(const DuePlace& place) const {
  const DuePlace* found = find(place);
  return found != nullptr && found->wake_ms == place.wake_ms;
}

void FreshTasks::drop(const DuePlace& place) {
  // The vectors are ours to change; find() is const for holds().
  if (const DuePlace* found = find(place)) const_cast<DuePlace*>(found)->wake_ms = kDropped;
}

void FreshTasks::collect(const DueRange& range, std::vector<DuePlace>& out) const {
  // A dropped one's wake lies before every range.
  for (const DuePlace& place : gathered_) {
    if (range.holds(place)) out.push_back(place);
  }
  DuePlace start{range.from_ms >> kSliceBits, {}, 0};
  auto at =
      std::lower_bound(folding_.begin() + static_cast<ptrdiff_t>(folded_), folding_.end(), start);
  for (; at != folding_.end() && at->slice <= range.to_ms >> kSliceBits; ++at) {
    if (range.holds(*at)) out.push_back(*at);
  }
}

void FreshTasks::begin_round() {
  HW_CHECK(round_done(), "O2 a round of the fold begins when the one before is done");
  folding_ = std::move(gathered_);
  gathered_.clear();
  folded_ = 0;
  round_highest_ = highest_;
  std::sort(folding_.begin(), folding_.end());
}

size_t FreshTasks::peek(size_t limit, std::vector<DuePlace>& out) const {
  size_t taken = std::min(limit, folding_.size() - folded_);
  for (size_t i = folded_; i < folded_ + taken; i++) {
    if (folding_[i].wake_ms != kDropped) out.push_back(folding_[i]);
  }
  return taken;
}

void FreshTasks::folded(size_t taken) {
  folded_ += taken;
  if (!round_done()) return;
  folding_ = {};
  folded_ = 0;
}

}  // namespace hourwheel
