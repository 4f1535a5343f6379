// Opening, recovery and commits. Reading is in shard_read.cc, background work in shard_upkeep.cc.
#include "store/shard_store.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "store/schema.h"

namespace hourwheel {
namespace {

constexpr size_t kReplayPage = 4'096;
// Of a fold within a commit: at least twice what a batch adds, so that it gains on any load.
constexpr size_t kPressingFold = 256;
constexpr uint64_t kMaxWalBytes = uint64_t{64} << 20;
constexpr size_t kTasksCounted = 4'096;  // read at once when a file's tasks are counted

}  // namespace

ShardStore::ShardStore(std::unique_ptr<Database> database, const ShardStoreOptions& options)
    : database_(std::move(database)),
      tables_(*database_),
      log_(*database_, options.log),
      dead_(*database_),
      retention_(*database_, log_, dead_),
      answers_(*database_),
      made_by_(*database_),
      audit_(*database_),
      fold_(tables_, overlay_, fresh_, log_, options.fold) {}

ShardStore::~ShardStore() = default;

// --- opening ---

Result<std::unique_ptr<ShardStore>> ShardStore::open(const ShardStoreOptions& options) {
  DatabaseOptions file;
  file.path = options.path;
  file.vfs = options.vfs;
  file.cache_bytes = options.cache_bytes;
  file.application_id = kShardApplicationId;
  file.schema = shard_schema();
  auto database = Database::open(file);
  if (!database) return failure(std::move(database.error()));
  std::unique_ptr<ShardStore> store(new ShardStore(std::move(*database), options));
  Status done = store->recover(options);
  if (done) return store;
  if (done.error().detail.find(options.path) != std::string::npos) return failure(done.error());
  return failure(done.error().code, "", options.path + ": " + done.error().detail);
}

Status ShardStore::recover(const ShardStoreOptions& options) {
  if (Status done = recover_figures(options); !done) return done;
  if (Status done = log_.load(); !done) return done;
  if (Status done = dead_.load(); !done) return done;
  if (Status done = retention_.load(); !done) return done;
  if (Status done = answers_.load(); !done) return done;
  if (Status done = audit_.load(); !done) return done;
  auto made_by = made_by_.all();
  if (!made_by) return failure(std::move(made_by.error()));
  recovered_.made_by = std::move(*made_by);
  if (Status done = recover_fresh(); !done) return done;
  if (Status done = replay_log(); !done) return done;
  if (Status done = recover_statuses(); !done) return done;
  measure();
  return {};
}

Status ShardStore::recover_figures(const ShardStoreOptions& options) {
  constexpr std::array kNames{"counter",     "send_mark_ms", "fold_seq",
                              "fold_number", "clean",        "restored_ms"};
  std::array<int64_t, kNames.size()> figures{};
  for (size_t i = 0; i < kNames.size(); i++) {
    auto figure = tables_.figure(kNames[i]);
    if (!figure) return failure(std::move(figure.error()));
    figures[i] = figure->value_or(0);
  }
  auto shard = tables_.figure("shard");
  if (!shard) return failure(std::move(shard.error()));
  if (*shard && **shard != static_cast<int64_t>(options.shard)) {
    return failure(ErrorCode::kStateConflict, "",
                   options.path + " is the file of shard " + std::to_string(**shard) + ", not " +
                       std::to_string(options.shard));
  }
  recovered_.counter = stored_counter_ = static_cast<uint64_t>(figures[0]);
  recovered_.restored = {figures[5]};
  recovered_.send_mark = {std::max(figures[1], figures[5])};
  stored_send_mark_ = figures[1];
  fold_.recovered(static_cast<uint64_t>(figures[2]));
  fresh_.set_highest({static_cast<uint64_t>(figures[3])});
  bool clean = figures[4] != 0 || !*shard;
  if (!clean) check_after_ = TaskNumber{};

  return database_->transact(Flush::kNow, [&] {
    if (Status done = tables_.set_figure("clean", 0); !done) return done;
    return tables_.set_figure("shard", static_cast<int64_t>(options.shard));
  });
}

// What stands above the highest number that was folded; O2 is a promise of the file here.
Status ShardStore::recover_fresh() {
  std::vector<DuePlace> fresh;
  if (Status done = tables_.fresh(fresh_.highest(), fresh); !done) return done;
  for (const DuePlace& place : fresh) {
    if (place.number <= fresh_.highest() || place.number.value > recovered_.counter) {
      return failure(ErrorCode::kCorrupt, "",
                     "task " + std::to_string(place.number.value) +
                         " is not where its number belongs, or was never given out");
    }
    fresh_.add(place.number, place.wake_ms);
  }
  return {};
}

// T2: the overlay again as it was. A row that does not decode stops the start: whatever state it
// held would be guessed over (C-23).
Status ShardStore::replay_log() {
  if (fold_.fold_seq() > log_.last_seq()) {
    return failure(ErrorCode::kCorrupt, "",
                   "the run log ends at row " + std::to_string(log_.last_seq()) + ", but row " +
                       std::to_string(fold_.fold_seq()) + " has been folded");
  }
  for (uint64_t seq = fold_.fold_seq(); seq < log_.last_seq();) {
    auto rows = log_.replay(seq, kReplayPage);
    if (!rows) return failure(std::move(rows.error()));
    if (rows->empty()) {
      return failure(ErrorCode::kCorrupt, "",
                     "row " + std::to_string(seq + 1) + " of the run log is missing");
    }
    for (const LogRow& row : *rows) {
      log_.replayed(++seq, row);
      if (row.state) overlay_.put(row.task, row.key, *row.state);
      if (row.removed) overlay_.erase(row.task);
    }
  }
  return {};
}

// The figures of a file of before there were any are made now: about 3 us a task.
Status ShardStore::recover_statuses() {
  for (const StatusFigure& one : kStatusFigures) {
    auto figure = tables_.figure(one.name);
    if (!figure) return failure(std::move(figure.error()));
    if (!*figure) return count_statuses();
    recovered_.statuses.of(one.status) = **figure;
  }
  return {};
}

// What cannot be read counts in no state: nobody will change it either (C-23).
Status ShardStore::count_status(TaskNumber number, StatusCounts& counts) {
  auto task = thin(number);
  if (task) {
    if (*task) ++counts.of(status_of((*task)->state));
    return {};
  }
  if (task.error().code != ErrorCode::kCorrupt) return failure(task.error());
  note_damage(task.error());
  return {};
}

Status ShardStore::count_statuses() {
  StatusCounts counts;
  TaskNumber after;
  do {
    numbers_.clear();
    if (Status read = tables_.numbers(after, kTasksCounted, numbers_); !read) return read;
    for (TaskNumber number : numbers_) {
      if (Status counted = count_status(number, counts); !counted) return counted;
      after = number;
    }
  } while (numbers_.size() == kTasksCounted);
  recovered_.statuses = counts;
  return database_->transact(Flush::kNow, [&] {
    for (const StatusFigure& one : kStatusFigures) {
      if (Status set = tables_.set_figure(one.name, counts.of(one.status)); !set) return set;
    }
    return Status{};
  });
}

// --- commits ---

Status ShardStore::commit(const Batch& batch) {
  if (database_->wal_bytes() > kMaxWalBytes) {
    // Only a checkpoint that fails again and again lets it come to this.
    if (Status shorter = checkpoint(); !shorter) return shorter;
  }
  if (Status begun = database_->begin(Flush::kNow); !begun) return begun;
  Status done;
  bool folds = fold_.pressing();
  if (folds) {
    size_t twice = std::max(kPressingFold, 2 * (batch.tasks.size() + batch.records.size()));
    done = fold_.step(twice, twice);
  }
  log_.begin_append();
  left_places_.clear();
  highest_created_ = fresh_.highest();
  if (done) done = write(batch);
  if (done) {
    done = database_->commit();
  } else {
    database_->rollback();
  }
  if (!done) {
    log_.rolled_back();
    audit_.rolled_back();
    if (folds) fold_.rolled_back();
    if (done.error().code == ErrorCode::kStorageLow) metrics_.storage_low.add(1);
    return done;
  }
  if (folds) folded();
  apply(batch);
  return {};
}

Status ShardStore::write(const Batch& batch) {
  find_outcomes(batch);
  Status done = write_dead(batch);
  if (done) done = write_tasks(batch);
  if (done) done = made_by_.add(tasks_made(batch));
  if (done) done = write_answers(batch);
  if (done) done = write_audit();
  if (done) done = write_log(batch);
  if (done) done = write_statuses(batch);
  if (done) done = write_figures(batch);
  return done;
}

Status ShardStore::write_tasks(const Batch& batch) {
  audited_ = batch.audit;
  auto entry = audited_.begin();
  for (uint32_t i = 0; i < batch.tasks.size(); ++i) {
    const TaskChange& change = batch.tasks[i];
    while (entry != audited_.end() && (!entry->change || *entry->change < i)) ++entry;
    const bool told = entry != audited_.end() && entry->change == i;
    Status done = told ? write_audited(change, *entry) : write_task(change);
    if (!done) return done;
  }
  return {};
}

Status ShardStore::write_task(const TaskChange& change) {
  switch (change.kind) {
    case ChangeKind::kCreate:
      return write_create(change);
    case ChangeKind::kReplace: {
      Status done = tables_.replace_spec(change.number, change.key, *change.spec);
      return done && change.spec->keep_runs > 0 ? retention_.add(change.number) : done;
    }
    case ChangeKind::kState:
      return {};  // goes to the log only
    case ChangeKind::kRemove:
    case ChangeKind::kForget:
      break;
  }
  auto left = tables_.remove(change.number);
  if (!left) return failure(std::move(left.error()));
  if (*left) left_places_.push_back(**left);
  return change.kind == ChangeKind::kRemove ? dead_.remove_task(change.number) : Status{};
}

// The digests are of what the file says, also of a definition that does not decode any more.
Status ShardStore::write_audited(const TaskChange& change, AuditEntry& entry) {
  if (change.kind != ChangeKind::kCreate) {
    auto before = tables_.stored_spec(change.number);
    if (!before) return failure(std::move(before.error()));
    if (*before) entry.before = audit_.digester().of(std::string_view(**before));
  }
  Status done = write_task(change);
  if (done && change.spec) entry.after = audit_.digester().of(tables_.written_spec());
  return done;
}

Status ShardStore::write_audit() {
  return audited_.empty() ? Status{} : audit_.append(audited_);
}

// Before the tasks: a task that is removed takes its letters along.
Status ShardStore::write_dead(const Batch& batch) {
  for (const auto* runs : {&batch.redriven, &batch.discarded}) {
    for (const TaskRun& run : *runs) {
      if (Status done = dead_.remove(run); !done) return done;
    }
  }
  for (const DeadRun& dead : batch.died) {
    if (Status done = dead_.add(dead); !done) return done;
  }
  return {};
}

Status ShardStore::write_answers(const Batch& batch) {
  for (const KeptAnswer& answer : batch.answers) {
    if (Status done = answers_.add(answer); !done) return done;
  }
  return {};
}

Status ShardStore::write_create(const TaskChange& change) {
  Status done = tables_.insert_definition(change.number, change.key, *change.spec, change.state);
  if (done && change.spec->keep_runs > 0) done = retention_.add(change.number);
  if (!done) return done;
  auto wake = wake_ms_of(change.state);
  if (!wake) return {};
  if (highest_created_ < change.number) {
    highest_created_ = change.number;  // apply() puts it among the fresh
    return {};
  }
  return tables_.add_due(due_place(change.number, *wake));
}

// One entry for each task of the batch, by number, with the last word on it.
void ShardStore::find_outcomes(const Batch& batch) {
  outcomes_.clear();
  for (const TaskChange& change : batch.tasks) {
    if (change.kind == ChangeKind::kCreate) continue;
    bool gone = change.kind == ChangeKind::kForget ||
                (change.kind == ChangeKind::kRemove && !change.state.deleted);
    outcomes_.push_back({change.number, &change, change.id, gone, false});
  }
  auto by_number = [](const Outcome& a, const Outcome& b) { return a.number < b.number; };
  std::stable_sort(outcomes_.begin(), outcomes_.end(), by_number);
  size_t kept = 0;
  for (size_t i = 0; i < outcomes_.size(); i++) {
    bool last = i + 1 == outcomes_.size() || outcomes_[i].number < outcomes_[i + 1].number;
    if (!last && outcomes_[i + 1].removed_id.empty()) {
      outcomes_[i + 1].removed_id = outcomes_[i].removed_id;
    }
    if (last) outcomes_[kept++] = outcomes_[i];
  }
  outcomes_.resize(kept);
}

ShardStore::Outcome* ShardStore::outcome_of(TaskNumber number) {
  auto at = std::lower_bound(
      outcomes_.begin(), outcomes_.end(), number,
      [](const Outcome& outcome, TaskNumber wanted) { return outcome.number < wanted; });
  return at != outcomes_.end() && at->number == number ? &*at : nullptr;
}

// Each record is a row; the task's state travels with its last record, or in a row of its own. That
// a task is gone is always said by a row of its own, after its records.
Status ShardStore::write_log(const Batch& batch) {
  carries_state_.assign(batch.records.size(), false);
  for (size_t i = batch.records.size(); i-- > 0;) {
    Outcome* outcome = outcome_of(batch.records[i].task);
    if (outcome == nullptr || outcome->removed || outcome->has_record) continue;
    outcome->has_record = true;
    carries_state_[i] = true;
  }
  for (size_t i = 0; i < batch.records.size(); i++) {
    const RunRecord& record = batch.records[i];
    LogParts parts{&record, nullptr, {}, false, {}};
    if (carries_state_[i]) {
      const TaskChange& change = *outcome_of(record.task)->change;
      parts.state = &change.state;
      parts.key = change.key;
      parts.id = outcome_of(record.task)->removed_id;
    }
    if (Status done = log_.append(record.task, parts); !done) return done;
  }
  for (const Outcome& outcome : outcomes_) {
    if (outcome.has_record) continue;
    LogParts parts{nullptr, nullptr, outcome.change->key, outcome.removed, outcome.removed_id};
    if (!outcome.removed) parts.state = &outcome.change->state;
    if (Status done = log_.append(outcome.number, parts); !done) return done;
  }
  return {};
}

Status ShardStore::write_statuses(const Batch& batch) {
  StatusCounts moved = counts_moved(batch);
  for (const StatusFigure& one : kStatusFigures) {
    const int64_t more = moved.of(one.status);
    if (more == 0) continue;
    if (Status done = tables_.add_to_figure(one.name, more); !done) return done;
  }
  return {};
}

Status ShardStore::write_figures(const Batch& batch) {
  HW_CHECK(batch.counter >= stored_counter_, "C-3 the counter of versions never goes back");
  if (batch.counter != stored_counter_) {
    Status done = tables_.set_figure("counter", static_cast<int64_t>(batch.counter));
    if (!done) return done;
  }
  if (batch.send_mark && batch.send_mark->ms != stored_send_mark_) {
    return tables_.set_figure("send_mark_ms", batch.send_mark->ms);
  }
  return {};
}

// What the batch did, in memory, now that it is durable.
void ShardStore::apply(const Batch& batch) {
  for (const TaskChange& change : batch.tasks) {
    if (change.kind != ChangeKind::kCreate) continue;
    auto wake = wake_ms_of(change.state);
    if (wake && fresh_.highest() < change.number) fresh_.add(change.number, *wake);
  }
  // After the additions: a task may have been created and removed in one batch.
  for (const DuePlace& place : left_places_) fresh_.drop(place);
  for (const Outcome& outcome : outcomes_) {
    if (outcome.removed) {
      overlay_.erase(outcome.number);
    } else {
      overlay_.put(outcome.number, outcome.change->key, outcome.change->state);
    }
  }
  for (const DeadRun& dead : batch.died) dead_.added(dead);
  for (const KeptAnswer& answer : batch.answers) answers_.added(answer);
  retention_.committed(batch);
  audit_.committed();
  stored_counter_ = batch.counter;
  if (batch.send_mark) stored_send_mark_ = batch.send_mark->ms;
  uint64_t changes = batch.tasks.size() + batch.records.size();
  metrics_.commits.add(1);
  metrics_.batch_changes.add(changes);
  metrics_.batch_max.set(std::max(metrics_.batch_max.value(), static_cast<int64_t>(changes)));
  metrics_.wal_bytes.set(static_cast<int64_t>(database_->wal_bytes()));
}

}  // namespace hourwheel
