// Labels as JSON: an object of strings.
// Thread: pure functions, any thread.
#pragma once

#include <vector>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "engine/task.h"

namespace hourwheel {

// Appends the labels, sorted by key. What is refused is left out.
void read_labels(const JsonValue& value, std::vector<NamedText>& labels, FieldErrors& errors);
void write_texts(JsonWriter& json, const std::vector<NamedText>& texts);

}  // namespace hourwheel
