// The circuit breaker of one destination: after so many failures in a row nothing is sent to it for
// a while, then one attempt at a time asks whether it is well again (C-24).
//
//   closed --(failures in a row)--> open --(the pause is over)--> half-open: one probe
//   half-open --(failed)--> open, for twice as long;  half-open --(answered)--> closed, with a ramp
//
//   BR1  While it is open nothing may start, and it is open at most kBreakerLongestPause, or
//        kBreakerLongestAsked if the target asked for that (Retry-After).
//   BR2  Of each time that it is half-open one attempt may start, until something ends.
//   BR3  After it has closed, as many of those started since may be in flight as were answered
//        since, and one; from kBreakerRampEnd on it is forgotten that it ever was open, the length
//        of its pause as well.
//   BR4  What was sent before the end of the last pause and fails after it is no news: it opens
//        nothing, and is not taken for the probe's end. So a target that is well again need not
//        wait until all that hung have timed out. An answer is news whenever it comes.
// What ends while it is open changes nothing, but that a target may ask for longer.
// Pure. Cost: O(1). Thread: the shard's own.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/limits.h"
#include "engine/run.h"

namespace hourwheel {

// What the end of an attempt tells of its destination.
enum class Sign : uint8_t {
  kNone,      // nothing: it was not sent, or cut off
  kAnswered,  // also with a 500: that is the target's own affair
  kFailed,    // no answer, or 429, 502, 503, 504: it, or what stands before it, cannot take more
};
Sign sign_of(const AttemptOutcome& outcome);

class Breaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };

  [[nodiscard]] State state(Monotonic now) const;
  // Open or half-open.
  [[nodiscard]] bool is_tripped() const { return tripped_; }
  // Until when it is open. Requires: is_tripped().
  [[nodiscard]] Monotonic open_until() const { return until_; }
  // When it opened, after it had been closed. Requires: is_tripped().
  [[nodiscard]] Monotonic opened() const { return opened_; }
  // Without what changed nothing.
  [[nodiscard]] uint32_t failures_in_row() const { return in_row_; }
  // How many more attempts may start.
  [[nodiscard]] uint32_t room(Monotonic now) const;

  void started(Monotonic now);
  // What was admitted is over. A `started` that is not known: it was never sent.
  struct End {
    Sign sign = Sign::kNone;
    std::optional<Duration> retry_after{};
    std::optional<Monotonic> started{};
  };
  // `failures` in a row open it; 0: never. True: it has opened.
  bool ended(const End& end, uint32_t failures, Monotonic now);

 private:
  [[nodiscard]] bool is_old(const End& end) const { return end.started && *end.started < until_; }
  void open(std::optional<Duration> retry_after, Monotonic now);
  void answered(Monotonic now);

  Monotonic until_{INT64_MIN};
  Monotonic opened_{INT64_MIN};
  Duration pause_{};     // the last one; 0: none that is remembered
  uint32_t in_row_ = 0;  // failures
  uint32_t ramp_ = 0;    // 0: none
  uint32_t since_ = 0;   // in flight, of those started since it was open last
  bool tripped_ = false;
  bool probing_ = false;
};

}  // namespace hourwheel
