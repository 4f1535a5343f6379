// The tables of tasks: definitions, states, the due index, and the shard's few figures. Writes are
// within a transaction of the caller's; reads see what the last commit left.
// Cost: one to three tree descents a call. Thread: the store's.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/message.h"
#include "store/database.h"
#include "store/overlay.h"
#include "store/rows.h"

namespace hourwheel {

// How many tasks are in each state (engine/status_counts.h). Figures of `meta`, which every flushed
// transaction changes anyway (D4): they cost a commit no page.
struct StatusFigure {
  TaskStatus status;
  std::string_view name;
};
inline constexpr std::array kStatusFigures{StatusFigure{TaskStatus::kActive, "tasks_active"},
                                           StatusFigure{TaskStatus::kPaused, "tasks_paused"},
                                           StatusFigure{TaskStatus::kCompleted, "tasks_completed"}};

struct Definition {
  TaskKey key;
  TaskSpec spec;
  TaskState seed;
};

class TaskTables {
 public:
  explicit TaskTables(Database& database);

  // --- writing ---
  Status insert_definition(TaskNumber number, TaskKey key, const TaskSpec& spec,
                           const TaskState& state);
  Status replace_spec(TaskNumber number, TaskKey key, const TaskSpec& spec);
  // Removes all rows of the task; gives the place it had in the due index.
  Result<std::optional<DuePlace>> remove(TaskNumber number);
  // Brings the state row up to date and moves the task in the due index; gives the place before.
  Result<std::optional<DuePlace>> put_state(TaskNumber number, TaskKey key, const TaskState& state);
  // A place that is there already stays (a fold that was cut short is done again).
  Status add_due(const DuePlace& place);

  // --- reading: kNotFound, kCorrupt, kIo ---
  Result<TaskNumber> number_of(TaskKey key);
  Result<Definition> definition(TaskNumber number);
  Result<TaskSpec> spec(TaskNumber number, TaskKey key);
  // The row of a definition as it stands there; nothing: there is none.
  Result<std::optional<std::string>> stored_spec(TaskNumber number);
  // The same of the one that was written last.
  [[nodiscard]] std::string_view written_spec() const { return spec_row_; }
  // Not in the state table: nothing.
  Result<std::optional<ThinTask>> stored_state(TaskNumber number);
  // The state row, else the state at creation, else nothing.
  Result<std::optional<ThinTask>> thin(TaskNumber number);
  // Appends places of the due index after `after` up to the slice of `to_ms`; false: there are
  // more.
  Result<bool> due(const DuePlace& after, int64_t to_ms, size_t limit, std::vector<DuePlace>& out);
  Result<bool> has_due(const DuePlace& place);
  // Appends up to `limit` numbers of definitions after `after`.
  Status numbers(TaskNumber after, size_t limit, std::vector<TaskNumber>& out);
  // Of the definition created last, of those that are there; zero: there is none.
  Result<TaskNumber> highest();
  // Places of the tasks above `after` that have no state row yet.
  Status fresh(TaskNumber after, std::vector<DuePlace>& out);

  // --- figures ---
  Result<std::optional<int64_t>> figure(std::string_view name);
  Status set_figure(std::string_view name, int64_t value);
  // Requires: there is one of this name.
  Status add_to_figure(std::string_view name, int64_t more);

 private:
  struct Wake {
    std::optional<int64_t> wake_ms;
    bool in_state = false;
  };
  Result<Wake> stored_wake(TaskNumber number);

  std::string row_;  // scratch
  std::string spec_row_;

  Statement insert_definition_;
  Statement replace_spec_;
  Statement delete_definition_;
  Statement delete_state_;
  Statement delete_due_;
  Statement insert_state_;
  Statement update_state_;
  Statement insert_due_;
  Statement replace_due_;
  Statement state_wake_;
  Statement definition_wake_;
  Statement number_of_;
  Statement key_of_;
  Statement definition_;
  Statement spec_;
  Statement state_;
  Statement seed_;
  Statement due_;
  Statement has_due_;
  Statement numbers_;
  Statement highest_;
  Statement fresh_;
  Statement figure_;
  Statement set_figure_;
  Statement add_to_figure_;
};

}  // namespace hourwheel
