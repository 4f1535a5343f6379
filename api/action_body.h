// What actions read of a request's body: nothing, or a few members.
// Thread: the reactor's own.
#pragma once

#include <optional>

#include "api/calls.h"

namespace hourwheel {

// Actions take an empty body as an empty object. False: the call is refused.
bool read_action_body(Calls& calls, Call& call, const HttpRequest& request,
                      std::optional<JsonValue>& body);

// For an action without members. True: the call is refused, because there are some.
bool refuse_members(Calls& calls, Call& call, const std::optional<JsonValue>& body);

}  // namespace hourwheel
