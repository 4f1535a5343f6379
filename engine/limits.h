// Every bound of the server in one place (S6): at a limit we refuse or wait, we never grow.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace hourwheel {

// --- what a request may carry (security: head and body limits, C-25) ---
inline constexpr size_t kMaxRequestHead = 32 * 1024;
inline constexpr size_t kMaxRequestFields = 100;
inline constexpr size_t kMaxRequestBody = 1024 * 1024;  // of all: docs/adr/0022-import-size.md
inline constexpr size_t kMaxBatchOperations = 1000;
inline constexpr size_t kMaxJsonDepth = 32;
inline constexpr uint32_t kMaxPreviewTimes = 1000;  // due instants computed for one answer

// --- what a task may hold ---
inline constexpr size_t kMaxTaskId = 255;  // the seed-shaped requests take any UTF-8
inline constexpr size_t kMaxTaskIdV1 = 128;
inline constexpr size_t kMaxDescription = 1024;
inline constexpr size_t kMaxSearchText = 256;  // that lists look for
inline constexpr size_t kMaxLabels = 32;
inline constexpr size_t kMaxLabelKey = 63;
inline constexpr size_t kMaxLabelValue = 256;
inline constexpr size_t kMaxPayload = 256 * 1024;
// Of a manual run, in place of its task's. It is stored with the state of the task, of which each
// commit with a change of the task writes all to the run log: kMaxOpenRuns runs of so much would
// make that 2 MiB, and to end them one by one 128 MiB. Together they have as much as one: to end
// them writes 1 MiB, and the 16 MiB of a commit (kMaxBatchBytes) hold the states of 1,024 tasks.
inline constexpr size_t kMaxRunPayload = 16 * 1024;
inline constexpr size_t kMaxRunPayloads = kMaxRunPayload;  // of one task, open
inline constexpr size_t kMaxUrl = 2048;
inline constexpr size_t kMaxTargetHeaders = 32;
inline constexpr size_t kMaxTargetHeaderBytes = 8 * 1024;
inline constexpr size_t kMaxVariables = 100;     // {{run_id}} and the like, in one text
inline constexpr size_t kMaxSuccessBody = 1024;  // what a response must contain
inline constexpr size_t kMaxTraceState = 512;    // of a tracestate (W3C: at least so many)
inline constexpr Duration kTraceContinued = hours(1);
inline constexpr size_t kMaxTargetCa = 16 * 1024;  // PEM text: about eight certificates
inline constexpr size_t kMaxAuthName = 256;        // of a user, or of a header field
inline constexpr size_t kMaxScheduleText = 1024;
inline constexpr size_t kMaxScheduleObject = 16 * 1024;  // with its exclusions
inline constexpr size_t kMaxExclusions = 100;
inline constexpr uint64_t kMaxMaxRuns = uint64_t{1} << 53;
inline constexpr int64_t kMaxRruleInterval = 1'000'000;
inline constexpr int64_t kMaxRruleCount = 100'000;
inline constexpr int64_t kMaxRruleTimes = 500;  // a day (or hour) by BYHOUR, BYMINUTE and BYSECOND
inline constexpr size_t kMaxRruleDates = 100;   // of EXDATE, and of RDATE
inline constexpr size_t kMaxReason = 1024;
inline constexpr uint32_t kMaxAttempts = 1000;
inline constexpr size_t kMaxBackoffList = 100;
inline constexpr size_t kMaxCodeRanges = 32;  // of success_codes, and of retry_on
inline constexpr uint32_t kMaxPauseAfterDead = 1'000'000;
inline constexpr uint32_t kMaxKeepRuns = 100'000;      // of a task (retention.count)
inline constexpr uint32_t kMaxMisfireCount = 100'000;  // instants made up for at once (C-11)
inline constexpr uint32_t kMaxMisfireRate = 1'000;     // ... in a second
inline constexpr uint64_t kMaxBackfill = 10'000;       // due instants of one order
inline constexpr uint32_t kMaxReopenRate = 1'000;      // runs a second: backfill, redrive by filter
inline constexpr uint32_t kMaxRedrives = 1'000;        // of one request
inline constexpr Duration kShortestInterval = milliseconds(100);  // C-16

// --- what came due before this life (C-11) ---
inline constexpr uint32_t kBacklogShare = 16;  // one in so many, while fresh ones wait too
inline constexpr Duration kBacklogTurn =
    seconds(1);  // the horizon stands still for it, once a step

// --- connections of clients ---
inline constexpr uint32_t kMaxConnections = 10'000;       // per server
inline constexpr uint32_t kMaxConnectionsPerPeer = 256;   // per address; loopback excepted
inline constexpr uint32_t kMaxRequestsInFlight = 16'384;  // per reactor
// New connections between two turns of a reactor. One costs some 20 us; over TLS its handshake
// comes with it, which for the server is 0.1 to 0.3 ms with a P-256 key and 1 ms with RSA of 2,048
// bits: 8 of those are less than the 10 ms by which one run in a hundred may be late (C-9).
inline constexpr uint32_t kMaxAcceptsPerTurn = 64;
inline constexpr uint32_t kMaxTlsAcceptsPerTurn = 8;
inline constexpr Duration kAnswerDeadline = seconds(30);  // of an asynchronous answer

// --- overload: what is refused early, per reactor (api/overload_gate.h, C-25) ---
inline constexpr int64_t kFullChanges = 16'384;                // commands taken and not answered
inline constexpr int64_t kFullChangeBytes = 64 * 1024 * 1024;  // of the bodies they came in
inline constexpr int64_t kFewChanges = 1'024;             // so many may wait however long it takes
inline constexpr Duration kFullWait = milliseconds(100);  // until a command is decided
inline constexpr Duration kFullLag = milliseconds(100);   // of a turn
inline constexpr uint32_t kMaxListsOpen = 128;            // that are not streaming
// A refusal costs 10 to 20 us, nearly all of it the kernel's and h2o's: 2 in a millisecond are some
// 3 % of a core, and 8,000 clients that repeat at once get theirs within 4 s.
inline constexpr int64_t kRefusalsPerMs = 2;
inline constexpr int64_t kRefusalsAtOnce = 64;
inline constexpr uint32_t kMinRetryAfterS = 1;  // drawn from these for each refusal
inline constexpr uint32_t kMaxRetryAfterS = 3;
// What only deletes, pauses and cancellations may use: of the commands waiting for a shard, of the
// tasks in its memory; and of the places between two reactors.
inline constexpr uint32_t kUrgentReserve = 4'096;
inline constexpr size_t kUrgentMailReserve = 256;

// --- a shard ---
inline constexpr uint32_t kMaxTasksInMemory = 500'000;  // beyond: new work waits in the due index
// Within the horizon with nothing to do but wait (engine/dormant.h); about 50 bytes each.
inline constexpr uint32_t kMaxDormantTasks = 4'000'000;
inline constexpr size_t kMaxDamagedKnown = 1'000;  // tasks; more are not told apart from the others
inline constexpr uint32_t kMaxBatchChanges = 8'192;         // of one commit
inline constexpr size_t kMaxBatchBytes = 16 * 1024 * 1024;  // of one commit
// As much as so many commits gathers while none comes through; then nothing more is fired.
inline constexpr size_t kMaxBatchesHeld = 8;
inline constexpr uint32_t kMaxCommandsWaiting = 65'536;  // behind a fetch or a full batch: then 503
inline constexpr uint32_t kMaxQueriesInFlight = 256;     // per shard: then 503
inline constexpr size_t kMaxStoreWork = 131'072;  // fetches, scans and queries waiting for a store
inline constexpr size_t kMaxArmedBytes = 128 * 1024 * 1024;  // definitions held for firing
// Payloads of open runs, which are in memory with or without the definition of their task: beyond,
// no run with one is opened, lines are short, and what wakes after kHorizonNear is left to the due
// index (RP3). Not bounded is what a herd of retries within those two minutes brings from there: 16
// KiB for each of kMaxTasksInMemory in the worst case, by pages of 4 MiB.
inline constexpr size_t kMaxRunPayloadBytes = 64 * 1024 * 1024;
inline constexpr uint32_t kMaxRunsInFlight = 4'096;          // attempts being sent, per shard
inline constexpr uint32_t kMaxRunsPerDestination = 1'024;    // of those, to one destination
inline constexpr uint32_t kMaxRunsUnprovenDestination = 64;  // ... without a recent success (C-24)
// To all destinations without a recent success together; the rest is for the others.
inline constexpr uint32_t kMaxRunsUnproven = kMaxRunsInFlight / 4 * 3;
inline constexpr uint32_t kMaxDestinations = 4'096;  // remembered while idle
// Waiting runs that keep their definition, to one destination without a recent success.
inline constexpr uint32_t kMaxArmedPerDestination = 4'096;
inline constexpr uint32_t kMaxOpenRuns = 128;         // of one task
inline constexpr size_t kMaxCatchUps = 8;             // stretches of missed instants of one task
inline constexpr uint32_t kMaxArmingFetches = 1'024;  // definitions on their way
inline constexpr uint32_t kFetchBatch = 512;          // definitions asked for at once
inline constexpr uint32_t kScanPage = 4'096;          // rows of the due index read at once

// --- tasks that are due and may not start (engine/parking.h) ---
inline constexpr uint32_t kMaxLine = 4'096;  // of a destination without a recent success: the rest
                                             // is given up from memory
inline constexpr uint32_t kCrowdedMemory = kMaxTasksInMemory / 4;  // from here lines are shorter
inline constexpr uint32_t kCrowdedShare = 8;                       // ... by this factor
inline constexpr int64_t kMaxPausesInForce = 100;
inline constexpr size_t kMaxPausesKept = 1'000;         // those that ended long ago go first
inline constexpr size_t kMaxKeyedPauses = 500;          // begun under an Idempotency-Key that holds
inline constexpr Duration kPauseKept = hours(30 * 24);  // after its end
inline constexpr size_t kMaxSystemRequests = 16;        // of one reactor, waiting: then 503
inline constexpr size_t kMaxApiKeys = 1'000;
inline constexpr size_t kMaxSecrets = 1'000;
inline constexpr uint32_t kMaxKeyTasks = 1'000'000'000;
inline constexpr uint32_t kMaxKeyRate = 1'000'000;  // operations of one window
inline constexpr Duration kMaxKeyWindow = hours(24);
inline constexpr Duration kKeyUseNoted = hours(1);  // how exactly a key's last use is known
// Requests with keys that are refused, of one address: more are answered with 429.
inline constexpr double kRefusedKeysAMinute = 20;
inline constexpr size_t kRefusedKeyBuckets = 1'024;
// What is made by the shard itself leaves this much room for what scans bring: their pages cannot
// be refused.
inline constexpr uint32_t kScanReserve = 4 * kScanPage;
inline constexpr uint32_t kMaxBatchCallbacks = 1'024;  // of one commit: then nothing more is fired
// What a shard holds in memory. A simulated one has room for less.
struct MemoryLimits {
  uint32_t tasks = kMaxTasksInMemory;
  uint32_t dormant = kMaxDormantTasks;
  size_t armed_bytes = kMaxArmedBytes;
  uint32_t arming_fetches = kMaxArmingFetches;
  uint32_t scan_page = kScanPage;
  uint32_t urgent_reserve = kUrgentReserve;
  uint32_t commands_waiting = kMaxCommandsWaiting;
  uint32_t queries = kMaxQueriesInFlight;
  uint32_t batch_changes = kMaxBatchChanges;
  uint32_t batch_callbacks = kMaxBatchCallbacks;
  size_t run_payload_bytes = kMaxRunPayloadBytes;
  [[nodiscard]] constexpr uint32_t scan_reserve() const {
    return kScanReserve / kScanPage * scan_page;
  }
};
// A simulated shard has smaller ones.
struct LineLimits {
  uint32_t longest = kMaxLine;
  uint32_t crowded = kCrowdedMemory;
  uint32_t in_flight_unproven = kMaxRunsUnprovenDestination;
  // Callback tasks beyond this many tasks in memory are read from the due index.
  uint32_t callbacks_kept = kMaxTasksInMemory - kScanReserve;
  uint32_t in_flight = kMaxRunsPerDestination;  // to one destination; an operator may want less
  uint32_t breaker_failures = 0;  // in a row, that open its breaker (engine/breaker.h); 0: none do
};

// --- the breaker of a destination (engine/breaker.h) ---
// More than the attempts of one run (5), so that no single task cuts its destination off.
inline constexpr uint32_t kBreakerFailures = 20;
inline constexpr uint32_t kMaxBreakerFailures = 10'000;
inline constexpr Duration kBreakerFirstPause = seconds(1);
inline constexpr Duration kBreakerLongestPause = seconds(60);
inline constexpr Duration kBreakerLongestAsked = minutes(5);  // by Retry-After
inline constexpr uint32_t kBreakerRampEnd = 64;
// One that is half-open and to which nothing is sent is counted and told for this long.
inline constexpr Duration kBreakerToldFor = minutes(60);
inline constexpr uint32_t kBreakersTold = 20;  // of those that are open, to who asks how it is

// --- the due index and the wheel ---
inline constexpr int kSliceBits = 20;  // a slice of the due index is 2^20 ms, about 17 minutes
inline constexpr Duration kHorizonStep = milliseconds(1 << 16);  // 65 s: one scan moves H this far
inline constexpr Duration kHorizonAhead = minutes(20);           // how far H runs ahead of now
inline constexpr Duration kHorizonNear = kHorizonStep * 2;       // ... while memory is half full
// A difference between the wall clock and the monotonic one that comes up between two turns is a
// step from here on (C-20), below it is slewing: 500 ppm make 33 ms in the longest sleep of a
// shard.
inline constexpr Duration kClockStep = milliseconds(50);
inline constexpr Duration kReadAgain = seconds(1);            // after the disk could not be read
inline constexpr Duration kArmingLead = milliseconds(1'500);  // definitions are fetched this early

// --- attempts (C-24) ---
inline constexpr size_t kMaxSigningSecrets = 8;  // each signs every attempt
inline constexpr Duration kConnectTimeout = seconds(5);
inline constexpr Duration kTlsTimeout = seconds(5);
inline constexpr Duration kAttemptTimeout = seconds(30);
inline constexpr Duration kMaxAttemptTimeout = minutes(15);
// Of an attempt that its target goes on with by itself (engine/completion.h).
inline constexpr Duration kMinCompletionTimeout = seconds(1);
inline constexpr Duration kMaxCompletionTimeout = hours(7 * 24);
inline constexpr size_t kMaxReportText = 1'024;
inline constexpr int64_t kHeartbeatSteps = 16;  // signs of life that are stored in a heartbeat
inline constexpr size_t kMaxResponseHead = 64 * 1024;
inline constexpr size_t kMaxStoredBody = 4 * 1024;
inline constexpr size_t kMaxKeptFields = 1'024;  // of a response's header (response_fields.h)
inline constexpr size_t kMaxKeptFieldValue = 512;
inline constexpr size_t kMaxResponseBody = 1024 * 1024;  // read and dropped up to here, then closed
inline constexpr uint32_t kMaxConnectionsPerDestination = 256;  // per reactor
inline constexpr uint32_t kMaxIdleConnections = 1'024;          // per reactor, to all destinations
inline constexpr Duration kMaxIdleAge = seconds(60);            // of a kept connection
// Of destinations, to be resumed: one takes some 10 KiB, the target's certificates among them.
inline constexpr size_t kMaxTlsSessions = 1'024;         // per reactor
inline constexpr Duration kMaxTlsSessionAge = hours(1);  // then a target proves itself anew
inline constexpr size_t kMaxResolverNames = 4'096;       // per reactor
inline constexpr size_t kMaxResolverAddresses = 16;      // of one name
inline constexpr Duration kResolverKeepFound = seconds(30);
inline constexpr Duration kResolverKeepFailed = seconds(1);

// --- stored secrets ---
inline constexpr size_t kMaxSecretName = 63;
inline constexpr size_t kMaxSecretValue = 16 * 1024;  // a certificate, its chain and its key
inline constexpr size_t kMaxSecretHosts = 32;
inline constexpr Duration kMaxKeepPrevious = hours(30 * 24);
inline constexpr size_t kMaxMasterKeys = 8;  // of one file

// --- between threads ---
inline constexpr size_t kMailboxCapacity =
    4'096;  // requests from one reactor to another, under way
inline constexpr size_t kOrdersCapacity = 16;

// --- durable promises ---
// A dead letter, whatever the run log keeps (C-14).
inline constexpr Duration kDeadKept = hours(30 * 24);
inline constexpr Duration kAuditKept = hours(90 * 24);
inline constexpr Duration kAnswersKept = hours(24);  // under an Idempotency-Key (C-2)
inline constexpr Duration kSendMarkStep =
    seconds(5);  // the send mark moves this far at a time (C-8)
inline constexpr Duration kSendMarkRenewal = milliseconds(2'500);  // ... when it is this close
inline constexpr Duration kMisfireAfter = seconds(60);             // C-11
inline constexpr Duration kPastGrace = seconds(60);                // C-17
inline constexpr Duration kDrainTimeout = seconds(30);             // C-26

// --- those who follow changes ---
inline constexpr size_t kMaxFollowers = 32;  // of one reactor; then 503
// How long the answer to a run may be held until it has ended: within the deadline of answers.
inline constexpr Duration kMaxRunWait = seconds(25);
inline constexpr Duration kFollowInterval = milliseconds(250);  // between two looks
inline constexpr Duration kFollowPing = seconds(15);            // of a stream with nothing to say

}  // namespace hourwheel
