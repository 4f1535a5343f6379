// Who may send next: keeps due runs in line per destination, so that a slow or dead target delays
// only its own runs (C-24), and takes turns between destinations.
//
//   A1  Attempts in flight never exceed kMaxRunsInFlight, nor kMaxRunsPerDestination for one
//       destination, nor kMaxRunsUnprovenDestination for one without a recent success (but for the
//       probe of its breaker), nor kMaxRunsUnproven for all of those together. limit() makes the
//       second and third smaller.
//   A2  Each waiting entry comes out once, in the order of arrival within its destination and its
//       standing. What the time before this life left behind lets fresh ones pass (C-11), but for
//       one in kBacklogShare: a destination that never comes to rest gets to it as well.
//   A3  However many destinations hang, the next one finds room: a destination may only have as
//       many attempts in flight as its kind has places free (an eighth of them without a recent
//       success), so the more there are, the fewer each gets; and when all places are taken, the
//       next that becomes free goes to one that has none.
//   A4  Nothing starts against a destination's breaker (engine/breaker.h). What waits for one that
//       is open holds no place, and comes out of its own when next_wake() has come.
// What waits here is a task's handle: a line may be as long as memory holds tasks.
// Cost: O(1) each; longest_tripped() O(what it tells). Thread: the shard's own.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/slab.h"
#include "engine/base/time.h"
#include "engine/breaker.h"
#include "engine/limits.h"
#include "engine/url.h"

namespace hourwheel {

class Admission {
 public:
  enum class Standing : uint8_t { kFresh, kLeftBehind };

  // Of one destination: with and without a recent success. Requires: neither is 0.
  void limit(uint32_t most, uint32_t most_unproven);

  // So many failures in a row open a destination's breaker; 0: none has one.
  void break_after(uint32_t failures) { breaker_failures_ = failures; }

  // Puts a task in its destination's line.
  void wait(Destination destination, SlabHandle task, Standing standing);

  struct Admitted {
    Destination destination;
    SlabHandle task;
  };
  // The next task that may start, taking turns between destinations; it leaves its line, and the
  // caller either starts it (started) or not.
  std::optional<Admitted> next(Monotonic now);
  void started(Destination destination, Monotonic now);
  struct End {
    bool succeeded = false;
    Sign sign = Sign::kNone;
    std::optional<Duration> retry_after{};
    std::optional<Monotonic> started{};  // when it was sent, if it was
    std::string_view url{};              // where to; empty: that is not known any more
  };
  // True: the destination's breaker has opened.
  bool ended(Destination destination, Monotonic now, const End& end);
  // When next() has to look again at what waits for an open breaker.
  [[nodiscard]] std::optional<Monotonic> next_wake() const {
    return asleep_.empty() ? std::nullopt : std::optional(asleep_.begin()->first);
  }
  // Until then nothing may be sent there, whatever was admitted before (A4); none: it may.
  [[nodiscard]] std::optional<Monotonic> open_until(Destination destination, Monotonic now) const;
  // Destinations whose breaker is open or half-open, but for those that nothing has been sent to
  // for kBreakerToldFor: as of the last next().
  [[nodiscard]] size_t tripped() const { return tripped_.size(); }
  // What is told of one of them.
  struct Tripped {
    std::string destination;  // scheme, host and port, as a URL has them
    Monotonic opened;
    Monotonic open_until;   // half-open from then on
    uint32_t failures = 0;  // in a row
  };
  // Those that opened first, but for those of which no URL was known when they failed.
  [[nodiscard]] std::vector<Tripped> longest_tripped(size_t most) const;

  [[nodiscard]] size_t waiting() const { return waiting_; }
  [[nodiscard]] size_t waiting_for(Destination destination) const;
  // Those in lines that move: not behind a destination that is full and had no recent success.
  [[nodiscard]] size_t waiting_to_move() const { return waiting_ - clogged_; }
  // How many more attempts it may have in flight now, as far as the others go.
  [[nodiscard]] uint32_t room_for(Destination destination, Monotonic now) const;
  [[nodiscard]] bool is_proven(Destination destination, Monotonic now) const;
  [[nodiscard]] uint32_t in_flight() const { return in_flight_; }
  // Destinations of which something is known.
  [[nodiscard]] size_t known() const { return lines_.size(); }

 private:
  struct Line {
    std::deque<SlabHandle> fresh;
    std::deque<SlabHandle> left_behind;
    uint32_t turns = 0;  // with something left behind and fresh ones
    uint32_t in_flight = 0;
    uint32_t unproven = 0;  // of those: started without a recent success, and none came since
    Monotonic proven_until{INT64_MIN};
    Breaker breaker;
    bool in_turns = false;  // has an entry in turns_, in starved_ or in asleep_
    bool clogged = false;   // was full at its last turn, without a recent success

    SlabHandle take_first();  // requires: somebody waits
    [[nodiscard]] size_t waiting() const { return fresh.size() + left_behind.size(); }
  };
  struct ByValue {
    size_t operator()(Destination d) const { return d.value; }
  };

  using ByTime = std::pair<Monotonic, uint64_t>;  // the destination
  struct Told {
    std::string name;  // empty: not known yet
    Monotonic open_until;
  };

  [[nodiscard]] uint32_t room_of(const Line& line, Monotonic now) const;
  void note_tripped(Destination destination, const Breaker& breaker, std::string_view url);
  void forget_tripped(ByTime opened);
  void forget_quiet(Monotonic now);
  void enqueue_turn(Destination destination, Line& line);
  void set_aside(Destination destination, Line& line, Monotonic now);
  void wake(Monotonic now);
  void set_clogged(Line& line, bool clogged);
  void forget_unproven(Line& line, uint32_t count);
  void forget_idle(Destination destination);

  std::unordered_map<Destination, Line, ByValue> lines_;  // never iterated
  std::deque<Destination> turns_;  // destinations with somebody waiting and perhaps room
  // Those without an attempt in flight that found all places for their kind taken: no end of their
  // own will bring them back, so each end of another's does so for one of them.
  std::deque<Destination> starved_;
  // Those with somebody waiting and an open breaker, by when it was to be open until.
  std::multimap<Monotonic, Destination> asleep_;
  std::optional<Destination> came_out_;  // last; of one that did not start the line may be over
  uint32_t breaker_failures_ = 0;
  // Those whose breaker is open or half-open, by when it opened; the same by until when.
  std::map<ByTime, Told> tripped_;
  std::set<ByTime> tripped_until_;
  uint32_t most_ = kMaxRunsPerDestination;
  uint32_t most_unproven_ = kMaxRunsUnprovenDestination;
  size_t waiting_ = 0;
  size_t clogged_ = 0;  // of those: in lines that are clogged
  uint32_t in_flight_ = 0;
  uint32_t unproven_ = 0;  // of those: sum of the lines'
};

}  // namespace hourwheel
