// Collects what is to be made durable while the batch before it is being flushed, and keeps back
// every reply until the batch it rests on is durable (S1).
//
//   G1  At most one batch is with the store; the next is collected meanwhile.
//   G2  A reply leaves only when its batch, and so every batch before it, is durable.
//   G3  A batch goes to the store in the first turn that adds nothing to it, when it is full, and
//       no later than kMaxTurnsGathered turns after it could: requests that are there already share
//       its flush, and so do the next ones of clients that were answered just now. Nobody waits for
//       a clock.
// Cost: O(1) a change; no allocation a change beyond the batch's own vectors.
// Thread: the shard's own.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/change.h"
#include "engine/limits.h"
#include "engine/message.h"
#include "engine/ports.h"

namespace hourwheel {

class GroupCommit {
 public:
  static constexpr uint32_t kMaxTurnsGathered = 4;

  explicit GroupCommit(const RecoveredShard& recovered);
  void limit_changes(size_t most) { most_changes_ = most; }

  // The batch being collected. Whatever is added becomes durable as sequence().
  Batch& open() { return *open_; }
  [[nodiscard]] uint64_t sequence() const { return open_->sequence; }
  [[nodiscard]] uint64_t durable() const { return durable_; }
  // No more commands should be decided before the next take() (kMaxBatchChanges, kMaxBatchBytes).
  [[nodiscard]] bool full() const;
  // Nothing more should be fired either: commits have not come through for long.
  [[nodiscard]] bool overfull() const;
  [[nodiscard]] bool idle() const { return !in_flight_ && empty(); }
  [[nodiscard]] bool empty() const;
  [[nodiscard]] size_t changes() const {
    return std::max({open_->tasks.size(), open_->records.size(), open_->answers.size()});
  }

  // The next number of the durable counter behind versions, generations and task numbers (C-3).
  uint64_t next_number() { return ++counter_; }
  [[nodiscard]] uint64_t counter() const { return counter_; }

  // Asked once a turn: whether the batch is to stay open for another one (G3).
  [[nodiscard]] bool gathers();
  // The batch to hand to the store, if there is one and none is there (G1).
  std::unique_ptr<Batch> take();
  void completed(const Batch& batch);

  // Sends the reply as soon as batch `after` is durable (G2), perhaps at once.
  void answer(uint64_t after, Reply reply, ReplyDoor& door);
  void release_replies(ReplyDoor& door);
  // Answers everybody who waits for a batch with this instead; an outcome of the same code says
  // more and stays.
  void give_up_waiting(const Error& why, ReplyDoor& door);

  // --- the send mark (C-8): no attempt starts at or after it ---
  [[nodiscard]] Instant send_mark() const { return mark_durable_; }
  void move_send_mark(Instant mark);    // only forward
  void settle_send_mark(Instant mark);  // at the end of a drain: nothing is sent any more
  [[nodiscard]] Instant send_mark_asked() const { return mark_asked_; }

 private:
  size_t most_changes_ = kMaxBatchChanges;
  std::unique_ptr<Batch> open_;
  std::multimap<uint64_t, Reply> held_;  // by the batch they rest on, in order
  uint64_t durable_ = 0;
  uint64_t counter_;
  bool in_flight_ = false;
  size_t seen_ = 0;              // size of the open batch when gathers() was last asked
  uint32_t turns_gathered_ = 0;  // how often gathers() has said so of this batch
  Instant mark_durable_;
  Instant mark_asked_;
};

}  // namespace hourwheel
