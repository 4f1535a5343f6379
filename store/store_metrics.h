// What a shard's store counts. One writer, the store's thread; a scrape reads from another, so
// every figure is a relaxed atomic. Figures of one scrape may be of slightly different moments.
#pragma once

#include <atomic>
#include <cstdint>

namespace hourwheel {

class StoreFigure {
 public:
  // A plain load and store: there is one writer, so nothing can be lost between them.
  void add(uint64_t n) { set(value() + n); }
  void set(uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_ = 0;
};

struct StoreMetrics {
  // Counts: they only grow.
  StoreFigure commits;
  StoreFigure commit_us;      // time spent in all of them
  StoreFigure commit_us_max;  // of the slowest
  StoreFigure batch_changes;  // tasks and records of all batches
  StoreFigure batch_max;
  StoreFigure storage_low;  // commits put off because the disk was full
  StoreFigure fetched;
  StoreFigure scanned;
  StoreFigure queries;
  StoreFigure checkpoints;
  StoreFigure damaged_rows;
  // As of the last batch or quantum.
  StoreFigure wal_bytes;
  StoreFigure file_bytes;
  StoreFigure run_log_bytes;
  StoreFigure fold_lag_tasks;  // states and places not yet in the tables
  StoreFigure fold_lag_rows;   // of the run log without an index
};

}  // namespace hourwheel
