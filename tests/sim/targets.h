// The targets of one shard's attempts, and the dispatcher before them: each attempt ends once, in a
// way and after a time drawn from the seed.
//
// Thread: one world's.
#pragma once

#include <map>
#include <string>

#include "engine/ports.h"
#include "tests/sim/breaker_check.h"
#include "tests/sim/deliveries.h"
#include "tests/sim/features.h"

namespace hourwheel {

// What the bodies of good answers contain.
inline constexpr std::string_view kSimSuccessBody = "done";

inline std::string sim_target_url(uint32_t number) {
  return "http://target" + std::to_string(number) + ".example/";
}

class SimTargets : public DispatchDoor {
 public:
  SimTargets(const Features& features, Trace& trace, Deliveries& deliveries, uint64_t seed)
      : features_(features),
        trace_(trace),
        deliveries_(deliveries),
        breakers_(features, trace),
        random_(seed) {}

  void start(const AttemptStart& attempt) override;
  void cancel(AttemptToken attempt) override;
  // Sees each start before anybody else: for checks that know the clients.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void attempt_starts(const AttemptStart& attempt) = 0;
  };
  void watch(Watcher& watcher) { watcher_ = &watcher; }

  void turn_begins(Monotonic now) { breakers_.turn_begins(now); }
  [[nodiscard]] bool can_end(Instant now) const {
    return !in_flight_.empty() && in_flight_.begin()->first.first <= now;
  }
  AttemptEnded end(Instant now);
  // The drain's patience is over: what is in flight is cut off.
  AttemptEnded cut_off(Instant now);
  [[nodiscard]] size_t in_flight() const { return in_flight_.size(); }
  [[nodiscard]] std::optional<Instant> next() const;
  void heal() { healed_ = true; }
  [[nodiscard]] uint64_t faults() const { return faults_; }
  void clock_stepped(Duration step);

 private:
  struct InFlight {
    AttemptToken token;
    RunKey run;
    AttemptOutcome outcome;
    bool cut = false;  // the engine gave it up
  };
  [[nodiscard]] bool hangs(const std::string& url) const;
  AttemptOutcome draw(const AttemptStart& attempt);
  AttemptOutcome draw_failure();
  AttemptOutcome draw_refusal(AttemptOutcome outcome);
  void draw_body(const TaskSpec& spec, AttemptOutcome& outcome);
  void draw_deferral(const TaskSpec& spec, AttemptOutcome& outcome);
  AttemptEnded finish(InFlight over, Instant now);

  const Features& features_;
  Trace& trace_;
  Deliveries& deliveries_;
  BreakerCheck breakers_;
  Watcher* watcher_ = nullptr;
  Random random_;
  bool healed_ = false;
  uint64_t count_ = 0;
  uint64_t faults_ = 0;  // attempts that did not end in a 2xx
  std::map<std::pair<Instant, uint64_t>, InFlight> in_flight_;  // by when they end
};

}  // namespace hourwheel
