#include "net/deadline_heap.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/base/random.h"

namespace hourwheel::deadline_heap_test {
namespace {

TEST(DeadlineHeap, AgreesWithASortedMapUnderRandomMovesAndClears) {
  DeadlineHeap heap;
  std::map<uint32_t, int64_t> expected;
  Random random(7);
  for (int step = 0; step < 20'000; ++step) {
    auto slot = static_cast<uint32_t>(random.below(200));
    if (random.chance(60)) {
      auto at = static_cast<int64_t>(random.below(1000));
      heap.set(slot, Monotonic{at});
      expected[slot] = at;
    } else {
      heap.clear(slot);
      expected.erase(slot);
    }
    ASSERT_EQ(heap.size(), expected.size());
    ASSERT_EQ(heap.next().has_value(), !expected.empty());
    if (expected.empty()) continue;
    int64_t least = INT64_MAX;
    for (auto [s, at] : expected) least = std::min(least, at);
    ASSERT_EQ(heap.next()->ms, least);
    ASSERT_EQ(expected.at(heap.first()), least);
  }
}

}  // namespace
}  // namespace hourwheel::deadline_heap_test
