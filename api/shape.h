// The two shapes of the API: the unversioned requests the project began with, and /v1.
#pragma once

#include <cstdint>

namespace hourwheel {

// kSeed: POST, GET, PUT /tasks and DELETE /tasks/{id}. Unknown fields are ignored, past instants
// are due at once, problems carry an extra "error" string.
enum class Shape : uint8_t { kSeed, kV1 };

}  // namespace hourwheel
