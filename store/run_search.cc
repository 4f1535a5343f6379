// Searching the run log by time: where a task's rows about an instant begin, and what follows.
#include <algorithm>

#include "store/run_log.h"

namespace hourwheel {
namespace {

constexpr size_t kPiecesPerCall = 64;      // looked into by one call
constexpr uint64_t kRowsWithoutTime = 64;  // walked over to find one with a record

}  // namespace

std::optional<Instant> RunLog::kept_from() const {
  if (pieces_.empty() || pieces_.front().first_seq <= 1) return std::nullopt;
  return Instant{pieces_.front().first_ms};
}

// A record of an instant is written at that instant or later, so the search starts with the rows
// recorded then.
Result<uint64_t> RunLog::recorded_from(Instant instant) {
  auto piece = std::find_if(pieces_.begin(), pieces_.end(),
                            [instant](const Piece& p) { return p.last_ms >= instant.ms; });
  if (piece == pieces_.end()) return next_seq_;
  uint64_t low = piece->first_seq;  // everything before low was recorded earlier
  uint64_t high = piece->last_seq;
  while (low < high) {
    const uint64_t middle = low + (high - low) / 2;
    auto recorded = recorded_near(middle);
    if (!recorded) return failure(std::move(recorded.error()));
    if (*recorded && **recorded < instant) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// Of the row at `seq`, or the first after it that has a record; none: there is no such nearby.
Result<std::optional<Instant>> RunLog::recorded_near(uint64_t seq) {
  uint64_t at = seq;
  for (uint64_t looks = 0; looks < kRowsWithoutTime; ++looks, ++at) {
    auto next = next_row(at);
    if (!next) return failure(std::move(next.error()));
    at = *next;
    if (at >= next_seq_) break;
    auto row = read(at);
    if (!row) {
      if (row.error().code == ErrorCode::kCorrupt) continue;
      return failure(std::move(row.error()));
    }
    if (row->record) return std::optional(row->record->recorded);
  }
  return std::nullopt;
}

Result<RunLog::FoundOnwards> RunLog::find_onwards(TaskNumber task, uint64_t from, size_t limit) {
  FoundOnwards found;
  found.searched_up_to = from;
  size_t looked = 0;
  for (const Piece& piece : pieces_) {
    if (piece.last_seq < found.searched_up_to) continue;
    if (found.positions.size() == limit || looked == kPiecesPerCall) return found;
    Status done = find_onwards_in(piece, task, limit, found);
    if (!done) return failure(done.error());
    looked++;
  }
  if (found.positions.size() == limit) return found;
  // L2: what no index has is newer than all that was found. After a start some of the rows in
  // memory have their entry already, from a round that was cut short.
  const uint64_t beyond = found.positions.empty() ? from : found.positions.back() + 1;
  auto add = [&](const Position& at) {
    if (at.task == task && at.seq >= beyond && found.positions.size() < limit) {
      found.positions.push_back(at.seq);
    }
  };
  std::for_each(folding_.begin() + static_cast<ptrdiff_t>(folded_), folding_.end(), add);
  std::for_each(tail_.begin(), tail_.end(), add);
  found.searched_up_to = found.positions.size() == limit ? found.positions.back() + 1 : 0;
  return found;
}

Status RunLog::find_onwards_in(const Piece& piece, TaskNumber task, size_t limit,
                               FoundOnwards& found) {
  Statement index(database_, "SELECT seq FROM run_" + std::to_string(piece.id) +
                                 "_task WHERE number = ? AND seq >= ? ORDER BY seq LIMIT ?");
  Rows rows =
      index.rows(task, found.searched_up_to, static_cast<uint64_t>(limit - found.positions.size()));
  while (rows.next()) found.positions.push_back(rows.number(0));
  found.searched_up_to =
      found.positions.size() == limit ? found.positions.back() + 1 : piece.last_seq + 1;
  return rows.status();
}

}  // namespace hourwheel
