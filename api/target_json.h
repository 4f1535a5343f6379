// The target of a task as JSON. Thread: pure functions.
#pragma once

#include "api/json_reader.h"
#include "api/members.h"
#include "api/problem.h"
#include "api/task_json.h"
#include "engine/task.h"

namespace hourwheel {

// Fills target; errors says what is wrong, if anything.
void read_target(const JsonValue& value, const TaskReading& reading, Target& target,
                 FieldErrors& errors);

// The request of a callback: url, method and headers as a target has them. False: errors says why.
bool read_callback(const JsonValue& value, Unknown unknown, Callback& callback,
                   FieldErrors& errors);

// A header field that a task may set: no token of framing or identity, which are the server's.
bool may_be_set(std::string_view name);

// Of a text that attempts fill in: what is no variable of theirs.
void add_variable_error(const JsonValue& value, std::string_view text, FieldErrors& errors);

// A value that may stand in a header field: no control bytes but HTAB, no space at either end.
bool is_field_value(std::string_view text);

}  // namespace hourwheel
