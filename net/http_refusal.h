// The server's own refusals as problem+json (RFC 9457): what never reached the handler, or was
// given up on. The API layer has its own; both have the same shape.
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace hourwheel {

inline constexpr std::string_view kProblemType = "application/problem+json";

// The phrase of a status ("Not Found"); "Unknown" for one that is not registered. A literal.
const char* status_phrase(int status);

// The body. `code` and `detail` are text of ours; they are escaped all the same.
std::string problem_text(int status, std::string_view code, std::string_view detail);
HttpResponse refusal(int status, std::string_view code, std::string_view detail);

}  // namespace hourwheel
