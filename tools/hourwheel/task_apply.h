// `hourwheel task apply -f FILE`: tasks made to be as a file says.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/options_task.h"

namespace hourwheel {

struct TaskText {
  std::string id;
  std::string body;  // JSON
};

// The tasks of a text: one, an array of them, one a line, or a page of GET /v1/tasks. Each needs an
// id.
Result<std::vector<TaskText>> read_task_texts(const std::string& text);

// Makes them; a line for each goes to standard output. The exit code: that of the first refusal.
int apply_tasks(ApiClient& client, const std::vector<TaskText>& tasks);

int run_apply(const TaskOptions& options, ApiClient& client);

}  // namespace hourwheel
