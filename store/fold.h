// The fold: brings what commits only appended into the tables, in bulk and in the order of the
// keys. It works in rounds. A round takes what has gathered up to some position of the run log and
// writes, a step at a time, the states, then the index of the run log, then the places of fresh
// tasks; its last step moves fold_seq, from which a recovery replays.
//
// Invariants
//   F1  Every row of the log up to fold_seq is in the tables, and every definition up to
//       fold_number is in the due index or has a state row.
//   F2  A step changes memory only after its transaction has been committed.
//   F3  Writing a state newer than the round's position is right: replaying the log over it ends
//       with the same state.
// Cost: a step is bounded by the budget of rows it is given. Thread: the store's.
#pragma once

#include <optional>
#include <vector>

#include "store/overlay.h"
#include "store/run_log.h"
#include "store/task_tables.h"

namespace hourwheel {

// A round begins when so much has gathered, or when the oldest has waited so long.
struct FoldLimits {
  size_t tasks = 16'384;   // in the overlay
  size_t fresh = 131'072;  // tasks without a place in the due index
  size_t rows = 65'536;    // of the log without an index
  Duration age = seconds(10);
  // At this many times the figures above a commit folds more than it adds, so that recovery stays
  // short whatever the load: 4 x 16,384 states and 4 x 131,072 places are read again in 0.5 s.
  size_t pressing = 4;
};

class Fold {
 public:
  Fold(TaskTables& tables, Overlay& overlay, FreshTasks& fresh, RunLog& log,
       const FoldLimits& limits);

  // Something is waiting. `now` starts the clock of its age.
  bool wanted(Instant now);
  [[nodiscard]] bool pressing() const;
  [[nodiscard]] bool empty() const;
  // The next step may write figures, so it has to be flushed (D4).
  [[nodiscard]] bool may_write_figures() const {
    return stage_ == Stage::kIdle || stage_ == Stage::kFinish;
  }
  [[nodiscard]] uint64_t fold_seq() const { return fold_seq_; }
  void recovered(uint64_t fold_seq) { fold_seq_ = fold_seq; }

  // Within a transaction; begins a round when none is under way. Writes up to so many states, or so
  // many rows of the indexes, which are sorted and cost a quarter. One of the two follows.
  Status step(size_t states, size_t rows);
  void committed();
  void rolled_back();

 private:
  enum class Stage : uint8_t { kIdle, kStates, kIndex, kFresh, kFinish };

  void begin_round();
  Status fold_states(size_t budget);
  Status fold_fresh(size_t budget);
  Status finish();
  void next_stage();

  TaskTables& tables_;
  Overlay& overlay_;
  FreshTasks& fresh_;
  RunLog& log_;
  FoldLimits limits_;

  Stage stage_ = Stage::kIdle;
  uint64_t fold_seq_ = 0;
  uint64_t round_seq_ = 0;
  std::vector<TaskNumber> round_;  // ascending
  size_t done_ = 0;                // of round_
  std::optional<Instant> waiting_since_;

  // What the step under way does to memory when it is committed (F2).
  size_t taken_ = 0;
  std::vector<DuePlace> left_places_;
  std::vector<DuePlace> places_;  // scratch
};

}  // namespace hourwheel
