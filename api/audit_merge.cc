#include "api/audit_merge.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace hourwheel {

void AuditMerge::go_on_from(const std::vector<uint64_t>& positions) {
  HW_CHECK(positions.size() == lanes_.size(), "a position for each lane");
  for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].position = positions[i];
}

std::vector<uint64_t> AuditMerge::positions() const {
  std::vector<uint64_t> positions;
  for (const Lane& lane : lanes_) positions.push_back(lane.position);
  return positions;
}

bool AuditMerge::is_dry(size_t lane) const {
  return !lanes_[lane].holds() && lanes_[lane].position != kAtEnd;
}

bool AuditMerge::any_dry() const {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (is_dry(i)) return true;
  }
  return false;
}

// What the filter passed over behind the last entry is passed over for good.
void AuditMerge::drain(Lane& lane) {
  if (!lane.holds()) lane.position = lane.page.next == 0 ? kAtEnd : lane.page.next;
}

void AuditMerge::fill(size_t lane, AuditPage page) {
  HW_CHECK(is_dry(lane), "AM1 a lane is filled when it is dry");
  lanes_[lane].page = std::move(page);
  lanes_[lane].taken = 0;
  drain(lanes_[lane]);
}

bool AuditMerge::at_end() const {
  return std::all_of(lanes_.begin(), lanes_.end(),
                     [](const Lane& lane) { return !lane.holds() && lane.position == kAtEnd; });
}

AuditMerge::Taken AuditMerge::take() {
  HW_CHECK(!any_dry() && !at_end(), "AM1 the newest of all is known");
  Lane* newest = nullptr;
  for (Lane& lane : lanes_) {
    if (!lane.holds()) continue;
    if (newest == nullptr ||
        lane.page.entries[lane.taken].at > newest->page.entries[newest->taken].at) {
      newest = &lane;
    }
  }
  Taken taken{std::move(newest->page.entries[newest->taken]),
              static_cast<size_t>(newest - lanes_.data()), newest->page.positions[newest->taken]};
  newest->position = taken.position;
  ++newest->taken;
  drain(*newest);
  return taken;
}

}  // namespace hourwheel
