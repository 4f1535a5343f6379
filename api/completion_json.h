// How long a target may take to report by itself (engine/completion.h), as JSON: the member
// "completion" of a target. Thread: pure functions.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/completion.h"

namespace hourwheel {

// Fills policy, but for null; errors says what is wrong, if anything.
void read_completion(const JsonValue& value, Shape shape, std::optional<CompletionPolicy>& policy,
                     FieldErrors& errors);
void write_completion(JsonWriter& json, const CompletionPolicy& policy);

}  // namespace hourwheel
