// The members "callbacks" and "on_complete" of a task: read with their limits, and written.
// Thread: pure functions, any thread.
#pragma once

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/task.h"

namespace hourwheel {

// {on_success, on_failure, on_dead}, each a request {url, method, headers} or null for none.
void read_callbacks(const JsonValue& value, Shape shape, Callbacks& out, FieldErrors& errors);
void read_on_complete(const JsonValue& value, OnComplete& out, FieldErrors& errors);

// Those that there are.
void write_callbacks(JsonWriter& json, const Callbacks& callbacks);
void write_on_complete(JsonWriter& json, OnComplete on_complete);

}  // namespace hourwheel
