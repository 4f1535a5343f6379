// A global pause's JSON.
// Thread: pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/problem.h"
#include "engine/pauses.h"

namespace hourwheel {

// The body of a request for one; errors say what is wrong with it, whenever it is.
GlobalPause read_global_pause(const JsonValue& object, FieldErrors& errors);
void write_global_pause(JsonWriter& json, const GlobalPause& pause);

// "pause-17"
std::string pause_id(uint64_t id);
std::optional<uint64_t> parse_pause_id(std::string_view text);

}  // namespace hourwheel
