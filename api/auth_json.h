// How a target proves by a stored secret who sends to it, as JSON: the members "auth" and
// "signing_secret", and the name of a secret anywhere, which need not exist yet. Thread: pure
// functions.
#pragma once

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "api/shape.h"
#include "engine/task.h"

namespace hourwheel {

// Each fills its part; errors says what is wrong, if anything.
void read_auth(const JsonValue& value, Shape shape, TargetAuth& auth, FieldErrors& errors);
void read_secret_name(const JsonValue& value, std::string& name, FieldErrors& errors);
// What the whole target says twice, or against itself. `target` is the value that was read.
void check_proofs(const JsonValue& value, const Target& target, FieldErrors& errors);

// The members that say something, into an object that is open.
void write_proofs(JsonWriter& json, const Target& target);

}  // namespace hourwheel
