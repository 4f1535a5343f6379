// Counts the tasks of each key by itself, from what became durable and without a look at what the
// engine and the store say of makers later than the create, and holds their figures against it.
//
//   QC1  Of the tasks that a key with a quota asked for no more are ever stored than it may have;
//   so
//        no more are acknowledged (TQ1). Callbacks of them are its own, too, and may be beyond
//        that.
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
  struct Maker {
    std::string key;
    bool asked = false;  // for this very task; else the server made it for one of the key's
  };
  void create(const TaskChange& change, bool is_asked);
  void remove(TaskKey key);

  const bool quotas_;  // the keys have some
  Trace& trace_;
  std::map<TaskKey, Maker> makers_;  // of the tasks that are there
  MadeBy made_;
  std::map<std::string, int64_t> asked_;  // of those, the ones that were asked for
};

}  // namespace hourwheel
