// JSON merge patch (RFC 7396): a member of the patch replaces the target's, objects are merged
// member by member, null removes, arrays are replaced whole.
// Cost: one pass over both, and a sort of each object's names. Thread: any.
#pragma once

#include <string>

#include "api/json_reader.h"

namespace hourwheel {

// Both are objects. Values that the patch does not name stay as they stand in the target, byte for
// byte.
std::string merge_patch(const JsonValue& target, const JsonValue& patch);

}  // namespace hourwheel
