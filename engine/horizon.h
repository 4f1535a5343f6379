// How far the shard has read ahead in the due index. Tasks that wake before the horizon H are in
// memory (or will be, by a scan already asked for); all others wait on disk.
//
//   N1  Asking for a range moves H to its end at once; so whatever becomes durable from then on
//   with
//       an earlier wake must be kept in memory by its commit, and whatever was durable is found by
//       the scan. What both see is one, by its key.
//   N2  H goes ahead in small steps in order of time, and stands still while memory is full: due
//       tasks beyond it stay in the index, oldest first. That is the whole backlog handling.
//   N3  At start there are two ranges: what lies ahead is read first, what came due while the
//   server
//       was down is read beside it, a page at a time, while there is room to spare.
//   N4  H only moves back when no range ahead is being read; what is then in memory beyond H stays
//       there, and the scan that comes to it again finds it known (N1).
// Thread: the shard's own.
#pragma once

#include <optional>

#include "engine/message.h"

namespace hourwheel {

class Horizon {
 public:
  // Everything before `start` is the backlog of the time before this life.
  explicit Horizon(Instant start) : position_(start), backlog_(whole_past(start)) {}

  [[nodiscard]] Instant position() const { return position_; }
  [[nodiscard]] bool covers(Instant wake) const { return wake < position_; }
  [[nodiscard]] bool backlog_read() const { return !backlog_ && !backlog_asked_; }
  // Everything below the horizon has been read.
  [[nodiscard]] bool all_read() const { return backlog_read() && !ahead_ && !ahead_asked_; }

  enum class Room { kNone, kSome, kPlenty };
  // When the horizon wants to be moved; none: while a range ahead is being read.
  [[nodiscard]] std::optional<Instant> next_wake() const;
  // The next range to ask the store for, if any: one at a time for each of the two.
  std::optional<ScanRequest> next(Instant now, Room room);
  // The clock was set back: H returns with it, so that memory need not hold what lies between (N4).
  // Does nothing while a range ahead is being read, nor when H is where it belongs.
  void pull_back(Instant now);
  // A page has arrived.
  void arrived(const Scanned& page);

 private:
  static ScanRequest whole_past(Instant start);

  Instant position_;                    // H
  std::optional<ScanRequest> ahead_;    // the rest of the range below H that is being read
  std::optional<ScanRequest> backlog_;  // the rest of the past
  bool ahead_asked_ = false;
  bool backlog_asked_ = false;
};

}  // namespace hourwheel
