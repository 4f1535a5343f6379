// What a shard holds in memory, held against the ledger: nothing that is stored to come is out of
// sight, and what waits comes out of the wheel at the instants that a sorted list says.
//
//   N6  A dormant task has one cell and one live entry; the wheel counts no other entries as live
//       than those and the ones of tasks in memory.
//   N7  A stored task that wakes below the horizon is in memory, or on its way there, or parked, or
//       in a range still being read, or has an entry that comes out in time (engine/dormant.h).
//   WL  The wheel against a sorted list: the instants of all that only waits, worked out from what
//       is stored (the wake; kArmingLead before it without a definition), are those of the live
//       entries. After a turn that leaves nothing to do none of them has passed, and the shard
//       wakes no later than for the first.
//   CW  A command that waits at its task does so for a fetch, or for the task's definition to be
//       durable: for what is under way.
//   M1, M3 (engine/shard_lines.cc) What lines keep of definitions; each place among the attempts in
//       flight is one's that is in flight or on its way to be.
//   RP3  The bytes of runs' own payloads that a shard counts are those of its tasks in memory.
//   OR1 A task of which a run is open in memory is found by what is stored of it: it may_be_open.
//   SC1 A shard shows as many tasks in each state as there are (status_check.h).
//   S6  Queues are no longer than MemoryLimits (and what follows from it) say.
// A read that failed is repeated kReadAgain later, and a drain lets go of what it has cut off: then
// only N6, CW, M1, M3, RP3, OR1, SC1 and S6 are checked. Cost: S6 at every turn; the rest looks at
// everything that is stored to come, so only every kTurnsBetween turns, and after what is apt to
// upset it. Thread: one world's.
#pragma once

#include <vector>

#include "engine/shard.h"
#include "tests/sim/ledger.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class MemoryCheck {
 public:
  // `gone_in_line`: entries that lines may have beside those of tasks in memory.
  MemoryCheck(Trace& trace, const Ledger& ledger, const MemoryLimits& limits, size_t gone_in_line)
      : trace_(trace), ledger_(ledger), limits_(limits), gone_in_line_(gone_in_line) {}

  // At the next turn that allows it: a new life, or the clock was set.
  void look_soon() { turns_ = kTurnsBetween; }
  // `leaves_more`: the turn said that there is more to do at once.
  void turned(Shard& shard, const SimStore& store, Instant now, bool leaves_more);
  [[nodiscard]] uint64_t looks() const { return looks_; }
  // Turns that found one of the limits reached.
  [[nodiscard]] uint64_t full() const { return full_; }

 private:
  static constexpr uint32_t kTurnsBetween = 32;
  struct Coming {
    Instant at;
    TaskNumber task;
    friend constexpr auto operator<=>(const Coming&, const Coming&) = default;
  };
  void check_bounds(const ShardQueues& queues);
  void check_lines(const ShardContents& all, const ShardQueues& queues);
  void check_cells(const ShardContents& all);
  void check_open(const ShardContents& all);
  void check_waiting(const ShardContents& all, const SimStore& store);
  void expect_held(const ShardContents::Held& held, const ShardContents& all);
  void expect_dormant(const Ledger::Task& task, Instant comes_out);
  void check_list(const Shard& shard, const ShardContents& all, Instant now);

  Trace& trace_;
  const Ledger& ledger_;
  const MemoryLimits& limits_;
  const size_t gone_in_line_;
  uint32_t turns_ = 0;
  uint64_t looks_ = 0;
  uint64_t full_ = 0;
  // The two lists of one look.
  std::vector<Coming> expected_;
  std::vector<Coming> in_wheel_;
};

}  // namespace hourwheel
