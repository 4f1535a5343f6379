// How long clients wait for answers.
//
//   AT  No request waits longer than kLongestWait. What counts is the time in which its shard could
//       have gone on: not what its store spent with work, not while the server was stopped, and not
//       how late its loop was. Waiting for space excuses nobody (C-21): what cannot be stored is
//       refused.
// A crash ends all waiting. kLongestWait is more than the longest piece of work, which may be under
// way when a request comes.
// Cost: O(log n) a request, O(1) a look. Thread: one world's.
#pragma once

#include <cstdint>
#include <map>

#include "engine/base/time.h"
#include "tests/sim/trace.h"

namespace hourwheel {

class AnswerTimes {
 public:
  static constexpr Duration kLongestWait = seconds(10);

  explicit AnswerTimes(Trace& trace) : trace_(trace) {}

  // `clock`: of the shard, with the time that counts.
  void asked(uint32_t request, uint32_t shard, Duration clock) {
    waiting_[request] = {shard, clock};
  }
  void answered(uint32_t request) { waiting_.erase(request); }
  void crashed() { waiting_.clear(); }

  // Looks at the oldest; those behind it have their turn when it is answered. clock_of(shard).
  template <class ClockOf>
  void look(ClockOf&& clock_of) {
    if (waiting_.empty()) return;
    const auto& [request, since] = *waiting_.begin();
    const Duration waited = clock_of(since.shard) - since.clock;
    if (waited <= kLongestWait) return;
    trace_.fail("AT request %u has waited for %lld ms and has no answer", request,
                static_cast<long long>(waited.ms));
  }

 private:
  struct Since {
    uint32_t shard = 0;
    Duration clock;
  };
  Trace& trace_;
  std::map<uint32_t, Since> waiting_;  // requests are numbered as they are asked
};

}  // namespace hourwheel
