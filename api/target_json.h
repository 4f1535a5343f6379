// The target of a task as JSON. Thread: a pure function.
#pragma once

#include "api/json_reader.h"
#include "api/problem.h"
#include "api/task_json.h"
#include "engine/task.h"

namespace hourwheel {

// Fills target; errors says what is wrong, if anything.
void read_target(const JsonValue& value, const TaskReading& reading, Target& target,
                 FieldErrors& errors);

// A value that may stand in a header field: no control bytes but HTAB, no space at either end.
bool is_field_value(std::string_view text);

}  // namespace hourwheel
