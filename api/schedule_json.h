// The schedule of a task as JSON: a string, or an object with exactly one of at, delay, every,
// cron and rrule. Thread: a pure function.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/problem.h"
#include "api/task_json.h"
#include "engine/schedule/schedule.h"

namespace hourwheel {

// What a schedule that names a long gone instant is taken for (C-17). The shard decides on a task,
// for it knows whether the task is there already.
PastInstant past_of(const JsonValue& schedule, Shape shape);

// Reads, compiles once and keeps the client's bytes as the source. type is what the body says, if
// it says anything; a schedule that contradicts it is refused. nullopt: errors says why.
std::optional<ScheduleSpec> read_schedule(const JsonValue& value, std::optional<TaskType> type,
                                          const TaskReading& reading, FieldErrors& errors);

}  // namespace hourwheel
