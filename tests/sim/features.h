// Which parts of the workload and which faults a seed switches on (swarm testing: a fault shows
// best where half of the others are off).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/limits.h"

namespace hourwheel {

struct Features {
  uint32_t shards = 1;
  uint32_t chosen_ids = 8;              // ids that clients fight over
  uint32_t commands = 200;              // in the safety phase
  Duration pause_between;               // mean of the time between two requests
  Duration store_latency;               // mean of a piece of the store's work
  Duration target_latency;              // mean of an answer
  uint32_t turn_budget = 1000;          // of one turn; small ones cut work in pieces
  unsigned crash_percent = 0;           // of the requests are followed by a crash, sooner or later
  unsigned crash_on_reply_percent = 0;  // of the replies are followed by a crash at once
  unsigned drain_percent = 0;           // of the requests are followed by a clean stop
  unsigned stall_percent = 0;           // of the pieces of the store's work take seconds
  unsigned clock_step_percent = 0;      // of the requests are followed by a step of the wall clock
  bool clock_steps_back = false;        // ... and some of those go back
  unsigned bad_target_percent = 0;      // of the attempts do not end in a 2xx
  bool one_time = true, every = true, cron = true;
  bool generated_ids = true, deletes = true, pauses = true, replaces = true, run_now = true;
  bool near_horizon = true, past = true, log_targets = true, many_in_one = true, crowds = true;
  bool at_most_once = true;   // some tasks ask for it (C-6)
  bool retry_options = true;  // policies and answers of every kind (C-13)
  bool expiries = true, auto_pauses = true;
  // Of recurring tasks: the policies that are not the default, and what limits their schedules.
  bool misfire_policies = false, overlaps = false;
  bool max_runs = false, jitter = false, exclusions = false, fixed_delay = false;
  bool global_pauses = false;  // of label selections and of everything
  uint32_t longest_line = 0;  // to a target without a success: what is longer is parked; 0: as ever
  uint32_t hung_targets = 0;  // beside three others: take attempts and never answer; with lines of
                              // their own, as one attempt each is let through
  bool redrives = false, cancels = false, backfills = false;
  bool callbacks = false;                // some tasks have them
  bool on_complete = false;              // ... and some go when they are over
  bool keys = false;                     // some requests have one, and are sent again
  bool discards = false;                 // of dead letters
  bool run_payloads = false;             // some manual runs have one of their own
  bool quotas = false;                   // keys may have a few tasks only
  uint32_t breaker_failures = 0;         // in a row, that open a target's breaker; 0: none do
  bool retentions = false;               // some tasks keep a few runs only
  bool completions = false;              // some targets report on their attempts later, or never
  uint32_t callbacks_kept = UINT32_MAX;  // beyond so many tasks they wait in the due index
  bool crash_inside_store = false;       // a crash may cut a commit in the middle (the real store)
  unsigned storm_percent = 0;            // of the starts are followed by a crash within moments
  unsigned full_disk_percent = 0;        // of the requests are followed by a full disk, for a while
  unsigned freeze_percent = 0;           // ... by a time in which the server does nothing at all
  int64_t slew_ppm = 0;                  // the wall clock gains on the monotonic one
  MemoryLimits memory;                   // small ones are reached

  static Features of(uint64_t seed);
  [[nodiscard]] bool has_little_memory() const { return memory.tasks < MemoryLimits{}.tasks; }
  [[nodiscard]] Duration shortest_interval() const {
    return std::max(kShortestInterval, Duration{pause_between.ms / 2});
  }
};

// A part of the workload, or a fault, that can be left out: to find what a failure needs.
struct FeatureSwitch {
  std::string_view name;
  void (*off)(Features&);
};
std::span<const FeatureSwitch> feature_switches();

}  // namespace hourwheel
