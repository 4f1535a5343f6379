#include "engine/base/slab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace hourwheel::slab_test {
namespace {

TEST(Slab, AnErasedHandleFindsNothingEvenWhenItsSlotIsUsedAgain) {
  Slab<std::string> slab(10);
  const SlabHandle first = *slab.emplace("first");
  slab.erase(first);
  EXPECT_EQ(slab.find(first), nullptr);
  const SlabHandle second = *slab.emplace("second");
  EXPECT_EQ(second.slot, first.slot);
  EXPECT_EQ(slab.find(first), nullptr);
  EXPECT_EQ(*slab.find(second), "second");
  EXPECT_EQ(slab.handle_at(second.slot), second);
  EXPECT_EQ(slab.at(second.slot), "second");
}

TEST(Slab, HandlesThatWereNeverGivenFindNothing) {
  Slab<int> slab(10);
  EXPECT_EQ(slab.find(SlabHandle{}), nullptr);
  const SlabHandle handle = *slab.emplace(1);
  EXPECT_EQ(slab.find({handle.slot, 0}), nullptr);
  EXPECT_EQ(slab.find({handle.slot + 1, handle.generation}), nullptr);
  EXPECT_EQ(slab.find({UINT32_MAX, 1}), nullptr);
}

TEST(Slab, AtItsBoundItGivesNothingUntilSomethingIsErased) {
  Slab<int> slab(300);
  std::vector<SlabHandle> handles;
  for (int i = 0; i < 300; ++i) {
    handles.push_back(*slab.emplace(i));
  }
  EXPECT_FALSE(slab.emplace(300).has_value());
  slab.erase(handles[17]);
  EXPECT_TRUE(slab.emplace(301).has_value());
  EXPECT_EQ(slab.size(), 300U);
}

TEST(Slab, ObjectsDoNotMoveWhenItGrows) {
  Slab<int> slab(10'000);
  const SlabHandle first = *slab.emplace(42);
  const int* before = slab.find(first);
  for (int i = 1; i < 10'000; ++i) {
    ASSERT_TRUE(slab.emplace(i).has_value());
  }
  EXPECT_EQ(slab.find(first), before);
  EXPECT_EQ(*before, 42);
}

TEST(Slab, VisitsTheLiveOnesInSlotOrderAndMayEraseThem) {
  Slab<int> slab(1000);
  std::vector<SlabHandle> handles;
  for (int i = 0; i < 600; ++i) {
    handles.push_back(*slab.emplace(i));
  }
  slab.erase(handles[3]);
  std::vector<int> seen;
  slab.for_each([&](SlabHandle handle, int& value) {
    seen.push_back(value);
    if (value % 2 == 1) {
      slab.erase(handle);
    }
  });
  EXPECT_EQ(seen.size(), 599U);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(slab.size(), 300U);
}

TEST(Slab, DestroysWhatItHolds) {
  struct Owner {
    std::unique_ptr<int> number;
    int* ended;
    Owner(std::unique_ptr<int> n, int* e) : number(std::move(n)), ended(e) {}
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner() { ++*ended; }
  };
  int ended = 0;
  {
    Slab<Owner> slab(4);
    const SlabHandle first = *slab.emplace(std::make_unique<int>(1), &ended);
    ASSERT_TRUE(slab.emplace(std::make_unique<int>(2), &ended).has_value());
    slab.erase(first);
    EXPECT_EQ(ended, 1);
  }
  EXPECT_EQ(ended, 2);
}

TEST(Slab, MakesAggregates) {
  struct Pair {
    int a = 0;
    std::unique_ptr<int> b;
  };
  Slab<Pair> slab(4);
  EXPECT_EQ(slab.find(*slab.emplace(3, nullptr))->a, 3);
  EXPECT_EQ(slab.find(*slab.emplace())->a, 0);
}

TEST(SlabDeathTest, ErasingTwiceIsABug) {
  Slab<int> slab(4);
  const SlabHandle handle = *slab.emplace(1);
  slab.erase(handle);
  EXPECT_DEATH(slab.erase(handle), "B1");
  EXPECT_DEATH((void)slab.at(handle.slot), "B1");
}

}  // namespace
}  // namespace hourwheel::slab_test
