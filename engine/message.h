// Everything that can be said to a shard, and everything it answers. Local and remote requests are
// the same messages; nothing in them points into a request that may be gone.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/answer.h"
#include "engine/api_key.h"
#include "engine/audit.h"
#include "engine/base/result.h"
#include "engine/change.h"
#include "engine/pauses.h"
#include "engine/secret.h"
#include "engine/selection.h"
#include "engine/storage.h"
#include "engine/task.h"
#include "engine/task_filter.h"

namespace hourwheel {

// Names a request waiting for its reply: opaque to the engine, given back with the reply.
struct RequestToken {
  uint32_t reactor = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
  uint32_t shard = 0;  // which shard's part of the answer this is
};

// --- commands: change something, answered when durable ---

enum class CommandKind : uint8_t {
  kCreate,
  kReplace,
  kDelete,
  kPause,
  kResume,
  kRun,
  kRedrive,       // a dead run gets fresh attempts (C-14)
  kCancel,        // an open run ends
  kBackfill,      // runs for the due instants of a past range
  kStopBackfill,  // ends such an order; the runs it has opened go on
  kComplete,      // a target reports on an attempt (engine/completion.h)
  kDiscard,       // a dead letter goes; its run stays dead
};
// Decided on the run's dead letter.
constexpr bool needs_letter(CommandKind kind) {
  return kind == CommandKind::kRedrive || kind == CommandKind::kDiscard;
}
// Never refused for want of room that anything else could have taken (C-25). A report is the result
// of an attempt: refused, its work would be done again.
constexpr bool is_urgent(CommandKind kind) {
  return kind == CommandKind::kDelete || kind == CommandKind::kPause ||
         kind == CommandKind::kCancel || kind == CommandKind::kStopBackfill ||
         kind == CommandKind::kComplete;
}
// What a kReplace demands of the task before it is applied (If-None-Match: *, seed's PUT).
enum class Existence : uint8_t { kEither, kMustExist, kMustNotExist };
enum class IdOrigin : uint8_t { kChosen, kGenerated };
// What becomes of a one-time instant more than kPastGrace ago (C-17). Decided by the shard: a
// repeat of a create that was accepted in time is none.
enum class PastInstant : uint8_t { kAccept, kRefuse };

struct BackfillRange {
  Instant from;       // included
  Instant to;         // not included, not in the future
  uint32_t rate = 0;  // runs opened per second, at most
};

struct Command {
  CommandKind kind = CommandKind::kCreate;
  IdOrigin id_origin = IdOrigin::kChosen;  // a generated id needs no look at what is stored
  Existence existence = Existence::kEither;
  PastInstant past = PastInstant::kAccept;  // kCreate, kReplace
  std::string id;
  TaskKey key;
  std::optional<Version> if_match;
  std::unique_ptr<TaskSpec> spec;      // kCreate, kReplace
  std::optional<Pause> pause;          // kPause; may also come with kCreate and kReplace
  uint64_t nonce = 0;                  // kRun: makes the manual run's identity
  RunKey run;                          // kRedrive, kCancel, kComplete, kDiscard
  uint32_t attempt = 0;                // kComplete: the one that is reported on
  Report report{};                     // kComplete
  Instant not_before;                  // kRedrive: its next attempt starts no earlier
  std::unique_ptr<DeadRun> letter;     // needs_letter: the dead letter; the shard looks it up
  std::optional<BackfillRange> range;  // kBackfill
  bool cut_running = false;            // kDelete: attempts in flight are cut off
  std::unique_ptr<IdempotencyKey> idempotency;
  std::unique_ptr<KeptAnswer> kept;  // of its key; the shard looks it up
  // kRun: that it is sent with; null: its task's.
  std::unique_ptr<RunPayload> payload;
  Actor actor;
  std::optional<uint32_t> max_tasks{};  // of the actor's key (engine/task_quotas.h)
  // Of the actor's key; null: it reaches all tasks.
  std::unique_ptr<Selection> selection;
  std::unique_ptr<Error> refusal;  // it is refused with this, unless its key was answered before
};

using CommandOutcome = Result<CommandDone>;

// A command that the task, as it stands, does not allow.
inline CommandOutcome conflict(std::string why) {
  return failure(ErrorCode::kStateConflict, "", std::move(why));
}

struct Commands {
  RequestToken token;
  std::vector<Command> commands;  // each decided on its own, in order; one outcome each

  // All of them are.
  [[nodiscard]] bool urgent() const {
    return std::all_of(commands.begin(), commands.end(),
                       [](const Command& command) { return is_urgent(command.kind); });
  }
};

// --- queries: answered by the store, but for two, from what is durable; of tasks also which runs
// are under way or in line ---

struct GetTask {
  TaskKey key;
};
// Of a deleted task, how many of its runs have not ended, durably. Answered by the shard: nobody
// else knows of it any more.
struct CountLastRuns {
  TaskNumber task;
};
struct ListBreakers {  // those that opened first; answered by the shard as well
  uint32_t limit = kBreakersTold;
};
struct ListTasks {  // ascending by number: order of creation within the shard
  TaskFilter filter;
  TaskNumber after;
  uint32_t limit = 50;
};
struct ListRuns {  // newest first
  TaskKey key;
  uint64_t before = 0;  // position of the last one seen; 0: from the newest
  uint32_t limit = 50;
};
struct GetRun {  // all records of one run, oldest first
  TaskKey key;
  RunKey run;
};
struct RunsAround {  // what the run log says of one instant: see store/run_search.h
  TaskKey key;
  Instant at;
};
struct DeadFilter {
  std::optional<TaskKey> task;
  std::vector<NamedText> labels;      // of the task, all must be there
  std::optional<Instant> due_after;   // included
  std::optional<Instant> due_before;  // not included
  // Of the last attempt, or of the one that a row of the run log tells of (engine/run_filter.h).
  std::vector<AttemptResult> results{};  // one of them; empty: all, and whatever has no attempt
  std::string error{};                   // part of its error_text; empty: all, and what has none
};
struct ListDead {  // dead letters, those that died last first
  DeadFilter filter;
  uint64_t before = 0;  // position of the last one seen; 0: from the newest
  uint32_t limit = 50;
};
struct TallyDead {  // all that match are counted; the first of them that died are given
  DeadFilter filter;
  uint32_t limit = 0;
};
struct RecordFilter {
  DeadFilter run;                 // a row for several due instants matches by any of them
  std::vector<RunState> states;   // one of them; empty: all
  std::vector<Trigger> triggers;  // the same
};
struct ListRecords {  // what the run log keeps of tasks that are there, newest first
  RecordFilter filter;
  uint64_t before = 0;  // position of the last one seen; 0: from the newest
  uint32_t limit = 50;
};
struct Backup {
  std::string path;  // of the file to write, must not exist
};
struct Recall {  // the answer kept under a key
  AnswerScope scope;
};
struct ListAudit {  // newest first
  AuditFilter filter;
  uint64_t before = 0;  // position of the last one seen; 0: from the newest
  uint32_t limit = 50;
};
struct VerifyAudit {      // a piece of the chain
  AuditVerdict so_far{};  // of the pieces before
};
// Where somebody who follows the changes of a shard stands.
struct FollowPlace {
  uint64_t row = 0;    // of the run log, the last one seen
  TaskNumber created;  // the last one seen
  Instant restored;    // when the file was last brought back: places of before are none any more
};
struct FollowChanges {               // oldest first
  std::optional<FollowPlace> after;  // none: only the place of now is asked for
  uint32_t limit = 256;
};
using Query = std::variant<GetTask, ListTasks, ListRuns, GetRun, RunsAround, ListDead, TallyDead,
                           Backup, Recall, ListAudit, VerifyAudit, FollowChanges, ListRecords,
                           CountLastRuns, ListBreakers>;

struct TaskPage {
  std::vector<StoredTask> tasks;
  TaskNumber next;  // continue after this one; zero: the end
};
struct RunPage {
  TaskKey task;
  std::vector<RunRecord> records;
  std::vector<uint64_t> positions;  // of each record in the log
  uint64_t next = 0;                // continue before this one; zero: the end
};
struct RunsFound {  // of RunsAround
  StoredTask task;
  std::vector<RunRecord> records;    // that tell of the instant, oldest first
  std::optional<Instant> kept_from;  // nothing recorded before this is kept; none: all is
  bool cut_short = false;            // there may be more: the search has a bound
  bool dead = false;                 // the last of the records is a death, and its letter is there
  std::optional<Instant> breaker_until{};  // the breaker of its target is open until then
};
struct DeadLetter {
  DeadRun run;
  std::string task_id;
  uint64_t position = 0;
};
struct DeadPage {
  std::vector<DeadLetter> letters;
  uint64_t next = 0;     // ListDead: continue before this one; zero: the end
  uint64_t matched = 0;  // TallyDead
};
struct LoggedRun {
  RunRecord record;  // without what is kept of the response
  std::string task_id;
};
struct RecordPage {
  std::vector<LoggedRun> entries;
  std::vector<uint64_t> positions;  // of each
  uint64_t next = 0;                // continue before this one; zero: the end
};
struct AuditPage {
  std::vector<AuditEntry> entries;
  std::vector<uint64_t> positions;  // of each
  uint64_t next = 0;                // continue before this one; zero: the end
  std::vector<std::string> damage;  // what could not be read, and is left out (C-23)
};
enum class SeenKind : uint8_t {
  kCreated,
  kUpdated,
  kRemoved,
  kRecord
};                    // kRecord: of one that is gone
struct SeenChange {   // of one task, as it is durable
  FollowPlace place;  // behind it
  SeenKind kind = SeenKind::kUpdated;
  // As it is now, but of its definition only what a summary tells (id, labels, kind of schedule).
  // Of one that is gone only the key and the id; the id may not be known any more.
  StoredTask task;
  std::optional<RunRecord> record;  // of the run log
};
struct ChangesSeen {
  std::vector<SeenChange> changes;
  FollowPlace place;  // where to go on
  bool more = false;  // at once
  bool gap = false;   // changes between the place asked for and the first one here are not told
};
struct BackupDone {
  uint64_t bytes = 0;
};
struct Recalled {  // of Recall; of a fetch
  AnswerScope scope;
  std::unique_ptr<KeptAnswer> answer;  // null: none is kept
  std::optional<Error> failed;         // whether one is could not be read
};
struct LastRuns {  // of CountLastRuns
  uint32_t open = 0;
};
struct OpenBreaker {        // open or half-open (engine/breaker.h)
  std::string destination;  // scheme, host and port, as a URL has them
  Instant since;
  Instant next_probe;     // not before; has passed: it is half-open
  uint32_t failures = 0;  // in a row
};
struct BreakerPage {  // of ListBreakers
  std::vector<OpenBreaker> breakers;
};
struct PausesChanged {  // what a PauseRequest came to: those begun or ended
  std::vector<GlobalPause> pauses;
  bool replayed = false;  // told again: nothing was changed now
};
struct KeysChanged {  // what a KeyRequest came to: those made, revoked or noted as used
  std::vector<ApiKey> keys;
};
struct SecretChanged {  // what a SecretRequest came to; of a deleted one what it was
  StoredSecret secret;
  bool made = false;  // there was none of that name
};
struct DrainBegun {};  // of a DrainRequest
struct BackupTold {};  // of a BackupRequest
using QueryAnswer =
    std::variant<StoredTask, TaskPage, RunPage, RunsFound, DeadPage, BackupDone, PausesChanged,
                 KeysChanged, SecretChanged, Recalled, AuditPage, AuditVerdict, ChangesSeen,
                 RecordPage, DrainBegun, LastRuns, BackupTold, BreakerPage>;

struct QueryRequest {
  RequestToken token;
  Query query;
};

// --- what holds for all: changed at one desk (engine/system_desk.h) ---

enum class PauseAction : uint8_t { kBegin, kEnd, kEndAll };
struct PauseRequest {
  RequestToken token;
  PauseAction action = PauseAction::kBegin;
  GlobalPause pause;  // kBegin: labels, reason, until and idempotency; kEnd: the id
  Actor actor{};
  std::optional<Error> refusal{};  // it is refused with this, unless its key was answered before
};

enum class KeyAction : uint8_t { kAdd, kRevoke, kNoteUse };
struct KeyRequest {
  RequestToken token;
  KeyAction action = KeyAction::kAdd;
  ApiKey key;  // kRevoke: the id; kNoteUse: the id and last_used
  Actor actor{};
};
enum class SecretAction : uint8_t { kPut, kDelete };
struct SecretRequest {
  RequestToken token;
  SecretAction action = SecretAction::kPut;
  std::string name;
  std::optional<Version> if_match{};
  Existence existence = Existence::kEither;
  // kPut
  SecretText value{};
  std::optional<std::vector<std::string>> hosts{};  // none: those that are there stay
  Duration keep_previous{};  // a value that is replaced goes on signing for so long
  Actor actor{};
};
// What the desk's own file knows of it.
struct AuditRequest {
  RequestToken token;
  std::variant<ListAudit, VerifyAudit> query;
};
struct DrainRequest {  // the orderly stop is to begin (C-26)
  RequestToken token;
  Actor actor{};
};
struct BackupRequest {  // the audit log is to tell of a backup that begins when it does
  RequestToken token;
  std::string path;
  Actor actor{};
};
using SystemRequest = std::variant<PauseRequest, KeyRequest, SecretRequest, AuditRequest,
                                   DrainRequest, BackupRequest>;

struct SystemTable {
  PauseTable pauses;         // its version is the whole table's
  std::vector<ApiKey> keys;  // by id
  // By name; none: they are as in the table before.
  std::optional<std::vector<StoredSecret>> secrets;
};

// --- what comes back from the doors ---

struct Committed {
  std::unique_ptr<Batch> batch;
};
struct FetchOne {
  TaskKey key;
  TaskNumber number;             // given: found by number; zero: by key
  std::optional<RunKey> dead{};  // its dead letter, if it has one, is given with the task
  // Given: who asks knows the state, and of the task found wants the definition only, which at the
  // time of asking was at this version.
  std::optional<Version> version{};
  std::optional<AnswerScope> recall{};  // what is kept under it is given with the task
  // All of a task of which nothing is in memory.
  [[nodiscard]] bool of_dormant() const { return number && !version; }
};
struct Fetched {
  std::vector<FetchOne> asked;
  std::vector<Result<StoredTask>> found;  // one each: kNotFound, kCorrupt
  std::vector<Recalled> recalled{};       // one for each that asked for it, in their order
};
// A place in the due index, which is ordered by slice and within it by number.
struct IndexPlace {
  int64_t slice = 0;
  TaskNumber number;
  friend constexpr auto operator<=>(IndexPlace, IndexPlace) = default;
};
// Whose range it is that is being read (engine/horizon.h).
enum class ScanPart : uint8_t { kAhead, kBacklog };
struct ScanRequest {  // the due index: everything with from <= wake < to
  Instant from;
  Instant to;
  // Where the page before ended, zero at first: opaque to the engine.
  int64_t after_slice = 0;
  TaskNumber after_task;
  uint32_t limit = kScanPage;
  ScanPart part = ScanPart::kAhead;
};
struct ThinTask {
  TaskNumber number;
  TaskKey key;
  TaskState state;
};
struct Scanned {
  ScanRequest asked;
  std::vector<ThinTask> tasks;
  std::optional<ScanRequest> next;  // none: the range is read
};
struct Answered {
  RequestToken token;
  Result<QueryAnswer> answer;
};

struct AttemptToken {
  uint32_t shard = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
};
struct AttemptEnded {
  AttemptToken token;
  AttemptOutcome outcome;
};

using Message = std::variant<Commands, QueryRequest, Committed, Fetched, Scanned, Answered,
                             AttemptEnded, PauseTable, StorageState, CommitPutOff>;

// --- what a shard answers a request ---

struct Reply {
  RequestToken token;
  std::variant<std::vector<CommandOutcome>, Result<QueryAnswer>> body;
};

}  // namespace hourwheel
