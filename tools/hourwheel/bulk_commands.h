// Verbs that change many tasks or runs at once: first counted, then asked about, then done.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

// Why it does not say which tasks or runs are meant, by an id or by a filter, or says beside it
// what goes only with the other one; empty: all is well.
std::string choice_problem(const TaskOptions& options);
std::string choice_problem(const RunOptions& options);

// Deletes without asking; how many there were. Those that could not be deleted are told, and make
// it kFailure.
Told<int64_t> delete_tasks(const TaskChoice& choice, ApiClient& client);

// Of `task pause`, `resume`, `run` and `delete` without an id.
int change_tasks(const TaskOptions& options, ApiClient& client, Terminal& terminal);
// Of `run redrive`, `cancel` and `delete` without an id.
int change_runs(const RunOptions& options, ApiClient& client, Terminal& terminal);

}  // namespace hourwheel
