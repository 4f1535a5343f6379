// An API key's JSON. Its secret is shown once, by whoever makes it, and is no part of it.
// Thread: pure functions, any thread.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "engine/api_key.h"

namespace hourwheel {

inline constexpr size_t kMaxKeyName = 128;
inline constexpr size_t kMaxKeyNetworks = 32;

// The body of a request for one, without what makes it a key; errors say what is wrong with it.
ApiKey read_api_key(const JsonValue& object, Instant now, FieldErrors& errors);

// The members of a key, into an object that is open. tasks: that count for its quota now; none:
// nobody counts them.
void write_key_members(JsonWriter& json, const ApiKey& key, std::optional<uint32_t> tasks);
void write_api_key(JsonWriter& json, const ApiKey& key, std::optional<uint32_t> tasks);
void write_rights(JsonWriter& json, Rights rights);

}  // namespace hourwheel
