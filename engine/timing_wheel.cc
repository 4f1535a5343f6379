#include "engine/timing_wheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace hourwheel {

TimingWheel::TimingWheel(Instant start) : cursor_(start.ms) {
  HW_CHECK(start.ms >= 0 && start.ms < kTicks, "W4 the cursor has a place");
}

void TimingWheel::schedule(const WheelEntry& entry) {
  HW_CHECK(entry.due.ms < kTicks, "W4 a due instant has a place");
  ++size_;
  place(entry);
}

TimingWheel::Advanced TimingWheel::advance(Instant now, std::span<WheelEntry> out) {
  if (now.ms < cursor_) {
    return {};
  }
  const int64_t target = std::min(now.ms, kTicks - 1);
  size_t count = 0;
  size_t cascaded = 0;
  for (;;) {
    count += take_ready(out.subspan(count));
    if (count == out.size() && !out.empty() && work_at(target)) {
      return {count, true};
    }
    if (!ready_.empty()) {
      return {count, true};
    }
    if (cascading_ != 0) {
      if (cascaded >= kCascadeBudget) {
        return {count, true};
      }
      cascaded += cascade_chunk();
      continue;
    }
    const std::optional<Place> next = next_place();
    if (!next || next->start > target) {
      cursor_ = target;
      return {count, false};
    }
    enter(*next);
  }
}

void TimingWheel::restart(Instant start) {
  HW_CHECK(start.ms >= 0 && start.ms < kTicks, "W4 the cursor has a place");
  std::vector<WheelEntry> inside;
  inside.reserve(size_);
  for_each([&inside](const WheelEntry& entry) { inside.push_back(entry); });
  HW_CHECK(inside.size() == size_, "W1 every entry is in one chunk");
  cursor_ = start.ms;
  cascading_ = 0;
  ready_ = {};
  ready_read_ = 0;
  levels_ = {};
  sweep_level_ = sweep_slot_ = sweep_chunks_ = 0;
  blocks_.clear();
  first_free_ = kNone;
  for (const WheelEntry& entry : inside) place(entry);
}

std::optional<Instant> TimingWheel::next_wake() const {
  if (!ready_.empty() || cascading_ != 0) {
    return Instant{cursor_};
  }
  const std::optional<Place> next = next_place();
  return next ? std::optional<Instant>(Instant{next->start}) : std::nullopt;
}

void TimingWheel::note_stale() {
  ++stale_;
  ++noted_since_sweep_;
}

void TimingWheel::note_stale_came_out() {
  HW_CHECK(stale_ > 0, "W5 a stale entry that came out was noted");
  --stale_;
}

bool TimingWheel::wants_compaction() const {
  return noted_since_sweep_ >= kStaleMin && stale_ >= kStaleMin && stale_ > size_ / 2;
}

size_t TimingWheel::bytes() const {
  return sizeof(*this) + blocks_.size() * sizeof(Block) +
         blocks_.capacity() * sizeof(std::unique_ptr<Block>);
}

// --- chunks ---

uint32_t TimingWheel::take_chunk() {
  if (first_free_ == kNone) {
    const size_t base = blocks_.size() * kBlockChunks;
    HW_CHECK(base + kBlockChunks < kNone, "W1 a chunk has a number");
    blocks_.push_back(std::make_unique<Block>());
    for (size_t i = kBlockChunks; i-- > 0;) {
      give_chunk(static_cast<uint32_t>(base + i));
    }
  }
  const uint32_t index = first_free_;
  first_free_ = chunk(index).next;
  chunk(index).next = kNone;
  return index;
}

void TimingWheel::give_chunk(uint32_t index) {
  chunk(index).count = 0;
  chunk(index).next = first_free_;
  first_free_ = index;
}

void TimingWheel::push(ChunkList& list, const WheelEntry& entry) {
  if (list.empty() || chunk(list.tail).count == kChunkEntries) {
    const uint32_t added = take_chunk();
    if (list.empty()) {
      list.head = added;
    } else {
      chunk(list.tail).next = added;
    }
    list.tail = added;
  }
  Chunk& tail = chunk(list.tail);
  tail.entries[tail.count++] = entry;
}

uint32_t TimingWheel::pop_chunk(ChunkList& list) {
  HW_CHECK(!list.empty(), "W1 a filled slot has a chunk");
  const uint32_t first = list.head;
  list.head = chunk(first).next;
  if (list.head == kNone) {
    list.tail = kNone;
  }
  return first;
}

// --- slots ---

void TimingWheel::place(const WheelEntry& entry) {
  const int64_t due = entry.due.ms;
  if (due <= cursor_) {
    push(ready_, entry);
    return;
  }
  const uint64_t differs = static_cast<uint64_t>(due) ^ static_cast<uint64_t>(cursor_);
  const size_t level = static_cast<size_t>(std::bit_width(differs) - 1) / kSlotBits;
  const size_t slot = digit(due, level);
  levels_[level].filled[slot / 64] |= uint64_t{1} << (slot % 64);
  push(levels_[level].slots[slot], entry);
}

void TimingWheel::empty_slot(size_t level, size_t slot) {
  HW_CHECK(levels_[level].slots[slot].empty(), "W1 an emptied slot holds nothing");
  levels_[level].filled[slot / 64] &= ~(uint64_t{1} << (slot % 64));
}

// The earliest filled slot: by W4 everything on a level comes before all of the next one.
std::optional<TimingWheel::Place> TimingWheel::next_place() const {
  for (size_t level = 0; level < kLevels; ++level) {
    for (size_t word = 0; word < kSlots / 64; ++word) {
      const uint64_t bits = levels_[level].filled[word];
      if (bits == 0) {
        continue;
      }
      const size_t slot = word * 64 + static_cast<size_t>(std::countr_zero(bits));
      const int64_t span = int64_t{1} << (level * kSlotBits);
      const int64_t above = cursor_ & ~(span * static_cast<int64_t>(kSlots) - 1);
      return Place{level, above + static_cast<int64_t>(slot) * span};
    }
  }
  return std::nullopt;
}

bool TimingWheel::work_at(int64_t target) const {
  if (!ready_.empty() || cascading_ != 0) {
    return true;
  }
  const std::optional<Place> next = next_place();
  return next && next->start <= target;
}

// Moves the cursor to the start of a filled slot. Requires: nothing is ready or cascading.
void TimingWheel::enter(const Place& next) {
  HW_CHECK(next.start > cursor_, "W4 no filled slot is behind the cursor");
  cursor_ = next.start;
  if (next.level != 0) {
    cascading_ = next.level;
    return;
  }
  const size_t slot = digit(cursor_, 0);
  ready_ = std::exchange(levels_[0].slots[slot], ChunkList{});
  ready_read_ = 0;
  empty_slot(0, slot);
}

size_t TimingWheel::take_ready(std::span<WheelEntry> out) {
  size_t count = 0;
  while (!ready_.empty() && count < out.size()) {
    const Chunk& first = chunk(ready_.head);
    const size_t taken = std::min<size_t>(out.size() - count, first.count - ready_read_);
    for (size_t i = 0; i < taken; ++i) {
      const WheelEntry& entry = first.entries[ready_read_ + i];
      HW_CHECK(entry.due.ms <= cursor_, "W2 nothing comes out before its due instant");
      out[count++] = entry;
    }
    ready_read_ += static_cast<uint32_t>(taken);
    if (ready_read_ == first.count) {
      give_chunk(pop_chunk(ready_));
      ready_read_ = 0;
    }
  }
  size_ -= count;
  return count;
}

// Moves one chunk of the slot at the cursor down; the slot is done when none is left. A sweep may
// have emptied it in between.
size_t TimingWheel::cascade_chunk() {
  const size_t slot = digit(cursor_, cascading_);
  ChunkList& list = levels_[cascading_].slots[slot];
  size_t count = 0;
  if (!list.empty()) {
    const uint32_t first = pop_chunk(list);
    count = chunk(first).count;
    for (size_t i = 0; i < count; ++i) {
      place(chunk(first).entries[i]);
    }
    give_chunk(first);
  }
  if (list.empty()) {
    empty_slot(cascading_, slot);
    cascading_ = 0;
  }
  return count;
}

// --- sweeping ---

void TimingWheel::dropped(size_t entries) {
  HW_CHECK(entries <= stale_, "W5 a dropped entry was noted as stale");
  stale_ -= entries;
  size_ -= entries;
}

void TimingWheel::next_slot_to_sweep() {
  sweep_slot_ = (sweep_slot_ + 1) % kSlots;
  if (sweep_slot_ == 0) {
    sweep_level_ = (sweep_level_ + 1) % kLevels;
  }
}

// --- verification ---

size_t TimingWheel::count_list(const ChunkList& list) const {
  size_t count = 0;
  for (uint32_t at = list.head; at != kNone; at = chunk(at).next) {
    HW_CHECK(chunk(at).count > 0, "W1 a linked chunk holds something");
    count += chunk(at).count;
  }
  return count;
}

void TimingWheel::verify_slot(size_t level, size_t slot) const {
  const bool cascades = level != 0 && level == cascading_ && slot == digit(cursor_, level);
  HW_CHECK(cascades || slot > digit(cursor_, level), "W4 no filled slot is behind the cursor");
  for (uint32_t at = levels_[level].slots[slot].head; at != kNone; at = chunk(at).next) {
    for (size_t i = 0; i < chunk(at).count; ++i) {
      verify_place(chunk(at).entries[i].due, level, slot);
    }
  }
}

void TimingWheel::verify_place(Instant due, size_t level, size_t slot) const {
  HW_CHECK(digit(due.ms, level) == slot, "W1 an entry is in the slot of its due instant");
  HW_CHECK((due.ms >> ((level + 1) * kSlotBits)) == (cursor_ >> ((level + 1) * kSlotBits)),
           "W4 an entry shares the cursor's higher digits");
}

void TimingWheel::verify() const {
  size_t count = count_list(ready_) - (ready_.empty() ? 0 : ready_read_);
  for (size_t level = 0; level < kLevels; ++level) {
    for (size_t slot = 0; slot < kSlots; ++slot) {
      const bool filled = ((levels_[level].filled[slot / 64] >> (slot % 64)) & 1) != 0;
      const ChunkList& list = levels_[level].slots[slot];
      HW_CHECK(filled == !list.empty(), "W1 the bitmap says which slots are filled");
      if (filled) {
        verify_slot(level, slot);
        count += count_list(list);
      }
    }
  }
  HW_CHECK(count == size_, "W1 every entry is in exactly one chunk");
}

}  // namespace hourwheel
