// How many runs of a deleted task have not ended.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_last_runs_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

class ShardLastRunsTest : public ::testing::Test {
 protected:
  // The task is deleted while its run is in flight.
  void SetUp() override {
    under_.rest();
    under_.ask(create("a", kSoon));
    under_.live_until(kSoon);
    ASSERT_EQ(under_.targets.sent.size(), 1U);
    under_.client.replies.clear();
    under_.ask(command(CommandKind::kDelete, "a"));
    under_.rest();
    ASSERT_TRUE(under_.answer(0)) << under_.answer(0).error().detail;
    number_ = under_.answer(0)->number;
    EXPECT_EQ(under_.answer(0)->in_flight, 1U);
  }
  uint32_t open(TaskNumber task) {
    under_.shard.post(QueryRequest{{0, 99, 1, 0}, CountLastRuns{task}});
    under_.turn();
    EXPECT_TRUE(under_.store.queries.empty()) << "the store knows nothing of it";
    const auto& told = std::get<Result<QueryAnswer>>(under_.client.replies.back().body);
    EXPECT_TRUE(told);
    return told ? std::get<LastRuns>(*told).open : 0;
  }

  ShardUnderTest under_;
  TaskNumber number_;
};

TEST_F(ShardLastRunsTest, AreCountedUntilTheirEndIsDurable) {
  EXPECT_EQ(open(number_), 1U);
  under_.end_attempt(0, 200);
  EXPECT_EQ(open(number_), 1U) << "who is told sooner could see it vanish with a crash";
  under_.flush();
  EXPECT_EQ(open(number_), 0U);
}

TEST_F(ShardLastRunsTest, AreThoseOfTheTaskAndNotOfTheNextOneWithItsId) {
  under_.ask(create("a", under_.now + seconds(1)));
  under_.live_until(under_.now + seconds(2));
  ASSERT_EQ(under_.targets.sent.size(), 2U);
  under_.end_attempt(0, 200);
  under_.rest();
  EXPECT_EQ(open(number_), 0U);
  EXPECT_EQ(open({number_.value + 1}), 0U) << "that one is not deleted";
}

}  // namespace
}  // namespace hourwheel::shard_last_runs_test
