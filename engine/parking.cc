#include "engine/parking.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {

void Parking::widen(Range& range, const Range& by) {
  range.from = std::min(range.from, by.from);
  range.last = std::max(range.last, by.last);
}

void Parking::park(ParkReason reason, IndexPlace place, Instant last) {
  const Range range{place, last};
  auto [entry, is_new] = parked_.try_emplace(reason, range);
  if (!is_new) widen(entry->second, range);
}

void Parking::release(ParkReason reason) {
  auto entry = parked_.find(reason);
  HW_CHECK(entry != parked_.end(), "P3 what is released was parked");
  auto [place, is_new] = released_.try_emplace(reason, entry->second);
  if (!is_new) widen(place->second, entry->second);
  parked_.erase(entry);
}

std::optional<Parking::Range> Parking::begin_reading() {
  HW_CHECK(reading_for_.empty(), "P2 one range is read at a time");
  if (released_.empty()) return std::nullopt;
  reading_ = released_.begin()->second;
  for (const auto& [reason, range] : released_) {
    widen(reading_, range);
    reading_for_.push_back(reason);
  }
  released_.clear();
  return reading_;
}

void Parking::end_reading() {
  reading_for_.clear();
}

void Parking::leave_reading(IndexPlace rest) {
  for (ParkReason reason : reading_for_) park(reason, rest, reading_.last);
  reading_for_.clear();
}

bool Parking::may_hold(Instant wake) const {
  const int64_t slice = wake.ms >> kSliceBits;
  auto begins_before = [slice](const auto& entry) { return entry.second.from.slice <= slice; };
  return std::any_of(parked_.begin(), parked_.end(), begins_before) ||
         std::any_of(released_.begin(), released_.end(), begins_before) ||
         (!reading_for_.empty() && reading_.from.slice <= slice);
}

}  // namespace hourwheel
