// The tasks of one core as a pure state machine: messages and time go in, changes, attempts and
// replies come out. It never reads a clock, a socket, a file or a random device, so a simulator can
// run it in virtual time with every fault there is.
//
//   post(message)   takes what came; nothing happens yet
//   turn(now, n)    apply what arrived -> fire what is due -> hand over the batch if none is in
//                   flight, within a budget; what is left comes next turn
//
// Invariants
//   S1  Nothing is acknowledged before the change it rests on is durable.       (GroupCommit G2)
//   S2  An ended run stays ended; a late result changes nothing.                (flight tokens)
//   S3  No run starts early; no due instant vanishes.                        (due.h D1 to D3; N1)
//   S5  The same messages, times and seed give the same changes.
//   S6  Every queue has a limit in limits.h; at it we refuse or wait.
//   S7  No attempt starts after an acknowledged delete or pause. From the moment such a change is
//       decided nothing of that task starts until it is durable, and then by the new state. A
//       global pause holds from the moment its table is applied, which is what pauses_version()
//       confirms.
//   S8  A run's id does not depend on having been stored.
//   C-20 (shard_clock.cc) A wall clock that is set back fires nothing twice (the cursor of due.h
//       only moves forward) and nothing early; retries in memory follow the monotonic clock.
// Cost: O(1) a command and a fire, plus schedule arithmetic; memory for tasks within the
// horizon, most of it for those about to fire (dormant.h).
// Thread: its reactor's. Doors must not call back into it.
#pragma once

#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/admission.h"
#include "engine/base/key_table.h"
#include "engine/base/random.h"
#include "engine/base/slab.h"
#include "engine/dormant.h"
#include "engine/due.h"
#include "engine/group_commit.h"
#include "engine/horizon.h"
#include "engine/hot_task.h"
#include "engine/message.h"
#include "engine/metrics.h"
#include "engine/parking.h"
#include "engine/pauses.h"
#include "engine/ports.h"
#include "engine/shard_contents.h"
#include "engine/task_quotas.h"
#include "engine/timing_wheel.h"

namespace hourwheel {

struct ShardDoors {
  StoreDoor& store;
  DispatchDoor& dispatch;
  ReplyDoor& reply;
  const CallbackTeller& callbacks;
  LogDoor* log = nullptr;        // null: nobody reads it
  TaskQuotas* quotas = nullptr;  // shared by all shards; null: no key has one
};

class Shard {
 public:
  // `start` is the instant of recovery: what came due before it is the backlog.
  Shard(uint32_t index, uint64_t seed, const RecoveredShard& recovered, Instant start,
        ShardDoors doors);

  void post(Message message);
  // True: there is more to do at once.
  bool turn(Now now, uint32_t budget);
  // When turn() next has something to do without a message; none: never.
  [[nodiscard]] std::optional<Instant> next_wake() const;

  // Starts no new run from now on (C-26). drained() once nothing is in flight and all is durable,
  // the send mark cleared with it unless an attempt was cut off.
  void drain();
  [[nodiscard]] bool drained() const;

  // The table of pauses that nothing starts against any more (S7). The first one should be posted
  // before anything else.
  [[nodiscard]] uint64_t pauses_version() const { return pauses_.version(); }

  // Requires: before the first turn.
  void limit_lines(LineLimits limits);
  void limit_memory(const MemoryLimits& limits);
  // Which partitions are this shard's, for the ids of tasks that it makes itself; all of them
  // unless said otherwise. Requires: before the first turn.
  void own(const Partitions& partitions) { partitions_ = partitions; }

  // How long the command at the head of the line had waited to be decided, as of the last turn.
  [[nodiscard]] Duration oldest_wait() const;
  [[nodiscard]] const ShardMetrics& metrics() const { return metrics_; }

  // --- for checkers (shard_contents.h) ---
  [[nodiscard]] ShardQueues queues() const;
  [[nodiscard]] ShardContents contents();

 private:
  // --- requests ---
  struct PendingAnswers {
    RequestToken token;
    // Optional, because the packaged tl::expected copies where it should move-assign.
    std::vector<std::optional<CommandOutcome>> outcomes;
    uint32_t undecided = 0;
    uint64_t after = 0;  // the batch the answers rest on
  };
  void apply_commands(uint32_t& budget);
  void apply(Command command, SlabHandle request, uint32_t index);
  void decide(HotTask& task, WaitingCommand waiting);
  void decide_waiting(HotTask& task);
  [[nodiscard]] bool knows_enough(const HotTask& task, const WaitingCommand& waiting) const;
  void settle_answer(SlabHandle request, uint32_t index, CommandOutcome outcome, uint64_t after);
  void settle_answer(const WaitingCommand& waiting, CommandOutcome outcome, uint64_t after);
  void refuse(const Commands& commands, ErrorCode code, const char* why);
  void apply_query(QueryRequest request);
  LastRuns last_runs(TaskNumber removed);

  // --- answers that are kept (shard_answers.cc) ---
  [[nodiscard]] bool is_under_way(const Command& command) const;
  void take_recalled(HotTask& task, Recalled* recalled);
  std::optional<CommandOutcome> undecided_answer(Command& command) const;
  uint64_t keep_answer(const Command& command, const CommandDone& done);
  void end_keyed(const Command& command, const CommandOutcome& outcome);
  void end_keyed(const Batch& durable);

  // --- the audit log (shard_audit.cc) ---
  void note(const HotTask& task, const Command& command, const CommandDone& done);

  // --- quotas of keys (shard_quotas.cc) ---
  [[nodiscard]] Status take_place(const Command& command) const;
  void count_place(const TaskState& made) const;
  void give_places_back(const Batch& durable) const;

  // --- narrowed keys (shard_selection.cc) ---
  [[nodiscard]] static std::optional<Error> refused_by_selection(const HotTask& task,
                                                                 const Command& command);
  [[nodiscard]] static Error damage_as_told(const Command& command, const Error& why);

  // --- tasks by state (shard_statuses.cc) ---
  void count_statuses(const Batch& durable);
  void count_damaged(TaskNumber number, TaskStatus stored);
  void show_statuses();

  // --- the room on the disk (shard_storage.cc) ---
  void apply(StorageState state);
  void apply(CommitPutOff tried);
  [[nodiscard]] std::optional<Error> refused_by_storage(const Command& command) const;
  bool refuse_for_storage(const Commands& commands);
  void refuse_behind_changes();
  void refuse_behind_full_batch();

  // --- commands (shard_commands.cc): each decides on the task as it stands ---
  CommandOutcome decide_command(HotTask& task, Command& command);
  CommandOutcome create(HotTask& task, Command& command);
  CommandOutcome replace(HotTask& task, Command& command);
  CommandOutcome remove(HotTask& task, const Command& command);
  CommandOutcome pause(HotTask& task, Command& command);
  CommandOutcome resume(HotTask& task);
  CommandOutcome run_now(HotTask& task, const Command& command);
  [[nodiscard]] std::optional<std::string> no_room_for_run(const HotTask& task) const;
  CommandOutcome redrive(HotTask& task, const Command& command);
  CommandOutcome discard(HotTask& task, const Command& command);
  CommandOutcome cancel(HotTask& task, const Command& command);
  CommandOutcome backfill(HotTask& task, const Command& command);
  CommandOutcome stop_backfill(HotTask& task);
  CommandOutcome as_it_stands(const HotTask& task, CommandEffect effect) const;
  void cancel_waiting_runs(HotTask& task);
  void cancel_running_runs(HotTask& task);
  void open_doubtful(HotTask& task);
  [[nodiscard]] std::optional<Instant> first_due(const ScheduleSpec& spec,
                                                 const Schedule& schedule) const;
  [[nodiscard]] TaskState first_state(const TaskSpec& spec, TaskNumber number, Instant first) const;

  // --- what comes back from the doors (shard_doors.cc) ---
  void apply(Committed done);
  void apply(Fetched fetched);
  void apply(Scanned page);
  void apply(Answered answered);
  void show_flights(StoredTask& shown);
  void show_breaker(RunsFound& shown) const;
  [[nodiscard]] BreakerPage open_breakers(uint32_t limit) const;
  [[nodiscard]] Instant as_instant(Monotonic t) const;
  void apply(AttemptEnded ended);
  void get_to_know(HotTask& task, Result<StoredTask>& found);
  void fetched_one(const FetchOne& asked, Result<StoredTask> found, Recalled* recalled);
  void scanned_one(ThinTask thin);
  void end_lost_runs(const ThinTask& tombstone);
  void adopt(TaskState& state) const;
  void quarantine(HotTask& task, const Error& why);
  void found_damaged(HotTask& task, const Error& why);
  void could_not_read(HotTask& task, const Error& why);
  void take_definition(HotTask& task, TaskChange& change);
  void durable(HotTask& task);

  // --- firing (shard_firing.cc) ---
  struct Flight {
    SlabHandle task;
    RunKey run;
    Destination destination;
    Version version;          // of the definition it was sent with
    uint64_t claimed_by = 0;  // the batch with its claim (C-6); 0: it needs none
    bool cut = false;         // the dispatcher was told to cut it off
    std::optional<CompletionPolicy> completion{};  // of that definition
    bool store_response = true;                    // the same
    Monotonic sent{};
  };
  void fire(uint32_t& budget);
  void ready(HotTask& task);
  void check_may_start(const HotTask& task, const OpenRun& run) const;
  [[nodiscard]] bool has_come(const OpenRun& run) const;
  void start(HotTask& task, OpenRun& run);
  void send(HotTask& task, const OpenRun& run, SlabHandle handle);
  void count_start(const HotTask& task, const OpenRun& run);
  Flight land(SlabHandle flight, Admission::End end);
  void record_attempt(HotTask& task, OpenRun& run, Version version, AttemptOutcome outcome);
  [[nodiscard]] RunRecord record_of(const HotTask& task, const OpenRun& run) const;
  void end_run(HotTask& task, const RunRecord& record);
  void log_failure(const HotTask& task, const RunRecord& record) const;
  void take_out(HotTask& task, const RunKey& key, RunState state);
  void count_dead(HotTask& task, Version version);
  static std::optional<Instant> next_due_after(const HotTask& task, const OpenRun& run);
  void keep_send_mark();
  void clear_send_mark();
  [[nodiscard]] bool former_sends_in_doubt();
  [[nodiscard]] bool sends_soon() const;

  // --- lines (shard_lines.cc) ---
  void stand_in_line(HotTask& task, const OpenRun& run);
  enum class Hope : uint8_t { kMayStart, kNone };
  void thin_out(HotTask& task, Hope hope);
  void thin_out_hopeful();
  [[nodiscard]] size_t longest_armed(Destination destination) const;
  OpenRun* startable(HotTask& task);
  OpenRun* run_at_its_turn(HotTask& task);
  void start_waiting(uint32_t& budget);
  void call(HotTask& task, Destination destination);
  void start_called(uint32_t& budget);
  [[nodiscard]] static bool goes_to(const HotTask& task, Destination destination);
  void give_place_back(HotTask& task);

  // --- single runs (shard_runs.cc) ---
  void bury(const HotTask& task, const OpenRun& run, const RunRecord& record);
  RunRecord end_canceled(HotTask& task, RunKey run);
  bool open_backfill(HotTask& task);

  // --- payloads of single runs (shard_payloads.cc) ---
  [[nodiscard]] Status check_payload(const HotTask& task, const RunPayload& payload) const;
  [[nodiscard]] static Status check_open_payloads(const TaskState& state, const TaskSpec& next);
  void count_payloads(HotTask& task);
  [[nodiscard]] bool many_payloads() const { return payload_bytes_ >= memory_.run_payload_bytes; }
  [[nodiscard]] static TaskSpec spec_with(const TaskSpec& spec, const RunPayload& payload);

  // --- attempts that are left to their targets (shard_completion.cc) ---
  CommandOutcome complete(HotTask& task, const Command& command);
  bool leave_to_target(HotTask& task, OpenRun& run, const Flight& flight, AttemptOutcome& outcome);
  static CommandDone done_with(const HotTask& task, CommandEffect effect, const RunKey& run);
  CommandOutcome note_life(HotTask& task, OpenRun& run);
  void end_with_target(HotTask& task, OpenRun& run);
  [[nodiscard]] Version version_sent(const HotTask& task, const OpenRun& run);
  void end_overdue(HotTask& task);
  [[nodiscard]] bool has_overdue(const HotTask& task) const;
  bool settle_overdue(HotTask& task);

  // --- claims (shard_claims.cc) ---
  void claim(HotTask& task, OpenRun& run, SlabHandle flight);
  void send_claimed(uint32_t& budget);
  void withdraw(HotTask& task, OpenRun& run);
  void lose_claims(HotTask& task);
  bool end_unstartable(HotTask& task);
  void end_untold(HotTask& task, OpenRun run, RunState state, SkipReason reason);

  // --- what follows from the end of a run (shard_callbacks.cc) ---
  void call_back(const HotTask& task, const RunRecord& record);
  void keep_or_leave(TaskChange made);
  void park_unkept();
  [[nodiscard]] bool enough_gathered() const {
    return batch_callbacks_ >= memory_.batch_callbacks || commit_.overfull();
  }
  [[nodiscard]] static bool is_complete(const HotTask& task);
  void remove_complete(HotTask& task);

  // --- what has come due (shard_due.cc) ---
  static DueTask due_task(HotTask& task);
  void open_due(HotTask& task);
  void look_before_end(HotTask& task);
  void look_at_due(HotTask& task, Instant unseen_before);
  void look_after_pause(HotTask& task, Instant until);
  void end_pause(HotTask& task);
  void look_at(HotTask& task, const Sight& sight);
  void count_passed_over(size_t records_before);
  void flag_former_runs(TaskState& state) const;
  void cut_attempt(const HotTask& task, const RunKey& run);
  void end_given_up(HotTask& task);

  // --- the clock (shard_clock.cc) ---
  void follow_clock();
  [[nodiscard]] bool shift(OpenRun& run, Duration step) const;
  void shift_retries(Duration step);

  // --- for checkers (shard_contents.cc) ---
  [[nodiscard]] ShardContents::Held held_of(const HotTask& task) const;

  // --- what only waits (shard_dormant.cc) ---
  [[nodiscard]] bool may_lie_dormant(const HotTask& task, Instant action) const;
  void lie_dormant(HotTask& task, Instant action);
  void lay_down(TaskNumber number, Instant wake);
  [[nodiscard]] size_t dormant_tasks() const { return dormant_.size() + stirred_.size(); }
  void stir(TaskNumber number, Instant wake);
  [[nodiscard]] bool room_to_revive() const;
  void ask_for_stirred();
  void revive(TaskNumber number, Result<StoredTask> found);

  // --- what is due and may not start (shard_pauses.cc) ---
  void apply(PauseTable table);
  [[nodiscard]] const GlobalPause* pause_of(const HotTask& task) const;
  [[nodiscard]] std::optional<Instant> slept_until(const HotTask& task) const;
  [[nodiscard]] size_t longest_line(Destination destination) const;
  [[nodiscard]] bool line_is_full(Destination destination) const;
  bool hold_back(HotTask& task);
  void park(HotTask& task, ParkReason reason);
  void stay_until_over(HotTask& task, const GlobalPause& pause);
  void release_parked();
  void read_parked();
  [[nodiscard]] bool is_served(ParkReason reason) const;
  [[nodiscard]] std::optional<Instant> next_release() const;

  // --- tasks in memory (shard_memory.cc) ---
  HotTask* find(TaskKey key);
  HotTask* keep(TaskKey key);  // finds or makes room for it; null: memory is full
  void settle(HotTask& task);  // the one place that decides what a task waits for next
  void await(HotTask& task, Instant action);
  void enter_wheel(HotTask& task, Instant due);
  void leave_wheel(HotTask& task);
  void arm(HotTask& task, std::unique_ptr<TaskSpec> spec);
  void disarm(HotTask& task);
  void count_armed(HotTask& task);
  void ask_for(HotTask& task);
  [[nodiscard]] bool is_left_behind(const HotTask& task) const;
  void forget(HotTask& task);
  void read_ahead();
  void leave_to_index();
  [[nodiscard]] Horizon::Room room_to_read() const;
  [[nodiscard]] uint32_t room_for_backlog() const;
  void drop_forgotten();
  bool ask_for_next();
  void ask_for_first(std::deque<SlabHandle>& line);
  void flush_asks();
  [[nodiscard]] bool room_to_arm() const {
    const size_t called = admission_.in_flight() - flights_.size();  // their fetches are no others'
    return armed_bytes_ < memory_.armed_bytes && fetches_ < memory_.arming_fetches + called;
  }
  // Some wait for a definition, and there is no memory for one.
  [[nodiscard]] bool definitions_are_wanted() const {
    const bool wanted = !wanting_.empty() || !wanting_later_.empty() || !stirred_.empty();
    return wanted && armed_bytes_ >= memory_.armed_bytes;
  }
  void sweep_wheel();
  void show_gauges();

  // --- changes ---
  enum class Holds : uint8_t { kStarts, kNothing };
  void change(HotTask& task, ChangeKind kind, std::unique_ptr<TaskSpec> spec, Holds holds);
  void add(TaskChange made);

  const uint32_t index_;
  const Instant up_since_;
  Random random_;
  ShardDoors doors_;
  Now now_;
  Instant latest_;  // that the wall clock has shown in this life; what was due by then may be open
  std::optional<Duration> clock_offset_;  // wall clock minus monotonic clock, as of the last turn
  StorageState storage_ = StorageState::kOk;
  bool draining_ = false;
  bool cut_off_ = false;  // an attempt was ended by the drain's time-out
  bool mark_cleared_ = false;

  std::deque<Message> arrived_;  // from the doors: always applied, bounded by what was asked
  struct Line {
    Commands commands;
    Monotonic since;
  };
  std::deque<Line> commands_;      // wait for their turn, or while the batch is full
  uint32_t next_command_ = 0;      // in commands_.front(): those before it are applied
  uint32_t commands_waiting_ = 0;  // in commands_ and behind fetches
  uint32_t queries_ = 0;           // with the store
  SlabHandle front_request_;       // the pending answers of commands_.front()
  Slab<PendingAnswers> requests_;
  std::unordered_set<AnswerScope> keys_under_way_;  // AK1; no more than commands and changes

  Slab<HotTask> tasks_;
  KeyTable<TaskKey> by_key_;      // the task that holds the id now
  KeyTable<TaskNumber> removed_;  // deleted ones whose runs are still in flight here
  TimingWheel wheel_;
  DormantTasks dormant_;
  std::deque<TaskNumber> stirred_;  // came out of the wheel and are to be fetched
  Horizon horizon_;
  Monotonic crowded_until_{INT64_MIN};
  Pauses pauses_;
  Parking parking_;
  MemoryLimits memory_;
  LineLimits line_limits_;
  Admission admission_;
  Slab<Flight> flights_;
  std::deque<SlabHandle> called_;    // have a place and were fetched (shard_lines.cc)
  std::vector<SlabHandle> hopeful_;  // keep their definition until those in line had their turn
  std::deque<SlabHandle> claims_;    // flights that wait for their claim to be durable, in order
  GroupCommit commit_;

  std::vector<FetchOne> asks_;            // handed over at the end of the turn
  std::deque<SlabHandle> wanting_;        // need their definition, for which there was no memory
  std::deque<SlabHandle> wanting_later_;  // the same, of what came due before this life
  uint32_t asked_ = 0;                    // of the lines for definitions, in all
  size_t armed_bytes_ = 0;                // of definitions, but for those that have a place (M3)
  size_t payload_bytes_ = 0;              // of open runs in memory (RP3)
  uint32_t armed_ = 0;
  uint32_t fetches_ = 0;          // tasks being fetched
  uint32_t revives_ = 0;          // of them, dormant ones
  const Instant recovered_mark_;  // runs of the former life up to here may have been sent
  const uint64_t recovered_counter_;
  const Instant restored_;

  struct Unkept {  // a task that this shard made and had no room for
    uint64_t batch = 0;
    TaskNumber number;
    Instant wake;
  };
  Partitions partitions_ = all_partitions();
  std::deque<Unkept> unkept_;     // until it is durable; by batch
  uint32_t batch_callbacks_ = 0;  // in the open batch

  StatusCounts statuses_;                               // of what is durable
  std::unordered_map<TaskNumber, TaskStatus> damaged_;  // known to be, and what they are stored as

  ShardMetrics metrics_;
};

}  // namespace hourwheel
