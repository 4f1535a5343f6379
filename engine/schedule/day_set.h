// A set of days close together: bit i stands for the i-th day after some first one. What the parts
// of a recurrence rule about days come down to, a year at a time.
//
// Invariants
//   DS1  first_from(d) >= d, and it is in the set.
//   DS2  nth(count_before(d)) is the first day at or after d.
// Cost: some nanoseconds each; six words. Thread: a value, any thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "engine/base/check.h"

namespace hourwheel {

class DaySet {
 public:
  static constexpr int64_t kDays = 384;  // a leap year, or one of 53 whole weeks

  // Days outside the set's reach are left out: those of a month that lies across its edge.
  void add(int64_t day) {
    if (day >= 0 && day < kDays) words_[word(day)] |= bit(day);
  }
  // Adds [first, end).
  void add_range(int64_t first, int64_t end) {
    for (int64_t day = std::max<int64_t>(first, 0); day < std::min(end, kDays);) {
      int64_t length = std::min(std::min(end, kDays) - day, kWordDays - day % kWordDays);
      words_[word(day)] |= low_bits(length) << (day % kWordDays);
      day += length;
    }
  }
  // Adds the days of `bits`, whose bit 0 stands for `day`. Requires: day > -64.
  void add_bits(int64_t day, uint64_t bits) {
    if (day < 0) {
      bits >>= -day;
      day = 0;
    }
    if (day >= kDays) return;
    words_[word(day)] |= bits << (day % kWordDays);
    if (day % kWordDays != 0 && word(day) + 1 < words_.size()) {
      words_[word(day) + 1] |= bits >> (kWordDays - day % kWordDays);
    }
  }
  DaySet& operator&=(const DaySet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }

  [[nodiscard]] bool has(int64_t day) const {
    return day >= 0 && day < kDays && (words_[word(day)] & bit(day)) != 0;
  }
  // How many days lie before `day`, which may be any.
  [[nodiscard]] int64_t count_before(int64_t day) const {
    int64_t count = 0;
    for (size_t i = 0; i < words_.size(); ++i) {
      int64_t length = std::clamp<int64_t>(day - static_cast<int64_t>(i) * kWordDays, 0, kWordDays);
      count += std::popcount(words_[i] & low_bits(length));
    }
    return count;
  }
  [[nodiscard]] int64_t count() const { return count_before(kDays); }
  [[nodiscard]] std::optional<int64_t> first_from(int64_t day) const {
    day = std::max<int64_t>(day, 0);
    while (day < kDays) {
      uint64_t rest = words_[word(day)] >> (day % kWordDays);
      if (rest != 0) return day + std::countr_zero(rest);
      day += kWordDays - day % kWordDays;
    }
    return std::nullopt;
  }
  // The day with n others before it. Requires: 0 <= n < count().
  [[nodiscard]] int64_t nth(int64_t n) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      uint64_t rest = words_[i];
      if (n >= std::popcount(rest)) {
        n -= std::popcount(rest);
        continue;
      }
      for (; n > 0; --n) rest &= rest - 1;
      return static_cast<int64_t>(i) * kWordDays + std::countr_zero(rest);
    }
    HW_CHECK(false, "DS2 what was counted is in the set");
  }

 private:
  static constexpr int64_t kWordDays = 64;
  static constexpr size_t word(int64_t day) { return static_cast<size_t>(day / kWordDays); }
  static constexpr uint64_t bit(int64_t day) { return uint64_t{1} << (day % kWordDays); }
  static constexpr uint64_t low_bits(int64_t length) {
    return length == kWordDays ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
  }

  std::array<uint64_t, kDays / kWordDays> words_{};
};

}  // namespace hourwheel
