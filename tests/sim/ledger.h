// What one shard has made durable, kept as plain maps beside the store: every batch the store
// acknowledges (or a crash turns out to have spared) is applied here and checked. It is what the
// store's content is compared with, and the disk of the cheaper, in-memory store.
//
// Checked at every batch
//   C-2  An answer is kept with the change that it tells of, and under a key that has none.
//   C-3  Numbers, versions and generations are new.
//   C-4  Of every schedule that ever ruled a task: each due instant below the cursor is covered by
//        exactly one open run, ended run, skip or stretch still owed (D1), by arithmetic of our
//        own.
//   C-11 What is skipped as a misfire was late.
//   C-12 What is skipped for an overlap found no place by its task's policy.
//   C-16 What is excluded is skipped as that, and nothing else is; runs are counted against
//        max_runs; a fixed delay counts from the end of the run before.
//   C-13 What followed each attempt is what the task's policy says (verdicts.h).
//   AW2  A record has the wire of its attempt (sim_wire.h), but for what a crash has lost.
//   AU1  Entries of the audit log tell of the changes that clients made (audit_check.h).
//   B1   Callbacks and what goes when it is over (sim_callbacks.h).
//   C-15 A task pauses itself with the dead run that its definition names, and not before.
//   S2   No run ends twice, but for a dead one that is redriven, and none that has ended is open.
//   C-14 A run that dies while its task is there has a dead letter until it is redriven or the task
//        is removed.
// Which rows of the run log may be gone by a task's retention is told by a count of our own.
//   BF1  The runs of a backfill are its due instants from the first to the cursor, without a gap.
// Thread: one world's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/change.h"
#include "engine/message.h"
#include "tests/sim/audit_check.h"
#include "tests/sim/oracle.h"
#include "tests/sim/quota_check.h"
#include "tests/sim/sim_callbacks.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class Ledger {
 public:
  explicit Ledger(Trace& trace) : trace_(trace) {}

  // Sees each skip before it counts: for checks that know why.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void skipped(const TaskSpec& spec, const RunRecord& record) = 0;
  };
  void watch(Watcher& watcher) { watcher_ = &watcher; }
  void hold_against(CallbackCheck& callbacks) { callbacks_ = &callbacks; }
  void hold_against(AuditCheck& audit) { audit_check_ = &audit; }
  void hold_against(QuotaCheck& quotas) { quota_check_ = &quotas; }

  void apply(const Batch& batch);
  static std::unique_ptr<Batch> copy(const Batch& batch);

  // --- what is durable ---
  struct Covered {  // due instants accounted for by one record
    Instant last;
    uint64_t count = 1;
  };
  struct Reign {  // of one schedule over its task
    Generation generation;
    Oracle oracle;
    TaskType type;
    std::optional<Instant> cursor;     // everything before it is in the ledger
    std::map<Instant, Covered> ahead;  // in the ledger, with a gap (an open run) before
    std::optional<Instant> ended;      // deleted or replaced then
    // Whether a fixed delay's last run ended before its schedule did cannot be told: the clock was
    // set back in between, or perhaps was, as both are in one batch.
    bool end_in_doubt = false;
    uint64_t moved_in = 0;    // the batch with the record that moved the cursor
    uint64_t ended_runs = 0;  // by distinct run ids; skips are none
    // Skipped by the definition that replaced it: perhaps runs, perhaps the last of max_runs.
    uint64_t superseded = 0;
  };
  struct Order {  // a backfill
    TaskNumber task;
    Oracle oracle;
    Instant first;
    Instant last;
    std::set<Instant> made;  // what has become a run
  };
  struct Task {
    TaskNumber number;
    TaskKey key;
    TaskSpec spec;
    TaskState state;
    bool has_spec = true;   // false: deleted
    bool has_state = true;  // false: deleted, and no run of it is open
    std::vector<Reign> reigns;
    std::vector<std::pair<uint64_t, RunRecord>> runs;  // position in the log, oldest first
    uint32_t most_dead_in_row = 0;                     // so far in the batch that is being applied
    uint32_t dead_in_row = 0;                          // counted again
    bool must_pause = false;                           // with the batch that is being applied
    bool paused_itself = false;                        // in that batch
    std::optional<IndexPlace> place;                   // in due()
    uint32_t top_rate = 0;    // of catching up, in all definitions it ever had
    std::set<uint64_t> gone;  // positions of runs that a retention may have removed by then
  };
  [[nodiscard]] const std::map<TaskNumber, Task>& tasks() const { return tasks_; }
  // The stored states that have a wake, in the order of the due index.
  [[nodiscard]] const std::set<IndexPlace>& due() const { return due_; }
  [[nodiscard]] const Task* live(TaskKey key) const;
  [[nodiscard]] const Task* task(TaskNumber number) const;
  // Positions of the runs that the task's retention may have removed: older than the newest, not
  // open, without a dead letter. (ledger_retention.cc)
  [[nodiscard]] std::set<uint64_t> may_be_gone(const Task& task) const;
  [[nodiscard]] static const Reign* reign(const Task& task, Generation generation);
  [[nodiscard]] bool ended(const RunKey& run) const { return ended_.contains(run); }
  [[nodiscard]] bool succeeded(const RunKey& run) const { return succeeded_.contains(run); }
  [[nodiscard]] bool is_open(TaskKey key, const RunKey& run) const;
  [[nodiscard]] bool is_redriven(TaskKey key, const RunKey& run) const;
  [[nodiscard]] const std::map<RunKey, DeadRun>& letters() const { return letters_; }
  [[nodiscard]] const std::map<AnswerScope, KeptAnswer>& answers() const { return answers_; }
  static bool same(const KeptAnswer& a, const KeptAnswer& b);
  // But for the digests, which the store adds.
  static bool same(const AuditEntry& a, const AuditEntry& b);
  // Oldest first.
  [[nodiscard]] const std::vector<AuditEntry>& audit() const { return audit_; }
  [[nodiscard]] Recalled recall(const AnswerScope& scope) const;
  [[nodiscard]] const RecoveredShard& recovered() const { return recovered_; }
  [[nodiscard]] uint64_t last_position() const { return position_; }
  // What a reply shows: some durable state of that task had this version and this `updated`.
  [[nodiscard]] bool was_durable(const TaskState& shown) const;
  [[nodiscard]] bool was_open(const RunKey& run) const { return open_once_.contains(run); }
  struct Recorded {  // an attempt in the run log
    uint32_t attempt = 0;
    Instant started;
    AttemptResult result = AttemptResult::kNone;
  };
  [[nodiscard]] bool has_attempt(const RunKey& run, uint32_t attempt, Instant started) const;

 private:
  void apply(const TaskChange& change);
  void apply(const RunRecord& record);
  void keep(const Batch& batch, const KeptAnswer& answer);
  void let_go(const Batch& batch);
  void check_verdict(const Task& task, const RunRecord& record);
  void check_wire(const Task& task, const RunRecord& record);
  static void count_dead(Task& task, const RunRecord& record);
  void check_own_pause(Task& task, const TaskState& state);
  void cover(Task& task, Reign& reign, const RunRecord& record);
  void check_skip(const Task& task, const Reign& reign, const RunRecord& record);
  void check_full(const Batch& batch, const RunRecord& record);
  void check_reign(const Task& task, const Reign& reign);
  void check_count(const Task& task, const Reign& reign, uint64_t open,
                   std::optional<Instant> cursor);
  void redrive(const TaskRun& run);
  void discard(const TaskRun& run);
  void take_letter(const TaskRun& run, const char* fate);
  void bury(const Batch& batch);
  void follow_backfill(const Task& task);
  void check_backfill(const Task& task);
  void check_open(const Task& task);
  void keep_place(Task& task);
  void end_reign(Reign& reign, Instant at) const;
  void begin_reign(Task& task, const TaskState& state);
  void check(const Task& task);

  Trace& trace_;
  Watcher* watcher_ = nullptr;
  CallbackCheck* callbacks_ = nullptr;
  AuditCheck* audit_check_ = nullptr;
  QuotaCheck* quota_check_ = nullptr;
  std::map<TaskNumber, Task> tasks_;  // deleted ones too
  std::set<IndexPlace> due_;
  std::map<TaskKey, TaskNumber> by_key_;
  std::set<RunKey> ended_;
  std::set<RunKey> succeeded_;
  std::set<RunKey> open_once_;
  std::map<RunKey, DeadRun> letters_;
  std::map<Generation, Order> orders_;
  std::map<RunKey, std::vector<Recorded>> attempts_;
  std::map<AnswerScope, KeptAnswer> answers_;
  std::vector<AuditEntry> audit_;
  std::set<uint64_t> versions_;
  std::set<std::pair<uint64_t, int64_t>> shown_;  // (version, updated) of every durable state
  RecoveredShard recovered_;
  uint64_t batches_ = 0;  // that are durable
  uint64_t position_ = 0;
};

}  // namespace hourwheel
