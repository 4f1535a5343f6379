// The run log: an append-only ledger in pieces, each with a table of rows in the order in which
// they were written and an index by task. Commits only append rows; the index is filled by the
// fold, in sorted batches, and until then the newest rows are found in memory. Retention drops
// whole pieces.
//
// Invariants
//   L1  Positions (seq) ascend without gaps, across pieces; a piece's rows are one range of them,
//       but for those that retention by count removed: none of them is beyond the fold, and the
//       piece knows how many they are.
//   L2  Of one task's rows, those not yet in an index are newer than all that are. (In memory are
//       also some that are, from a round that a restart cut short.)
//   L3  What a transaction did here in memory is undone by rolled_back() when it fails.
// Cost: append one insert at the end of a tree. Thread: the store's.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/rows.h"

namespace hourwheel {

struct RunLogLimits {
  uint64_t piece_rows = 50'000;   // a piece is closed at this many rows
  Duration piece_age = hours(6);  // or when its first row is this much older than the newest
  // Or at this many bytes, or a quarter of bytes_max: the last piece is never dropped.
  uint64_t piece_bytes = uint64_t{256} << 20;
  uint64_t bytes_max = uint64_t{8} << 30;  // of rows kept
  Duration age_max = hours(30 * 24);
};

class RunLog {
 public:
  RunLog(Database& database, const RunLogLimits& limits);

  // Reads which pieces there are; kCorrupt if they break L1.
  Status load();

  // --- within a transaction ---
  void begin_append();
  Status append(TaskNumber task, const LogParts& parts);
  void rolled_back();
  [[nodiscard]] uint64_t last_seq() const { return next_seq_ - 1; }

  // --- recovery: the rows after `after`, oldest first, at most `limit` a call; kCorrupt if one is
  // missing among them ---
  Result<std::vector<LogRow>> replay(uint64_t after, size_t limit);
  // Tells the log that a replayed row still has to be indexed.
  void replayed(uint64_t seq, const LogRow& row);

  // --- the fold of the index, in rounds ---
  void begin_round();
  [[nodiscard]] bool round_done() const { return folded_ == folding_.size(); }
  // Within a transaction: indexes the next rows; folded(taken) after it.
  Result<size_t> index_some(size_t limit);
  void folded(size_t taken);
  // Within a transaction, at the end of a round.
  Status save_pieces();
  // Whose rows the round has, ascending.
  [[nodiscard]] const std::vector<TaskNumber>& round_tasks() const { return round_tasks_; }
  [[nodiscard]] size_t unindexed() const { return tail_.size() + folding_.size() - folded_; }

  // --- reading ---
  struct Found {
    std::vector<uint64_t> positions;  // newest first
    uint64_t searched_down_to = 0;    // nothing of the task is between here and the last of these
  };
  // Looks through a bounded number of pieces for rows of `task` before `before`.
  Result<Found> find(TaskNumber task, uint64_t before, size_t limit);
  // kNotFound: it is no longer kept. kCorrupt: it is missing, or not as it was written.
  Result<LogRow> read(uint64_t seq);
  // The same of a position that was found for this task; kCorrupt also if it is another one's, or
  // if no row is there.
  Result<LogRow> read_of(TaskNumber task, uint64_t seq);
  // The other way round (run_search.cc): rows of `task` from position `from` on, oldest first, in a
  // bounded number of pieces; the search goes on at searched_up_to, which is zero at the end.
  struct FoundOnwards {
    std::vector<uint64_t> positions;
    uint64_t searched_up_to = 0;
  };
  Result<FoundOnwards> find_onwards(TaskNumber task, uint64_t from, size_t limit);
  // A position such that nothing before it was recorded at `instant` or later, as far as the clock
  // was never set back. Cost: one binary search, some 20 rows read.
  Result<uint64_t> recorded_from(Instant instant);
  // The oldest row that is kept, or the next one to be written.
  [[nodiscard]] uint64_t first_seq() const {
    return pieces_.empty() ? next_seq_ : pieces_.front().first_seq;
  }
  // Nothing recorded before this is kept; none: everything is.
  [[nodiscard]] std::optional<Instant> kept_from() const;
  // Of the newest row in the piece of `before` or below: nothing older was recorded later.
  [[nodiscard]] bool all_recorded_before(uint64_t before, Instant instant) const;

  // Of the rows that are there, or are missing by damage, the first one from here on, and the last
  // one below; past the newest, and zero: there is none. (run_removal.cc)
  Result<uint64_t> next_row(uint64_t seq);
  Result<uint64_t> row_before(uint64_t seq);

  // --- the index by task, for a check ---
  Result<bool> is_indexed(TaskNumber task, uint64_t seq);
  Result<uint64_t> index_entries();
  // Rows that pieces from which some were removed should have and do not, or the other way round.
  Result<uint64_t> rows_amiss();

  // --- retention ---
  // Within a transaction: rows of the task, all folded, and their entries in the index go;
  // removed() after it. What is not kept any more is passed over. (run_removal.cc)
  Status remove(TaskNumber task, std::span<const uint64_t> rows);
  void removed();
  // Drops one table of the oldest closed piece if that is beyond the limits and folded. True: did.
  Result<bool> drop_oldest(Instant now, uint64_t fold_seq);
  [[nodiscard]] uint64_t bytes() const;
  [[nodiscard]] size_t pieces() const { return pieces_.size(); }

 private:
  struct Piece {
    uint64_t id = 0;
    uint64_t first_seq = 1;
    uint64_t last_seq = 0;
    int64_t first_ms = 0;
    int64_t last_ms = 0;
    uint64_t bytes = 0;
    uint64_t removed = 0;  // rows, by retention

    [[nodiscard]] uint64_t rows() const {  // that are kept
      const uint64_t written = last_seq + 1 - first_seq;
      return written - std::min(written, removed);
    }
  };
  struct Position {
    uint64_t piece = 0;
    TaskNumber task;
    uint64_t seq = 0;
    friend auto operator<=>(const Position&, const Position&) = default;
  };
  struct Mark {  // L3
    size_t pieces = 0;
    Piece last;
    uint64_t next_seq = 1;
    size_t tail = 0;
  };

  [[nodiscard]] Status check_pieces() const;
  Status open_piece();
  [[nodiscard]] bool piece_is_full(int64_t now_ms) const;
  [[nodiscard]] const Piece* piece_of(uint64_t seq) const;
  Status find_onwards_in(const Piece& piece, TaskNumber task, size_t limit, FoundOnwards& found);
  Result<std::optional<Instant>> recorded_near(uint64_t seq);
  Status remove_row(Piece& piece, TaskNumber task, uint64_t seq);
  Result<std::optional<uint64_t>> position(const std::string& sql, uint64_t seq);
  Status save(const Piece& piece);
  Status measure_last();
  void find_in_memory(TaskNumber task, uint64_t before, size_t limit, Found& found) const;
  Status find_in_piece(const Piece& piece, TaskNumber task, size_t limit, Found& found);
  Statement& for_piece(std::unique_ptr<Statement>& kept, uint64_t& kept_piece, uint64_t piece,
                       const char* sql_before);

  Database& database_;
  RunLogLimits limits_;
  std::vector<Piece> pieces_;  // oldest first; the last one is written
  uint64_t next_seq_ = 1;
  std::vector<Position> tail_;     // rows with a record that no index has, by seq
  std::vector<Position> folding_;  // those of the round under way, sorted
  size_t folded_ = 0;
  std::vector<TaskNumber> round_tasks_;
  std::vector<Piece> removing_;  // as they are when the transaction is committed
  Mark mark_;
  std::string row_;  // scratch

  Statement save_piece_;
  Statement save_removed_;
  std::unique_ptr<Statement> insert_row_;
  uint64_t insert_row_piece_ = 0;
  std::unique_ptr<Statement> insert_index_;
  uint64_t insert_index_piece_ = 0;
  std::unique_ptr<Statement> find_index_;
  uint64_t find_index_piece_ = 0;
  std::unique_ptr<Statement> read_row_;
  uint64_t read_row_piece_ = 0;
  std::unique_ptr<Statement> delete_row_;
  uint64_t delete_row_piece_ = 0;
  std::unique_ptr<Statement> delete_index_;
  uint64_t delete_index_piece_ = 0;
};

}  // namespace hourwheel
