// The time-outs of one reactor's attempts and idle connections: one deadline per slot, the earliest
// on top. A plain heap that knows where each slot is, so that a deadline that is met in time leaves
// no trace (a timing wheel with lazy cancel would hold 30 s worth of them).
//
// Cost: set and clear O(log n), no allocation once it has grown. Thread: the owner's.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace hourwheel {

class DeadlineHeap {
 public:
  // Sets or moves the slot's deadline.
  void set(uint32_t slot, Monotonic at) {
    if (slot >= positions_.size()) positions_.resize(slot + 1, kNowhere);
    if (positions_[slot] == kNowhere) {
      positions_[slot] = heap_.size();
      heap_.push_back({at, slot});
    } else {
      heap_[positions_[slot]].at = at;
    }
    settle(positions_[slot]);
  }
  void clear(uint32_t slot) {
    if (slot >= positions_.size() || positions_[slot] == kNowhere) return;
    size_t hole = std::exchange(positions_[slot], kNowhere);
    Entry last = heap_.back();
    heap_.pop_back();
    if (hole == heap_.size()) return;
    heap_[hole] = last;
    positions_[last.slot] = hole;
    settle(hole);
  }
  [[nodiscard]] std::optional<Monotonic> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_[0].at);
  }
  // The slot of the earliest deadline. Requires: next() is not nullopt.
  [[nodiscard]] uint32_t first() const { return heap_[0].slot; }
  [[nodiscard]] size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    Monotonic at;
    uint32_t slot;
  };
  static constexpr size_t kNowhere = SIZE_MAX;

  void exchange(size_t a, size_t b) {
    std::swap(heap_[a], heap_[b]);
    positions_[heap_[a].slot] = a;
    positions_[heap_[b].slot] = b;
  }
  // Moves the entry up or down to where it belongs.
  void settle(size_t i) {
    while (i > 0 && heap_[i].at < heap_[(i - 1) / 2].at) {
      exchange(i, (i - 1) / 2);
      i = (i - 1) / 2;
    }
    while (true) {
      size_t least = i;
      for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap_.size(); ++child) {
        if (heap_[child].at < heap_[least].at) least = child;
      }
      if (least == i) return;
      exchange(i, least);
      i = least;
    }
  }

  std::vector<Entry> heap_;
  std::vector<size_t> positions_;  // by slot
};

}  // namespace hourwheel
