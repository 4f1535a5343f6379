// How far the shard has read ahead in the due index. Tasks that wake before the horizon H are known
// in memory, if only by an entry of the wheel (dormant.h N7), or will be by a scan already asked
// for; all others wait on disk.
//
//   N1  Asking for a range moves H to its end at once; so whatever becomes durable from then on
//       with an earlier wake must be kept in memory by its commit (or given up as N5 says), and
//       whatever was durable is found by the scan. What both see is one, by its key.
//   N2  H goes ahead in small steps in order of time, and stands still while memory is full: due
//       tasks beyond it stay in the index, oldest first. That is the whole backlog handling.
//   N3  There are two ranges: what lies ahead is read first, the backlog is read beside it, a page
//       at a time, while there is room to spare. At start the backlog is the whole past.
//   N4  H only moves back when no page ahead is under way, and nothing before its new place is left
//       to be read; what is then in memory beyond H may stay there (the scan that comes to it again
//       finds it known, N1), or is given up like anything that wakes beyond H.
//   N5  What is below H and may not start is given up from memory only when it is durable, with its
//       place in the index noted (engine/parking.h); later backlogs are the ranges noted.
//   N6  When the backlog has waited for room as long as a step, H takes the next one kBacklogTurn
//       after time has come to it: by then what was in memory has fired and wakes beyond H, so the
//       backlog finds room, however much is due all the time. That is what such a step costs those
//       that are due behind it; a backlog that is being read costs them nothing.
// Thread: the shard's own.
#pragma once

#include <optional>
#include <vector>

#include "engine/limits.h"
#include "engine/message.h"

namespace hourwheel {

class Horizon {
 public:
  // Everything before `start` is the backlog of the time before this life.
  explicit Horizon(Instant start)
      : position_(start), backlog_(whole_past(start)), backlog_had_room_(start) {}

  [[nodiscard]] Instant position() const { return position_; }
  // How far ahead of now H runs. What is due soon leaves room for the backlog, else a steady stream
  // of new tasks would keep it from ever being read.
  void reach(Duration ahead) { reach_ = ahead; }
  [[nodiscard]] bool covers(Instant wake) const { return wake < position_; }
  [[nodiscard]] bool backlog_read() const { return !backlog_ && !backlog_asked_; }
  [[nodiscard]] bool backlog_asked() const { return backlog_asked_; }
  // What of the ranges below the horizon has not come yet.
  [[nodiscard]] std::vector<ScanRequest> reading() const {
    std::vector<ScanRequest> ranges;
    if (ahead_) ranges.push_back(*ahead_);
    if (backlog_) ranges.push_back(*backlog_);
    return ranges;
  }
  // Everything below the horizon has been read.
  [[nodiscard]] bool all_read() const { return backlog_read() && !ahead_ && !ahead_asked_; }

  enum class Room { kNone, kSome, kPlenty };
  // When the horizon wants to be moved; none: while a range ahead is being read. Room for the
  // backlog may let it move sooner.
  [[nodiscard]] std::optional<Instant> next_wake() const;
  // The next range to ask the store for, if any: one at a time for each of the two.
  std::optional<ScanRequest> next(Instant now, Room room);
  // H returns to that far ahead of now, so that memory need not hold what lies beyond (N4): the
  // clock was set back, or memory is full. False: H stays, as N4 does not allow it, or it is near
  // there.
  bool pull_back(Instant now, Duration ahead);
  // A page has arrived.
  void arrived(const Scanned& page);

  // The next backlog: from this place on, everything that wakes before `to`. Requires:
  // backlog_read().
  void read_again(IndexPlace from, Instant to);
  // Gives up the rest of the backlog; where it begins. Requires: there is one and no page of it is
  // under way.
  IndexPlace leave_backlog();

 private:
  static ScanRequest whole_past(Instant start);
  bool stands_still(Instant now, Room room);

  Instant position_;  // H
  Duration reach_ = kHorizonAhead;
  std::optional<ScanRequest> ahead_;     // the rest of the range below H that is being read
  std::optional<ScanRequest> backlog_;   // the rest of the past
  Instant backlog_had_room_;             // ... last; N6
  std::optional<Instant> stands_until_;  // N6
  bool ahead_asked_ = false;
  bool backlog_asked_ = false;
};

}  // namespace hourwheel
