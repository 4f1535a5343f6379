// The members "misfire", "overlap" (C-11, C-12) and "retention" of a task: read with their limits,
// and written.
#pragma once

#include "api/json_writer.h"
#include "api/members.h"
#include "engine/task.h"

namespace hourwheel {

// A policy's word, or an object {policy, max_age, max_count, rate}; what it leaves out is default.
void read_misfire(const JsonValue& value, Misfire& out, FieldErrors& errors);
void read_overlap(const JsonValue& value, Overlap& out, FieldErrors& errors);
// {count}, or null: of its ended runs all are kept (zero).
void read_retention(const JsonValue& value, uint32_t& keep_runs, FieldErrors& errors);

// The word where that says all, else the object.
void write_misfire(JsonWriter& json, const Misfire& misfire);
void write_overlap(JsonWriter& json, Overlap overlap);
void write_retention(JsonWriter& json, uint32_t keep_runs);

}  // namespace hourwheel
