// Runs and attempts: identity, fate, and the record of each in the run log (the ledger, C-4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/attempt_wire.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/payload.h"

namespace hourwheel {

// Stored: only append.
enum class Trigger : uint8_t { kSchedule = 1, kManual = 2, kBackfill = 3 };

enum class RunState : uint8_t {
  kPending = 1,
  kRunning = 2,
  kRetrying = 3,  // an attempt failed, another will follow
  kSucceeded = 4,
  kDead = 5,
  kSkipped = 6,
  kCanceled = 7,
  kUnknown = 8,
};
constexpr bool is_end(RunState state) {
  return state >= RunState::kSucceeded;
}

enum class SkipReason : uint8_t {
  kNone = 0,
  kMisfire = 1,
  kOverlap = 2,
  kExcluded = 3,
  kPaused = 4,
  kExpired = 5,
  kSuperseded = 6,
};

// Identity of a run within its task (C-7, S8): a pure function of what is stored anyway.
struct RunKey {
  Generation generation;  // of a backfilled run the number of its order
  Trigger trigger = Trigger::kSchedule;
  int64_t instant_or_nonce = 0;  // due instant in ms; of a manual run a nonce
  friend constexpr auto operator<=>(const RunKey&, const RunKey&) = default;
};

// "run-<base32 of the task's key>-<generation>-<due ms>"; a manual run "...-m<nonce>", a backfilled
// one "...-b<due ms>".
std::string run_id(TaskKey task, const RunKey& run);
struct ParsedRunId {
  TaskKey task;
  RunKey run;
};
std::optional<ParsedRunId> parse_run_id(std::string_view text);

// How one attempt went.
enum class AttemptResult : uint8_t {
  kNone = 0,
  kRecorded = 1,       // "log" target: nothing was sent
  kResponded = 2,      // a whole response; see status
  kResolveFailed = 3,  // the name has no address
  kAddressDenied = 4,  // the address is not allowed as a target
  kConnectFailed = 5,
  kConnectTimedOut = 6,
  kTimedOut = 7,        // the attempt's total time ran out
  kConnectionLost = 8,  // closed or reset before a whole response
  kBadResponse = 9,     // not HTTP, or beyond the limits
  kStopped = 10,        // cut off: the server stopped, or a newer run took its place (C-12)
  kTlsFailed = 11,      // nothing was sent: the target did not prove who it is, or speaks no TLS
  kTlsTimedOut = 12,
  // Nothing was sent, for want of a stored secret that the target names, for its auth, its
  // signature or its TLS:
  kSecretMissing = 13,   // there is none of that name
  kSecretRefused = 14,   // it is not for this host
  kSecretUnusable = 15,  // its value cannot stand where it is to stand
  kBodyMismatch = 16,    // a whole response with a good status, without the success_body
  // The target was to report by itself (engine/completion.h):
  kReportedSuccess = 17,
  kReportedFailure = 18,
  kReportMissing = 19,  // it did not in time
};
inline constexpr AttemptResult kLastAttemptResult = AttemptResult::kReportMissing;

struct AttemptOutcome {
  AttemptResult result = AttemptResult::kNone;
  // Some bytes of the request may have reached the target.
  bool sent = false;
  bool no_retry = false;                // the target said so (410, X-No-Retry: 1)
  bool deferred = false;                // a 202 whose target is to report later
  uint16_t status = 0;                  // of the response
  std::optional<Duration> retry_after;  // what the target asked for, from the end of the attempt
  Instant started;
  Instant ended;
  std::string detail;       // one coarse sentence when there was no response; of a report its text
  std::string body;         // the response's first kMaxStoredBody bytes
  std::string kept_fields;  // of its header (engine/response_fields.h)
  AttemptWire wire;
  friend bool operator==(const AttemptOutcome&, const AttemptOutcome&) = default;

  // The target has answered, whatever it said.
  [[nodiscard]] bool responded() const {
    return result == AttemptResult::kResponded || result == AttemptResult::kBodyMismatch ||
           result == AttemptResult::kReportedSuccess || result == AttemptResult::kReportedFailure;
  }
};

// What users are told of an attempt that did not succeed.
std::string error_text(AttemptResult result, uint16_t status, std::string_view detail);

// One row of the run log: an attempt that failed with another to come (kRetrying), or a run's end.
// Equal consecutive skips are one row with a count.
struct RunRecord {
  TaskNumber task;
  Version task_version;
  RunKey key;
  RunState state = RunState::kPending;
  SkipReason skip_reason = SkipReason::kNone;
  Instant due;
  Instant last_due;           // of the last skipped instant; == due unless count > 1
  uint64_t count = 1;         // how many due instants this row accounts for
  uint64_t missed_count = 0;  // how many earlier ones this run stands for (C-11 fire_once)
  Duration jitter{};          // the run was to start this much after its due instant (C-16)
  uint32_t attempt = 0;       // the attempt this row tells of; 0: none was made
  bool possible_duplicate = false;
  Instant recorded;                     // when the engine decided it
  std::optional<Instant> next_attempt;  // kRetrying
  AttemptOutcome outcome;               // empty when no attempt was made
  uint32_t redrive_count = 0;           // how often the run had been redriven by then
  friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

// A run whose attempts are used up, as it lies among the dead letters (C-14).
struct DeadRun {
  TaskNumber task;
  TaskKey key;
  Version task_version;
  RunKey run;
  Instant due;
  Instant ended;
  uint32_t attempts = 0;
  uint64_t missed_count = 0;
  uint32_t redrive_count = 0;
  bool possible_duplicate = false;  // an earlier send cannot be excluded: its next one says so
  // Of the last attempt.
  AttemptResult result = AttemptResult::kNone;
  uint16_t status = 0;
  std::string detail;
  std::optional<RunPayload> payload{};  // that it is sent with, if it has its own
  friend bool operator==(const DeadRun&, const DeadRun&) = default;
};

}  // namespace hourwheel
