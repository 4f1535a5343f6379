// Verbs that change many tasks or runs at once: first counted, then asked about, then done.
#pragma once

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Whether it says which tasks are meant: by an id or by a filter, not by both.
bool names_its_tasks(const TaskOptions& options);
bool names_its_runs(const RunOptions& options);

// Of `task pause`, `resume`, `run` and `delete` without an id.
int change_tasks(const TaskOptions& options, ApiClient& client, Terminal& terminal);
// Of `run redrive` without an id.
int redrive_runs(const RunOptions& options, ApiClient& client, Terminal& terminal);

// Asks whether to go on, unless yes was said before. Where nobody can be asked, the exit code of a
// refusal.
Told<bool> confirm(const BulkChoice& choice, Terminal& terminal, const std::string& question);

}  // namespace hourwheel
