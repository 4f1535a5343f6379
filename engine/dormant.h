// Tasks within the horizon that do nothing but wait. Nothing of them is in memory but an entry of
// the wheel, with their number in the place of a handle, and a cell here that tells this entry from
// one that has gone out of date. When it comes out the task is fetched whole.
//
// Invariants
//   N6  A task has at most one entry of this kind that is not noted as stale, and has a cell here,
//       with the instant of that entry, as long as it has one.
//   N7  A task that wakes below the horizon is in memory, or being fetched or waiting for that, or
//       parked (N5), or has an entry that comes out kArmingLead before it wakes, or earlier. (One
//       that comes out too early costs a fetch, after which the task gets another.)
// Cost: O(1); a task takes 16 bytes in the wheel and 16 to 32 here. Thread: the shard's own.
#pragma once

#include <optional>

#include "engine/base/ids.h"
#include "engine/base/key_table.h"
#include "engine/base/slab.h"
#include "engine/base/time.h"

namespace hourwheel {

class DormantTasks {
 public:
  explicit DormantTasks(uint64_t seed) : wakes_(seed) {}

  // The number in the place of a handle: a slab's generations leave the top bit free (B1).
  static constexpr SlabHandle handle_of(TaskNumber number) {
    return {static_cast<uint32_t>(number.value), static_cast<uint32_t>(number.value >> 32) | kMark};
  }
  static constexpr std::optional<TaskNumber> number_in(SlabHandle handle) {
    if ((handle.generation & kMark) == 0) return std::nullopt;
    return TaskNumber{uint64_t{handle.generation & ~kMark} << 32 | handle.slot};
  }

  enum class Entry : uint8_t {
    kNew,        // it had none
    kInstead,    // the one it had is out of date now
    kUnchanged,  // the one it has is right
  };
  // The task's entry is to come out then; what is to be done about it.
  Entry lay(TaskNumber number, Instant wake) {
    auto before = wakes_.find(number);
    if (before == low_bits(wake)) return Entry::kUnchanged;
    if (before) wakes_.erase(number);
    wakes_.insert(number, low_bits(wake));
    return before ? Entry::kInstead : Entry::kNew;
  }
  // Whether the entry that comes out then is the one the task has.
  [[nodiscard]] bool holds(TaskNumber number, Instant wake) const {
    return wakes_.find(number) == low_bits(wake);
  }
  // False: it has no entry.
  bool erase(TaskNumber number) { return wakes_.erase(number); }
  [[nodiscard]] size_t size() const { return wakes_.size(); }

 private:
  static constexpr uint32_t kMark = uint32_t{1} << 31;
  // Enough to tell instants apart that lie within 24 days, and never the mark of an empty cell.
  static constexpr uint32_t low_bits(Instant wake) {
    return static_cast<uint32_t>(static_cast<uint64_t>(wake.ms) & (kMark - 1));
  }

  KeyTable<TaskNumber> wakes_;
};

}  // namespace hourwheel
