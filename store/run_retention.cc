#include "store/run_retention.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

constexpr size_t kLooksAtOnce = 64;     // into the table
constexpr size_t kCountedAtOnce = 256;  // rows above the cut, which are only read
constexpr uint32_t kFewRuns = 1'024;    // a retention whose rows are counted at once
constexpr uint64_t kAboveAll = INT64_MAX;

bool is_first_end(const RunRecord& record) {
  return is_end(record.state) && record.redrive_count == 0;
}

}  // namespace

struct RunRetention::Quantum {
  const StoredTask& task;
  Known& known;
  std::optional<Error>& damage;

  // What is open again has ended before, and counts among those (RN1).
  [[nodiscard]] uint64_t kept() const {
    const auto& open = task.state.open;
    const auto again = std::count_if(open.begin(), open.end(),
                                     [](const OpenRun& run) { return run.redrive_count > 0; });
    return task.spec.keep_runs + static_cast<uint64_t>(again);
  }
};

RunRetention::RunRetention(Database& database, RunLog& log, DeadLetters& dead)
    : database_(database),
      log_(log),
      dead_(dead),
      add_(database, "INSERT OR IGNORE INTO retained VALUES(?, NULL)"),
      any_row_(database, "SELECT 1 FROM retained LIMIT 1"),
      next_(database, "SELECT number FROM retained WHERE number > ? ORDER BY number LIMIT 1"),
      forget_(database, "DELETE FROM retained WHERE number = ?"),
      note_gone_(database,
                 "UPDATE retained SET gone_ms = max(coalesce(gone_ms, ?2), ?2) WHERE number = ?1"),
      gone_(database, "SELECT gone_ms FROM retained WHERE number = ?") {}

Status RunRetention::load() {
  Rows rows = any_row_.rows();
  any_ = rows.next();
  return rows.status();
}

// --- what commits and folds tell ---

Status RunRetention::add(TaskNumber task) {
  any_ = true;  // at worst, after a rollback, a look for nothing
  return add_.run(task);
}

void RunRetention::committed(const Batch& batch) {
  if (!any_) return;
  for (const TaskChange& change : batch.tasks) {
    if (change.spec && change.spec->keep_runs > 0) later_.push_back(change.number);
  }
  for (const TaskRun& run : batch.discarded) {
    later_.push_back(run.task);
    const auto its = known_.find(run.task);
    if (its != known_.end()) its->second.from_below = true;  // what the letter kept may go
  }
}

void RunRetention::folded(const std::vector<TaskNumber>& tasks) {
  if (!any_) return;
  later_.insert(later_.end(), tasks.begin(), tasks.end());
  std::sort(later_.begin(), later_.end());
  later_.erase(std::unique(later_.begin(), later_.end()), later_.end());
  if (later_.size() <= kTouchedMost) return;
  later_.clear();
  later_all_ = true;
}

// --- whose turn it is ---

// The next task of this pass that could be in the table; none: the pass is over.
std::optional<TaskNumber> RunRetention::next_wanted() const {
  if (all_) return TaskNumber{passed_.value + 1};
  const auto next = std::upper_bound(touched_.begin(), touched_.end(), passed_);
  if (next == touched_.end()) return std::nullopt;
  return *next;
}

void RunRetention::begin_pass() {
  all_ = std::exchange(later_all_, false);
  passed_ = {};
  touched_ = std::move(later_);
  later_.clear();
  std::sort(touched_.begin(), touched_.end());
}

// The table and the tasks of the pass both ascend: each look leads to the next that could be in
// both, so that there are no more of them than either has tasks.
Result<bool> RunRetention::look_on() {
  if (!any_) return false;
  if (turn_) return true;
  for (size_t looks = 0; looks < kLooksAtOnce; ++looks) {
    const auto wanted = next_wanted();
    if (!wanted && later_.empty() && !later_all_) return false;
    if (!wanted) {
      begin_pass();
      continue;
    }
    Rows rows = next_.rows(TaskNumber{wanted->value - 1});
    const bool found = rows.next();
    if (!rows.status()) return failure(rows.status().error());
    if (!found) {
      all_ = false;
      touched_.clear();
      continue;
    }
    const TaskNumber task{rows.number(0)};
    if (all_ || std::binary_search(touched_.begin(), touched_.end(), task)) {
      passed_ = task;
      turn_ = task;
      walk_.reset();
      return true;
    }
    passed_ = TaskNumber{task.value - 1};
  }
  return true;
}

void RunRetention::pass_over() {
  walk_.reset();
  turn_.reset();
}

Status RunRetention::forget() {
  const TaskNumber task = *turn_;
  pass_over();
  unknow(task);
  return database_.transact(Flush::kLater, [&] { return forget_.run(task); });
}

// --- what is known ---

RunRetention::Known& RunRetention::known(TaskNumber task) {
  const uint64_t first = log_.first_seq();
  auto its = known_.find(task);
  // What was counted in a piece that is gone is not there any more.
  if (its != known_.end() && its->second.cut < first) {
    unknow(task);
    its = known_.end();
  }
  if (its != known_.end()) return its->second;
  if (known_.size() >= kTasksKnown) {
    known_.clear();
    redriven_known_ = 0;
  }
  Known& fresh = known_[task];
  fresh.cut = fresh.floor = first;
  fresh.counted = first - 1;
  return fresh;
}

void RunRetention::unknow(TaskNumber task) {
  walk_.reset();
  const auto its = known_.find(task);
  if (its == known_.end()) return;
  redriven_known_ -= its->second.redriven.size();
  known_.erase(its);
}

// After a start most tasks have no more rows than they keep runs, and need not be read.
Result<bool> RunRetention::has_too_few(const StoredTask& task) {
  if (task.spec.keep_runs == 0) return true;
  if (!all_ || task.spec.keep_runs > kFewRuns || known_.contains(task.number)) return false;
  auto found = log_.find(task.number, kAboveAll, task.spec.keep_runs + 1);
  if (!found) return failure(std::move(found.error()));
  return found->searched_down_to == 0;
}

// --- a quantum ---

Result<bool> RunRetention::remove_some(const StoredTask& task, uint64_t fold_seq,
                                       std::optional<Error>& damage) {
  const bool goes_on = walk_ && walk_->gone < walk_->going.size();
  Status done = goes_on ? remove_going(task.number) : look_for_more(task, fold_seq, damage);
  if (!done) {
    unknow(task.number);  // memory may be ahead of the file
    if (done.error().code != ErrorCode::kStorageLow) pass_over();
    return failure(std::move(done.error()));
  }
  if (!walk_ || !walk_->is_over || walk_->gone < walk_->going.size()) return true;
  Known& its = known(task.number);
  if (walk_) end_walk(its);
  pass_over();
  return true;
}

Status RunRetention::look_for_more(const StoredTask& task, uint64_t fold_seq,
                                   std::optional<Error>& damage) {
  auto few = has_too_few(task);
  if (!few) return failure(std::move(few.error()));
  if (*few) {
    pass_over();
    return {};
  }
  Quantum quantum{task, known(task.number), damage};
  auto counted = count(quantum);
  if (!counted) return failure(std::move(counted.error()));
  if (!*counted) return {};
  if (!walk_) {
    const bool from_below = std::exchange(quantum.known.from_below, false);
    walk_.emplace(from_below ? log_.first_seq() : quantum.known.floor, fold_seq);
  }
  return walk(quantum);
}

// Brings what is known up to the newest row; false: not all of it yet.
Result<bool> RunRetention::count(Quantum& quantum) {
  Known& known = quantum.known;
  auto found = log_.find_onwards(quantum.task.number, known.counted + 1, kCountedAtOnce);
  if (!found) return failure(std::move(found.error()));
  for (uint64_t seq : found->positions) {
    auto row = log_.read_of(quantum.task.number, seq);
    if (!row && row.error().code != ErrorCode::kCorrupt) return failure(std::move(row.error()));
    if (!row) quantum.damage = std::move(row.error());  // RN1: it counts for nothing
    if (row && row->record) see(*row->record, known);
  }
  const bool all = found->searched_up_to == 0;
  known.counted = all ? log_.last_seq() : found->searched_up_to - 1;
  return all;
}

void RunRetention::see(const RunRecord& record, Known& known) {
  if (!is_end(record.state)) return;
  if (record.redrive_count == 0) {
    ++known.ended;
    return;
  }
  known.from_below = true;  // its earlier rows, which a letter kept, may go some day
  const auto its = known.redriven.find(record.key);
  if (its != known.redriven.end()) {
    its->second = std::max(its->second, record.redrive_count);
  } else if (redriven_known_ < kRedrivenKnown) {
    known.redriven.emplace(record.key, record.redrive_count);
    ++redriven_known_;
  } else {
    known.some_unknown = true;
  }
}

Status RunRetention::walk(Quantum& quantum) {
  Walk& walk = *walk_;
  // Those beyond would be looked for in piece after piece, for nothing.
  const uint64_t ended = quantum.known.ended;
  const uint64_t too_many = ended - std::min(ended, quantum.kept());
  const uint64_t wanted = walk.at < quantum.known.cut ? kRowsAtOnce : too_many + 2;
  const size_t limit = std::min<uint64_t>(wanted, kRowsAtOnce);
  auto found = log_.find_onwards(quantum.task.number, walk.at, limit);
  if (!found) return failure(std::move(found.error()));
  for (uint64_t seq : found->positions) {
    auto passed = pass(quantum, seq);
    if (!passed) return failure(std::move(passed.error()));
    walk.is_over = !*passed;
    if (walk.is_over) return {};
    walk.at = seq + 1;
  }
  walk.is_over = found->searched_up_to == 0;
  walk.at = found->searched_up_to;
  return {};
}

// False: this row stays, and all above it.
Result<bool> RunRetention::pass(Quantum& quantum, uint64_t seq) {
  Known& known = quantum.known;
  const bool is_above = seq >= known.cut;
  if (seq > walk_->last || walk_->waiting_rows >= kWaitingRows) return false;
  if (is_above && known.ended < quantum.kept()) return false;
  auto row = log_.read_of(quantum.task.number, seq);
  if (!row && row.error().code != ErrorCode::kCorrupt) return failure(std::move(row.error()));
  if (!row) {
    // Whether it was counted cannot be told any more, so that no more is known to be too much.
    quantum.damage = std::move(row.error());
    return !is_above;
  }
  const bool counts = is_above && row->record && is_first_end(*row->record);
  if (counts && known.ended == quantum.kept()) return false;
  if (counts) --known.ended;
  if (is_above) known.cut = seq + 1;
  if (!row->record) return true;
  if (Status looked = look_below(quantum, seq, *row->record); !looked) {
    return failure(looked.error());
  }
  return true;
}

Status RunRetention::look_below(Quantum& quantum, uint64_t seq, const RunRecord& record) {
  const bool is_open = quantum.task.state.find_open(record.key) != nullptr;
  if (is_open) {
    stay(seq);  // RN2
    return {};
  }
  if (!is_end(record.state)) {
    wait_for_end(seq, record);
    return {};
  }
  if (record.state == RunState::kDead) {
    auto may_go = dead_may_go(quantum, seq, record);
    if (!may_go) return failure(std::move(may_go.error()));
    if (!*may_go) return {};
  }
  Walk& walk = *walk_;
  if (const auto before = walk.waiting.find(record.key); before != walk.waiting.end()) {
    walk.going.insert(walk.going.end(), before->second.begin(), before->second.end());
    walk.waiting_rows -= before->second.size();
    walk.waiting.erase(before);
  }
  walk.going.push_back(seq);
  walk.gone_until = std::max(walk.gone_until.value_or(record.last_due), record.last_due);
  redriven_known_ -= quantum.known.redriven.erase(record.key);
  return {};
}

// It is not open.
Result<bool> RunRetention::dead_may_go(Quantum& quantum, uint64_t seq, const RunRecord& record) {
  auto letter = dead_.find({quantum.task.number, record.key});
  if (!letter && letter.error().code != ErrorCode::kCorrupt) {
    return failure(std::move(letter.error()));
  }
  Walk& walk = *walk_;
  if (!letter || *letter) {  // RN2; a damaged one is one
    if (const auto its = walk.waiting.find(record.key); its != walk.waiting.end()) {
      walk.waiting_rows -= its->second.size();
      walk.waiting.erase(its);
    }
    return false;
  }
  // It was redriven and has another end, or the letter was discarded.
  const auto later = quantum.known.redriven.find(record.key);
  const bool has_later =
      later != quantum.known.redriven.end() && later->second > record.redrive_count;
  if (has_later) {
    wait_for_end(seq, record);
  } else if (quantum.known.some_unknown) {
    stay(seq);
  }
  return !has_later && !quantum.known.some_unknown;
}

void RunRetention::wait_for_end(uint64_t seq, const RunRecord& record) {
  walk_->waiting[record.key].push_back(seq);
  ++walk_->waiting_rows;
}

void RunRetention::stay(uint64_t seq) {
  walk_->lowest = std::min(walk_->lowest.value_or(seq), seq);
}

Status RunRetention::remove_going(TaskNumber task) {
  Walk& walk = *walk_;
  const size_t count = std::min(kRowsAtOnce, walk.going.size() - walk.gone);
  const std::span<const uint64_t> rows(walk.going.data() + walk.gone, count);
  HW_CHECK(std::all_of(rows.begin(), rows.end(), [&](uint64_t seq) { return seq <= walk.last; }),
           "RN3 only what the fold has passed is removed");
  Status done = database_.transact(Flush::kLater, [&]() -> Status {
    if (Status removed = log_.remove(task, rows); !removed) return removed;
    return note_gone_.run(task, walk.gone_until->ms);
  });
  if (!done) return done;
  log_.removed();
  walk.gone += count;
  if (walk.gone < walk.going.size()) return {};
  walk.going.clear();
  walk.gone = 0;
  return {};
}

void RunRetention::end_walk(Known& known) {
  for (const auto& [run, rows] : walk_->waiting) stay(rows.front());
  known.floor = std::min(walk_->lowest.value_or(known.cut), known.cut);
}

Result<std::optional<Instant>> RunRetention::gone_until(TaskNumber task) {
  if (!any_) return std::nullopt;
  Rows rows = gone_.rows(task);
  const bool found = rows.next();
  if (!rows.status()) return failure(rows.status().error());
  const auto gone_ms = found ? rows.maybe_integer(0) : std::nullopt;
  if (!gone_ms) return std::nullopt;
  return Instant{*gone_ms};
}

}  // namespace hourwheel
