// Schedule arithmetic a second time, as plainly as possible, to hold the engine's ledger against.
// `at` and `every` are computed here; cron has property tests of its own and is taken from
// Schedule.
#pragma once

#include <optional>

#include "engine/schedule/schedule.h"

namespace hourwheel {

class Oracle {
 public:
  explicit Oracle(const ScheduleSpec& spec);

  [[nodiscard]] std::optional<Instant> first_from(Instant t) const;
  [[nodiscard]] std::optional<Instant> next_after(Instant t) const;
  // How many due instants lie in [from, through].
  [[nodiscard]] uint64_t count(Instant from, Instant through) const;

 private:
  ScheduleSpec spec_;
  std::optional<Schedule> compiled_;  // of cron only
};

}  // namespace hourwheel
