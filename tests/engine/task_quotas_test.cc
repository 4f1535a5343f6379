// The table of what keys with a quota have.
#include "engine/task_quotas.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hourwheel::task_quotas_test {
namespace {

class TaskQuotasTest : public ::testing::Test {
 protected:
  std::unique_ptr<TaskQuotas> quotas_ = std::make_unique<TaskQuotas>();
};

TEST_F(TaskQuotasTest, GivesOutAsManyPlacesAsThereAre) {
  ASSERT_TRUE(quotas_->open("a"));
  EXPECT_EQ(quotas_->taken("a"), 0U);
  EXPECT_TRUE(quotas_->take("a", 2));
  EXPECT_TRUE(quotas_->take("a", 2));
  EXPECT_FALSE(quotas_->take("a", 2));
  EXPECT_EQ(quotas_->taken("a"), 2U) << "a refusal takes nothing";
  quotas_->give_back("a");
  EXPECT_EQ(quotas_->taken("a"), 1U);
  EXPECT_TRUE(quotas_->take("a", 2));
  EXPECT_FALSE(quotas_->take("a", 2));
}

TEST_F(TaskQuotasTest, WhatIsAddedCountsWhateverTheQuota) {
  ASSERT_TRUE(quotas_->open("a"));
  EXPECT_TRUE(quotas_->take("a", 1));
  quotas_->add("a");
  quotas_->add("nobody");
  EXPECT_EQ(quotas_->taken("a"), 2U);
  quotas_->give_back("a");
  EXPECT_FALSE(quotas_->take("a", 1));
  quotas_->close("a");
  ASSERT_TRUE(quotas_->open("b"));  // in the same slot
  quotas_->add("a");
  EXPECT_EQ(quotas_->taken("b"), 0U) << "TQ3";
}

TEST_F(TaskQuotasTest, CountsEachKeyByItself) {
  ASSERT_TRUE(quotas_->open("a"));
  ASSERT_TRUE(quotas_->open("b"));
  EXPECT_FALSE(quotas_->open("b"));
  EXPECT_TRUE(quotas_->take("a", 1));
  EXPECT_TRUE(quotas_->take("b", 1));
  quotas_->give_back("a");
  EXPECT_FALSE(quotas_->take("b", 1));
}

TEST_F(TaskQuotasTest, BeginsWithWhatTheShardsHaveStored) {
  ASSERT_TRUE(quotas_->open("a"));
  quotas_->count("a", 3);
  quotas_->count("a", 4);
  quotas_->count("b", 5);
  EXPECT_EQ(quotas_->taken("a"), 7U);
  EXPECT_EQ(quotas_->taken("b"), std::nullopt) << "it has no quota";
  EXPECT_FALSE(quotas_->take("a", 7));
  EXPECT_TRUE(quotas_->take("a", 8));
}

TEST_F(TaskQuotasTest, MoreThanTheQuotaIsNoPlace) {  // brought back from a backup, say
  ASSERT_TRUE(quotas_->open("a"));
  quotas_->count("a", 9);
  EXPECT_FALSE(quotas_->take("a", 7));
}

TEST_F(TaskQuotasTest, ARevokedKeyGetsNoPlaceAndItsSlotBeginsAtZero) {  // TQ3
  ASSERT_TRUE(quotas_->open("a"));
  ASSERT_TRUE(quotas_->take("a", 5));
  quotas_->close("a");
  quotas_->close("a");
  EXPECT_EQ(quotas_->taken("a"), std::nullopt);
  EXPECT_FALSE(quotas_->take("a", 5));
  ASSERT_TRUE(quotas_->open("b"));
  EXPECT_EQ(quotas_->taken("b"), 0U);
  ASSERT_TRUE(quotas_->take("b", 1));
  quotas_->give_back("a");
  EXPECT_EQ(quotas_->taken("b"), 1U);
}

TEST_F(TaskQuotasTest, NothingIsGivenBackBelowZero) {
  ASSERT_TRUE(quotas_->open("a"));
  quotas_->give_back("a");
  EXPECT_EQ(quotas_->taken("a"), 0U);
}

TEST_F(TaskQuotasTest, HasRoomForEveryKeyThereMayBe) {
  for (size_t i = 0; i < kMaxApiKeys; ++i) ASSERT_TRUE(quotas_->open("k" + std::to_string(i)));
  const std::string last = "k" + std::to_string(kMaxApiKeys - 1);
  EXPECT_TRUE(quotas_->take(last, 1));
  quotas_->close("k5");
  EXPECT_TRUE(quotas_->open("new"));
  EXPECT_TRUE(quotas_->take("new", 1));
  EXPECT_EQ(quotas_->taken(last), 1U);
}

TEST_F(TaskQuotasTest, ThreadsNeverTakeMoreThanThereIs) {  // TQ1
  constexpr uint32_t kMax = 100;
  constexpr int kTries = 20'000;
  ASSERT_TRUE(quotas_->open("other"));
  ASSERT_TRUE(quotas_->open("a"));
  std::vector<std::thread> threads;
  std::vector<int64_t> kept(4);
  for (size_t i = 0; i < kept.size(); ++i) {
    threads.emplace_back([this, &mine = kept[i]] {
      for (int n = 0; n < kTries; ++n) {
        if (n % 3 == 2 && mine > 0) {
          quotas_->give_back("a");
          --mine;
        } else if (quotas_->take("a", kMax)) {
          ++mine;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int64_t all = 0;
  for (int64_t mine : kept) all += mine;
  EXPECT_LE(all, int64_t{kMax});
  EXPECT_EQ(quotas_->taken("a"), static_cast<uint32_t>(all));
}

}  // namespace
}  // namespace hourwheel::task_quotas_test
