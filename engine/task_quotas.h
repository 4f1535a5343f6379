// How many tasks the API keys with a quota (ApiKey::max_tasks) have: one table, which all shards
// ask. A shard takes a place of the key for a task that it is about to make, and gives it back when
// the removal of a task is durable, whoever removed it.
//
//   TQ1  A key's count is never less than its tasks that are stored: a place is taken before the
//        task goes into a batch, and given back after its removal is durable. No place is given out
//        at the quota, so that no more are stored, and so acknowledged, at any time; but for what
//        the server makes for the key's tasks (callbacks), which is counted and never refused.
//   TQ2  A batch is made durable, however late, or the process ends (C-22). So a place whose task
//        was lost goes with this life: the next one counts what is stored, by figures that were
//        written with the tasks (engine/made_by.h).
//   TQ3  A key that was revoked has no count, and gets no place. What is given back of its tasks is
//        never another key's, although that may have its slot.
//   TQ4  When nothing is under way a count is the number of the key's tasks that are stored.
// A key without a quota is not counted here.
// Cost: a look at the slots that were ever in use, 8 bytes each, and a compare-and-swap; 16 KiB.
// Thread: open() and close() are the system desk's; count() is for the start, before there is a
// shard; the others are anybody's. Beside rate limits and metrics it is what threads share, because
// the last place is one, and the shards that want it may be anywhere.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/limits.h"

namespace hourwheel {

class TaskQuotas {
 public:
  // Begins to count for a key, at zero. False: for one that cannot be told from it already.
  // Requires: fewer than kMaxApiKeys are counted.
  [[nodiscard]] bool open(std::string_view key);
  // TQ3. Nothing, if there is none.
  void close(std::string_view key);
  // What a shard has stored; nothing for a key without a quota.
  void count(std::string_view key, uint64_t tasks);

  // False: it has `max`, or is not counted (any more).
  [[nodiscard]] bool take(std::string_view key, uint32_t max);
  // Takes a place whatever the key has; nothing for one without a quota.
  void add(std::string_view key) { static_cast<void>(take_below(key, UINT32_MAX)); }
  void give_back(std::string_view key);
  // The count; none: it is not counted.
  [[nodiscard]] std::optional<uint32_t> taken(std::string_view key) const;

 private:
  // The owner names the key (0: nobody), the count has its generation in the upper half: it is
  // another one after each close, so that a count which was read before is not swapped after it.
  struct Slot {
    std::atomic<uint64_t> owner{0};
    std::atomic<uint64_t> count{0};
  };
  [[nodiscard]] std::optional<size_t> slot_of(uint64_t owner) const;
  bool take_below(std::string_view key, uint32_t most);

  std::array<Slot, kMaxApiKeys> slots_{};
  std::atomic<size_t> slots_used_{0};  // those behind were never in use
};

}  // namespace hourwheel
