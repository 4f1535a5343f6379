// What must follow from the ends of runs, held against every batch, and the simulated words of a
// callback.
//
//   B1  In the batch of each end that calls for a callback there is exactly one such task, of this
//       end; in no batch is one without its end. (B2: of a deleted task there may be none.)
//   B4  It is due at once, and in a partition of its shard.
//   A task that is over and asks for it is deleted, at the latest in the second batch after that of
//   its end: a change of its definition may have been under way. One that ended dead or unknown is
//   not, nor one that does not ask for it, unless a client does (clients.h).
// Thread: one world's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class Ledger;

// "run-… 4 after 2": enough to know the end again.
class SimTeller : public CallbackTeller {
 public:
  [[nodiscard]] std::string tell(const RunEnd& end) const override;
};

// Those of all shards: by partition_of(key) % shards.
Partitions partitions_of(uint32_t shard, uint32_t shards);

class CallbackCheck {
 public:
  CallbackCheck(Trace& trace, uint32_t shard, uint32_t shards)
      : trace_(trace), own_(partitions_of(shard, shards)) {}

  // What the ledger says is what was durable before this batch ...
  void before(const Batch& batch, const Ledger& ledger);
  // ... and now what is with it.
  void after(const Batch& batch, const Ledger& ledger);
  // Batches are counted anew, and what was under way is as it is.
  void new_life();
  // Some life of a task with this key went, at this version, because it was complete.
  [[nodiscard]] bool completed(TaskKey key, Version version) const {
    return completed_.contains({key, version});
  }
  [[nodiscard]] uint64_t seen() const { return seen_; }
  // No batch is to come: nothing is left that should have gone.
  void at_rest();

 private:
  struct Made {
    const TaskChange* change;
    bool explained = false;
  };
  struct Former {  // callbacks of the definition before the one that this batch made
    Callbacks callbacks;
    uint64_t batch = 0;
  };
  void explain(const RunRecord& record, const Batch& batch, const Ledger& ledger,
               std::vector<Made>& made);
  void check_made(const Made& made, const Batch& batch);

  Trace& trace_;
  const Partitions own_;
  std::map<TaskNumber, Former> former_;
  std::set<TaskNumber> due_to_go_;
  std::set<std::pair<TaskKey, Version>> completed_;
  uint64_t seen_ = 0;
};

}  // namespace hourwheel
