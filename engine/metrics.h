// Counters and histograms for hot paths: plain words that one thread writes and any thread reads.
//
// Each value is a relaxed atomic that its writer loads and stores (no read-modify-write, no lock),
// so that recording costs about what a plain increment costs, and a scrape neither blocks nor sees
// a torn word. A scrape sees each word as it is: the sum of a histogram may be a few records ahead
// of its buckets, never torn.
//
// Invariants
//   C1  Counters, bucket counts and sums only grow.
//   C2  A value lies in exactly one bucket: first_of(i) <= value <= last_of(i).
// Cost: record and add 1-7 ns. Memory: 1.3 KiB a histogram.
// Thread: add(), set(), record() and merge() by the one owner; everything const by any thread.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/message.h"
#include "engine/run.h"

namespace hourwheel {

class Counter {
 public:
  void add(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(int64_t value) { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Log-linear: 4 buckets an octave, so a bucket is at most a quarter of its values wide; 0 to 7 have
// a bucket each. Values of 2^40 and above (12 days in microseconds) count in the last bucket.
class Histogram {
 public:
  static constexpr int kTopBits = 40;
  static constexpr size_t kBuckets = size_t{kTopBits - 1} * 4;

  void record(uint64_t value) {
    buckets_[bucket_of(value)].add();
    sum_.add(value);
  }
  // Adds what another one holds, for sums over shards.
  void merge(const Histogram& other);

  [[nodiscard]] uint64_t count() const;
  [[nodiscard]] uint64_t sum() const { return sum_.value(); }
  // The upper end of the bucket in which the q-th value (0 <= q <= 1) lies; 0 when empty.
  [[nodiscard]] uint64_t quantile(double q) const;
  // How many values are surely <= bound: whole buckets only, so never in our favour, and exact
  // when bound is edge(bound).
  [[nodiscard]] uint64_t cumulative(uint64_t bound) const;
  // The last value of the bucket that holds `value`: a bound at which cumulative() is exact.
  static uint64_t edge(uint64_t value) { return last_of(bucket_of(value)); }

  static size_t bucket_of(uint64_t value) {
    if (value < 4) {
      return static_cast<size_t>(value);
    }
    const int octave = static_cast<int>(std::bit_width(value)) - 1;
    if (octave >= kTopBits) {
      return kBuckets - 1;
    }
    return static_cast<size_t>(octave - 1) * 4 + static_cast<size_t>((value >> (octave - 2)) & 3);
  }
  static uint64_t first_of(size_t bucket);
  static uint64_t last_of(size_t bucket) {
    return bucket + 1 == kBuckets ? UINT64_MAX : first_of(bucket + 1) - 1;
  }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;
};

// What one shard counts; the shard writes, the metrics page reads.
struct ShardMetrics {
  static constexpr size_t kEnds = 5;       // kSucceeded, kDead, kSkipped, kCanceled, kUnknown
  static constexpr size_t kCommands = 12;  // CommandKind
  static constexpr size_t kStatuses = 4;   // TaskStatus, from kActive on
  static constexpr size_t kResults = static_cast<size_t>(kLastAttemptResult) + 1;
  static constexpr size_t kResponseClasses = 5;  // 1xx to 5xx

  // Requires: is_end(end).
  Counter& runs_ended(RunState end) {
    return runs_ended_[static_cast<size_t>(end) - static_cast<size_t>(RunState::kSucceeded)];
  }
  [[nodiscard]] const Counter& runs_ended(RunState end) const {
    return runs_ended_[static_cast<size_t>(end) - static_cast<size_t>(RunState::kSucceeded)];
  }
  Counter& commands(CommandKind kind) { return commands_[static_cast<size_t>(kind)]; }
  [[nodiscard]] const Counter& commands(CommandKind kind) const {
    return commands_[static_cast<size_t>(kind)];
  }
  Gauge& tasks(TaskStatus status) { return tasks_[static_cast<size_t>(status) - 1]; }
  [[nodiscard]] const Gauge& tasks(TaskStatus status) const {
    return tasks_[static_cast<size_t>(status) - 1];
  }
  [[nodiscard]] const Counter& attempts_ended(AttemptResult result) const {
    return attempts_ended_[static_cast<size_t>(result)];
  }
  // Of those that were responded to, by class of status: 0 is 1xx.
  [[nodiscard]] const Counter& responses(size_t status_class) const {
    return responses_[status_class];
  }
  // An attempt is over, and this is what it came to.
  void count_attempt(const AttemptOutcome& outcome);
  // From due instant to hand-over (C-9). The engine counts milliseconds; the unit on the page is
  // finer, so that a finer clock would change nothing else.
  void record_lateness(Duration late) {
    lateness_us.record(late.ms > 0 ? static_cast<uint64_t>(late.ms) * 1000 : 0);
  }

  Counter attempts;         // started
  Counter late_runs;        // first attempts later than their task's max_lateness
  Counter refusals;         // commands and queries answered 503 at a limit
  Counter commits;          // batches handed to the store
  Histogram batch_changes;  // changes and run records in each
  Histogram lateness_us;
  Histogram attempt_us;  // of attempts that were this server's to end, from start to end
  Gauge wheel_entries;
  Gauge tasks_in_memory;
  Gauge tasks_dormant;
  Gauge armed_bytes;
  Counter quarantined;  // tasks whose stored definition could not be used
  Gauge runs_waiting;   // due, in their destination's line
  Gauge runs_in_flight;
  Counter callbacks;      // made for runs that ended
  Counter clock_steps;    // of the wall clock, while the server was up
  Gauge pauses_in_force;  // global ones; every shard has the same
  Gauge breakers_open;    // destinations whose breaker is open or half-open
  Counter breaker_opens;  // times a closed one has opened
  Counter parked;         // times a due task was given up from memory because it could not start
  Gauge horizon_lag_ms;   // how far the horizon is behind where it wants to be

 private:
  std::array<Counter, kEnds> runs_ended_;
  std::array<Counter, kResults> attempts_ended_;
  std::array<Counter, kResponseClasses> responses_;
  std::array<Counter, kCommands> commands_;
  std::array<Gauge, kStatuses> tasks_;  // that are durable, by state
};
// What the store of one shard counts; its thread writes.
struct StoreMetrics {
  Histogram commit_us;  // how long each commit took, its flush included
  Counter commits;
  Counter batch_changes;  // tasks and records of all batches
  Gauge batch_max;
  Counter storage_low;  // commits put off because the disk was full
  Counter fetched;
  Counter scanned;
  Counter queries;
  Counter checkpoints;
  Counter damaged_rows;
  // As of the last batch or quantum.
  Gauge wal_bytes;
  Gauge file_bytes;
  Gauge run_log_bytes;
  Gauge fold_lag_tasks;  // states and places not yet in the tables
  Gauge fold_lag_rows;   // of the run log without an index
};
// The volume that all data files of a server lie on (C-21).
struct StorageMetrics {
  Gauge state;  // a StorageState
  Gauge free_bytes;
  Gauge volume_bytes;
  Gauge reserve_bytes;  // less is free: low
  Gauge ballast_bytes;  // kept to be given up when the disk is full

  [[nodiscard]] StorageState storage() const { return static_cast<StorageState>(state.value()); }
};
// What the kernel tells of the process, as of the last look.
struct ProcessMetrics {
  Gauge cpu_ms;  // user and system
  Gauge resident_bytes;
  Gauge virtual_bytes;
  Gauge open_fds;
  Gauge max_fds;
  Gauge started_ms;  // since 1970
};

static_assert(static_cast<size_t>(RunState::kUnknown) - static_cast<size_t>(RunState::kSucceeded) +
                  1 ==
              ShardMetrics::kEnds);
static_assert(static_cast<size_t>(CommandKind::kDiscard) + 1 == ShardMetrics::kCommands);
static_assert(static_cast<size_t>(TaskStatus::kQuarantined) == ShardMetrics::kStatuses);

}  // namespace hourwheel
