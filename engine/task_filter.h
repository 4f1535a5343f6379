// Which tasks a list, or a change of many, is about. All that is given must hold; of several values
// for one thing one is enough, but labels must all be there.
//
// Cost: a comparison for each thing that is given; `text` is looked for in every byte of the task,
// once.
// Thread: pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/task.h"

namespace hourwheel {

struct TaskFilter {
  std::vector<TaskStatus> statuses;  // the task's own; a global pause does not count
  std::optional<TaskType> type;
  std::vector<ScheduleKind> kinds;
  std::vector<NamedText> labels;
  std::string text;                         // see holds_text
  std::string target_host;                  // lower case, of a URL; empty: any target
  std::optional<Instant> next_due_after;    // included
  std::optional<Instant> next_due_before;   // not included
  std::vector<RunState> last_results;       // how the last run ended; kPending: there was none
  std::optional<Instant> may_be_open_at{};  // see may_be_open; a shard knows the instant better
  friend bool operator==(const TaskFilter&, const TaskFilter&) = default;
};

// Every task matches.
bool takes_all(const TaskFilter& filter);
// As far as the state tells. Asked first, because states are cheaper to read than definitions.
bool matches_state(const TaskFilter& filter, const TaskState& state);
bool matches_spec(const TaskFilter& filter, const TaskSpec& spec);
inline bool matches(const TaskFilter& filter, const StoredTask& task) {
  return matches_state(filter, task.state) && matches_spec(filter, task.spec);
}

// The task has open runs by its stored state; or something of it was due by then, so that its shard
// may have a run of it under way: a run is stored when it ends or its task changes, and until then
// its task wakes for it (S3).
bool may_be_open(const TaskState& stored, Instant by);

// The text is part of the id, the description, a label as key:value, the target's URL, or the
// payload, as holds_part has it.
bool holds_text(const TaskSpec& spec, std::string_view text);

}  // namespace hourwheel
