// What the webhook sink remembers of the attempts that arrived: which run ids, how often, how late.
//
// Invariants
//   K1  received = distinct + repeats, as long as no more than kMaxSeenRuns run ids were seen;
//       beyond that `untracked` counts what could not be told apart.
//   K2  A repeat is flagged when it says so itself (Hourwheel-Possible-Duplicate: true) or when its
//       attempt number is higher than any seen for that run; all others are unflagged (C-7, C-8).
// Cost: one hash and one table entry of about 48 bytes for each run id.
// Thread: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel {

struct Arrival {
  int64_t at_us = 0;  // wall clock
  std::string_view run_id;
  std::string_view task_id;
  uint32_t attempt = 1;
  std::optional<Instant> due;
  bool possible_duplicate = false;
};

class SinkLedger {
 public:
  static constexpr size_t kMaxSeenRuns = 16'000'000;

  struct Seen {
    uint32_t arrivals = 0;
    uint32_t highest_attempt = 0;
    int64_t first_at_us = 0;
    int64_t last_at_us = 0;
  };

  void record(const Arrival& arrival);
  // Forgets everything, and makes room for `expected` run ids at once: to make it later takes
  // longer the more there are, and whatever arrives meanwhile would count as late.
  void clear(size_t expected = 0);
  // lap_ms counts from here on.
  void begin_lap() { lap_ = LatencyPercentiles(); }
  // nullopt when no attempt of that run arrived.
  [[nodiscard]] std::optional<Seen> seen(std::string_view run_id) const;

  [[nodiscard]] uint64_t received() const { return received_; }
  [[nodiscard]] uint64_t distinct() const { return runs_.size(); }
  [[nodiscard]] uint64_t repeats() const { return repeats_; }
  [[nodiscard]] uint64_t unflagged_repeats() const { return unflagged_repeats_; }
  [[nodiscard]] uint64_t early() const { return early_; }
  [[nodiscard]] const LatencyPercentiles& lateness() const { return lateness_; }

  // All of it as one JSON object.
  [[nodiscard]] std::string to_json() const;

 private:
  // Run ids are hashed to 128 bits: 16 million of them collide with a chance of 1e-25.
  static TaskKey key_of(std::string_view run_id);

  std::unordered_map<TaskKey, Seen> runs_;
  LatencyPercentiles lateness_;  // of first arrivals
  LatencyPercentiles lap_;       // of those since begin_lap()
  uint64_t received_ = 0;
  uint64_t repeats_ = 0;
  uint64_t unflagged_repeats_ = 0;
  uint64_t early_ = 0;
  uint64_t untracked_ = 0;
  int64_t first_at_us_ = 0;
  int64_t last_at_us_ = 0;
};

}  // namespace hourwheel
