// Which tasks a request means, read from the parameters of a query.
// Thread: pure functions, any thread.
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/task_filter.h"

namespace hourwheel {

// One parameter. kBadRequest: its value cannot be read, or it is given twice and only `label` may
// be; kBadRequest as well for a name that is none of the filter's.
Status add_task_filter(TaskFilter& filter, std::string_view name, std::string_view value);

}  // namespace hourwheel
