// If-Match and If-None-Match (RFC 9110 section 13) as far as a task's one entity tag needs them.
// Thread: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/message.h"
#include "net/http.h"

namespace hourwheel {

struct Preconditions {
  std::optional<Version> if_match;
  bool if_match_any = false;       // "*": the task must be there
  bool if_none_match_any = false;  // "*": it must not
};

// kBadRequest when a field cannot be read; a tag that is not one of ours matches no version.
Result<Preconditions> read_preconditions(const HttpRequest& request);

// kVersionMismatch: If-Match asks for another version of a task that was read than this one.
Status check_if_match(const Preconditions& conditions, Version version);
// Why a request about a task is refused: that a demanded one is not there is a precondition that
// does not hold (412).
Error refusal_under(const Preconditions& conditions, Error error);

// Whether the value of If-None-Match holds the version's tag (or "*"): the client has the current
// state.
bool client_has(std::string_view tags, Version version);
// The same of what is no task and has this tag, quotes included.
bool client_has(std::string_view tags, std::string_view etag);

}  // namespace hourwheel
