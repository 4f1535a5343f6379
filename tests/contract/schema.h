// The schemas of openapi.yaml (those of JSON Schema 2020-12) as the draft that our checker knows.
// References are replaced by what they name, the parts of an allOf become one, and an object has no
// members but those that are named: what the document does not tell must not be there.
// Thread: pure functions.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "tools/openapi/tree.h"

namespace hourwheel {

// Fails with a keyword that would not be checked.
Result<Tree> closed_schema(const Tree& document, const Tree& schema);

}  // namespace hourwheel
