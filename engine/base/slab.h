// Keeps objects at addresses that do not move and names them by generational handles, so that
// nobody holds a pointer across a turn: a handle to something gone finds nothing.
//
// Invariants
//   B1  A slot's generation is odd while it holds an object and even while it is free; it grows by
//       one at each change. So generation 0 is never valid, and an erased handle finds nothing.
//       (A handle kept over 2^30 reuses of its slot would match again; none lives that long.) The
//       top bit stays clear, so that something else can stand in the place of a handle.
//   B2  At most `capacity` objects; at it emplace() gives nothing.
// Cost: O(1); memory grows by chunks of kSlotsPerChunk and is reused, never moved or given back.
// Thread: its owner's.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace hourwheel {

// Tag keeps the handles of different tables apart.
template <class Tag>
struct Handle {
  uint32_t slot = 0;
  uint32_t generation = 0;  // 0: names nothing
  friend constexpr bool operator==(Handle, Handle) = default;
  explicit constexpr operator bool() const { return generation != 0; }
};
using SlabHandle = Handle<void>;

template <class T, class Tag = void>
class Slab {
 public:
  using Id = Handle<Tag>;

  explicit Slab(uint32_t capacity) : capacity_(capacity) {}
  ~Slab() {
    for_each([this](Id handle, T&) { erase(handle); });
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Nothing: the bound is reached (B2). The lowest slot never used, or the one freed last.
  template <class... Args>
  [[nodiscard]] std::optional<Id> emplace(Args&&... args) {
    if (size_ == capacity_) {
      return std::nullopt;
    }
    const uint32_t index = take_slot();
    Slot& slot = slot_at(index);
    if constexpr (std::is_constructible_v<T, Args...>) {
      std::construct_at(&slot.object, std::forward<Args>(args)...);
    } else {  // an aggregate
      std::construct_at(&slot.object, T{std::forward<Args>(args)...});
    }
    pass_on(slot);
    ++size_;
    HW_CHECK(is_live(slot), "B1 a filled slot has an odd generation");
    return Id{index, slot.generation};
  }

  // Null when what the handle named is gone.
  [[nodiscard]] T* find(Id handle) {
    return names_object(handle) ? &slot_at(handle.slot).object : nullptr;
  }
  [[nodiscard]] const T* find(Id handle) const {
    return names_object(handle) ? &slot_at(handle.slot).object : nullptr;
  }

  // Requires: find(handle) != nullptr.
  void erase(Id handle) {
    HW_CHECK(names_object(handle), "B1 what is erased exists");
    Slot& slot = slot_at(handle.slot);
    pass_on(slot);  // before the destructor: nothing it calls finds the object again
    --size_;
    std::destroy_at(&slot.object);
    slot.next_free = first_free_;
    first_free_ = handle.slot;
  }

  // Requires: the slot holds an object.
  [[nodiscard]] T& at(uint32_t slot) {
    HW_CHECK(slot < used_ && is_live(slot_at(slot)), "B1 at() names a filled slot");
    return slot_at(slot).object;
  }
  [[nodiscard]] Id handle_at(uint32_t slot) const {
    HW_CHECK(slot < used_ && is_live(slot_at(slot)), "B1 handle_at() names a filled slot");
    return {slot, slot_at(slot).generation};
  }

  // visit(Id, T&) for every object in slot order; it may erase the one it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (uint32_t index = 0; index < used_; ++index) {
      Slot& slot = slot_at(index);
      if (is_live(slot)) {
        visit(Id{index, slot.generation}, slot.object);
      }
    }
  }

  [[nodiscard]] uint32_t size() const { return size_; }
  [[nodiscard]] uint32_t capacity() const { return capacity_; }
  [[nodiscard]] size_t bytes() const { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr uint32_t kChunkBits = 8;
  static constexpr uint32_t kSlotsPerChunk = 1U << kChunkBits;
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Slot {
    Slot() {}   // NOLINT(modernize-use-equals-default): leaves the object unmade
    ~Slot() {}  // NOLINT(modernize-use-equals-default): the slab destroys what it made
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    union {
      T object;
    };
    uint32_t generation = 0;
    uint32_t next_free = kNone;
  };
  using Chunk = std::array<Slot, kSlotsPerChunk>;

  static bool is_live(const Slot& slot) { return (slot.generation & 1U) != 0; }
  static void pass_on(Slot& slot) { slot.generation = (slot.generation + 1) & (UINT32_MAX >> 1); }
  Slot& slot_at(uint32_t index) {
    return (*chunks_[index >> kChunkBits])[index & (kSlotsPerChunk - 1)];
  }
  const Slot& slot_at(uint32_t index) const {
    return (*chunks_[index >> kChunkBits])[index & (kSlotsPerChunk - 1)];
  }
  bool names_object(Id handle) const {
    return (handle.generation & 1U) != 0 && handle.slot < used_ &&
           slot_at(handle.slot).generation == handle.generation;
  }
  uint32_t take_slot() {
    if (first_free_ != kNone) {
      const uint32_t index = first_free_;
      first_free_ = slot_at(index).next_free;
      return index;
    }
    if (used_ == chunks_.size() * kSlotsPerChunk) {
      chunks_.push_back(std::make_unique<Chunk>());
    }
    return used_++;
  }

  const uint32_t capacity_;
  std::vector<std::unique_ptr<Chunk>> chunks_;
  uint32_t used_ = 0;  // slots ever taken; those above are untouched
  uint32_t size_ = 0;
  uint32_t first_free_ = kNone;
};

}  // namespace hourwheel
