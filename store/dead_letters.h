// The dead letters of a shard (C-14): a table of their own, so that they are kept whatever the run
// log keeps, found by run, and listed by task or due instant.
//
// Invariants
//   DR1  A letter is written in the transaction of the end it tells of, and removed in the one that
//        opens its run again.
//   DR2  A task has at most one letter of each run.
//   DR3  Of a removed task no letter is shown; they are deleted in the background.
// Cost: a death is one insert at the end of a tree and two into indexes; a removed task one look. A
// page reads at most kExamined rows.
// Thread: the store's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/change.h"
#include "engine/message.h"
#include "store/aged_rows.h"
#include "store/database.h"

namespace hourwheel {

class TaskTables;

// All that the filter names.
bool has_labels(const TaskSpec& spec, const DeadFilter& filter);

class DeadLetters {
 public:
  explicit DeadLetters(Database& database);

  // Reads how old the oldest is.
  Status load();

  // --- within a transaction of the caller's ---
  Status add(const DeadRun& dead);
  Status remove(const TaskRun& run);
  // The task is gone, and its letters with it.
  Status remove_task(TaskNumber task);
  // After it, when it is durable.
  void added(const DeadRun& dead);

  // --- reading ---
  Result<std::optional<DeadRun>> find(const TaskRun& run);
  // Where a list stands, between quanta.
  struct Search {
    uint64_t position = 0;                  // of the last row looked at; 0: before the first
    TaskNumber task;                        // zero: of all tasks
    int looks = 0;                          // calls so far
    std::map<TaskNumber, std::string> ids;  // of the tasks that match; empty: does not
    DeadPage page;
    size_t bytes = 0;             // of the rows of its letters
    std::optional<Error> damage;  // met on the way; what is damaged is left out (C-23)
  };
  // Looks at up to kExamined rows and adds those that match. True: there is an answer; a list that
  // finds little is a short page, a tally goes on to the end. Of one task that lacks the labels all
  // is said at once, so that nothing shows how many letters it has (SL1).
  Result<bool> list(const ListDead& query, TaskTables& tables, Search& search);
  Result<bool> tally(const TallyDead& query, TaskTables& tables, Search& search);

  // --- retention: a transaction of its own; true: there may be more to do ---
  // kCorrupt: what is to go is not where it stands.
  Result<bool> drop_some(Instant now);

 private:
  static constexpr size_t kExamined = 512;
  static constexpr int kLooks = 8;  // of a list

  struct Row {
    uint64_t id = 0;
    TaskNumber task;
    Instant due;
    std::string run;
  };
  Status read_rows(Statement& statement, const Search& search, std::vector<Row>& rows);
  Result<bool> matches(const DeadFilter& filter, TaskTables& tables, const Row& row,
                       Search& search);
  Result<bool> matches_task(const DeadFilter& filter, TaskTables& tables, TaskNumber task,
                            Search& search);
  // None: it is damaged, or ended in another way than the filter asks for.
  static std::optional<DeadRun> opened(const DeadFilter& filter, const Row& row, Search& search);
  // Of one row, which search.position has passed then.
  Status look_at(const DeadFilter& filter, TaskTables& tables, const Row& row, Search& search);
  // The search is for the letters of one task that does not match.
  Result<bool> finds_nothing(const DeadFilter& filter, TaskTables& tables, Search& search);
  static void add_letter(const Row& row, DeadRun dead, Search& search);
  Result<bool> drop_removed();

  Database& database_;
  AgedRows aged_;
  bool some_removed_ = false;  // dead_of_removed may have rows
  std::string row_;            // scratch

  Statement insert_;
  Statement delete_run_;
  Statement has_letter_;
  Statement note_removed_;
  Statement find_;
  Statement newest_;
  Statement newest_of_task_;
  Statement oldest_rows_;
  Statement oldest_of_task_;
};

}  // namespace hourwheel
