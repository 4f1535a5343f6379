// The breakers of one shard's destinations a second time, as plainly as possible, from what its
// targets saw and answered.
//
//   A4   while a destination's breaker is open nothing starts there, first attempt or retry
//   BR2  then one probe at a time
//   BR3  then no more at once than were answered since, and one
// That all of them close once the targets are well is for the liveness phase (World::patience).
// A run to be sent at most once is let through when it is claimed, which nobody sees here: such
// ones are not held against A4. Where there are such, or tasks that are let through before they are
// fetched, probes are not counted; and where such meet a server that stands still between two
// messages, nothing is held against anybody.
// Thread: one world's.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports.h"
#include "tests/sim/features.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class BreakerCheck {
 public:
  BreakerCheck(const Features& features, Trace& trace) : features_(features), trace_(trace) {}

  // The shard is about to hear of all that has ended, at this time by its clock.
  void turn_begins(Monotonic now);
  void started(const AttemptStart& attempt);
  // The message about it is on its way.
  void ended(AttemptToken attempt, const AttemptOutcome& outcome);

 private:
  enum class News : uint8_t { kNone, kGood, kBad };
  struct Target {
    uint32_t bad_in_row = 0;
    uint32_t pauses = 0;  // so far, that are remembered
    uint32_t good_since = 0;
    uint32_t in_flight_since = 0;
    bool shut = false;
    bool ramps = false;
    Monotonic until{INT64_MIN};
  };
  struct Flight {
    std::string url;
    Monotonic started;
  };
  struct Ended {
    Flight flight;
    News news = News::kNone;
    Duration asked;
  };
  using Token = std::pair<uint32_t, uint32_t>;
  [[nodiscard]] bool watches() const {
    return features_.breaker_failures > 0 &&
           !(features_.at_most_once && features_.freeze_percent > 0);
  }
  [[nodiscard]] bool counts_probes() const {
    return !features_.at_most_once && !features_.has_little_memory();
  }
  static News news_of(const AttemptOutcome& outcome);
  void hear(const Ended& end);
  void shut(Target& target, Duration asked);
  static void open_again(Target& target);

  const Features& features_;
  Trace& trace_;
  Monotonic now_;
  std::map<std::string, Target> targets_;
  std::map<Token, Flight> in_flight_;
  std::vector<Ended> unheard_;
};

}  // namespace hourwheel
