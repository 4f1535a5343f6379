#include "engine/base/key_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/random.h"

namespace hourwheel::key_table_test {
namespace {

TEST(KeyTable, AgreesWithAMapForEverySeed) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    KeyTable<TaskKey> table(seed);
    std::map<TaskKey, uint32_t> model;
    for (uint32_t i = 0; i < 20'000; ++i) {
      const TaskKey key{random.below(60), random.below(60)};
      const auto known = model.find(key);
      if (known == model.end() && random.chance(60)) {
        table.insert(key, i);
        model.emplace(key, i);
      } else if (random.chance(50)) {
        ASSERT_EQ(table.erase(key), model.erase(key) == 1) << "seed " << seed;
      } else {
        const std::optional<uint32_t> found = table.find(key);
        ASSERT_EQ(found.has_value(), known != model.end()) << "seed " << seed;
        if (found) {
          ASSERT_EQ(*found, known->second) << "seed " << seed;
        }
      }
    }
    ASSERT_EQ(table.size(), model.size());
    for (uint64_t high = 0; high < 60; ++high) {
      for (uint64_t low = 0; low < 60; ++low) {
        ASSERT_EQ(table.find({high, low}).has_value(), model.count({high, low}) == 1);
      }
    }
  }
}

TEST(KeyTable, HoldsAMillionAscendingNumbersAtTheLoadItPromises) {
  KeyTable<TaskNumber> table(9);
  for (uint32_t i = 1; i <= 1'000'000; ++i) {
    table.insert(TaskNumber{i}, i);
  }
  for (uint32_t i = 1; i <= 1'000'000; ++i) {
    ASSERT_EQ(table.find(TaskNumber{i}), i);
  }
  EXPECT_FALSE(table.find(TaskNumber{1'000'001}).has_value());
  EXPECT_LT(table.bytes(), 48U << 20);
}

// These all fold to one value under std::hash; the table's own hash must tell them apart.
TEST(KeyTable, KeysChosenToCollideUnderStdHashAreSpread) {
  constexpr uint64_t kFold = 0x9e3779b97f4a7c15;
  std::vector<size_t> buckets(1024);
  for (uint64_t high = 1; high <= 10'240; ++high) {
    const TaskKey key{high, high * kFold};
    ASSERT_EQ(std::hash<TaskKey>{}(key), std::hash<TaskKey>{}(TaskKey{}));
    ++buckets[seeded_hash(key, 77) % buckets.size()];
  }
  EXPECT_LT(*std::max_element(buckets.begin(), buckets.end()), 40U);
  EXPECT_NE(seeded_hash(TaskKey{1, 2}, 1), seeded_hash(TaskKey{1, 2}, 2));
}

TEST(KeyTableDeathTest, InsertingAKeyTwiceIsABug) {
  KeyTable<TaskNumber> table(1);
  table.insert(TaskNumber{5}, 1);
  EXPECT_DEATH(table.insert(TaskNumber{5}, 2), "K1");
  EXPECT_DEATH(table.insert(TaskNumber{6}, KeyTable<TaskNumber>::kNoValue), "K1");
}

}  // namespace
}  // namespace hourwheel::key_table_test
