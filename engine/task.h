// A task as the engine knows it: the definition (fat, changes when a user changes it) and the state
// (thin, changes when it fires). Both are stored; the numbers of all enums are, so they only
// append.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/completion.h"
#include "engine/limits.h"
#include "engine/run.h"
#include "engine/schedule/schedule.h"
#include "engine/target_auth.h"
#include "engine/trace.h"

namespace hourwheel {

enum class TargetKind : uint8_t {
  kLog = 1,   // nothing is sent: the run is recorded as succeeded (the seed's tasks)
  kHttp = 2,  // an HTTP request
};

using NamedText = std::pair<std::string, std::string>;  // a label or a header field

struct CodeRange {  // of HTTP status codes, both ends included
  uint16_t first = 0;
  uint16_t last = 0;
  friend bool operator==(const CodeRange&, const CodeRange&) = default;
};

// How an https target proves who it is, and what it is shown of us.
struct TargetTls {
  std::string ca{};   // PEM; what it names is trusted in place of the server's own list
  std::string pin{};  // "sha256/<base64>" of the public key it must have; empty: any
  bool insecure_skip_verify = false;
  // Name of the stored secret that has a certificate and its key, for targets that ask for one;
  // empty: none.
  std::string client_certificate{};
  friend bool operator==(const TargetTls&, const TargetTls&) = default;
};

// How a request tells of its run beside our own header fields. Stored: only append.
enum class RequestFormat : uint8_t {
  kRaw = 1,
  kCloudEvents = 2,  // CloudEvents 1.0.2, binary mode: ce-… fields around the same body
};

struct Target {
  TargetKind kind = TargetKind::kLog;
  std::string method = "POST";
  std::string url;  // accepted by parse_url
  std::vector<NamedText> headers;
  Duration connect_timeout = kConnectTimeout;
  Duration timeout = kAttemptTimeout;      // of a whole attempt
  std::vector<CodeRange> success_codes{};  // that end a run well; empty: 200 to 299
  bool sign = true;                        // attempts carry a signature (C-7)
  Duration tls_timeout = kTlsTimeout;      // of the handshake with an https target
  TargetTls tls{};
  TargetAuth auth{};
  std::string signing_secret{};  // name of the one that signs in place of the server's; empty: none
  RequestFormat format = RequestFormat::kRaw;
  // {{run_id}} and the like (engine/variables.h) in the path and query of the URL, in header values
  // and in the payload are filled in for each attempt.
  bool variables = false;
  std::string success_body{};  // a response's first kMaxStoredBody bytes contain it; empty: any
  std::optional<CompletionPolicy> completion{};  // it may report later; none: its response counts
  bool store_response = true;  // of responses the body's beginning and some fields are kept
  friend bool operator==(const Target&, const Target&) = default;
};

enum class BackoffJitter : uint8_t { kFull = 1, kNone = 2 };
enum class BackoffKind : uint8_t { kExponential = 1, kFixed = 2, kLinear = 3, kList = 4 };

struct RetryPolicy {  // C-13
  uint32_t max_attempts = 5;
  Duration min_backoff = seconds(1);
  Duration max_backoff = hours(1);
  uint32_t multiplier_percent = 200;  // each back-off is this much of the one before
  BackoffJitter jitter = BackoffJitter::kFull;
  // No retry is planned later than this after the due instant or, if that was later, the start of
  // the first attempt.
  Duration max_age = hours(24);
  BackoffKind backoff = BackoffKind::kExponential;
  std::vector<Duration> backoff_list{};  // kList: after attempt 1, 2 ...; the last one repeats
  std::vector<CodeRange> retry_on{};     // retried besides 408, 425, 429 and 5xx
  bool retry_until_next = false;         // no retry at or after the next due instant
  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

// What becomes of due instants that nobody saw when they came (C-11). Stored: only append.
enum class MisfirePolicy : uint8_t { kFireOnce = 1, kSkip = 2, kFireAll = 3 };

struct Misfire {
  MisfirePolicy policy = MisfirePolicy::kFireOnce;
  // kFireAll only: the newest max_count of at most this age are fired, so many a second.
  Duration max_age = hours(24);
  uint32_t max_count = 100;
  uint32_t rate = 10;
  friend bool operator==(const Misfire&, const Misfire&) = default;
};

// What a recurring task's due instant finds when an earlier run is open (C-12). Stored: only
// append.
enum class Overlap : uint8_t {
  kBufferOne = 1,      // one waits, further ones are skipped
  kSkip = 2,           // it is skipped
  kAllow = 3,          // it runs beside
  kBufferAll = 4,      // it waits, up to kMaxOpenRuns
  kCancelRunning = 5,  // it takes the place of the earlier one, which is cut off
};

enum class Delivery : uint8_t {
  kAtLeastOnce = 1,  // C-5
  kAtMostOnce = 2,   // C-6
};

// A request that tells of a run's end; a task of its own makes it (engine/callback.h).
struct Callback {
  std::string method = "POST";
  std::string url;  // accepted by parse_url
  std::vector<NamedText> headers;
  friend bool operator==(const Callback&, const Callback&) = default;
};

struct Callbacks {
  std::optional<Callback> on_success;
  std::optional<Callback> on_failure;
  std::optional<Callback> on_dead;  // in place of on_failure
  friend bool operator==(const Callbacks&, const Callbacks&) = default;
};

// What becomes of a task whose schedule is over and whose last run has ended. Stored: only append.
enum class OnComplete : uint8_t {
  kKeep = 1,
  kDelete = 2,  // unless a run of it is dead, or the last one ended unknown
};

struct TaskSpec {
  std::string id;
  TaskType type = TaskType::kOneTime;
  ScheduleSpec schedule;
  std::string description;
  std::vector<NamedText> labels;  // sorted by key, keys distinct
  Target target;
  PayloadKind payload_kind = PayloadKind::kNone;
  std::string payload;       // sent byte for byte, but for the target's variables
  std::string content_type;  // of the payload
  RetryPolicy retry;
  Duration misfire_after = kMisfireAfter;
  Delivery delivery = Delivery::kAtLeastOnce;
  std::optional<Duration> expires_after{};  // one-time: a run later than this is skipped
  uint32_t pause_after_dead = 0;            // consecutive dead runs that pause the task; 0: never
  std::optional<Duration> max_lateness{};   // a first attempt later than this is counted
  Misfire misfire{};
  Overlap overlap = Overlap::kBufferOne;
  Callbacks callbacks{};
  OnComplete on_complete = OnComplete::kKeep;
  // Of the runs that have ended the newest so many stay in the run log; 0: as long as any others.
  uint32_t keep_runs = 0;
  TraceContext trace{};  // of the request that made it
  friend bool operator==(const TaskSpec&, const TaskSpec&) = default;

  // Memory held, for the bounds that count bytes.
  [[nodiscard]] size_t bytes() const;
};

struct Pause {  // C-15
  std::string reason;
  Instant since;
  std::optional<Instant> until;
  friend bool operator==(const Pause&, const Pause&) = default;
};
// Why a task paused itself (pause_after_dead).
std::string auto_pause_reason(uint32_t dead_in_row);

// A run that has begun to exist and has not ended: waiting for its turn, in flight, waiting for its
// target's report, or waiting for a retry. Stored whenever the task's state is written for whatever
// reason.
struct OpenRun {
  RunKey key;
  Instant due;  // for a manual run: when it was asked for
  // When the next attempt may start; of a run in flight: when it started; of one that waits for a
  // report: until when.
  Instant next_attempt;
  uint32_t attempts = 0;  // attempts started so far
  uint64_t missed_count = 0;
  bool in_flight = false;
  bool possible_duplicate = false;         // an earlier send cannot be excluded (C-7)
  std::optional<Instant> first_started{};  // of its first attempt
  // In flight at most once (C-6): stored before the first byte is sent, so that whoever finds it
  // stored, and no attempt of it under way, knows that it must not be sent again.
  bool claimed = false;
  Duration jitter{};  // it starts this much after its due instant (C-16)
  // A newer run takes its place (C-12): it ends with its attempt, whatever comes of that.
  bool superseded = false;
  // Of `attempts`, those before the last redrive or backfill: they do not count for the retry
  // policy.
  uint32_t attempts_before = 0;
  uint32_t redrive_count = 0;
  std::optional<Instant> counted_from{};  // what max_age counts from; none: the due instant
  // Asked to end while in flight: it is never retried, and whoever finds it stored ends it.
  bool canceled = false;
  std::optional<Awaited> awaited{};     // its last attempt's report has not come
  std::optional<Report> report{};       // CO3: of the attempt in flight
  std::optional<RunPayload> payload{};  // in place of the task's (RP1)
  friend bool operator==(const OpenRun&, const OpenRun&) = default;

  // Its last attempt is not in flight and not over: what it came to is reported, or is awaited.
  [[nodiscard]] bool is_with_target() const { return !in_flight && (awaited || report); }
  // That is to be acted upon now.
  [[nodiscard]] bool is_overdue(Instant now) const {
    return is_with_target() && (report || next_attempt <= now);
  }

  // As users see it: kPending, kRunning or kRetrying.
  [[nodiscard]] RunState state() const {
    if (in_flight || is_with_target()) return RunState::kRunning;
    return attempts > attempts_before ? RunState::kRetrying : RunState::kPending;
  }
  // It ends with its attempt in flight, or at once.
  [[nodiscard]] bool is_given_up() const { return superseded || canceled; }
  // As the retry policy counts it: what was before a redrive or backfill is left out.
  [[nodiscard]] OpenRun as_counted() const {
    OpenRun counted = *this;
    counted.attempts -= attempts_before;
    counted.due = counted_from.value_or(due);
    return counted;
  }
};

// What each record of a run says of it, before it says what became of it.
RunRecord record_of(TaskNumber task, Version version, const OpenRun& run, Instant recorded);

// An order to make up for the due instants of a past range, one after the other
// (engine/backfill.h).
struct Backfill {
  Generation order;  // makes the identities of its runs; from the counter of versions
  Instant next;      // the first due instant that has not become a run
  Instant last;      // the last one of the range
  uint64_t left = 0;
  Instant opens_at;  // `next` becomes a run no earlier than this
  Duration gap;      // from the opening of one run to that of the next, at least
  friend bool operator==(const Backfill&, const Backfill&) = default;
};

struct RunCounts {
  uint64_t succeeded = 0;
  uint64_t dead = 0;
  uint64_t skipped = 0;
  uint64_t other = 0;  // canceled, unknown
  friend bool operator==(const RunCounts&, const RunCounts&) = default;
};

struct LastRun {
  RunKey key;
  RunState state = RunState::kPending;  // kPending: there was none yet
  Instant due;
  Instant ended;
  Duration lateness;
  friend bool operator==(const LastRun&, const LastRun&) = default;
};

// Missed due instants that are still to be fired: all of the schedule's from next through last.
struct CatchUp {  // C-11 fire_all
  Instant next;
  Instant last;
  friend bool operator==(const CatchUp&, const CatchUp&) = default;
};

struct TaskState {
  Version version;        // of the definition
  Generation generation;  // of the schedule: the version at which it was last changed
  Instant created;
  Instant updated;
  // The cursor (due.h D1); none: the schedule is over, or waits for the end of a run.
  std::optional<Instant> next_due;
  std::vector<OpenRun> open;
  std::optional<Pause> pause;
  // The definition is gone; the state stays until its open runs have ended (C-10).
  bool deleted = false;
  RunCounts counts;
  LastRun last_run;
  uint32_t dead_in_row = 0;   // dead runs since the last success or the pause they led to
  bool at_most_once = false;  // the definition's delivery, for whoever has only the state
  Overlap overlap = Overlap::kBufferOne;  // the same
  uint64_t ended_runs = 0;                // of the schedule, in this generation (C-16 max_runs)
  std::vector<CatchUp> catch_up{};        // ascending; at most kMaxCatchUps
  Instant catch_up_after{};               // the pace: none of them becomes a run before this
  std::optional<Instant> ruled_since{};   // when the schedule was last changed; none: not known
  std::optional<Backfill> backfill{};
  // Of an at-most-once task: what was due earlier may have been sent without a claim (C-6). In a
  // life after a crash such a run ends unknown, also one that was not sent: nothing tells.
  Instant claims_since{};
  // The id of the API key whose request made it, as the audit log names it (Actor::key): whoever
  // changes the task later changes nothing about that. A callback has that of the task it tells of
  // (engine/callback.h). Empty: no key was asked for.
  std::string created_by{};
  friend bool operator==(const TaskState&, const TaskState&) = default;

  // The open run of this key; null: none.
  OpenRun* find_open(const RunKey& key);
  [[nodiscard]] const OpenRun* find_open(const RunKey& key) const;

  // Memory held by payloads of open runs.
  [[nodiscard]] size_t payload_bytes() const;
  // Of a copy for somebody who is only told how the task stands.
  void drop_payloads();

  // When this stored state next needs attention: what the due index is keyed by. None: never (over,
  // or paused without an end). A deleted task with open runs needs attention at once, should the
  // process that holds those runs be gone.
  [[nodiscard]] std::optional<Instant> wake() const;
};

enum class TaskStatus : uint8_t { kActive = 1, kPaused = 2, kCompleted = 3, kQuarantined = 4 };
TaskStatus status_of(const TaskState& state);

// One task as it stands in the store.
struct StoredTask {
  TaskNumber number;
  TaskKey key;
  TaskSpec spec;
  TaskState state;
  std::optional<DeadRun> dead{};  // the dead letter that was asked for with the task
};

}  // namespace hourwheel
