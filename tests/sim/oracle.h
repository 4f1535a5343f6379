// Schedule arithmetic a second time, as plainly as possible, to hold the engine's ledger against.
// `at` and `every` are computed here; cron, recurrence rules and the window of a schedule have
// property tests of their own and are taken from Schedule.
#pragma once

#include <algorithm>
#include <optional>

#include "engine/schedule/schedule.h"

namespace hourwheel {

class Oracle {
 public:
  Oracle(const ScheduleSpec& spec, TaskKey task);

  [[nodiscard]] std::optional<Instant> first_from(Instant t) const;
  [[nodiscard]] std::optional<Instant> next_after(Instant t) const;
  // The same, but none that is excluded.
  [[nodiscard]] std::optional<Instant> next_run_after(Instant t) const;
  // How many due instants lie in [from, through].
  [[nodiscard]] uint64_t count(Instant from, Instant through) const;

  [[nodiscard]] bool is_excluded(Instant due) const;
  // When a run due then may start: its due instant plus its jitter.
  [[nodiscard]] Instant fire_at(Generation generation, Instant due) const;
  // Something is due at `now` that may not start yet, because of its jitter.
  [[nodiscard]] bool holds_back(Generation generation, Instant now) const;
  [[nodiscard]] bool is_fixed_delay() const { return spec_.kind == ScheduleKind::kFixedDelay; }
  // Of a fixed delay, after the run of `due` that ended then; with the clock set back, perhaps
  // before it was due.
  [[nodiscard]] Instant after_end(Instant due, Instant ended) const {
    return std::max(due, ended) + spec_.every;
  }
  [[nodiscard]] uint64_t max_runs() const { return spec_.max_runs; }

 private:
  ScheduleSpec spec_;
  TaskKey task_;
  Schedule compiled_;
};

}  // namespace hourwheel
