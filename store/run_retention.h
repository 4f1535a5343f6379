// Retention by count (TaskSpec::keep_runs): of a task's runs that have ended, the newest ones stay
// in the run log; what is older is removed in the background, a few rows at a time.
//
// A table names the tasks that have a retention. After each round of the fold those of them that
// have rows in it have their turn, after a start all. A turn goes on where the one before it
// ended: what is remembered of a task is a cut, above which as many runs ended as are kept. It
// moves up row by row; what it leaves below is removed.
//
// Invariants
//   RN1  A row goes only if it is a checksummed row of its task, if that task's definition, read in
//        the quantum that decides, has a retention, and if at least so many runs ended later. What
//        the table says decides nothing.
//   RN2  No row goes of a run that is open, or that has a dead letter (C-14: its attempts are what
//        a redrive is decided by).
//   RN3  Only rows that the fold has passed go (L1), each in one transaction with its entry in the
//        index.
//   RN4  Of the rows of a run the one that ends it goes last, so that what a crash interrupts is
//        found again.
// A run is as old as its last end. One that was redriven is counted by its first end, so that some
// more may stay for a while. A row of many skips is one run.
// Cost: of a task without a retention none, but for a look into the table for each task in a round
// at most, and no more than it has rows; of a run that ends two rows read and one removed.
// Memory: kTasksKnown tasks, kRedrivenKnown runs, kWaitingRows positions, and the numbers of the
// tasks in a round, kTouchedMost at most.
// Thread: the store's.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/change.h"
#include "store/database.h"
#include "store/dead_letters.h"
#include "store/run_log.h"

namespace hourwheel {

class RunRetention {
 public:
  static constexpr size_t kRowsAtOnce = 64;  // looked at or removed by a quantum; 1 ms

  RunRetention(Database& database, RunLog& log, DeadLetters& dead);

  // Finds out whether there is anything to do.
  Status load();

  // Within a transaction of the caller's: a definition with a retention is written.
  Status add(TaskNumber task);
  // What a batch has done is durable.
  void committed(const Batch& batch);
  // A round of the fold is over; the tasks that have rows in it.
  void folded(const std::vector<TaskNumber>& tasks);

  // --- in the background: a quantum each; true: there is more to do ---
  // Looks for the next task, which is in turn() then, or not yet.
  Result<bool> look_on();
  [[nodiscard]] std::optional<TaskNumber> turn() const { return turn_; }
  // Of the task whose turn it is, in a transaction of its own. Damage that is met is in `damage`.
  Result<bool> remove_some(const StoredTask& task, uint64_t fold_seq, std::optional<Error>& damage);
  // That task is gone, or cannot be read.
  Status forget();
  void pass_over();

  // Of what went of the task the last due instant; none: all is there.
  Result<std::optional<Instant>> gone_until(TaskNumber task);

 private:
  static constexpr size_t kTouchedMost = 262'144;
  static constexpr size_t kTasksKnown = 65'536;
  static constexpr size_t kRedrivenKnown = 16'384;
  static constexpr size_t kWaitingRows = 262'144;

  // What is known of a task's rows, and can be found again by reading them all.
  struct Known {
    uint64_t cut = 0;      // of the runs that first ended in rows from here on,
    uint64_t counted = 0;  // ... up to here,
    uint64_t ended = 0;    // ... the number
    uint64_t floor = 0;    // below it there is nothing to remove
    // Those that were redriven and have ended since: how often, by then.
    std::map<RunKey, uint32_t> redriven;
    bool some_unknown = false;  // there was no room for one
    bool from_below = false;    // something below the floor may go again
  };
  // A walk from the floor up to the cut, and above it until enough is left, in quanta.
  struct Walk {
    Walk(uint64_t from, uint64_t fold_seq) : at(from), last(fold_seq) {}

    uint64_t at;
    uint64_t last;                                    // RN3
    std::optional<uint64_t> lowest;                   // of the rows that may go later
    std::map<RunKey, std::vector<uint64_t>> waiting;  // for the end of their run to be passed
    size_t waiting_rows = 0;
    std::vector<uint64_t> going;  // RN4
    size_t gone = 0;              // of those
    std::optional<Instant> gone_until;
    bool is_over = false;
  };
  struct Quantum;

  Status look_for_more(const StoredTask& task, uint64_t fold_seq, std::optional<Error>& damage);
  Known& known(TaskNumber task);
  void unknow(TaskNumber task);
  Result<bool> has_too_few(const StoredTask& task);
  Result<bool> count(Quantum& quantum);
  void see(const RunRecord& record, Known& known);
  Status walk(Quantum& quantum);
  Result<bool> pass(Quantum& quantum, uint64_t seq);
  Status look_below(Quantum& quantum, uint64_t seq, const RunRecord& record);
  Result<bool> dead_may_go(Quantum& quantum, uint64_t seq, const RunRecord& record);
  void wait_for_end(uint64_t seq, const RunRecord& record);
  void stay(uint64_t seq);
  Status remove_going(TaskNumber task);
  void end_walk(Known& known);
  [[nodiscard]] std::optional<TaskNumber> next_wanted() const;
  void begin_pass();

  Database& database_;
  RunLog& log_;
  DeadLetters& dead_;

  bool any_ = false;                 // the table may have rows
  bool all_ = true;                  // of this pass: every task in the table
  TaskNumber passed_;                // of this pass: up to here
  std::vector<TaskNumber> touched_;  // of this pass, ascending
  std::vector<TaskNumber> later_;    // of the next one
  bool later_all_ = false;           // ... which are too many to be named
  std::optional<TaskNumber> turn_;
  std::optional<Walk> walk_;  // of the task whose turn it is
  std::unordered_map<TaskNumber, Known> known_;
  size_t redriven_known_ = 0;

  Statement add_;
  Statement any_row_;
  Statement next_;
  Statement forget_;
  Statement note_gone_;
  Statement gone_;
};

}  // namespace hourwheel
