// Holds the audit log against what clients asked for and were told (AU1). Black-box: it knows the
// commands, the answers and what became durable.
//
//   AUC1  A change that was acknowledged is told by exactly one entry, which is durable.
//   AUC2  What was refused, changed nothing or was only told again is told by none.
//   AUC3  Nobody but a client who asked is named, and a definition that a client replaced is told.
// Every command carries its number as the address of its actor.
// Thread: one world's.
#pragma once

#include <map>

#include "engine/message.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class AuditCheck {
 public:
  explicit AuditCheck(Trace& trace) : trace_(trace) {}

  void asked(Command& command, uint64_t serial);
  void answered(uint64_t serial, const CommandOutcome& outcome);
  void durable(const Batch& batch);

 private:
  struct Change {
    CommandKind kind = CommandKind::kCreate;
    TaskKey task;
    bool told = false;
    bool refused = false;  // for good
  };
  void told(const AuditEntry& entry, const Batch& batch);

  Trace& trace_;
  std::map<uint64_t, Change> changes_;
};

}  // namespace hourwheel
