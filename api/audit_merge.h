// Merges the audit logs of all shards and of the system file into one, newest first. A lane holds
// what has come of one file and is not taken yet; the last lane is the system file's.
//
//   AM1  An entry is taken only while every lane either holds one or is at its end, so that what is
//        taken later is not newer (as far as the files' own orders go).
//   AM2  positions() names exactly what was taken.
// Cost: O(lanes) an entry. Thread: any, one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/message.h"

namespace hourwheel {

class AuditMerge {
 public:
  explicit AuditMerge(size_t lanes) : lanes_(lanes) {}

  // From positions() of an earlier merge with as many lanes.
  void go_on_from(const std::vector<uint64_t>& positions);
  [[nodiscard]] std::vector<uint64_t> positions() const;
  // Nothing of this lane can match.
  void leave_out(size_t lane) { lanes_[lane].position = kAtEnd; }

  [[nodiscard]] size_t lanes() const { return lanes_.size(); }
  // It holds nothing and is not at its end: ask for what comes before before(lane).
  [[nodiscard]] bool is_dry(size_t lane) const;
  [[nodiscard]] bool any_dry() const;
  [[nodiscard]] uint64_t before(size_t lane) const { return lanes_[lane].position; }
  void fill(size_t lane, AuditPage page);
  [[nodiscard]] bool at_end() const;

  struct Taken {
    AuditEntry entry;
    size_t lane = 0;
    uint64_t position = 0;
  };
  // Requires: !any_dry() && !at_end().
  Taken take();

 private:
  static constexpr uint64_t kAtEnd = 1;  // a position before which nothing lies
  struct Lane {
    AuditPage page;
    size_t taken = 0;
    uint64_t position = 0;  // where it goes on
    [[nodiscard]] bool holds() const { return taken < page.entries.size(); }
  };
  static void drain(Lane& lane);

  std::vector<Lane> lanes_;
};

}  // namespace hourwheel
