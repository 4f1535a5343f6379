// Global pauses in a simulated server: the desk that makes them, the file they are kept in, clients
// that begin and end them, and what was promised about each.
//
//   C-1  a pause that was acknowledged is in the file after a crash, and so is its end
//   S7   no attempt of a selected task starts after the acknowledgement of a pause
//   C-15 what slept through a pause and is skipped is skipped as `paused`, not as a misfire
// Thread: one world's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/system_desk.h"
#include "tests/sim/features.h"
#include "tests/sim/ledger.h"
#include "tests/sim/trace.h"
#include "tests/support/plain_sealer.h"

namespace hourwheel {

class SimPauses : public Ledger::Watcher,
                  private PauseFile,
                  private KeyFile,
                  private SecretFile,
                  private AuditFile,
                  private ReplyDoor {
 public:
  SimPauses(const Features& features, Trace& trace, uint64_t seed)
      : features_(features), trace_(trace), random_(seed) {}

  // --- lives ---
  // The table that every shard begins with.
  PauseTable boot(size_t shards, Instant now);
  void crashed();

  // --- what clients ask, and what comes of it ---
  void ask(Instant now);
  void end_all();
  // The table to tell every shard now, if there is one.
  std::optional<PauseTable> turn(Instant now);
  void confirmed(size_t shard, uint64_t version) { desk_->confirmed(shard, version, *this); }
  [[nodiscard]] size_t unanswered() const { return asked_.size(); }

  // --- what was promised ---
  void attempt_starts(const std::vector<NamedText>& labels, Instant now);
  // The clock is about to be set.
  void saw(Instant now) { latest_ = std::max(latest_, now); }
  void skipped(const TaskSpec& spec, const RunRecord& record) override;
  // Some pause that is or may be in force holds this task.
  [[nodiscard]] bool may_hold(const std::vector<NamedText>& labels, Instant now) const;

  [[nodiscard]] size_t begun() const { return begun_; }

 private:
  struct Known {  // a pause that was acknowledged
    GlobalPause pause;
    Instant acknowledged;
  };
  Status put(const GlobalPause& pause, const AuditEntry* told) override;
  Status remove(uint64_t id) override;
  // Nobody makes keys or secrets here, or reads the log.
  Status put(const ApiKey& /*key*/, const AuditEntry* /*told*/) override { return {}; }
  Status remove_key(const std::string& /*id*/, const AuditEntry& /*told*/) override { return {}; }
  Status put(const StoredSecret& /*secret*/, const AuditEntry* /*told*/) override { return {}; }
  Status remove_secret(const std::string& /*name*/, const AuditEntry& /*told*/) override {
    return {};
  }
  Status keep(const AuditEntry& /*entry*/) override { return {}; }
  Result<AuditPage> list(const ListAudit& /*query*/) override { return AuditPage{}; }
  Result<AuditVerdict> verify(const VerifyAudit& /*query*/) override { return AuditVerdict{}; }
  void reply(Reply reply) override;
  void ask(PauseAction action, GlobalPause pause);
  [[nodiscard]] const GlobalPause* in_file(uint64_t id) const;

  const Features& features_;
  PlainSealer sealer_;
  Trace& trace_;
  Random random_;
  StoredPauses file_;
  std::unique_ptr<SystemDesk> desk_;
  std::map<uint32_t, PauseAction> asked_;
  std::map<uint64_t, Known> known_;
  Instant now_;
  Instant latest_;  // that the clock ever showed: by then it may have been called a misfire
  uint32_t next_slot_ = 1;
  size_t begun_ = 0;
};

// One of the labels tasks of a simulated world carry, and pauses select.
std::vector<NamedText> draw_labels(Random& random);

}  // namespace hourwheel
