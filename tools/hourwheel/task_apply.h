// `hourwheel task apply -f FILE`: tasks made to be as a file says.
#pragma once

#include <string>
#include <vector>

#include "tools/hourwheel/answer_print.h"
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

// Makes them, and prints what became of each to people, those that are stored to programs. The exit
// code: that of the first refusal.
int apply_tasks(ApiClient& client, const std::vector<TaskText>& tasks, const View& view);

int run_apply(const TaskOptions& options, ApiClient& client, const View& view);

}  // namespace hourwheel
