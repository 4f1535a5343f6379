// The audit log: who changed what, and when.
//
//   AU1  Every change that a client made is told by exactly one entry, in the commit of that
//        change: both are durable, or neither. What changed nothing (a refusal, a repeat, a
//        request for what is so already) is told by none, nor is what the server does by itself.
//        A backup changes nothing and is told all the same, whatever becomes of it: all data may
//        leave the folder by it.
//   AU2  Entries are never changed. Those of one file hang together by a chain of digests, so that
//        one that was altered or taken out is noticed (store/audit_log.h).
// Thread: values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/run.h"

namespace hourwheel {

using AuditDigest = std::array<uint8_t, 32>;  // SHA-256

// Who asked for a change.
struct Actor {
  using Address = std::array<uint8_t, 16>;  // IPv6; IPv4 mapped into it
  std::string key;                          // id of the API key; empty: none was asked for
  std::optional<Address> address;           // none: the command line, on the data folder itself
  friend bool operator==(const Actor&, const Actor&) = default;
};

// Stored: only append.
enum class AuditAction : uint8_t {
  kCreate,
  kReplace,
  kDelete,
  kPause,
  kResume,
  kRun,
  kRedrive,
  kCancel,
  kBackfill,
  kStopBackfill,
  kBeginPause,  // of many tasks at once
  kEndPause,
  kCreateKey,
  kRevokeKey,
  kCreateSecret,
  kReplaceSecret,
  kDeleteSecret,
  kDrain,    // the server was told to stop when what is in flight is done
  kDiscard,  // of a dead letter
  kBackup,   // copies of all data are to be written; told before the first byte is
};
inline constexpr AuditAction kLastAuditAction = AuditAction::kBackup;

struct AuditEntry {
  Instant at;
  Actor actor;
  AuditAction action = AuditAction::kCreate;
  TaskKey task;         // zero: it is about no task
  std::string subject;  // the task's id, if it was at hand; of a key or a global pause its id, of a
                        // secret its name
  Version version;      // of the task or secret after the change; of a deleted secret the last
  std::optional<RunKey> run;
  std::string note;  // why a pause, what a key is for, the hosts of a secret, where a backup goes,
                     // that a run has a payload of its own
  // In a batch: which of its changes is the one of the definition, if there is one.
  std::optional<uint32_t> change;
  // Of the definition as it is stored, before and after. The store's: none when it is asked to keep
  // an entry.
  std::optional<AuditDigest> before;
  std::optional<AuditDigest> after;
};

struct AuditFilter {
  std::optional<TaskKey> task;
  std::string key;                // id of the API key
  std::optional<Instant> after;   // included
  std::optional<Instant> before;  // not included
  friend bool operator==(const AuditFilter&, const AuditFilter&) = default;
};
[[nodiscard]] bool matches(const AuditFilter& filter, const AuditEntry& entry);

// Whether a file's entries are as they were written.
struct AuditVerdict {
  uint64_t rows = 0;  // links of the chain
  uint64_t entries = 0;
  uint64_t first_row = 0;  // zero: there is none
  uint64_t last_row = 0;
  AuditDigest head{};                 // of the last row; all zero without one
  bool whole = false;                 // it was looked at to its end, or to where it is broken
  std::optional<std::string> broken;  // where, and what is wrong
};

}  // namespace hourwheel
