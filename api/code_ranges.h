// Sets of HTTP status codes as JSON: a target's success_codes ("200-299,304") and what a policy
// retries besides the usual ([404, "300-399"]). Thread: pure functions.
#pragma once

#include <string>
#include <vector>

#include "api/json_reader.h"
#include "api/problem.h"
#include "engine/task.h"

namespace hourwheel {

// Each leaves `out` as it was when it refuses.
void read_success_codes(const JsonValue& value, std::vector<CodeRange>& out, FieldErrors& errors);
void read_retry_on(const JsonValue& value, std::vector<CodeRange>& out, FieldErrors& errors);

// "304" or "200-299".
std::string to_text(const CodeRange& range);
// "200-299,304"; no range at all is the default, 200 to 299.
std::string success_text(const std::vector<CodeRange>& ranges);

}  // namespace hourwheel
