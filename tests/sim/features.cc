#include "tests/sim/features.h"

#include <array>

namespace hourwheel {
namespace {

constexpr FeatureSwitch kSwitches[] = {
    {"shards", [](Features& f) { f.shards = 1; }},
    {"crashes", [](Features& f) { f.crash_percent = 0; }},
    {"reply-crashes", [](Features& f) { f.crash_on_reply_percent = 0; }},
    {"disk-faults", [](Features& f) { f.crash_inside_store = false; }},
    {"storms", [](Features& f) { f.storm_percent = 0; }},
    {"full-disks", [](Features& f) { f.full_disk_percent = 0; }},
    {"freezes", [](Features& f) { f.freeze_percent = 0; }},
    {"slew", [](Features& f) { f.slew_ppm = 0; }},
    {"drains", [](Features& f) { f.drain_percent = 0; }},
    {"stalls", [](Features& f) { f.stall_percent = 0; }},
    {"clock-steps", [](Features& f) { f.clock_step_percent = 0; }},
    {"clock-steps-back", [](Features& f) { f.clock_steps_back = false; }},
    {"bad-targets", [](Features& f) { f.bad_target_percent = 0; }},
    {"small-turns", [](Features& f) { f.turn_budget = 1000; }},
    {"slow-store", [](Features& f) { f.store_latency = {}; }},
    {"slow-targets", [](Features& f) { f.target_latency = {}; }},
    {"every", [](Features& f) { f.every = false; }},
    {"cron", [](Features& f) { f.cron = false; }},
    {"generated-ids", [](Features& f) { f.generated_ids = false; }},
    {"deletes", [](Features& f) { f.deletes = false; }},
    {"pauses", [](Features& f) { f.pauses = false; }},
    {"replaces", [](Features& f) { f.replaces = false; }},
    {"run-now", [](Features& f) { f.run_now = false; }},
    {"near-horizon", [](Features& f) { f.near_horizon = false; }},
    {"past", [](Features& f) { f.past = false; }},
    {"log-targets", [](Features& f) { f.log_targets = false; }},
    {"many-in-one", [](Features& f) { f.many_in_one = false; }},
    {"crowds", [](Features& f) { f.crowds = false; }},
    {"at-most-once", [](Features& f) { f.at_most_once = false; }},
    {"retry-options", [](Features& f) { f.retry_options = false; }},
    {"expiries", [](Features& f) { f.expiries = false; }},
    {"auto-pauses", [](Features& f) { f.auto_pauses = false; }},
    {"misfire-policies", [](Features& f) { f.misfire_policies = false; }},
    {"overlaps", [](Features& f) { f.overlaps = false; }},
    {"max-runs", [](Features& f) { f.max_runs = false; }},
    {"jitter", [](Features& f) { f.jitter = false; }},
    {"exclusions", [](Features& f) { f.exclusions = false; }},
    {"fixed-delay", [](Features& f) { f.fixed_delay = false; }},
    {"global-pauses", [](Features& f) { f.global_pauses = false; }},
    {"short-lines", [](Features& f) { f.longest_line = 0; }},
    {"hung-targets", [](Features& f) { f.hung_targets = 0; }},
    {"redrives", [](Features& f) { f.redrives = false; }},
    {"cancels", [](Features& f) { f.cancels = false; }},
    {"backfills", [](Features& f) { f.backfills = false; }},
    {"callbacks", [](Features& f) { f.callbacks = false; }},
    {"on-complete", [](Features& f) { f.on_complete = false; }},
    {"keys", [](Features& f) { f.keys = false; }},
    {"discards", [](Features& f) { f.discards = false; }},
    {"run-payloads", [](Features& f) { f.run_payloads = false; }},
    {"quotas", [](Features& f) { f.quotas = false; }},
    {"retentions", [](Features& f) { f.retentions = false; }},
    {"completions", [](Features& f) { f.completions = false; }},
    {"breakers", [](Features& f) { f.breaker_failures = 0; }},
    {"small-memory", [](Features& f) { f.memory = {}; }},
    {"few-callbacks", [](Features& f) { f.callbacks_kept = UINT32_MAX; }},
};

// Limits that a world of some dozen tasks meets. What scans bring must have room beside the rest; a
// backlog is read when less than a page is being fetched, which tasks of short intervals must leave
// time for.
MemoryLimits small_memory(Random& random, Duration shortest_interval) {
  auto pick = [&random](auto... of) {
    std::array values{of...};
    return values[random.below(values.size())];
  };
  constexpr size_t kSomeDefinitions = 4'000;  // bytes
  MemoryLimits memory;
  memory.scan_page = pick(2U, 4U, 8U);
  memory.arming_fetches = pick(1U, 2U);
  memory.urgent_reserve = pick(0U, 1U, 3U);
  memory.tasks = memory.scan_reserve() + memory.arming_fetches + memory.urgent_reserve +
                 pick(4U, 12U, 30U, 60U);
  memory.dormant = pick(0U, 2U, 10U, memory.dormant);
  memory.armed_bytes = pick(size_t{1}, kSomeDefinitions, size_t{20'000}, memory.armed_bytes);
  if (shortest_interval < seconds(1))
    memory.armed_bytes = std::max(memory.armed_bytes, kSomeDefinitions);
  memory.commands_waiting = pick(40U, 100U, memory.commands_waiting);
  memory.queries = pick(1U, 8U, memory.queries);
  memory.batch_changes = pick(1U, 4U, 20U, memory.batch_changes);
  memory.batch_callbacks = pick(1U, 5U, memory.batch_callbacks);
  return memory;
}

// What came last is drawn last, so that a seed keeps the rest of its world.
void draw_latest(Random& random, Features& f) {
  f.discards = random.chance(50);
  f.run_payloads = random.chance(50);
  if (f.has_little_memory()) {
    const std::array values{size_t{60}, size_t{300}, f.memory.run_payload_bytes};
    f.memory.run_payload_bytes = values[random.below(values.size())];
  }
  f.quotas = random.chance(50);
  if (random.chance(40)) {
    const std::array failures{1U, 3U, 8U};
    f.breaker_failures = failures[random.below(failures.size())];
  }
  f.retentions = random.chance(50);
}

}  // namespace

std::span<const FeatureSwitch> feature_switches() {
  return kSwitches;
}

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
  if (mostly()) f.crash_percent = pick(2U, 6U, 12U);
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
  if (mostly()) f.storm_percent = pick(40U, 80U);
  if (random.chance(30)) f.full_disk_percent = pick(1U, 4U);
  if (random.chance(30)) f.freeze_percent = pick(1U, 5U);
  if (random.chance(30)) f.slew_ppm = pick(-500, -20, 20, 500);
  f.clock_steps_back = half();
  if (random.chance(25)) {
    f.clock_step_percent = pick(5U, 20U);
    f.clock_steps_back = true;
  }
  if (random.chance(35)) f.memory = small_memory(random, f.shortest_interval());
  if (random.chance(30)) f.hung_targets = pick(1U, 4U, 12U);
  f.keys = half();
  f.completions = half();
  draw_latest(random, f);
  return f;
}

}  // namespace hourwheel
