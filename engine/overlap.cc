#include "engine/overlap.h"

#include <algorithm>

#include "engine/limits.h"

namespace hourwheel {
namespace {

enum class Flights : uint8_t { kAsTheyAre, kAllOver };

bool is_backfilled(const OpenRun& run) {
  return run.key.trigger == Trigger::kBackfill && run.redrive_count == 0;
}

bool flies(const OpenRun& run, Flights flights) {
  return run.in_flight && flights == Flights::kAsTheyAre;
}

// Its target has the last word (engine/completion.h). It stands in the way as if it were in flight,
// also after a stop, and has something to do when its time is up.
bool with_target(const OpenRun& run, Flights flights) {
  return !flies(run, flights) && (run.awaited || run.report);
}

Lanes count(const TaskState& state, Flights flights) {
  Lanes lanes;
  for (const OpenRun& run : state.open) {
    const bool in_flight = flies(run, flights) || with_target(run, flights);
    if (is_backfilled(run)) {
      ++lanes.backfilled;
      lanes.in_flight += in_flight ? 1 : 0;
      continue;
    }
    if (!of_schedule(run)) {
      lanes.others_in_flight += in_flight ? 1 : 0;
      continue;
    }
    ++lanes.scheduled;
    lanes.running += run.in_flight || run.attempts > 0 ? 1 : 0;
    lanes.in_flight += in_flight ? 1 : 0;
  }
  return lanes;
}

// O1 to O3, time aside.
bool may_start(const TaskState& state, const Lanes& lanes, const OpenRun& run) {
  if (state.overlap == Overlap::kAllow) return true;
  if (is_exclusive(state.overlap) && lanes.in_flight + lanes.others_in_flight > 0) return false;
  if (is_backfilled(run)) return lanes.in_flight == 0;
  if (!of_schedule(run)) return true;
  return lanes.in_flight == 0 && (run.attempts > 0 || lanes.running == 0);
}

const OpenRun* first_of(const TaskState& state, const Lanes& lanes, Flights flights) {
  const OpenRun* first = nullptr;
  for (const OpenRun& run : state.open) {
    if (flies(run, flights) || with_target(run, flights)) continue;
    if (!may_start(state, lanes, run)) continue;
    if (first == nullptr || run.next_attempt < first->next_attempt) first = &run;
  }
  return first;
}

// Nothing stands between the schedule and its next run.
bool is_free(const TaskState& state, const Lanes& lanes) {
  return lanes.scheduled == 0 && lanes.in_flight == 0 &&
         !(is_exclusive(state.overlap) && lanes.others_in_flight > 0);
}

bool looks_at_dues(const TaskState& state, const Lanes& lanes) {
  if (is_full(state, lanes)) return false;
  if (state.overlap == Overlap::kAllow) return true;
  return state.overlap == Overlap::kCancelRunning || is_free(state, lanes);
}

std::optional<Instant> earliest(const TaskState& state, Flights flights) {
  std::optional<Instant> action;
  auto consider = [&action](Instant t) { action = action ? std::min(*action, t) : t; };
  for (const OpenRun& run : state.open) {
    if (with_target(run, flights)) consider(run.next_attempt);
  }
  if (state.pause) {  // which holds nothing but starts
    if (state.pause->until) consider(*state.pause->until);
    return action;
  }
  const Lanes lanes = count(state, flights);
  if (const OpenRun* run = first_of(state, lanes, flights)) consider(run->next_attempt);
  if (state.next_due && looks_at_dues(state, lanes)) consider(*state.next_due);
  // With the clock set back, what was due is to come again (C-20).
  if (!state.catch_up.empty() && has_room_to_catch_up(state, lanes)) {
    consider(std::max(state.catch_up_after, state.catch_up.front().next));
  }
  if (state.backfill && has_room_to_backfill(state, lanes)) {
    consider(std::max(state.backfill->opens_at, state.backfill->next));
  }
  return action;
}

}  // namespace

bool of_schedule(const OpenRun& run) {
  return run.key.trigger == Trigger::kSchedule && run.redrive_count == 0;
}

Lanes lanes_of(const TaskState& state) {
  return count(state, Flights::kAsTheyAre);
}

bool is_full(const TaskState& state, const Lanes& lanes) {
  // The newest, which cancels the others, stands beside them until their attempts have ended.
  const size_t newest = state.overlap == Overlap::kCancelRunning ? 1 : 0;
  return lanes.scheduled >= kMaxOpenRuns + newest;
}

size_t places(const TaskState& state, const Lanes& lanes) {
  // By another policy that it had before, a task may have as many as there may be.
  const size_t left = kMaxOpenRuns - std::min<size_t>(kMaxOpenRuns, lanes.scheduled);
  switch (state.overlap) {
    case Overlap::kBufferOne: {
      // One that has made no attempt yet is about to start, unless something else runs.
      const size_t waiting = lanes.scheduled - lanes.running;
      const size_t most = lanes.running + lanes.in_flight + lanes.others_in_flight > 0 ? 1 : 2;
      return std::min(left, most - std::min(most, waiting));
    }
    case Overlap::kSkip:
      return is_free(state, lanes) ? 1 : 0;
    case Overlap::kAllow:
    case Overlap::kBufferAll:
      return left;
    case Overlap::kCancelRunning:
      return 1;
  }
  return 0;
}

bool has_room_to_catch_up(const TaskState& state, const Lanes& lanes) {
  if (state.overlap == Overlap::kAllow) return lanes.scheduled < kMaxOpenRuns;
  return is_free(state, lanes);
}

bool has_room_to_backfill(const TaskState& state, const Lanes& lanes) {
  if (state.overlap == Overlap::kAllow) return state.open.size() < kMaxOpenRuns;
  return lanes.backfilled == 0 && is_free(state, lanes);
}

const OpenRun* next_to_start(const TaskState& state, const Lanes& lanes) {
  return first_of(state, lanes, Flights::kAsTheyAre);
}

std::optional<Instant> next_action(const TaskState& state) {
  return earliest(state, Flights::kAsTheyAre);
}

std::optional<Instant> next_action_after_stop(const TaskState& state) {
  return earliest(state, Flights::kAllOver);
}

}  // namespace hourwheel
