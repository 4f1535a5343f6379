// The members "misfire" and "overlap" of a task (C-11, C-12): read with their limits, and written.
#pragma once

#include "api/json_writer.h"
#include "api/members.h"
#include "engine/task.h"

namespace hourwheel {

// A policy's word, or an object {policy, max_age, max_count, rate}; what it leaves out is default.
void read_misfire(const JsonValue& value, Misfire& out, FieldErrors& errors);
void read_overlap(const JsonValue& value, Overlap& out, FieldErrors& errors);

// The word where that says all, else the object.
void write_misfire(JsonWriter& json, const Misfire& misfire);
void write_overlap(JsonWriter& json, Overlap overlap);

}  // namespace hourwheel
