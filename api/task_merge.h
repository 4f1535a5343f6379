// Merges the shards' lists into one by the instant of creation. Each shard gives its tasks in the
// order in which they were created, in pages; a lane holds what has come of one shard and is not
// taken yet.
//
// Invariants
//   M1  A task is taken only while every lane either holds one or is at its end, so that what is
//       taken later was not created earlier (as far as the shards' own orders go).
//   M2  positions() names exactly what was taken: going on from there repeats and loses nothing.
// Cost: O(lanes) a task. Thread: any, one at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/message.h"

namespace hourwheel {

class TaskMerge {
 public:
  explicit TaskMerge(size_t lanes) : lanes_(lanes) {}

  // From positions() of an earlier merge with as many lanes.
  void go_on_from(const std::vector<uint64_t>& positions);
  [[nodiscard]] std::vector<uint64_t> positions() const;

  [[nodiscard]] size_t lanes() const { return lanes_.size(); }
  // Lane i holds nothing and is not at its end: ask for what comes after after(i).
  [[nodiscard]] bool is_dry(size_t lane) const;
  [[nodiscard]] bool any_dry() const;
  [[nodiscard]] TaskNumber after(size_t lane) const { return lanes_[lane].position; }
  // What came; requires is_dry(lane).
  void fill(size_t lane, TaskPage page);

  // Every lane is at its end.
  [[nodiscard]] bool at_end() const;
  // Requires: !any_dry() && !at_end().
  StoredTask take();

 private:
  struct Lane {
    std::vector<StoredTask> tasks;
    size_t taken = 0;
    TaskNumber position;  // everything up to here is taken or was passed over by the filter
    TaskNumber next;      // the position once all of `tasks` is taken; zero: the end
    bool ended = false;
  };
  static void drain(Lane& lane);

  std::vector<Lane> lanes_;
};

}  // namespace hourwheel
