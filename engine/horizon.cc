#include "engine/horizon.h"

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

ScanRequest Horizon::whole_past(Instant start) {
  ScanRequest range;
  range.from = Instant{INT64_MIN / 2};
  range.to = start;
  return range;
}

std::optional<ScanRequest> Horizon::next(Instant now, Room room) {
  if (room == Room::kNone) return std::nullopt;
  if (!ahead_asked_) {
    if (!ahead_ && position_ <= now + kHorizonAhead) {
      ScanRequest range;
      range.from = position_;
      // Steps end on multiples of their length, so that a slice is cut into the same ranges.
      range.to = Instant{(position_.ms / kHorizonStep.ms + 1) * kHorizonStep.ms};
      // After a long stop of the clock or of memory there is no use in reading empty steps singly.
      if (range.to < now) range.to = now;
      position_ = range.to;  // N1
      ahead_ = range;
    }
    if (ahead_) {
      ahead_asked_ = true;
      return ahead_;
    }
  }
  if (!backlog_asked_ && backlog_ && room == Room::kPlenty) {
    backlog_asked_ = true;
    return backlog_;
  }
  return std::nullopt;
}

std::optional<Instant> Horizon::next_wake() const {
  if (ahead_ || ahead_asked_) return std::nullopt;
  return position_ - kHorizonAhead;
}

void Horizon::pull_back(Instant now) {
  const Instant farthest = now + kHorizonAhead + kHorizonStep * 2;
  if (position_ <= farthest || ahead_ || ahead_asked_) return;
  position_ = now + kHorizonAhead;
}

void Horizon::arrived(const Scanned& page) {
  bool of_backlog = backlog_asked_ && page.asked.to == backlog_->to;
  if (of_backlog) {
    backlog_asked_ = false;
    backlog_ = page.next;
    return;
  }
  HW_CHECK(ahead_asked_ && page.asked.to == position_, "N1 one range is read at a time");
  ahead_asked_ = false;
  ahead_ = page.next;
}

}  // namespace hourwheel
