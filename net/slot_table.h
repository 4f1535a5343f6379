// A table of things named by {slot, generation}: a name given out stays safe after its thing is
// gone, because the slot's generation has moved on. Things never move in memory.
//
// Cost: add, find and remove O(1); memory is kept for the most there ever were at once.
// Thread: the owner's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace hourwheel {

template <class Tag>
struct SlotId {
  uint32_t slot = 0;
  uint32_t generation = 0;  // 0: names nothing
  friend bool operator==(SlotId, SlotId) = default;
  explicit operator bool() const { return generation != 0; }
};

template <class T, class Tag>
class SlotTable {
 public:
  using Id = SlotId<Tag>;

  template <class... Arguments>
  Id add(Arguments&&... arguments) {
    if (free_.empty()) {
      free_.push_back(static_cast<uint32_t>(slots_.size()));
      slots_.push_back(std::make_unique<Slot>());
    }
    uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot]->thing.emplace(std::forward<Arguments>(arguments)...);
    ++size_;
    return {slot, slots_[slot]->generation};
  }
  // nullptr: gone.
  [[nodiscard]] T* find(Id id) {
    if (id.slot >= slots_.size()) return nullptr;
    Slot& slot = *slots_[id.slot];
    return slot.generation == id.generation && slot.thing ? &*slot.thing : nullptr;
  }
  void remove(Id id) {
    if (find(id) == nullptr) return;
    Slot& slot = *slots_[id.slot];
    slot.thing.reset();
    if (++slot.generation == 0) slot.generation = 1;
    free_.push_back(id.slot);
    --size_;
  }
  [[nodiscard]] Id id_of(uint32_t slot) const { return {slot, slots_[slot]->generation}; }
  // Calls visit(id, thing) for each; visit may remove things.
  template <class Visit>
  void for_each(Visit visit) {
    for (uint32_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i]->thing) visit(id_of(i), *slots_[i]->thing);
    }
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  struct Slot {
    uint32_t generation = 1;
    std::optional<T> thing;
  };
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<uint32_t> free_;
  size_t size_ = 0;
};

}  // namespace hourwheel
