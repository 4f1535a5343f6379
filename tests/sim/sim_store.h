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

#include "engine/ports.h"
#include "tests/sim/features.h"
#include "tests/sim/ledger.h"
#include "tests/sim/store_backend.h"
#include "tests/sim/trace.h"

namespace hourwheel {

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
  [[nodiscard]] bool can_work(Instant now) const { return has_work() && busy_until_ <= now; }
  void work(Instant now);
  [[nodiscard]] bool can_deliver(Instant now) const {
    return !answers_.empty() && answers_.front().ready <= now;
  }
  Message deliver();
  [[nodiscard]] std::optional<Instant> next() const;
  void heal() { healed_ = true; }
  void clock_stepped(Duration step);
  [[nodiscard]] bool idle() const { return !has_work() && answers_.empty(); }
  // The work of a commit was cut by a fault: the process must stop (C-22).
  [[nodiscard]] bool broken() const { return broken_ != nullptr; }
  // The batch whose fate the crash decides, if one was cut.
  [[nodiscard]] const Batch* cut() const { return broken_.get(); }

 private:
  struct Answer {
    Instant ready;
    Message message;
  };
  [[nodiscard]] bool has_work() const {
    return batch_ || !fetches_.empty() || !scans_.empty() || !queries_.empty();
  }
  Message next_piece();

  Trace& trace_;
  StoreBackend& backend_;
  Ledger& ledger_;
  const Features& features_;
  Random random_;
  Instant busy_until_;
  bool healed_ = false;
  std::unique_ptr<Batch> batch_;
  std::unique_ptr<Batch> broken_;
  std::deque<std::vector<FetchOne>> fetches_;
  std::deque<ScanRequest> scans_;
  std::deque<QueryRequest> queries_;
  std::deque<Answer> answers_;
};

}  // namespace hourwheel
