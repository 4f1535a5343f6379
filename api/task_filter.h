// Which tasks a request means, read from the parameters of a query, or from the "filter" of a body.
// Thread: pure functions, any thread.
#pragma once

#include <string_view>

#include "api/json_reader.h"
#include "api/problem.h"
#include "api/url_text.h"
#include "engine/base/result.h"
#include "engine/task_filter.h"

namespace hourwheel {

// One parameter. kBadRequest: its value cannot be read, or it is given twice and only `label` may
// be; kBadRequest as well for a name that is none of the filter's.
Status add_task_filter(TaskFilter& filter, std::string_view name, std::string_view value);
// All of them.
Result<TaskFilter> task_filter_of(const QueryParameters& parameters);

// The members of a body's filter: each a string as in a query; where a query takes several, also an
// array of strings. Refusals go to the errors.
void read_task_filter(const JsonValue& object, TaskFilter& filter, FieldErrors& errors);

}  // namespace hourwheel
