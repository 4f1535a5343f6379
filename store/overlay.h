// What commits have appended to the run log but the fold has not brought into the tables yet: the
// newest state of every task that fired or changed lately, and which tasks are too new to be in the
// due index. Everything here can be read again from the log and the definitions after a restart.
//
// Invariants
//   O1  A task in the overlay is newer than its row in the state table; readers ask here first.
//   O2  A fresh task has no row in the due index; its place there is that of its definition.
// Cost: put, find and erase O(1); collect O(tasks here). Thread: the store's.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/task.h"

namespace hourwheel {

// A place in the due index. Places ascend by slice, then by number.
struct DuePlace {
  int64_t slice = 0;
  TaskNumber number;
  int64_t wake_ms = 0;
  friend constexpr bool operator<(const DuePlace& a, const DuePlace& b) {
    return a.slice != b.slice ? a.slice < b.slice : a.number < b.number;
  }
};
constexpr DuePlace due_place(TaskNumber number, int64_t wake_ms) {
  return {wake_ms >> kSliceBits, number, wake_ms};
}
inline std::optional<int64_t> wake_ms_of(const TaskState& state) {
  auto wake = state.wake();
  return wake ? std::optional(wake->ms) : std::nullopt;
}

// A part of the due index: from <= wake < to, places after `after`.
struct DueRange {
  int64_t from_ms = 0;
  int64_t to_ms = 0;
  DuePlace after;
  [[nodiscard]] bool holds(const DuePlace& place) const {
    return place.wake_ms >= from_ms && place.wake_ms < to_ms && after < place;
  }
};

class Overlay {
 public:
  struct Entry {
    TaskNumber number;
    TaskKey key;
    std::optional<int64_t> wake_ms;
    std::unique_ptr<TaskState> state;
  };

  void put(TaskNumber number, TaskKey key, const TaskState& state);
  void erase(TaskNumber number);
  [[nodiscard]] const Entry* find(TaskNumber number) const;
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] std::vector<TaskNumber> numbers_ascending() const;
  // Appends the places within `range`, in no order.
  void collect(const DueRange& range, std::vector<DuePlace>& out) const;

 private:
  std::vector<Entry> entries_;  // dense, so that collect() is one pass; erase swaps with the last
  std::unordered_map<TaskNumber, uint32_t> index_;
};

// Tasks created lately whose place in the due index is still to be written, in bulk: 1,000 creates
// due at random within a month would touch 800 pages of it, 200,000 the same 2,500.
class FreshTasks {
 public:
  // Requires: number above all others so far. (One that is not is written at once by the caller, as
  // recovery reads the definitions above the highest that was folded.)
  void add(TaskNumber number, int64_t wake_ms);
  // The task is gone or its place is elsewhere now.
  void drop(const DuePlace& place);
  [[nodiscard]] bool holds(const DuePlace& place) const;
  [[nodiscard]] size_t size() const { return gathered_.size() + (folding_.size() - folded_); }
  [[nodiscard]] TaskNumber highest() const { return highest_; }
  // At recovery: all up to here are in the due index.
  void set_highest(TaskNumber number) { highest_ = round_highest_ = number; }
  void collect(const DueRange& range, std::vector<DuePlace>& out) const;

  // A round takes all that has gathered, sorts it by place, and hands it out from the front.
  void begin_round();
  [[nodiscard]] bool round_done() const { return folded_ == folding_.size(); }
  // The next places at most `limit`; dropped ones are left out. Not handed out again after
  // folded().
  [[nodiscard]] size_t peek(size_t limit, std::vector<DuePlace>& out) const;
  void folded(size_t taken);
  // Highest number of the rounds that are done: all up to it are in the due index.
  [[nodiscard]] TaskNumber round_highest() const { return round_highest_; }

 private:
  static constexpr int64_t kDropped = std::numeric_limits<int64_t>::min();

  [[nodiscard]] const DuePlace* find(const DuePlace& place) const;

  std::vector<DuePlace> gathered_;  // by number
  std::vector<DuePlace> folding_;   // by place
  size_t folded_ = 0;               // of folding_, from the front
  TaskNumber highest_;
  TaskNumber round_highest_;
};

}  // namespace hourwheel
