#include "store/run_log.h"

#include <algorithm>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Pieces looked into by one call of find(): about 20 µs each.
constexpr size_t kPiecesAtOnce = 64;
// However few bytes of the log are kept: a piece is two tables, which cost more than some rows.
constexpr uint64_t kLeastPieceBytes = 64 * 1024;

std::string rows_table(uint64_t piece) {
  return "run_" + std::to_string(piece);
}
std::string index_table(uint64_t piece) {
  return rows_table(piece) + "_task";
}
tl::unexpected<Error> missing_row(uint64_t seq) {
  return failure(ErrorCode::kCorrupt, "",
                 "row " + std::to_string(seq) + " of the run log is missing");
}
tl::unexpected<Error> no_longer_kept(uint64_t seq) {
  return failure(ErrorCode::kNotFound, "",
                 "row " + std::to_string(seq) + " of the run log is no longer kept");
}

}  // namespace

RunLog::RunLog(Database& database, const RunLogLimits& limits)
    : database_(database),
      limits_(limits),
      save_piece_(database, "INSERT OR REPLACE INTO piece VALUES(?,?,?,?,?,?)"),
      save_removed_(database, "INSERT OR REPLACE INTO removed_rows VALUES(?,?)") {}

Status RunLog::load() {
  Statement pieces(
      database_,
      "SELECT id, first_seq, last_seq, first_ms, last_ms, bytes, coalesce(removed, 0) FROM piece "
      "LEFT JOIN removed_rows ON removed_rows.piece = piece.id ORDER BY id");
  Rows rows = pieces.rows();
  while (rows.next()) {
    pieces_.push_back({rows.number(0), rows.number(1), rows.number(2), rows.integer(3),
                       rows.integer(4), rows.number(5), rows.number(6)});
  }
  if (!rows.status()) return rows.status();
  if (Status whole = check_pieces(); !whole) return whole;
  if (!pieces_.empty()) {
    if (Status measured = measure_last(); !measured) return measured;
  }
  begin_append();
  return {};
}

// L1, of what a file says; of the last piece its rows say more (measure_last).
Status RunLog::check_pieces() const {
  for (size_t i = 0; i < pieces_.size(); ++i) {
    const Piece& piece = pieces_[i];
    const bool follows = i == 0 || pieces_[i - 1].last_seq + 1 == piece.first_seq;
    if (follows && piece.first_seq > 0 && piece.first_seq <= piece.last_seq + 1) continue;
    return failure(
        ErrorCode::kCorrupt, "",
        "piece " + std::to_string(piece.id) + " of the run log does not follow the one before it");
  }
  return {};
}

// The last piece's figures are as old as the last fold; its rows know better.
Status RunLog::measure_last() {
  Piece& last = pieces_.back();
  Statement tail(database_, "SELECT max(seq), total(length(row)) FROM " + rows_table(last.id) +
                                " WHERE seq > ?");
  Rows rows = tail.rows(last.last_seq);
  if (rows.next() && rows.maybe_integer(0)) {
    last.last_seq = rows.number(0);
    last.bytes += rows.number(1);
  }
  next_seq_ = last.last_seq + 1;
  return rows.status();
}

// --- appending ---

void RunLog::begin_append() {
  mark_ = {pieces_.size(), pieces_.empty() ? Piece{} : pieces_.back(), next_seq_, tail_.size()};
}

void RunLog::rolled_back() {
  // A round is begun outside of transactions, so the tail only grew since the mark.
  pieces_.resize(mark_.pieces);
  if (!pieces_.empty()) pieces_.back() = mark_.last;
  next_seq_ = mark_.next_seq;
  tail_.resize(mark_.tail);
  insert_row_.reset();
}

Status RunLog::append(TaskNumber task, const LogParts& parts) {
  // A row without a record has no time of its own and counts as recorded with the one before.
  int64_t now_ms =
      parts.record ? parts.record->recorded.ms : (pieces_.empty() ? 0 : pieces_.back().last_ms);
  if (pieces_.empty() || piece_is_full(now_ms)) {
    if (Status opened = open_piece(); !opened) return opened;
  }
  Piece& piece = pieces_.back();
  row_.clear();
  seal_log(next_seq_, task, parts, row_);
  Statement& insert = for_piece(insert_row_, insert_row_piece_, piece.id, "INSERT INTO run_%");
  if (Status inserted = insert.run(next_seq_, task, Blob{row_}); !inserted) return inserted;
  if (parts.record) {
    tail_.push_back({piece.id, task, next_seq_});
    if (piece.first_ms == 0) piece.first_ms = now_ms;
    piece.last_ms = std::max(piece.last_ms, now_ms);
  }
  piece.last_seq = next_seq_++;
  piece.bytes += row_.size();
  return {};
}

bool RunLog::piece_is_full(int64_t now_ms) const {
  const Piece& piece = pieces_.back();
  if (piece.last_seq < piece.first_seq) return false;
  const uint64_t share = std::max(limits_.bytes_max / 4, kLeastPieceBytes);
  return piece.rows() >= limits_.piece_rows ||
         piece.bytes >= std::min(limits_.piece_bytes, share) ||
         (piece.first_ms != 0 && now_ms - piece.first_ms >= limits_.piece_age.ms);
}

Status RunLog::open_piece() {
  if (!pieces_.empty()) {
    if (Status saved = save(pieces_.back()); !saved) return saved;
  }
  Piece piece;
  piece.id = pieces_.empty() ? 1 : pieces_.back().id + 1;
  piece.first_seq = next_seq_;
  piece.last_seq = next_seq_ - 1;
  if (!pieces_.empty()) piece.last_ms = pieces_.back().last_ms;
  Status made = database_.execute(
      "CREATE TABLE " + rows_table(piece.id) +
      "(seq INTEGER PRIMARY KEY, number INTEGER NOT NULL, row BLOB NOT NULL);"
      "CREATE TABLE " +
      index_table(piece.id) +
      "(number INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(number, seq)) WITHOUT ROWID");
  if (!made) return made;
  pieces_.push_back(piece);
  return save(piece);
}

Status RunLog::save(const Piece& piece) {
  return save_piece_.run(piece.id, piece.first_seq, piece.last_seq, piece.first_ms, piece.last_ms,
                         piece.bytes);
}

// A statement on a piece's table, kept while the next call is for the same piece. '%' stands for
// the piece in `sql`; the values follow by themselves.
Statement& RunLog::for_piece(std::unique_ptr<Statement>& kept, uint64_t& kept_piece, uint64_t piece,
                             const char* sql_before) {
  if (!kept || kept_piece != piece) {
    std::string sql = sql_before;
    size_t place = sql.find('%');
    sql.replace(place, 1, std::to_string(piece));
    if (sql.starts_with("INSERT")) {
      sql += sql.ends_with("_task") ? " VALUES(?,?)" : " VALUES(?,?,?)";
    }
    kept = std::make_unique<Statement>(database_, std::move(sql));
    kept_piece = piece;
  }
  return *kept;
}

// --- recovery ---

Result<std::vector<LogRow>> RunLog::replay(uint64_t after, size_t limit) {
  std::vector<LogRow> found;
  for (const Piece& piece : pieces_) {
    if (piece.last_seq <= after) continue;
    Statement tail(database_, "SELECT seq, number, row FROM " + rows_table(piece.id) +
                                  " WHERE seq > ? ORDER BY seq LIMIT ?");
    Rows rows = tail.rows(after + found.size(), static_cast<uint64_t>(limit - found.size()));
    while (rows.next()) {
      const uint64_t seq = after + found.size() + 1;
      if (rows.number(0) != seq) return missing_row(seq);
      auto row = unseal_log(seq, {rows.number(1)}, rows.bytes(2));
      if (!row) return failure(std::move(row.error()));
      found.push_back(std::move(*row));
    }
    if (!rows.status()) return failure(rows.status().error());
    if (found.size() == limit) break;
  }
  return found;
}

void RunLog::replayed(uint64_t seq, const LogRow& row) {
  if (!row.record) return;
  const Piece* piece = piece_of(seq);
  HW_CHECK(piece != nullptr, "L1 every position lies in a piece");
  tail_.push_back({piece->id, row.task, seq});
  auto& writable = pieces_[static_cast<size_t>(piece - pieces_.data())];
  if (writable.first_ms == 0) writable.first_ms = row.record->recorded.ms;
  writable.last_ms = std::max(writable.last_ms, row.record->recorded.ms);
}

// --- the fold ---

void RunLog::begin_round() {
  HW_CHECK(round_done(), "L2 a round of the fold begins when the one before is done");
  folding_ = std::move(tail_);
  tail_.clear();
  folded_ = 0;
  std::sort(folding_.begin(), folding_.end());
  round_tasks_.clear();
  for (const Position& at : folding_) {
    if (round_tasks_.empty() || round_tasks_.back() != at.task) round_tasks_.push_back(at.task);
  }
  if (folding_.empty() || folding_.front().piece == folding_.back().piece) return;
  std::sort(round_tasks_.begin(), round_tasks_.end());
  round_tasks_.erase(std::unique(round_tasks_.begin(), round_tasks_.end()), round_tasks_.end());
}

Result<size_t> RunLog::index_some(size_t limit) {
  size_t taken = std::min(limit, folding_.size() - folded_);
  for (size_t i = folded_; i < folded_ + taken; i++) {
    const Position& at = folding_[i];
    Statement& insert = for_piece(insert_index_, insert_index_piece_, at.piece,
                                  "INSERT OR REPLACE INTO run_%_task");
    if (Status done = insert.run(at.task, at.seq); !done) return failure(done.error());
  }
  return taken;
}

void RunLog::folded(size_t taken) {
  folded_ += taken;
  if (!round_done()) return;
  folding_ = {};
  folded_ = 0;
}

Status RunLog::save_pieces() {
  return pieces_.empty() ? Status{} : save(pieces_.back());
}

// --- reading ---

const RunLog::Piece* RunLog::piece_of(uint64_t seq) const {
  auto after = std::upper_bound(
      pieces_.begin(), pieces_.end(), seq,
      [](uint64_t wanted, const Piece& piece) { return wanted < piece.first_seq; });
  if (after == pieces_.begin()) return nullptr;
  const Piece& piece = *std::prev(after);
  return seq <= piece.last_seq ? &piece : nullptr;
}

Result<RunLog::Found> RunLog::find(TaskNumber task, uint64_t before, size_t limit) {
  Found found;
  found.searched_down_to = before;
  find_in_memory(task, before, limit, found);
  size_t looked = 0;
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    if (found.positions.size() == limit || looked == kPiecesAtOnce) return found;
    if (piece->first_seq >= found.searched_down_to) continue;
    if (Status done = find_in_piece(*piece, task, limit, found); !done) {
      return failure(done.error());
    }
    looked++;
  }
  if (found.positions.size() < limit) found.searched_down_to = 0;
  return found;
}

void RunLog::find_in_memory(TaskNumber task, uint64_t before, size_t limit, Found& found) const {
  for (auto at = tail_.rbegin(); at != tail_.rend() && found.positions.size() < limit; ++at) {
    if (at->task == task && at->seq < before) found.positions.push_back(at->seq);
  }
  // Sorted by piece, task and position: newest last for one task.
  for (size_t i = folding_.size(); i > folded_ && found.positions.size() < limit; i--) {
    const Position& at = folding_[i - 1];
    if (at.task == task && at.seq < before) found.positions.push_back(at.seq);
  }
  if (!found.positions.empty()) found.searched_down_to = found.positions.back();
}

Status RunLog::find_in_piece(const Piece& piece, TaskNumber task, size_t limit, Found& found) {
  Statement index(database_, "SELECT seq FROM " + index_table(piece.id) +
                                 " WHERE number = ? AND seq < ? ORDER BY seq DESC LIMIT ?");
  Rows rows = index.rows(task, found.searched_down_to,
                         static_cast<uint64_t>(limit - found.positions.size()));
  while (rows.next()) found.positions.push_back(rows.number(0));
  found.searched_down_to =
      found.positions.size() == limit ? found.positions.back() : piece.first_seq;
  return rows.status();
}

Result<LogRow> RunLog::read(uint64_t seq) {
  const Piece* piece = piece_of(seq);
  if (piece == nullptr) return no_longer_kept(seq);
  Statement& statement = for_piece(read_row_, read_row_piece_, piece->id,
                                   "SELECT number, row FROM run_% WHERE seq = ?");
  Rows rows = statement.rows(seq);
  if (!rows.next()) {
    if (!rows.status()) return failure(rows.status().error());
    return piece->removed > 0 ? no_longer_kept(seq) : missing_row(seq);
  }
  return unseal_log(seq, {rows.number(0)}, rows.bytes(1));
}

Result<LogRow> RunLog::read_of(TaskNumber task, uint64_t seq) {
  auto row = read(seq);
  if (!row && row.error().code == ErrorCode::kNotFound && piece_of(seq) != nullptr) {
    return missing_row(seq);  // its entry in the index would have gone with it
  }
  if (!row || row->task == task) return row;
  return failure(ErrorCode::kCorrupt, "",
                 "the index of the run log has row " + std::to_string(seq) + " for task " +
                     std::to_string(task.value) + ", and it is another one's");
}

Result<bool> RunLog::is_indexed(TaskNumber task, uint64_t seq) {
  const Piece* piece = piece_of(seq);
  if (piece == nullptr) return false;
  Statement& index = for_piece(find_index_, find_index_piece_, piece->id,
                               "SELECT 1 FROM run_%_task WHERE number = ? AND seq = ?");
  Rows rows = index.rows(task, seq);
  const bool there = rows.next();
  if (!rows.status()) return failure(rows.status().error());
  return there;
}

Result<uint64_t> RunLog::index_entries() {
  uint64_t entries = 0;
  for (const Piece& piece : pieces_) {
    Statement count(database_, "SELECT count(*) FROM " + index_table(piece.id));
    Rows rows = count.rows();
    if (rows.next()) entries += rows.number(0);
    if (!rows.status()) return failure(rows.status().error());
  }
  return entries;
}

bool RunLog::all_recorded_before(uint64_t before, Instant instant) const {
  for (auto piece = pieces_.rbegin(); piece != pieces_.rend(); ++piece) {
    if (piece->first_seq < before) return piece->last_ms < instant.ms;
  }
  return true;
}

// --- retention ---

uint64_t RunLog::bytes() const {
  uint64_t total = 0;
  for (const Piece& piece : pieces_) total += piece.bytes;
  return total;
}

Result<bool> RunLog::drop_oldest(Instant now, uint64_t fold_seq) {
  if (pieces_.size() < 2) return false;
  const Piece& oldest = pieces_.front();
  bool unfolded = oldest.last_seq > fold_seq || !round_done();
  bool old = oldest.last_ms < (now - limits_.age_max).ms;
  if (unfolded || (!old && bytes() <= limits_.bytes_max)) return false;
  if (read_row_piece_ == oldest.id) read_row_.reset();
  if (insert_index_piece_ == oldest.id) insert_index_.reset();
  if (find_index_piece_ == oldest.id) find_index_.reset();
  if (insert_row_piece_ == oldest.id) insert_row_.reset();
  if (delete_row_piece_ == oldest.id) delete_row_.reset();
  if (delete_index_piece_ == oldest.id) delete_index_.reset();
  Statement forget(database_, "DELETE FROM piece WHERE id = ?");
  Statement forget_removed(database_, "DELETE FROM removed_rows WHERE piece = ?");
  Status dropped = database_.transact(Flush::kLater, [&] {
    if (Status done = forget.run(oldest.id); !done) return done;
    if (Status done = forget_removed.run(oldest.id); !done) return done;
    return database_.execute("DROP TABLE " + rows_table(oldest.id) + "; DROP TABLE " +
                             index_table(oldest.id));
  });
  if (!dropped) return failure(dropped.error());
  pieces_.erase(pieces_.begin());
  return true;
}

}  // namespace hourwheel
