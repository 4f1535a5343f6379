// What ShardStore does when nobody waits: fold, retention, checks, checkpoints, the clean stop.
#include "store/shard_store.h"

namespace hourwheel {
namespace {

constexpr size_t kFoldStates = 64;   // of one quantum: each may touch three pages
constexpr size_t kFoldRows = 512;    // of one quantum
constexpr size_t kCheckTasks = 128;  // of one quantum
constexpr size_t kFoldClosing = 4'096;
// A checkpoint copies about as much as was written since the last one.
constexpr uint64_t kCheckpointBytes = uint64_t{8} << 20;

}  // namespace

Result<bool> ShardStore::background(Instant now) {
  if (fold_.wanted(now)) {
    Status folded = fold_step(kFoldStates, kFoldRows);
    if (folded) return true;
    // With a full disk the fold waits; the log holds everything.
    if (folded.error().code == ErrorCode::kStorageLow) return false;
    return failure(std::move(folded.error()));
  }
  measure();
  auto dropped = drop_old(now);
  if (!dropped || *dropped) return dropped;
  return check_some();
}

Result<bool> ShardStore::drop_old(Instant now) {
  auto dropped = drop_unless(keeps_log_, [&] { return log_.drop_oldest(now, fold_.fold_seq()); });
  if (!dropped || *dropped) return dropped;
  dropped = drop_unless(keeps_letters_, [&] { return dead_.drop_some(now); });
  if (!dropped || *dropped) return dropped;
  dropped = drop_unless(keeps_answers_, [&] { return answers_.drop_some(now); });
  if (!dropped || *dropped) return dropped;
  dropped = drop_unless(keeps_audit_, [&] { return audit_.drop_some(now); });
  if (!dropped || *dropped) return dropped;
  return drop_unless(keeps_runs_, [&] { return remove_runs(); });
}

// A task whose definition cannot be read keeps its runs (RN1).
Result<bool> ShardStore::remove_runs() {
  auto more = retention_.look_on();
  if (!more || !*more || !retention_.turn()) return more;
  auto task = read_whole(*retention_.turn());
  if (task) {
    std::optional<Error> damage;
    more = retention_.remove_some(*task, fold_.fold_seq(), damage);
    if (damage) note_damage(*damage);
    return more;
  }
  if (task.error().code == ErrorCode::kIo) return failure(std::move(task.error()));
  if (task.error().code == ErrorCode::kNotFound) {
    if (Status forgotten = retention_.forget(); !forgotten) return failure(forgotten.error());
    return true;
  }
  note_damage(task.error());
  retention_.pass_over();
  return true;
}

// Retention. With a full disk it waits; damage ends it for this life, and is told (C-23).
template <class Drop>
Result<bool> ShardStore::drop_unless(bool& kept, Drop&& drop) {
  if (kept) return false;
  Result<bool> dropped = drop();
  if (dropped) return dropped;
  Error why = std::move(dropped.error());
  if (why.code == ErrorCode::kStorageLow) return false;
  if (why.code != ErrorCode::kCorrupt) return failure(std::move(why));
  kept = true;
  why.detail = "nothing old is deleted any more: " + why.detail;
  note_damage(why);
  return false;
}

Status ShardStore::fold_step(size_t states, size_t rows) {
  const Flush flush = fold_.may_write_figures() ? Flush::kNow : Flush::kLater;
  Status done = database_->transact(flush, [&] { return fold_.step(states, rows); });
  if (done) {
    folded();
  } else {
    fold_.rolled_back();
  }
  return done;
}

void ShardStore::folded() {
  const uint64_t before = fold_.fold_seq();
  fold_.committed();
  if (fold_.fold_seq() != before) retention_.folded(log_.round_tasks());
}

// After an unclean stop every task is read once: checksums, and that it has its place in the due
// index (S3 no due instant vanishes). In quanta, because SQLite's own check would hold up commits.
Result<bool> ShardStore::check_some() {
  if (!check_after_) return false;
  numbers_.clear();
  if (Status read = tables_.numbers(*check_after_, kCheckTasks, numbers_); !read) {
    return failure(read.error());
  }
  for (TaskNumber number : numbers_) {
    auto definition = tables_.definition(number);  // with the seed, which nobody else reads later
    Status placed;
    if (!definition) {
      placed = failure(std::move(definition.error()));
    } else if (auto task = read_task({{}, number}); !task) {
      placed = failure(std::move(task.error()));
    } else {
      placed = check_place(number, task->state);
    }
    if (placed) continue;
    if (placed.error().code != ErrorCode::kCorrupt) return failure(std::move(placed.error()));
    note_damage(placed.error());
  }
  if (numbers_.size() < kCheckTasks) {
    check_after_.reset();
  } else {
    check_after_ = numbers_.back();
  }
  return check_after_.has_value();
}

Status ShardStore::check_place(TaskNumber number, const TaskState& state) {
  auto wake = wake_ms_of(state);
  if (!wake || overlay_.find(number) != nullptr) return {};
  DuePlace place = due_place(number, *wake);
  if (fresh_.holds(place)) return {};
  auto there = tables_.has_due(place);
  if (!there) return failure(std::move(there.error()));
  if (*there) return {};
  return failure(ErrorCode::kCorrupt, "",
                 "task " + std::to_string(number.value) + " is missing in the due index");
}

bool ShardStore::checkpoint_due() const {
  return database_->wal_bytes() >= kCheckpointBytes;
}

Status ShardStore::checkpoint() {
  Status done = database_->checkpoint(CheckpointKind::kPassive);
  if (done) metrics_.checkpoints.add(1);
  measure();
  return done;
}

Status ShardStore::close_clean() {
  while (!fold_.empty()) {
    if (Status folded = fold_step(kFoldClosing, kFoldClosing); !folded) return folded;
    if (!checkpoint_due()) continue;
    if (Status done = checkpoint(); !done) return done;
  }
  Status done = database_->transact(Flush::kNow, [&] { return tables_.set_figure("clean", 1); });
  if (!done) return done;
  return database_->checkpoint(CheckpointKind::kTruncate);
}

void ShardStore::measure() {
  metrics_.wal_bytes.set(static_cast<int64_t>(database_->wal_bytes()));
  if (auto bytes = database_->file_bytes()) metrics_.file_bytes.set(static_cast<int64_t>(*bytes));
  metrics_.run_log_bytes.set(static_cast<int64_t>(log_.bytes()));
  metrics_.fold_lag_tasks.set(static_cast<int64_t>(overlay_.size() + fresh_.size()));
  metrics_.fold_lag_rows.set(static_cast<int64_t>(log_.unindexed()));
}

}  // namespace hourwheel
