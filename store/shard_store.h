// One shard's data file: commits batches durably and reads back what is durable. Synchronous; no
// thread and no clock inside, so that the simulator runs it as it is.
//
// A commit inserts definitions and otherwise only appends to the run log; what it leaves out (state
// rows, the due index, the index of the log) is kept in an overlay in memory and brought into the
// tables by the fold, in the background. A restart reads the overlay again from the log's tail.
//
// Invariants
//   T1  commit() returns well only when the batch is on the disk; otherwise nothing of it is there.
//   T2  fetch, scan and query show exactly what the last commit left, however far the fold is.
//   T3  The tail that a restart replays is bounded (FoldLimits::pressing).
// Thread: one; the owner's (StoreThread, or the simulator).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/message.h"
#include "engine/metrics.h"
#include "store/audit_log.h"
#include "store/database_copy.h"
#include "store/dead_letters.h"
#include "store/fold.h"
#include "store/kept_answers.h"
#include "store/made_by_table.h"
#include "store/run_retention.h"

namespace hourwheel {

inline constexpr uint32_t kShardApplicationId = 0x48577368;  // "HWsh"

struct ShardStoreOptions {
  std::string path;
  std::string vfs;  // of SQLite, by name; empty: the real disk
  size_t cache_bytes = size_t{64} << 20;
  uint32_t shard = 0;  // stamped on the file: another shard's file is refused
  RunLogLimits log;
  FoldLimits fold;
};

// Where a list of records stands, between quanta.
struct RecordSearch {
  TaskNumber task;                        // zero: of all tasks
  uint64_t position = 0;                  // of the last row looked at; nothing below: zero
  int looks = 0;                          // quanta so far
  size_t bytes = 0;                       // of the definitions read in this quantum
  std::map<TaskNumber, std::string> ids;  // of the tasks that match; empty: does not
  RecordPage page;
};

// A query that may take several quanta.
struct RunningQuery {
  Query query;
  TaskNumber number;    // of the task asked for, once found
  uint64_t before = 0;  // ListRuns, GetRun: how far back the log has been searched
  RunPage found;        // GetRun, ListRuns so far
  RunsFound around;     // RunsAround so far; `before` is where it goes on
  size_t examined = 0;
  DeadLetters::Search dead;            // ListDead, TallyDead
  std::unique_ptr<DatabaseCopy> copy;  // Backup
  AuditLog::Search audit;              // ListAudit
  AuditLog::Check chain;               // VerifyAudit
  RecordSearch records;                // ListRecords
};

class ShardStore {
 public:
  static Result<std::unique_ptr<ShardStore>> open(const ShardStoreOptions& options);
  ~ShardStore();
  ShardStore(const ShardStore&) = delete;
  ShardStore& operator=(const ShardStore&) = delete;

  [[nodiscard]] RecoveredShard recovered() const { return recovered_; }

  // kStorageLow: the disk is full, try again later. Anything else: stop and recover (C-22).
  Status commit(const Batch& batch);
  // A failure within is that of one task; kIo and kCorrupt are among them.
  Fetched fetch(std::vector<FetchOne> asked);
  // Pages are at most 1,024 tasks. Rows that do not decode are left out and counted (C-23).
  Result<Scanned> scan(const ScanRequest& range);
  // One quantum: nothing while there is more to do.
  std::optional<Result<QueryAnswer>> query(RunningQuery& running);

  // One quantum of fold, retention or checks. True: more is waiting.
  Result<bool> background(Instant now);
  [[nodiscard]] bool checkpoint_due() const;
  Status checkpoint();
  // Folds the rest and empties the write-ahead log: the next start replays nothing.
  Status close_clean();

  [[nodiscard]] const StoreMetrics& metrics() const { return metrics_; }
  [[nodiscard]] StoreMetrics& metrics() { return metrics_; }
  // The last damage met, in a sentence; the count is in the metrics.
  [[nodiscard]] const std::optional<Error>& damage() const { return damage_; }

 private:
  // What a batch leaves of one task: the last of its states, or nothing.
  struct Outcome {
    TaskNumber number;
    const TaskChange* change = nullptr;
    std::string_view removed_id;  // of a task that was removed, perhaps by an earlier change
    bool removed = false;
    bool has_record = false;  // the state travels with the task's last record
  };

  ShardStore(std::unique_ptr<Database> database, const ShardStoreOptions& options);
  Status recover(const ShardStoreOptions& options);
  Status recover_figures(const ShardStoreOptions& options);
  Status recover_fresh();
  Status replay_log();
  Status recover_statuses();
  Status count_statuses();
  Status count_status(TaskNumber number, StatusCounts& counts);

  Status write(const Batch& batch);
  Status write_tasks(const Batch& batch);
  Status write_task(const TaskChange& change);
  Status write_audited(const TaskChange& change, AuditEntry& entry);
  Status write_audit();
  Status write_create(const TaskChange& change);
  Status write_dead(const Batch& batch);
  Status write_answers(const Batch& batch);
  Status write_log(const Batch& batch);
  Status write_statuses(const Batch& batch);
  Status write_figures(const Batch& batch);
  void find_outcomes(const Batch& batch);
  Outcome* outcome_of(TaskNumber number);
  void apply(const Batch& batch);
  Status fold_step(size_t states, size_t rows);
  void folded();

  Recalled recall(const AnswerScope& scope);
  Result<StoredTask> read_task(const FetchOne& one);
  Result<StoredTask> read_whole(TaskNumber number);
  Result<std::optional<ThinTask>> thin(TaskNumber number);
  Result<bool> places_from(const ScanRequest& range, size_t limit, std::vector<DuePlace>& out);
  void note_damage(const Error& error);

  Result<QueryAnswer> get_task(const GetTask& query);
  Result<QueryAnswer> list_tasks(const ListTasks& query);
  Result<std::optional<StoredTask>> read_if_listed(TaskNumber number, const TaskFilter& filter,
                                                   size_t& bytes);
  std::optional<Result<QueryAnswer>> list_runs(RunningQuery& running, const ListRuns& query);
  std::optional<Result<QueryAnswer>> get_run(RunningQuery& running, const GetRun& query);
  std::optional<Result<QueryAnswer>> runs_around(RunningQuery& running, const RunsAround& query);
  template <class Asked, class Look>
  std::optional<Result<QueryAnswer>> look_for_dead(RunningQuery& running, const Asked& query,
                                                   Look look);
  std::optional<Result<QueryAnswer>> list_dead(RunningQuery& running, const ListDead& query);
  std::optional<Result<QueryAnswer>> tally_dead(RunningQuery& running, const TallyDead& query);
  Result<bool> look_at(RunningQuery& running, uint64_t position, Instant at);
  std::optional<Result<QueryAnswer>> list_records(RunningQuery& running, const ListRecords& query);
  Result<bool> begin_records(RecordSearch& search, const ListRecords& query);
  Result<std::vector<uint64_t>> next_records(RecordSearch& search, uint64_t& below);
  Status look_at_record(RecordSearch& search, const RecordFilter& filter, uint64_t position);
  Result<bool> matches_task(RecordSearch& search, const DeadFilter& filter, TaskNumber number);
  std::optional<Result<QueryAnswer>> list_audit(RunningQuery& running, const ListAudit& query);
  std::optional<Result<QueryAnswer>> verify_audit(RunningQuery& running, const VerifyAudit& query);
  Result<QueryAnswer> follow(const FollowChanges& query);
  Result<FollowPlace> follow_from_now();
  struct Nameless;
  Status follow_created(size_t limit, ChangesSeen& seen);
  Status follow_log(size_t limit, ChangesSeen& seen);
  Status follow_one(LogRow row, ChangesSeen& seen, std::vector<Nameless>& nameless);
  static void name(const LogRow& row, ChangesSeen& seen, std::vector<Nameless>& nameless);
  uint64_t follow_row(ChangesSeen& seen, size_t limit);
  void note_unread(const Error& why, ChangesSeen& seen);
  std::optional<Result<QueryAnswer>> back_up(RunningQuery& running, const Backup& query);

  Result<bool> drop_old(Instant now);
  Result<bool> remove_runs();
  template <class Drop>
  Result<bool> drop_unless(bool& kept, Drop&& drop);
  Result<bool> check_some();
  Status check_place(TaskNumber number, const TaskState& state);
  void measure();

  std::unique_ptr<Database> database_;
  TaskTables tables_;
  RunLog log_;
  DeadLetters dead_;
  RunRetention retention_;
  KeptAnswers answers_;
  MadeByTable made_by_;
  AuditLog audit_;
  Overlay overlay_;
  FreshTasks fresh_;
  Fold fold_;
  RecoveredShard recovered_;
  StoreMetrics metrics_;
  std::optional<Error> damage_;
  // For this life, by damage.
  bool keeps_log_ = false;
  bool keeps_runs_ = false;
  bool keeps_letters_ = false;
  bool keeps_answers_ = false;
  bool keeps_audit_ = false;

  uint64_t stored_counter_ = 0;
  std::optional<int64_t> stored_send_mark_;

  // Of the commit under way.
  std::vector<Outcome> outcomes_;    // by number
  std::vector<bool> carries_state_;  // by record
  std::vector<AuditEntry> audited_;  // what the batch is told by, with the digests
  TaskNumber highest_created_;
  std::vector<DuePlace> left_places_;

  // Where the check after an unclean stop stands; none: nothing to check.
  std::optional<TaskNumber> check_after_;
  std::vector<DuePlace> places_;  // scratch
  std::vector<TaskNumber> numbers_;
};

}  // namespace hourwheel
