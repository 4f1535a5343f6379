// Counts the tasks of each key by itself, from what became durable and without a look at what the
// engine and the store say of makers later than the create, and holds their figures against it.
//
//   QC1  Of a key with a quota no more tasks are ever stored than it may have; so no more are
//        acknowledged (TQ1).
//   QC2  A start finds as many tasks of each key as there are, and at rest the table of quotas
//        counts as many (TQ2, TQ4).
// Every command carries one of a few keys, or none, drawn from its number.
// Thread: one world's.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/made_by.h"
#include "engine/message.h"
#include "engine/task_quotas.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class QuotaCheck {
 public:
  QuotaCheck(bool quotas, Trace& trace) : quotas_(quotas), trace_(trace) {}

  // Names who asks.
  void asked(Command& command, uint64_t serial) const;
  void durable(const Batch& batch);

  // The table with which a life begins. `stored`: what all shards have found.
  void begin(TaskQuotas& table, const MadeBy& stored) const;
  void at_rest(const TaskQuotas& table) const;

 private:
  const bool quotas_;  // the keys have some
  Trace& trace_;
  std::map<TaskKey, std::string> makers_;  // of the tasks that are there
  MadeBy made_;
};

}  // namespace hourwheel
