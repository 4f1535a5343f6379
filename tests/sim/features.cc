#include "tests/sim/features.h"

#include <array>

namespace hourwheel {

Features Features::of(uint64_t seed) {
  Random random(seed ^ 0x73776172'6d000000);
  auto pick = [&random](auto... of) {
    std::array values{of...};
    return values[random.below(values.size())];
  };
  auto half = [&random] { return random.chance(50); };
  auto mostly = [&random] { return random.chance(75); };
  Features f;
  f.shards = pick(1U, 1U, 2U, 3U);
  f.chosen_ids = pick(2U, 5U, 12U, 30U);
  f.commands = pick(100U, 200U, 300U);
  f.pause_between = pick(milliseconds(2), milliseconds(50), seconds(1), seconds(20), minutes(5));
  f.store_latency = pick(milliseconds(0), milliseconds(2), milliseconds(20), milliseconds(300));
  f.target_latency = pick(milliseconds(0), milliseconds(5), milliseconds(100), seconds(3));
  f.turn_budget = pick(1U, 3U, 20U, 1000U, 1000U);
  if (mostly()) f.crash_percent = pick(1U, 4U, 10U);
  if (half()) f.crash_on_reply_percent = pick(1U, 5U);
  if (half()) f.drain_percent = pick(1U, 4U);
  if (half()) f.stall_percent = pick(1U, 5U);
  if (mostly()) f.bad_target_percent = pick(5U, 30U, 80U);
  f.one_time = mostly();
  f.every = mostly();
  f.cron = half() || (!f.one_time && !f.every);
  f.generated_ids = half();
  f.deletes = mostly();
  f.pauses = mostly();
  f.replaces = mostly();
  f.run_now = half();
  f.near_horizon = half();
  f.past = half();
  f.log_targets = half();
  f.many_in_one = half();
  f.crowds = half();
  f.crash_inside_store = half();
  f.at_most_once = half();
  f.retry_options = half();
  f.expiries = half();
  f.auto_pauses = half();
  f.misfire_policies = half();
  f.overlaps = half();
  f.max_runs = half();
  f.jitter = half();
  f.exclusions = half();
  f.fixed_delay = half();
  if (random.chance(30)) f.clock_step_percent = pick(1U, 5U);
  f.global_pauses = half();
  f.longest_line = pick(0U, 0U, 1U, 2U, 4U);
  f.redrives = half();
  f.cancels = half();
  f.backfills = half();
  f.callbacks = half();
  f.on_complete = half();
  f.callbacks_kept = pick(UINT32_MAX, UINT32_MAX, 0U, 3U, 10U);
  return f;
}

}  // namespace hourwheel
