// Everything that can be said to a shard, and everything it answers. Local and remote requests are
// the same messages; nothing in them points into a request that may be gone.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/change.h"
#include "engine/pauses.h"
#include "engine/task.h"

namespace hourwheel {

// Names a request waiting for its reply: opaque to the engine, given back with the reply.
struct RequestToken {
  uint32_t reactor = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
  uint32_t shard = 0;  // which shard's part of the answer this is
};

// --- commands: change something, answered when durable ---

enum class CommandKind : uint8_t { kCreate, kReplace, kDelete, kPause, kResume, kRun };
// What a kReplace demands of the task before it is applied (If-None-Match: *, seed's PUT).
enum class Existence : uint8_t { kEither, kMustExist, kMustNotExist };
enum class IdOrigin : uint8_t { kChosen, kGenerated };
// What becomes of a one-time instant more than kPastGrace ago (C-17). Decided by the shard: a
// repeat of a create that was accepted in time is none.
enum class PastInstant : uint8_t { kAccept, kRefuse };

struct Command {
  CommandKind kind = CommandKind::kCreate;
  IdOrigin id_origin = IdOrigin::kChosen;  // a generated id needs no look at what is stored
  Existence existence = Existence::kEither;
  PastInstant past = PastInstant::kAccept;  // kCreate, kReplace
  std::string id;
  TaskKey key;
  std::optional<Version> if_match;
  std::unique_ptr<TaskSpec> spec;  // kCreate, kReplace
  std::optional<Pause> pause;      // kPause; may also come with kCreate and kReplace
  uint64_t nonce = 0;              // kRun: makes the manual run's identity
};

enum class CommandEffect : uint8_t { kCreated, kReplaced, kUnchanged, kDeleted, kDone, kStarted };

struct CommandDone {
  CommandEffect effect = CommandEffect::kDone;
  std::unique_ptr<TaskSpec> spec;  // the definition as it now stands; null after kDeleted
  TaskState state;
  uint32_t in_flight = 0;     // attempts that may still arrive (C-10)
  std::optional<RunKey> run;  // kStarted
};
using CommandOutcome = Result<CommandDone>;

struct Commands {
  RequestToken token;
  std::vector<Command> commands;  // each decided on its own, in order; one outcome each
};

// --- queries: answered by the store from what is durable ---

struct TaskFilter {
  std::optional<TaskStatus> status;
  std::optional<TaskType> type;
  std::vector<NamedText> labels;  // all must be there
};

struct GetTask {
  TaskKey key;
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
struct Backup {
  std::string path;  // of the file to write, must not exist
};
using Query = std::variant<GetTask, ListTasks, ListRuns, GetRun, Backup>;

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
struct BackupDone {
  uint64_t bytes = 0;
};
struct PausesChanged {  // what a PauseRequest came to: those begun or ended
  std::vector<GlobalPause> pauses;
};
using QueryAnswer = std::variant<StoredTask, TaskPage, RunPage, BackupDone, PausesChanged>;

struct QueryRequest {
  RequestToken token;
  Query query;
};

// --- global pauses: changed at one desk for all shards (engine/pause_desk.h) ---

enum class PauseAction : uint8_t { kBegin, kEnd, kEndAll };
struct PauseRequest {
  RequestToken token;
  PauseAction action = PauseAction::kBegin;
  GlobalPause pause;  // kBegin: labels, reason and until; kEnd: the id
};

// --- what comes back from the doors ---

struct Committed {
  std::unique_ptr<Batch> batch;
};
struct FetchOne {
  TaskKey key;
  TaskNumber number;  // given: found by number; zero: by key
};
struct Fetched {
  std::vector<FetchOne> asked;
  std::vector<Result<StoredTask>> found;  // one each: kNotFound, kCorrupt
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
                             AttemptEnded, PauseTable>;

// --- what a shard answers a request ---

struct Reply {
  RequestToken token;
  std::variant<std::vector<CommandOutcome>, Result<QueryAnswer>> body;
};

}  // namespace hourwheel
