// BYSETPOS: which of `size` candidates, numbered from 0, a list of positions chooses. A position is
// counted from 1, or from -1 at the end backwards; what lies beyond the candidates chooses nothing.
//
// Cost: linear in the positions (count_chosen: with a logarithm). Thread: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace hourwheel {

// The candidate that a position stands for; not one of them when it lies beyond.
constexpr int64_t candidate_at(int16_t position, int64_t size) {
  return position > 0 ? position - 1 : size + position;
}

// The first chosen candidate at or after `from`. Requires: from >= 0.
inline std::optional<int64_t> chosen_from(const std::vector<int16_t>& positions, int64_t size,
                                          int64_t from) {
  int64_t first = size;
  for (int16_t position : positions) {
    int64_t candidate = candidate_at(position, size);
    if (candidate >= from) first = std::min(first, candidate);
  }
  return first < size ? std::optional(first) : std::nullopt;
}

// How many candidates before `end` are chosen; one that is named from both ends is one. Requires:
// positions sorted, each once; end <= size.
inline int64_t count_chosen(const std::vector<int16_t>& positions, int64_t size, int64_t end) {
  int64_t count = 0;
  for (int16_t position : positions) {
    int64_t candidate = candidate_at(position, size);
    bool also_from_start =
        position < 0 && std::binary_search(positions.begin(), positions.end(), candidate + 1);
    count += candidate >= 0 && candidate < end && !also_from_start ? 1 : 0;
  }
  return count;
}

}  // namespace hourwheel
