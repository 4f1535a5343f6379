// Rows that retention by count removes from the midst of the run log, and walks over what is left.
#include <algorithm>

#include "store/run_log.h"

namespace hourwheel {

Status RunLog::remove(TaskNumber task, std::span<const uint64_t> rows) {
  removing_.clear();
  for (uint64_t seq : rows) {
    const Piece* piece = piece_of(seq);
    if (piece == nullptr) continue;
    auto changed = std::find_if(removing_.begin(), removing_.end(),
                                [piece](const Piece& one) { return one.id == piece->id; });
    if (changed == removing_.end()) changed = removing_.insert(removing_.end(), *piece);
    if (Status done = remove_row(*changed, task, seq); !done) return done;
  }
  for (const Piece& piece : removing_) {
    if (Status saved = save(piece); !saved) return saved;
    if (Status saved = save_removed_.run(piece.id, piece.removed); !saved) return saved;
  }
  return {};
}

Status RunLog::remove_row(Piece& piece, TaskNumber task, uint64_t seq) {
  Statement& row =
      for_piece(delete_row_, delete_row_piece_, piece.id,
                "DELETE FROM run_% WHERE seq = ? AND number = ? RETURNING length(row)");
  {
    Rows gone = row.rows(seq, task);
    uint64_t count = 0;
    while (gone.next()) {
      ++count;
      piece.bytes -= std::min(piece.bytes, gone.number(0));
    }
    if (!gone.status()) return gone.status();
    if (count != 1) {
      return failure(ErrorCode::kCorrupt, "",
                     "row " + std::to_string(seq) + " of the run log is not where it was found");
    }
  }
  ++piece.removed;
  return for_piece(delete_index_, delete_index_piece_, piece.id,
                   "DELETE FROM run_%_task WHERE number = ? AND seq = ?")
      .run(task, seq);
}

void RunLog::removed() {
  for (const Piece& changed : removing_) {
    auto piece = std::find_if(pieces_.begin(), pieces_.end(),
                              [&changed](const Piece& one) { return one.id == changed.id; });
    *piece = changed;
  }
  removing_.clear();
}

Result<std::optional<uint64_t>> RunLog::position(const std::string& sql, uint64_t seq) {
  Statement look(database_, sql);
  Rows rows = look.rows(seq);
  const bool found = rows.next();
  if (!rows.status()) return failure(rows.status().error());
  const auto at = found ? rows.maybe_integer(0) : std::nullopt;
  if (!at) return std::nullopt;
  return static_cast<uint64_t>(*at);
}

// A row that is missing in a piece from which none was removed is given all the same: whoever reads
// it is told.
Result<uint64_t> RunLog::next_row(uint64_t seq) {
  for (const Piece& piece : pieces_) {
    if (piece.last_seq < seq) continue;
    const uint64_t from = std::max(seq, piece.first_seq);
    if (piece.removed == 0) return from;
    auto row =
        position("SELECT min(seq) FROM run_" + std::to_string(piece.id) + " WHERE seq >= ?", from);
    if (!row) return failure(std::move(row.error()));
    if (*row) return **row;
  }
  return next_seq_;
}

Result<uint64_t> RunLog::row_before(uint64_t seq) {
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    if (piece->first_seq >= seq) continue;
    const uint64_t below = std::min(seq, piece->last_seq + 1);
    if (piece->first_seq == below) continue;  // it is empty
    if (piece->removed == 0) return below - 1;
    auto row =
        position("SELECT max(seq) FROM run_" + std::to_string(piece->id) + " WHERE seq < ?", below);
    if (!row) return failure(std::move(row.error()));
    if (*row) return **row;
  }
  return uint64_t{0};
}

Result<uint64_t> RunLog::rows_amiss() {
  uint64_t amiss = 0;
  for (const Piece& piece : pieces_) {
    if (piece.removed == 0) continue;  // each of its rows is asked for
    Statement count(database_, "SELECT count(*) FROM run_" + std::to_string(piece.id));
    Rows rows = count.rows();
    const uint64_t there = rows.next() ? rows.number(0) : 0;
    if (!rows.status()) return failure(rows.status().error());
    amiss += std::max(there, piece.rows()) - std::min(there, piece.rows());
  }
  return amiss;
}

}  // namespace hourwheel
