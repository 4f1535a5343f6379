// Merges what several files tell, each newest first, into one list, newest first: the audit logs of
// all shards and of the system file (whose lane is the last one), or the run logs of all shards. A
// lane holds what has come of one file and is not taken yet.
//
//   LM1  An entry is taken only while every lane either holds one or is at its end, so that what is
//        taken later is not newer (as far as the files' own orders go).
//   LM2  positions() names exactly what was taken, so that entries of the same time are neither
//        told twice nor lost where a page ends between them.
// Cost: O(lanes) an entry. Thread: any, one at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/message.h"

namespace hourwheel {

inline Instant told_at(const AuditEntry& entry) {
  return entry.at;
}
inline Instant told_at(const LoggedRun& run) {
  return run.record.recorded;
}

// Page: AuditPage, RecordPage.
template <class Page>
class LaneMerge {
 public:
  using Entry = typename decltype(Page::entries)::value_type;

  explicit LaneMerge(size_t lanes) : lanes_(lanes) {}

  // From positions() of an earlier merge with as many lanes.
  void go_on_from(const std::vector<uint64_t>& positions) {
    HW_CHECK(positions.size() == lanes_.size(), "a position for each lane");
    for (size_t i = 0; i < lanes_.size(); ++i) lanes_[i].position = positions[i];
  }
  [[nodiscard]] std::vector<uint64_t> positions() const {
    std::vector<uint64_t> positions;
    for (const Lane& lane : lanes_) positions.push_back(lane.position);
    return positions;
  }
  // Nothing of this lane can match.
  void leave_out(size_t lane) { lanes_[lane].position = kAtEnd; }

  [[nodiscard]] size_t lanes() const { return lanes_.size(); }
  // It holds nothing and is not at its end: ask for what comes before before(lane).
  [[nodiscard]] bool is_dry(size_t lane) const {
    return !lanes_[lane].holds() && lanes_[lane].position != kAtEnd;
  }
  [[nodiscard]] bool any_dry() const {
    for (size_t i = 0; i < lanes_.size(); ++i) {
      if (is_dry(i)) return true;
    }
    return false;
  }
  [[nodiscard]] uint64_t before(size_t lane) const { return lanes_[lane].position; }
  void fill(size_t lane, Page page) {
    HW_CHECK(is_dry(lane), "LM1 a lane is filled when it is dry");
    lanes_[lane].page = std::move(page);
    lanes_[lane].taken = 0;
    drain(lanes_[lane]);
  }
  [[nodiscard]] bool at_end() const {
    return std::all_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& lane) { return !lane.holds() && lane.position == kAtEnd; });
  }

  struct Taken {
    Entry entry;
    size_t lane = 0;
    uint64_t position = 0;
  };
  // Requires: !any_dry() && !at_end().
  Taken take() {
    HW_CHECK(!any_dry() && !at_end(), "LM1 the newest of all is known");
    Lane* newest = nullptr;
    for (Lane& lane : lanes_) {
      if (!lane.holds()) continue;
      if (newest == nullptr || lane.next_at() > newest->next_at()) newest = &lane;
    }
    Taken taken{std::move(newest->page.entries[newest->taken]),
                static_cast<size_t>(newest - lanes_.data()), newest->page.positions[newest->taken]};
    newest->position = taken.position;
    ++newest->taken;
    drain(*newest);
    return taken;
  }

 private:
  static constexpr uint64_t kAtEnd = 1;  // a position before which nothing lies
  struct Lane {
    Page page;
    size_t taken = 0;
    uint64_t position = 0;  // where it goes on
    [[nodiscard]] bool holds() const { return taken < page.entries.size(); }
    [[nodiscard]] Instant next_at() const { return told_at(page.entries[taken]); }
  };
  // What the filter passed over behind the last entry is passed over for good.
  static void drain(Lane& lane) {
    if (!lane.holds()) lane.position = lane.page.next == 0 ? kAtEnd : lane.page.next;
  }

  std::vector<Lane> lanes_;
};

using AuditMerge = LaneMerge<AuditPage>;

}  // namespace hourwheel
