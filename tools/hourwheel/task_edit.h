// `hourwheel task edit ID`: a task in the user's own editor.
#pragma once

#include <string>

#include "api/json_reader.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/options_task.h"

namespace hourwheel {

// What a client can set of a task, indented.
std::string editable(const JsonValue& task);

// An edit that was not taken stays in its file, which is named. Programs get the task as it is
// stored then, changed or not.
int run_edit(const TaskOptions& options, ApiClient& client, const View& view);

}  // namespace hourwheel
