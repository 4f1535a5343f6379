// Hierarchical timing wheel: keeps entries by the millisecond at which they are due.
//
// Six levels of 256 slots. A slot of level L spans 256^L ms and belongs to one digit (base 256) of
// the due instant, so six levels span 2^48 ms: every instant we accept (kLastInstant) has its place
// and nothing lies beyond the top. An entry sits on the level of the highest digit in which its due
// instant differs from the cursor's; when the cursor enters a slot of a higher level, the slot's
// entries move to lower ones (a cascade). Slots hold chunks of 16-byte entries instead of linked
// nodes, and cancelling is lazy: the owner sees that an entry is out of date when it comes out.
//
// Invariants
//   W1  An entry is in exactly one chunk: of one slot, or of the list of those ready to come out.
//   W2  Nothing comes out before its due instant, nor after an entry of a later tick. (An entry
//       scheduled when its instant has passed belongs to the tick of the cursor.)
//   W3  What comes out, and in which order, depends only on the calls made.
//   W4  On level L every filled slot lies after the cursor's digit of that level, except the one
//       being cascaded: no filled slot is ever behind the cursor.
//   W5  stale() counts the entries noted as stale that were neither swept nor reported as come out.
// Cost: schedule O(1); advance O(entries that come out + a bounded number that cascade), never
// O(ticks passed); next_wake O(levels). Memory: 16.3 bytes an entry and at most one 1-KiB chunk of
// slack a slot (1.5 MiB); chunks are reused through a free list.
// Thread: the shard's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/time.h"

namespace hourwheel {

// A handle of the owner's slab, or what stands in its place, and when it is due.
struct WheelEntry {
  uint32_t slot = 0;
  uint32_t generation = 0;
  Instant due;
  friend constexpr bool operator==(const WheelEntry&, const WheelEntry&) = default;
};

class TimingWheel {
 public:
  // A call of advance() moves at most this many entries (and one chunk) down the levels: 4,096 of
  // them take about 50 us, a small part of a turn.
  static constexpr size_t kCascadeBudget = 4'096;
  // Below this many stale entries (1 MiB) a sweep is not worth its time.
  static constexpr size_t kStaleMin = 65'536;

  explicit TimingWheel(Instant start);
  TimingWheel(const TimingWheel&) = delete;
  TimingWheel& operator=(const TimingWheel&) = delete;

  // What is due at or before the cursor comes out at the next advance. Requires: due < 2^48 ms.
  void schedule(const WheelEntry& entry);

  struct Advanced {
    size_t count = 0;   // entries written to the front of `out`
    bool more = false;  // more is due, or must cascade, at this `now`: call again
  };
  // Takes out what is due at `now`, as far as `out` and the cascade budget reach. With a `now`
  // before the cursor nothing comes out and nothing moves.
  [[nodiscard]] Advanced advance(Instant now, std::span<WheelEntry> out);

  // Puts the cursor at `start`, for a clock that was set back; what is inside stays. O(entries).
  void restart(Instant start);

  // When advance() next has something to do: never late, perhaps early (a cascade).
  [[nodiscard]] std::optional<Instant> next_wake() const;

  // --- out-of-date entries ---
  // An entry inside has gone out of date.
  void note_stale();
  // An entry that advance() gave turned out to be one of those noted.
  void note_stale_came_out();
  // The stale ones outnumber the live ones, and enough were noted since the last whole sweep.
  [[nodiscard]] bool wants_compaction() const;
  // Drops entries for which is_stale(entry) holds, looking at about `budget` entries (one chunk
  // more at most) from where the last call ended; gives how many it dropped. Those ready to come
  // out are left to come out. Requires: each dropped one was noted.
  template <class IsStale>
  size_t compact(IsStale&& is_stale, size_t budget);

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t stale() const { return stale_; }
  [[nodiscard]] size_t bytes() const;
  // visit(entry) for each inside, out-of-date ones too.
  template <class Visit>
  void for_each(Visit&& visit) const;
  // Looks at every entry and checks W1, W4 and the counts; for tests and the simulator.
  void verify() const;

 private:
  static constexpr int kSlotBits = 8;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  static constexpr size_t kLevels = 6;
  static constexpr int64_t kTicks = int64_t{1} << (kLevels * kSlotBits);
  static constexpr uint32_t kNone = UINT32_MAX;

  static constexpr size_t kChunkEntries = 63;  // with its head a chunk is 1,016 bytes
  struct Chunk {
    uint32_t next = kNone;
    uint32_t count = 0;
    std::array<WheelEntry, kChunkEntries> entries;
  };
  static constexpr size_t kBlockBits = 6;
  static constexpr size_t kBlockChunks = size_t{1} << kBlockBits;  // allocated together: 64 KiB
  using Block = std::array<Chunk, kBlockChunks>;

  struct ChunkList {
    uint32_t head = kNone;
    uint32_t tail = kNone;
    [[nodiscard]] bool empty() const { return head == kNone; }
  };
  struct Level {
    std::array<uint64_t, kSlots / 64> filled{};
    std::array<ChunkList, kSlots> slots;
  };
  struct Place {  // a filled slot and the first instant of its span
    size_t level = 0;
    int64_t start = 0;
  };

  Chunk& chunk(uint32_t index) {
    return (*blocks_[index >> kBlockBits])[index & (kBlockChunks - 1)];
  }
  [[nodiscard]] const Chunk& chunk(uint32_t index) const {
    return (*blocks_[index >> kBlockBits])[index & (kBlockChunks - 1)];
  }
  static size_t digit(int64_t tick, size_t level) {
    return static_cast<size_t>(tick >> (level * kSlotBits)) & (kSlots - 1);
  }
  uint32_t take_chunk();
  void give_chunk(uint32_t index);
  void push(ChunkList& list, const WheelEntry& entry);
  uint32_t pop_chunk(ChunkList& list);
  void place(const WheelEntry& entry);
  void empty_slot(size_t level, size_t slot);
  size_t take_ready(std::span<WheelEntry> out);
  size_t cascade_chunk();
  void enter(const Place& next);
  [[nodiscard]] std::optional<Place> next_place() const;
  [[nodiscard]] bool work_at(int64_t target) const;
  [[nodiscard]] size_t count_list(const ChunkList& list) const;
  void verify_slot(size_t level, size_t slot) const;
  void verify_place(Instant due, size_t level, size_t slot) const;
  void dropped(size_t entries);
  void next_slot_to_sweep();
  template <class IsStale>
  size_t sweep_chunk(ChunkList& list, IsStale&& is_stale);

  int64_t cursor_;           // every entry due at or before it is ready or came out
  size_t cascading_ = 0;     // the level whose slot at the cursor is being emptied; 0: none
  ChunkList ready_;          // due at or before the cursor
  uint32_t ready_read_ = 0;  // entries of the first ready chunk that came out
  std::array<Level, kLevels> levels_;
  size_t size_ = 0;

  size_t stale_ = 0;
  size_t noted_since_sweep_ = 0;
  size_t sweep_level_ = 0;  // the sweep's place
  size_t sweep_slot_ = 0;
  size_t sweep_chunks_ = 0;  // of that slot, still to look at; 0: not begun

  std::vector<std::unique_ptr<Block>> blocks_;
  uint32_t first_free_ = kNone;
};

template <class Visit>
void TimingWheel::for_each(Visit&& visit) const {
  auto visit_list = [&](const ChunkList& list, uint32_t from) {
    for (uint32_t at = list.head; at != kNone; at = chunk(at).next) {
      for (; from < chunk(at).count; ++from) visit(chunk(at).entries[from]);
      from = 0;
    }
  };
  visit_list(ready_, ready_read_);
  for (const Level& level : levels_) {
    for (const ChunkList& slot : level.slots) visit_list(slot, 0);
  }
}

template <class IsStale>
size_t TimingWheel::compact(IsStale&& is_stale, size_t budget) {
  const size_t before = size_;
  size_t looked_at = 0;
  while (looked_at < budget) {
    ChunkList& list = levels_[sweep_level_].slots[sweep_slot_];
    if (sweep_chunks_ == 0) {
      for (uint32_t at = list.head; at != kNone; at = chunk(at).next) {
        ++sweep_chunks_;
      }
    }
    if (!list.empty()) {
      looked_at += sweep_chunk(list, is_stale);
      --sweep_chunks_;
    }
    if (list.empty()) {
      empty_slot(sweep_level_, sweep_slot_);
      sweep_chunks_ = 0;
    }
    if (sweep_chunks_ == 0) {
      next_slot_to_sweep();
      if (sweep_level_ == 0 && sweep_slot_ == 0) {
        noted_since_sweep_ = 0;
        break;  // once around
      }
    }
  }
  return before - size_;
}

// Takes the first chunk off and puts what is live back at the end. After as many steps as there
// were chunks each has been looked at once, wherever a budget cut the sweep.
template <class IsStale>
size_t TimingWheel::sweep_chunk(ChunkList& list, IsStale&& is_stale) {
  const uint32_t first = pop_chunk(list);
  const size_t count = chunk(first).count;
  size_t stale = 0;
  for (size_t i = 0; i < count; ++i) {
    const WheelEntry entry = chunk(first).entries[i];
    if (is_stale(entry)) {
      ++stale;
    } else {
      push(list, entry);
    }
  }
  give_chunk(first);
  dropped(stale);
  return count;
}

}  // namespace hourwheel
