// Open-addressing hash table from an identity to a slot number, for the look-ups of every command
// and fire.
//
// Split into 64 sub-tables by the top bits of the hash: when one grows, a 64th of the entries
// moves, so that a table of a million never stalls a turn. Clients may choose keys (any text that
// reads as a generated id is its own key), so both halves of a key are mixed with a secret of the
// table: std::hash folds them to 64 bits first, where anybody can compute collisions.
//
// Invariants
//   K1  A key is in the table at most once.
//   K2  No cell between a key's home cell and its own is empty (linear probing; erase shifts back).
//   K3  At most 3/4 of a sub-table's cells are filled.
// Iteration is deliberately not offered: its order would reach output (S5).
// Cost: O(1) expected. Thread: its owner's.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/ids.h"

namespace hourwheel {

// The finalizer of splitmix64 (Steele et al. 2014): every input bit reaches every output bit.
constexpr uint64_t mix_bits(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
constexpr uint64_t seeded_hash(TaskKey key, uint64_t seed) {
  return mix_bits(mix_bits(key.high + seed) ^ key.low);
}
template <class Tag>
constexpr uint64_t seeded_hash(Numbered<Tag> number, uint64_t seed) {
  return mix_bits(number.value + seed);
}

template <class Key>
class KeyTable {
 public:
  static constexpr uint32_t kNoValue = UINT32_MAX;  // marks an empty cell

  explicit KeyTable(uint64_t seed) : seed_(mix_bits(seed ^ 0x9e3779b97f4a7c15)) {}

  [[nodiscard]] std::optional<uint32_t> find(const Key& key) const {
    const uint64_t hash = seeded_hash(key, seed_);
    const Part& part = parts_[hash >> kPartShift];
    if (part.cells.empty()) {
      return std::nullopt;
    }
    const Cell& cell = part.cells[probe(part, key, hash)];
    return cell.value == kNoValue ? std::nullopt : std::optional<uint32_t>(cell.value);
  }

  // Requires: key is absent, value != kNoValue.
  void insert(const Key& key, uint32_t value) {
    HW_CHECK(value != kNoValue, "K1 the mark of an empty cell is no value");
    const uint64_t hash = seeded_hash(key, seed_);
    Part& part = parts_[hash >> kPartShift];
    if ((part.filled + 1) * 4 > part.cells.size() * 3) {
      grow(part);
    }
    Cell& cell = part.cells[probe(part, key, hash)];
    HW_CHECK(cell.value == kNoValue, "K1 an inserted key is new");
    cell = {std::bit_cast<Words>(key), value};
    ++part.filled;
    ++size_;
  }

  // False: it was not there.
  bool erase(const Key& key) {
    const uint64_t hash = seeded_hash(key, seed_);
    Part& part = parts_[hash >> kPartShift];
    if (part.cells.empty()) {
      return false;
    }
    const size_t hole = probe(part, key, hash);
    if (part.cells[hole].value == kNoValue) {
      return false;
    }
    close(part, hole);
    --part.filled;
    --size_;
    return true;
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] size_t bytes() const {
    size_t cells = 0;
    for (const Part& part : parts_) {
      cells += part.cells.size();
    }
    return sizeof(*this) + cells * sizeof(Cell);
  }

 private:
  static constexpr size_t kParts = 64;
  static constexpr int kPartShift = 58;  // the top 6 bits choose the part, the low ones the cell
  static constexpr size_t kFirstCells = 16;

  // A key as words, so that a cell has no padding: 12 bytes for a number, 20 for a TaskKey.
  using Words = std::array<uint32_t, sizeof(Key) / sizeof(uint32_t)>;
  struct Cell {
    Words key{};
    uint32_t value = kNoValue;
    [[nodiscard]] Key its_key() const { return std::bit_cast<Key>(key); }
  };
  struct Part {
    std::vector<Cell> cells;  // a power of two
    size_t filled = 0;
  };

  // The cell that holds key, else the empty one where it belongs. K3 makes it end.
  static size_t probe(const Part& part, const Key& key, uint64_t hash) {
    const size_t mask = part.cells.size() - 1;
    size_t at = hash & mask;
    while (part.cells[at].value != kNoValue && !(part.cells[at].its_key() == key)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  void grow(Part& part) {
    std::vector<Cell> old = std::exchange(
        part.cells, std::vector<Cell>(part.cells.empty() ? kFirstCells : part.cells.size() * 2));
    for (const Cell& cell : old) {
      if (cell.value != kNoValue) {
        part.cells[probe(part, cell.its_key(), seeded_hash(cell.its_key(), seed_))] = cell;
      }
    }
  }

  // Empties the cell at `hole`; later ones of the same stretch move back over it, so that K2 holds
  // without tombstones.
  void close(Part& part, size_t hole) {
    const size_t mask = part.cells.size() - 1;
    for (size_t at = (hole + 1) & mask; part.cells[at].value != kNoValue; at = (at + 1) & mask) {
      const size_t home = seeded_hash(part.cells[at].its_key(), seed_) & mask;
      if (((at - home) & mask) >= ((at - hole) & mask)) {  // its home is at or before the hole
        part.cells[hole] = part.cells[at];
        hole = at;
      }
    }
    part.cells[hole] = Cell{};
  }

  const uint64_t seed_;
  std::array<Part, kParts> parts_;
  size_t size_ = 0;
};

}  // namespace hourwheel
