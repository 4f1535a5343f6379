// One simulated server: the real shards on one thread in virtual time, over simulated stores,
// targets and clients, with crashes and restarts. Everything that happens is drawn from the seed.
//
//   safety    faults are on; every promise is checked at every step
//   liveness  faults stop; everything due must end, every request be answered, all lines be empty,
//             and a drain must come to its end
// Thread: one; worlds are independent of each other.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/shard.h"
#include "tests/sim/answer_times.h"
#include "tests/sim/clients.h"
#include "tests/sim/deliveries.h"
#include "tests/sim/disk.h"
#include "tests/sim/features.h"
#include "tests/sim/ledger.h"
#include "tests/sim/memory_check.h"
#include "tests/sim/quota_check.h"
#include "tests/sim/sim_pauses.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/targets.h"
#include "tests/sim/trace.h"
#include "tests/sim/world_plan.h"

namespace hourwheel {

class World {
 public:
  World(const WorldPlan& plan, Trace& trace) : World(plan, plan.features(), trace) {}
  World(const WorldPlan& plan, const Features& features, Trace& trace);
  ~World();

  // True: every promise was kept.
  bool run();

  // All of one type: they are summed up as an array.
  struct Totals {
    uint64_t steps = 0, lived_ms = 0, acknowledged = 0, sends = 0, repeats = 0, run_records = 0;
    uint64_t pauses = 0, parked = 0, callbacks = 0, drains = 0;
    uint64_t kills = 0, power_cuts = 0;
    uint64_t disk_faults = 0, lost_sectors = 0, target_faults = 0, stalls = 0, clock_faults = 0;
    uint64_t full_disks = 0, failed_reads = 0, unread = 0, memory_looks = 0, full_memories = 0;
    [[nodiscard]] uint64_t crashes() const { return kills + power_cuts; }
    [[nodiscard]] uint64_t faults() const {
      return crashes() + disk_faults + lost_sectors + target_faults + stalls + clock_faults +
             full_disks;
    }
  };
  [[nodiscard]] Totals totals() const;
  // What the first shard commits from now on is kept there, too.
  void record(Recording& recording) { nodes_.front()->recording = &recording; }

 private:
  // What one shard's process holds and what outlives it.
  struct Node : ReplyDoor {
    Node(World& of, uint32_t number);
    void reply(Reply reply) override;

    World& world;
    uint32_t index;
    Ledger ledger;
    CallbackCheck callbacks;
    MemoryCheck memory;
    Deliveries deliveries;
    std::unique_ptr<Disk> disk;
    Recording* recording = nullptr;
    // --- one life ---
    std::unique_ptr<SimStore> store;
    std::unique_ptr<SimTargets> targets;
    std::unique_ptr<Shard> shard;
    struct AskedReport {
      RunKey run;
      uint32_t attempt = 0;
    };
    std::map<uint32_t, std::vector<AskedReport>> reports;  // by the slot of the request
    std::optional<PauseTable> told;                        // on its way
    Instant told_at;
    bool hungry = true;  // has messages or said there is more to do
    Instant turned_at{-1};
    Duration offset;  // of the clocks, at its last turn
  };
  // Everybody who knows something that an attempt may break.
  struct Watchers : SimTargets::Watcher {
    explicit Watchers(World& of) : world(of) {}
    void attempt_starts(const AttemptStart& attempt) override;
    World& world;
  };
  struct Fates : Clients::Fates {
    explicit Fates(const World& of) : world(of) {}
    [[nodiscard]] bool completed(TaskKey key, Version version) const override;
    const World& world;
  };
  enum class Kind : uint8_t { kTurn, kWork, kDeliver, kAttemptEnds, kTell, kClient };
  struct Step {
    Kind kind;
    Node* node;
  };

  void boot();
  void limit(Node& node) const;
  static void heal(Node& node);
  void end_life(Node& node);
  void count_life(const Node& node);
  void crash();
  void drain_and_restart();
  void drain();
  bool step();
  void collect_steps();
  void take(const Step& chosen);
  void pass_time();
  void turn(Node& node);
  void post(Node& node, Message message);
  void ask(Clients::Request request);
  // Of the time that counts for those who wait for an answer.
  [[nodiscard]] Duration clock_of(const Node& node) const;
  void tell_pauses();
  void client_asks();
  // --- faults (world_faults.cc) ---
  void break_something();
  void step_clock();
  void fill_a_disk();
  void make_room();
  void freeze();
  void slew(Duration passed);
  void audit();
  void send(std::vector<Clients::Request> requests);
  void liveness();
  enum class Crowd : uint8_t { kIsDue, kIsPaused };
  [[nodiscard]] Duration patience() const;
  [[nodiscard]] Duration patience_with_breakers() const;
  [[nodiscard]] size_t gone_in_line() const;
  [[nodiscard]] Duration patience_in_a_crowd(const Node& node) const;
  [[nodiscard]] const Ledger::Task* unsettled(Crowd crowd) const;
  [[nodiscard]] bool settled() const {
    return clients_.unanswered() == 0 && pauses_.unanswered() == 0 &&
           unsettled(Crowd::kIsDue) == nullptr;
  }
  void check_replies(const Node& node, const Reply& reply);
  static void note_refused_reports(Node& node, const Reply& reply);
  void crowd_the_horizon();
  enum class Which : uint8_t { kAll, kRunning };
  [[nodiscard]] std::vector<TaskKey> recurring(Which which) const;
  void pass(Duration time);
  void pause_recurring();
  bool rest();
  void check_rest();
  bool run_until_settled();
  [[nodiscard]] Now now() const { return {now_, {(now_ - mono_zero_).ms}}; }

  StoreKind store_kind_;
  Trace& trace_;
  Features features_;
  Random random_;
  Instant now_;
  Instant started_;
  Instant mono_zero_;
  AuditCheck audit_check_;
  QuotaCheck quota_check_;
  std::unique_ptr<TaskQuotas> quotas_;  // of this life
  Clients clients_;
  AnswerTimes answer_times_;
  Duration stopped_;  // and late, so far
  SimPauses pauses_;
  Watchers watchers_{*this};
  Fates fates_{*this};
  SimTeller teller_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Step> steps_;
  Instant client_due_;
  bool clients_on_ = true;
  bool faults_on_ = true;
  bool crash_wanted_ = false;
  std::optional<uint64_t> moments_;    // steps until the crash of a storm
  std::optional<Instant> full_until_;  // a disk is full
  int64_t slewed_ = 0;                 // millionths of a millisecond
  uint32_t asked_ = 0;
  uint32_t burst_ = 0;  // requests still to come at this instant
  Totals totals_;
};

}  // namespace hourwheel
