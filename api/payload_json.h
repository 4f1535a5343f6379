// The payload of a task, or of one run: any JSON, kept byte for byte, or text, or bytes in base64.
// Thread: pure functions.
#pragma once

#include <optional>

#include "api/json_reader.h"
#include "api/problem.h"
#include "engine/payload.h"

namespace hourwheel {

// The members it may come in: one of the first three, and content_type with one that is not JSON.
struct PayloadMembers {
  std::optional<JsonValue> payload{};
  std::optional<JsonValue> payload_text{};
  std::optional<JsonValue> payload_base64{};
  std::optional<JsonValue> content_type{};
};

struct GivenPayload {
  RunPayload payload;
  JsonValue from;  // the member
};
// Of at most so many bytes. nullopt: none was given, or errors says what is wrong.
std::optional<GivenPayload> read_payload(const PayloadMembers& members, size_t max_bytes,
                                         FieldErrors& errors);

}  // namespace hourwheel
