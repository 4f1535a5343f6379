// The retry policy of a task as JSON (C-13). Thread: pure functions.
#pragma once

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/task.h"

namespace hourwheel {

inline constexpr Duration kLongestPolicy = hours(24 * 366);

// Fills policy; errors says what is wrong, if anything.
void read_retry(const JsonValue& value, Shape shape, RetryPolicy& policy, FieldErrors& errors);
void write_retry(JsonWriter& json, const RetryPolicy& policy);

}  // namespace hourwheel
