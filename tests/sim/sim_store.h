// The store thread of one shard in virtual time: takes work as the real one does (commits first,
// then fetches, scans, queries, background), one piece after the other, and answers in that order.
// The effect of a piece comes with its beginning, its answer with its end; a crash may fall
// between.
//
// Thread: one world's.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/ports.h"
#include "tests/sim/features.h"
#include "tests/sim/ledger.h"
#include "tests/sim/store_backend.h"
#include "tests/sim/trace.h"

namespace hourwheel {

// What a shard has committed, for a workload that can be repeated without it.
struct RecordedBatch {
  Instant now;
  std::unique_ptr<Batch> batch;
};
using Recording = std::vector<RecordedBatch>;

class SimStore : public StoreDoor {
 public:
  SimStore(StoreBackend& backend, Ledger& ledger, Trace& trace, const Features& features,
           uint64_t seed)
      : trace_(trace), backend_(backend), ledger_(ledger), features_(features), random_(seed) {}

  void commit(std::unique_ptr<Batch> batch) override;
  void fetch(std::vector<FetchOne> tasks) override { fetches_.push_back(std::move(tasks)); }
  void scan(ScanRequest range) override { scans_.push_back(range); }
  void query(QueryRequest request) override { queries_.push_back(std::move(request)); }

  // --- the world's side ---
  [[nodiscard]] bool can_work(Instant now) const { return work_from() && *work_from() <= now; }
  void work(Instant now);
  [[nodiscard]] bool can_deliver(Instant now) const {
    return !answers_.empty() && answers_.front().ready <= now;
  }
  Message deliver();
  [[nodiscard]] std::optional<Instant> next() const;
  void heal() { healed_ = true; }
  // What the volume allows, as the shard is to know it.
  void show(StorageState state, Instant now);
  // Dormant tasks that are being read.
  [[nodiscard]] std::vector<TaskNumber> fetching() const;
  // When a read last failed, in this life.
  [[nodiscard]] std::optional<Instant> read_failed() const { return read_failed_; }
  [[nodiscard]] uint64_t failed_reads() const { return failed_reads_; }
  // Time spent with work, in this life.
  [[nodiscard]] Duration worked() const { return worked_; }
  [[nodiscard]] uint64_t stalls() const { return stalls_; }
  void record(Recording& recording) { recording_ = &recording; }
  void clock_stepped(Duration step);
  [[nodiscard]] bool idle() const { return !has_work() && answers_.empty(); }
  // Its work has failed: the process must stop (C-22).
  [[nodiscard]] bool broken() const { return broken_; }
  // The batch whose fate a crash decides: its commit failed, or met a full disk (when all of it may
  // be in the log but the padding behind it).
  [[nodiscard]] const Batch* cut() const { return put_off_until_ ? batch_.get() : cut_.get(); }

 private:
  struct Answer {
    Instant ready;
    Message message;
  };
  [[nodiscard]] bool has_work() const {
    return batch_ || !fetches_.empty() || !scans_.empty() || !queries_.empty();
  }
  // When the next piece of work can begin; none: there is none.
  [[nodiscard]] std::optional<Instant> work_from() const;
  // None: it has failed.
  std::optional<Message> next_piece(Instant now);
  std::optional<Message> commit_batch(Instant now);
  std::optional<Message> scan_range();
  Message fetch_tasks(Instant now);

  Trace& trace_;
  StoreBackend& backend_;
  Ledger& ledger_;
  const Features& features_;
  Random random_;
  Instant busy_until_;
  bool healed_ = false;
  uint64_t stalls_ = 0;
  Duration worked_;
  std::optional<Instant> read_failed_;
  uint64_t failed_reads_ = 0;
  Recording* recording_ = nullptr;
  std::unique_ptr<Batch> batch_;
  std::optional<Instant> put_off_until_;  // the batch found the disk full
  bool stuck_ = false;                    // ... when it was last tried
  std::unique_ptr<Batch> cut_;
  bool broken_ = false;
  std::deque<std::vector<FetchOne>> fetches_;
  std::deque<ScanRequest> scans_;
  std::deque<QueryRequest> queries_;
  std::deque<Answer> answers_;
};

}  // namespace hourwheel
