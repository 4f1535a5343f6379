// What the lines of a crontab become here: a task each, with what it means otherwise than under
// cron, or the reason why there is none.
//
// Thread: pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/base/time.h"
#include "tools/hourwheel/crontab.h"

namespace hourwheel {

struct CrontabAim {
  std::string prefix;        // of the tasks' ids
  std::string url_template;  // with {id} and {user}; empty: runs are only recorded
};

struct CrontabTask {
  std::string id;
  std::string body;                  // JSON; empty: refused
  std::string meaning;               // of the schedule, as a sentence
  std::string refusal;               // why there is no task; empty: there is one
  std::vector<std::string> remarks;  // what is otherwise here
};

// A task for each entry, in order. The id comes from the user and the command: a line whose
// schedule was changed is still the same task. Only where a command stands in several lines does
// the schedule belong to it (and, of lines that are the same, which one it is).
std::vector<CrontabTask> tasks_of(const Crontab& crontab, const CrontabAim& aim, Instant now);

// What becomes of a setting; empty: it is honoured, and nothing more is to be said.
std::string remark_on(const CrontabSetting& setting);

}  // namespace hourwheel
