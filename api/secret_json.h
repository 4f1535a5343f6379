// A stored secret's JSON. Its value comes in and never goes out (SE1). Thread: pure functions.
#pragma once

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "engine/message.h"

namespace hourwheel {

// The body of a PUT: value, hosts and keep_previous of the request; errors say what is wrong with
// it, and never what the value is.
void read_secret(const JsonValue& object, SecretRequest& request, FieldErrors& errors);

void write_secret(JsonWriter& json, const StoredSecret& secret, Instant now);

}  // namespace hourwheel
