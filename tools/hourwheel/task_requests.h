// What the verbs of `task` and `run` ask of the API. Thread: pure functions, any thread.
#pragma once

#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "tools/hourwheel/api_client.h"
#include "tools/hourwheel/options_task.h"
#include "tools/hourwheel/page_walk.h"

namespace hourwheel {

std::string task_path(const std::string& id);
std::string run_path(const std::string& id);

// Of /v1/tasks and /v1/tasks:export.
std::string task_query(const TaskChoice& choice);
// The same as the member `filter` of a bulk request.
std::string task_filter_json(const TaskChoice& choice);

std::string runs_path(const RunOptions& options);
// Of the dead runs, or of the open ones that kCancel ends.
std::string run_filter_json(const RunOptions& options);

// The task that the options of `create` describe.
Result<std::string> drafted_task(const TaskOptions& options);
// Instants that were said as distances from now ("+10m") become instants.
Status settle_times(TaskOptions& options, Instant now);
Status settle_times(RunOptions& options, Instant now);

// {"reason":…,"until":…}
std::string pause_body(const TaskOptions& options);

}  // namespace hourwheel
