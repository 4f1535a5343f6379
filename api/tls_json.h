// The TLS settings of an https target as JSON. Thread: pure functions.
#pragma once

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/task.h"

namespace hourwheel {

// Fills tls; errors says what is wrong, if anything. Who may ask for insecure_skip_verify is for
// the caller to know.
void read_tls(const JsonValue& value, Shape shape, TargetTls& tls, FieldErrors& errors);
// Of settings that say something.
void write_tls(JsonWriter& json, const TargetTls& tls);

}  // namespace hourwheel
