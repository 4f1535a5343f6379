#include "engine/horizon.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

ScanRequest Horizon::whole_past(Instant start) {
  ScanRequest range;
  range.from = Instant{INT64_MIN / 2};
  range.to = start;
  range.part = ScanPart::kBacklog;
  return range;
}

std::optional<ScanRequest> Horizon::next(Instant now, Room room) {
  if (room == Room::kNone) return std::nullopt;
  if (!ahead_asked_) {
    if (!ahead_ && position_ <= now + reach_ && !stands_still(now, room)) {
      stands_until_.reset();
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
    backlog_had_room_ = now;
    return backlog_;
  }
  return std::nullopt;
}

// N6. Requires: H would take a step.
bool Horizon::stands_still(Instant now, Room room) {
  if (backlog_read()) return false;
  backlog_had_room_ = std::min(backlog_had_room_, now);  // the clock was set back
  const bool waits =
      !backlog_asked_ && room != Room::kPlenty && now >= backlog_had_room_ + kHorizonStep;
  if (waits && !stands_until_) stands_until_ = std::max(now, position_) + kBacklogTurn;
  return stands_until_ && now < *stands_until_;
}

std::optional<Instant> Horizon::next_wake() const {
  if (ahead_ || ahead_asked_) return std::nullopt;
  if (stands_until_) return stands_until_;
  return position_ - reach_;
}

bool Horizon::pull_back(Instant now, Duration ahead) {
  const Instant there = now + ahead;
  if (position_ <= there + kHorizonStep || ahead_asked_) return false;
  if (ahead_ && ahead_->from < there) return false;
  ahead_.reset();
  stands_until_.reset();
  position_ = there;
  return true;
}

void Horizon::arrived(const Scanned& page) {
  if (page.asked.part == ScanPart::kBacklog) {
    HW_CHECK(backlog_asked_, "N3 a page of the backlog was asked for");
    backlog_asked_ = false;
    backlog_ = page.next;
    return;
  }
  HW_CHECK(ahead_asked_ && page.asked.to == position_, "N1 one range is read at a time");
  ahead_asked_ = false;
  ahead_ = page.next;
}

void Horizon::read_again(IndexPlace from, Instant to) {
  HW_CHECK(backlog_read(), "N3 one backlog is read at a time");
  ScanRequest range;
  range.from = Instant{from.slice * (int64_t{1} << kSliceBits)};
  range.to = to;
  range.after_slice = from.slice;
  range.after_task = {from.number.value - 1};
  range.part = ScanPart::kBacklog;
  backlog_ = range;
}

IndexPlace Horizon::leave_backlog() {
  HW_CHECK(backlog_ && !backlog_asked_, "N3 no page of what is left is under way");
  IndexPlace rest{backlog_->after_slice, {backlog_->after_task.value + 1}};
  backlog_.reset();
  return rest;
}

}  // namespace hourwheel
