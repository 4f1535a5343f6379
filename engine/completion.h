// Async completion: a target answers 202 with the field `hourwheel-completion: deferred`, goes on
// working, and reports later how it went. The attempt is over then, not with the response; nothing
// of ours is held meanwhile but the stored run.
//
// A report is a command like any other (CommandKind::kComplete), made through a link that was sent
// with the attempt (ports.h, CompletionLinks) and that names it.
//
//   CO1  A run that waits for a report makes no attempt. The report is durable before whoever made
//        it is told so (S1); sent again after a crash, it finds what became of it.
//   CO2  A report counts for the attempt it names, once: an attempt that is over takes none.
//   CO3  A report may come before the response does. It is stored with the run then, and is what
//        the attempt comes to, whatever the response says.
//   CO4  Nobody is waited for longer than the policy says that the attempt was sent with, counted
//        from its start, nor, if it wants signs of life, longer than that after the last one,
//        whatever the wall clock does (C-20). What was waited for in vain may have been done all
//        the same (C-7).
// Thread: values.
#pragma once

#include <cstdint>
#include <string>

#include "engine/attempt_wire.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace hourwheel {

// Of a task's target; without one it is not offered to report later.
struct CompletionPolicy {
  Duration timeout;      // of the attempt, from its start
  Duration heartbeat{};  // without a sign of life for so long it counts as lost; zero: none needed
  friend bool operator==(const CompletionPolicy&, const CompletionPolicy&) = default;
};

// Stored: only append.
enum class ReportKind : uint8_t {
  kSucceeded = 1,
  kFailed = 2,       // retried as the policy has it
  kFailedFinal = 3,  // nothing will come of trying again
  kHeartbeat = 4,    // it still works; never stored
};

// What a target says of an attempt.
struct Report {
  ReportKind kind = ReportKind::kSucceeded;
  std::string text{};  // its own words, at most kMaxReportText bytes
  Version version{};   // of the definition that the attempt was sent with; the shard's own note
  friend bool operator==(const Report&, const Report&) = default;
};

// An attempt whose response has come and whose report has not.
struct Awaited {
  Instant started;       // the attempt
  Instant until;         // CO4, whatever signs of life come
  Version version;       // of the definition it was sent with
  Duration heartbeat{};  // of that one's policy
  AttemptWire wire{};    // of the attempt
  friend bool operator==(const Awaited&, const Awaited&) = default;
};

}  // namespace hourwheel
