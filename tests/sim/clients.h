// The clients: they send commands, remember what they were told, and hold every later answer and
// every attempt against it. They know nothing of the inside: a black-box model of the tasks.
//
//   C-1  what was acknowledged is there, also after a crash; what was not may or may not be
//   C-2  a repeat meets the first; a create under a taken id is refused; keys: key_check.h
//   C-3  a version is never given twice; If-Match is decided on the version as it stands
//   S7   no attempt starts after an acknowledged delete or pause
//   CA1  no attempt starts of a run whose cancel was acknowledged
//   CO1  nor of one that was reported as done, as soon as that was acknowledged; it ends so
//   RP1  each attempt of a manual run brings the payload that was asked for, others have none
// Commands on one id are decided in the order in which they were sent, so the model of an id is a
// queue of what was asked and a base: what is known to be so before the first of them.
// Thread: one world's.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports.h"
#include "tests/sim/audit_check.h"
#include "tests/sim/features.h"
#include "tests/sim/key_check.h"
#include "tests/sim/quota_check.h"
#include "tests/sim/targets.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class Clients : public SimTargets::Watcher {
 public:
  Clients(const Features& features, Trace& trace, uint64_t seed);

  struct Request {
    uint32_t shard = 0;
    Message message;
  };
  // The next thing some client asks.
  Request next(Instant now);
  // After a restart: the question whether an id is as it was acknowledged to be.
  // A new one-time task due then.
  Request create_once(Instant now, Instant due);
  std::vector<Request> audit();
  // Pauses what still runs, so that a world can come to rest.
  std::vector<Request> rest(const std::vector<TaskKey>& recurring, Instant now);

  void replied(const Reply& reply, Instant now);
  void crashed();
  void attempt_starts(const AttemptStart& attempt) override;
  // What has ended by then does not begin again, should the clock be set back.
  void saw(Instant now) { latest_ = std::max(latest_, now); }
  // What is asked already may be decided by either clock.
  void clock_set(Instant before, Instant after);

  // What only the inside knows: a task went at this version, because it was complete.
  class Fates {
   public:
    virtual ~Fates() = default;
    [[nodiscard]] virtual bool completed(TaskKey key, Version version) const = 0;
  };
  void know(const Fates& fates) { fates_ = &fates; }
  void hold_against(AuditCheck& audit) { audit_ = &audit; }
  void hold_against(const QuotaCheck& quotas) { quotas_ = &quotas; }

  // The runs of a shard that were reported as done, and that was acknowledged.
  [[nodiscard]] std::set<RunKey> done(uint32_t shard) const;
  [[nodiscard]] size_t unanswered() const { return requests_.size(); }
  [[nodiscard]] size_t acknowledged() const { return acknowledged_; }

 private:
  struct Base {
    bool known = true;        // false: a command may or may not have been carried out
    bool may_change = false;  // ... or may be carried out yet, when there is space again (C-21)
    bool exists = false;
    Version version;
    std::optional<Pause> pause;
  };
  struct Asked {
    uint64_t serial = 0;
    CommandKind kind = CommandKind::kCreate;
    Existence existence = Existence::kEither;
    std::optional<Version> if_match;
    // Of a definition that may not name an instant long past (C-17): that instant, and between
    // which ones the clock has been since.
    std::optional<Instant> not_in_past{};
    Instant earliest{};
    Instant latest{};
    std::optional<CommandOutcome> outcome{};
    RunKey run{};  // kRedrive, kCancel, kComplete, kDiscard
    std::optional<KeyCheck::Use> key{};
    bool says_done = false;  // kComplete
  };
  struct SeenRun {
    RunKey run;
    uint32_t attempt = 0;
  };
  struct Id {
    std::string id;
    TaskKey key;
    uint32_t shard = 0;
    Base base;
    std::deque<Asked> asked;
    uint64_t changes = 0;      // grows with every command asked
    std::deque<SeenRun> runs;  // at targets, lately
    std::set<RunKey> canceled;
    std::set<RunKey> done;                    // as was reported
    std::map<int64_t, std::string> payloads;  // asked for with manual runs, by their nonces
  };
  struct Part {  // of a request
    TaskKey key;
    uint64_t serial = 0;
  };
  struct Open {
    uint32_t shard = 0;
    std::vector<Part> parts;      // of commands
    std::optional<TaskKey> read;  // of a query
    uint64_t changes_before = 0;
  };

  Id& id_of(TaskKey key);
  Id& any_id(Instant now);
  Command command_for(Id& id, Instant now);
  void ask(Id& id, const Command& command, Instant now);
  void give_key(Command& command, Instant now);
  std::optional<Request> again(Instant now);
  std::unique_ptr<TaskSpec> new_spec(const Id& id, Instant now);
  std::string draw_url();
  void draw_schedule(TaskSpec& spec, Instant now);
  void draw_delivery(TaskSpec& spec);
  void draw_retry(RetryPolicy& retry);
  void draw_limits(ScheduleSpec& schedule, Instant now);
  void draw_policies(TaskSpec& spec);
  void draw_notices(TaskSpec& spec);
  Instant one_time_instant(Instant now);
  Duration interval();
  CommandKind kind_for(const Id& id);
  void draw_run(Command& command);
  void check_payload(const Id& id, const AttemptStart& attempt);
  void draw_report(Command& command, const Id& id);
  void draw_run_command(Command& command, const Id& id, Instant now);
  Request read(Id& id);
  Request commands(uint32_t shard, std::vector<Command> list);
  RequestToken new_token(uint32_t shard);

  void read_answered(const Open& open, const Result<QueryAnswer>& answer, Instant now);
  void settle(Id& id, Instant now);
  bool is_of_its_own(const Asked& asked);
  void check_outcome(const Id& id, const Asked& asked, Instant now);
  void check_refusal(const Id& id, const Asked& asked, Instant now);
  void adopt(Id& id, const Asked& asked);
  static bool paused(const Base& base, Instant now);
  static bool is_right(const Base& base, const Asked& asked, Instant now);
  [[nodiscard]] bool may_have_gone(const Id& id) const {
    return id.base.exists && fates_->completed(id.key, id.base.version);
  }

  const Features& features_;
  const Fates* fates_ = nullptr;
  AuditCheck* audit_ = nullptr;
  const QuotaCheck* quotas_ = nullptr;
  Trace& trace_;
  Random random_;
  std::map<TaskKey, Id> ids_;
  std::vector<TaskKey> order_;  // of their making
  std::map<uint32_t, Open> requests_;
  std::set<std::pair<uint32_t, uint64_t>> versions_;  // given out, by shard
  uint32_t next_slot_ = 1;
  uint64_t serial_ = 0;
  size_t acknowledged_ = 0;
  KeyCheck keys_;
  Instant latest_;
  std::optional<Instant> crowd_;  // an instant that many one-time tasks share
};

}  // namespace hourwheel
