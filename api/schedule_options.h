// The options of a schedule object that do not make its kind: what happens where clocks are
// changed, the window, jitter and exclusions. Thread: pure functions.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/problem.h"
#include "engine/schedule/schedule_spec.h"

namespace hourwheel {

// The members as they stood.
struct ScheduleOptions {
  // cron
  std::optional<JsonValue> dst{};
  std::optional<JsonValue> dst_gap{};
  std::optional<JsonValue> dst_overlap{};
  std::optional<JsonValue> dom_dow{};
  // every recurring kind
  std::optional<JsonValue> start_at{};
  std::optional<JsonValue> end_at{};
  std::optional<JsonValue> max_runs{};
  std::optional<JsonValue> jitter{};
  std::optional<JsonValue> exclude{};
};

// Each reads all of its options and answers whether it took them; errors says why not. A preset
// (dst) comes first, so that the options beside it override it.
bool read_clock_options(const ScheduleOptions& options, ScheduleSpec& spec, FieldErrors& errors);
bool read_recurring_options(const ScheduleOptions& options, ScheduleSpec& spec,
                            FieldErrors& errors);

}  // namespace hourwheel
