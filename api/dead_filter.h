// Which dead letters a request means: read from a query, or from the "filter" of a body.
// Thread: pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/members.h"
#include "engine/message.h"

namespace hourwheel {

// One parameter of a list; refuses names it does not know. `state` must be dead.
Status add_dead_filter(DeadFilter& filter, std::string_view name, std::string_view value);

// The members of a body's filter. Refusals go to the errors.
void read_dead_filter(const JsonValue& object, DeadFilter& filter, FieldErrors& errors);
// The same of open runs, which takes no state, result or error, and must name a task or a label.
void read_open_filter(const JsonValue& object, DeadFilter& filter, FieldErrors& errors);

}  // namespace hourwheel
