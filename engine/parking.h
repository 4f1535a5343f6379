// Which due tasks were given up from memory because they may not start now, and from where in the
// due index they are read again. A task costs nothing here: only ranges of the index are kept, one
// for each reason.
//
//   P1  The place in the index of every task given up lies in its reason's range, in one that was
//       released, or in the one being read, ahead of where that reading stands.
//   P2  A range being read is read to its end, or its rest is given back to the reasons it is read
//       for. So no task is forgotten.
//   P3  A range is read only when its reason is gone: the pause is over, memory has room, or the
//       destination's line has drained to half its bound. So a dead target causes no more readings
//       than its line drains by half.
// Cost: one reading of a line's range stops when the line is full again, so each run costs a read
// or two, and as many looks as other parked tasks lie between (each of which is fetched to see
// where it goes): with k lines parked, about k. A reading for a pause goes through its whole range.
// Memory: a range a reason; there are at most kMaxPausesInForce pauses, and about
// kMaxTasksInMemory / (kMaxLine / 2) lines that are longer than half.
// Thread: the shard's own.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/message.h"
#include "engine/url.h"

namespace hourwheel {

struct ParkReason {
  enum class Kind : uint8_t { kPause, kLine, kMemory };
  Kind kind = Kind::kPause;
  uint64_t value = 0;  // the pause's id; the destination
  friend constexpr auto operator<=>(const ParkReason&, const ParkReason&) = default;

  static ParkReason pause(uint64_t id) { return {Kind::kPause, id}; }
  static ParkReason line(Destination destination) { return {Kind::kLine, destination.value}; }
  // There was no room for it; the backlog is only read while there is.
  static ParkReason memory() { return {Kind::kMemory, 0}; }
};

class Parking {
 public:
  struct Range {
    IndexPlace from;
    Instant last;  // the latest wake in it
  };

  // A task is given up whose stored wake has this place in the due index and is not after `last`.
  void park(ParkReason reason, IndexPlace place, Instant last);
  // Those for which tasks are parked.
  [[nodiscard]] const std::map<ParkReason, Range>& parked() const { return parked_; }
  // The reason is gone: its range is to be read. Requires: something is parked for it.
  void release(ParkReason reason);

  // Takes all that is released as the range to read. Requires: none is being read.
  std::optional<Range> begin_reading();
  // What the range being read is read for; none: no range of ours is being read.
  [[nodiscard]] const std::vector<ParkReason>& reading_for() const { return reading_for_; }
  // It was read to its end.
  void end_reading();
  // It was read up to `rest`, and is left there (P2).
  void leave_reading(IndexPlace rest);

  // Those of all that is parked or released; not what is being read.
  [[nodiscard]] std::vector<Range> ranges() const {
    std::vector<Range> all;
    for (const auto& [reason, range] : parked_) all.push_back(range);
    for (const auto& [reason, range] : released_) all.push_back(range);
    return all;
  }

  // Some task that is parked may wake as early as that.
  [[nodiscard]] bool may_hold(Instant wake) const;

 private:
  static void widen(Range& range, const Range& by);

  std::map<ParkReason, Range> parked_;
  std::map<ParkReason, Range> released_;
  std::vector<ParkReason> reading_for_;
  Range reading_;
};

}  // namespace hourwheel
