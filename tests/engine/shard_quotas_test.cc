// How many tasks a key may have: what shards that share one table of quotas take and give back.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_quotas_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;
constexpr Instant kLater = kStart + hours(50);

class ShardQuotasTest : public ::testing::Test {
 protected:
  ShardQuotasTest() { EXPECT_TRUE(quotas_->open("alice")); }

  static void ask(ShardUnderTest& under, Command made, const std::string& key = "alice") {
    made.actor.key = key;
    if (key == "alice") made.max_tasks = 2;
    under.ask(std::move(made));
  }
  // ... and waits until it is durable; what it came to.
  const CommandOutcome& settled(ShardUnderTest& under, Command made,
                                const std::string& key = "alice") {
    ask(under, std::move(made), key);
    under.live_until(under.now);
    return under.answer(under.client.replies.size() - 1);
  }
  static Command replace(const std::string& id, Instant at) {
    Command made = command(CommandKind::kReplace, id);
    made.spec = once_at(id, at);
    return made;
  }
  static ErrorCode code_of(const CommandOutcome& outcome) {
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }
  [[nodiscard]] uint32_t taken() const { return quotas_->taken("alice").value_or(99); }

  std::unique_ptr<TaskQuotas> quotas_ = std::make_unique<TaskQuotas>();
  ShardUnderTest under_{{}, quotas_.get()};
  ShardUnderTest other_{{}, quotas_.get()};
};

TEST_F(ShardQuotasTest, OneMoreThanTheQuotaIsRefusedWithBothNumbers) {
  EXPECT_TRUE(settled(under_, create("a", kLater)));
  EXPECT_TRUE(settled(under_, create("b", kLater)));
  const CommandOutcome& refused = settled(under_, create("c", kLater));
  ASSERT_EQ(code_of(refused), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(refused.error().detail, "the key has 2 tasks, and its max_tasks is 2");
  EXPECT_EQ(under_.store.stored.size(), 2U);
  EXPECT_EQ(taken(), 2U);
}

TEST_F(ShardQuotasTest, TheLastPlaceIsForOneOfTwoShards) {  // TQ1, while nothing is durable yet
  ask(under_, create("a", kLater));
  ask(under_, create("b", kLater));
  EXPECT_EQ(code_of(settled(other_, create("c", kLater))), ErrorCode::kQuotaExceeded);
  under_.live_until(under_.now);
  EXPECT_TRUE(under_.answer(0));
  EXPECT_TRUE(under_.answer(1));
}

TEST_F(ShardQuotasTest, OthersAreNotAffected) {
  settled(under_, create("a", kLater));
  settled(under_, create("b", kLater));
  EXPECT_TRUE(settled(under_, create("c", kLater), "bob"));
  EXPECT_TRUE(settled(under_, create("d", kLater), ""));
  EXPECT_EQ(taken(), 2U);
}

TEST_F(ShardQuotasTest, AnExistingTaskIsReplacedWithoutAPlace) {
  settled(under_, create("hers", kLater));
  settled(under_, create("hers too", kLater));
  settled(under_, create("his", kLater), "bob");
  EXPECT_TRUE(settled(under_, replace("hers", kLater + hours(1))));
  EXPECT_TRUE(settled(under_, replace("his", kLater + hours(1))));
  EXPECT_EQ(code_of(settled(under_, replace("new", kLater))), ErrorCode::kQuotaExceeded);
  EXPECT_EQ(taken(), 2U);
}

TEST_F(ShardQuotasTest, ARepeatOfACreateTakesNoPlace) {
  Command again = create("a", kLater);
  again.id_origin = IdOrigin::kChosen;
  settled(under_, create("a", kLater));
  const CommandOutcome& told = settled(under_, std::move(again));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->effect, CommandEffect::kUnchanged);
  EXPECT_EQ(taken(), 1U);
}

TEST_F(ShardQuotasTest, WhatIsRefusedForItselfTakesNoPlace) {
  Command past = create("past", kStart - hours(2));
  past.past = PastInstant::kRefuse;
  EXPECT_EQ(code_of(settled(under_, std::move(past))), ErrorCode::kPastInstant);
  settled(under_, create("a", kLater));
  Command taken_id = create("a", kLater + hours(1));
  taken_id.id_origin = IdOrigin::kChosen;
  EXPECT_EQ(code_of(settled(under_, std::move(taken_id))), ErrorCode::kAlreadyExists);
  EXPECT_EQ(taken(), 1U);
}

TEST_F(ShardQuotasTest, ADeleteGivesThePlaceBackWhenItIsDurable) {
  settled(under_, create("a", kLater));
  settled(under_, create("b", kLater));
  ask(under_, command(CommandKind::kDelete, "a"), "bob");
  while (!under_.store.fetches.empty()) under_.answer_fetch();
  ASSERT_TRUE(under_.store.committing) << "decided, and not durable yet";
  EXPECT_EQ(taken(), 2U);
  EXPECT_EQ(code_of(settled(other_, create("c", kLater))), ErrorCode::kQuotaExceeded);
  under_.live_until(under_.now);
  EXPECT_EQ(taken(), 1U);
  EXPECT_TRUE(settled(other_, create("d", kLater)));
}

TEST_F(ShardQuotasTest, ATaskThatDeletesItselfGivesItsPlaceBack) {
  auto spec = once_at("a", kStart);
  spec->on_complete = OnComplete::kDelete;
  settled(under_, create(std::move(spec)));
  EXPECT_EQ(taken(), 1U);
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  under_.end_attempt(0, 200);
  under_.live_until(under_.now + seconds(1));
  EXPECT_TRUE(under_.store.stored.empty());
  EXPECT_EQ(taken(), 0U);
}

TEST_F(ShardQuotasTest, ACallbackIsCountedAndNeverRefused) {
  auto spec = once_at("a", kStart);
  spec->callbacks.on_success = Callback{"POST", "http://caller.example/", {}};
  settled(under_, create(std::move(spec)));
  settled(under_, create("b", kLater));
  under_.end_attempt(0, 200);
  EXPECT_EQ(taken(), 3U) << "before it is durable";
  under_.live_until(under_.now);
  EXPECT_EQ(under_.store.stored.size(), 3U);
  EXPECT_EQ(under_.store.made_by, (MadeBy{{"alice", 3}}));
  settled(under_, command(CommandKind::kDelete, "b"), "bob");
  EXPECT_EQ(code_of(settled(under_, create("c", kLater))), ErrorCode::kQuotaExceeded);
  ASSERT_EQ(under_.targets.sent.size(), 2U);
  under_.end_attempt(1, 200);  // it is told, and goes
  under_.live_until(under_.now + seconds(1));
  EXPECT_EQ(under_.store.stored.size(), 1U);
  EXPECT_EQ(taken(), 1U);
  EXPECT_TRUE(settled(under_, create("d", kLater)));
}

TEST_F(ShardQuotasTest, WhatWasLostIsCountedNoMoreInTheNextLife) {  // TQ2
  settled(under_, create("a", kLater));
  ask(under_, create("lost", kLater));
  EXPECT_EQ(taken(), 2U);
  // The process ends before that is durable.
  const MadeBy& stored = under_.store.made_by;
  EXPECT_EQ(stored, (MadeBy{{"alice", 1}}));
  TaskQuotas next;
  ASSERT_TRUE(next.open("alice"));
  for (const auto& [key, tasks] : stored) next.count(key, static_cast<uint64_t>(tasks));
  EXPECT_EQ(next.taken("alice"), 1U);
}

TEST_F(ShardQuotasTest, ARevokedKeyMakesNothingMore) {  // TQ3
  settled(under_, create("a", kLater));
  quotas_->close("alice");
  EXPECT_EQ(code_of(settled(under_, create("b", kLater))), ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(settled(under_, command(CommandKind::kDelete, "a"), "bob"));
}

TEST_F(ShardQuotasTest, EachEntryOfABatchIsDecidedByItself) {
  Commands batch{{0, 77, 1, 0}, {}};
  for (const char* id : {"a", "b", "c"}) {
    Command made = create(id, kLater);
    made.actor.key = "alice";
    made.max_tasks = 2;
    batch.commands.push_back(std::move(made));
  }
  under_.shard.post(std::move(batch));
  under_.live_until(under_.now);
  const auto& outcomes = std::get<std::vector<CommandOutcome>>(under_.client.replies.at(0).body);
  EXPECT_TRUE(outcomes.at(0));
  EXPECT_TRUE(outcomes.at(1));
  EXPECT_EQ(code_of(outcomes.at(2)), ErrorCode::kQuotaExceeded);
}

}  // namespace
}  // namespace hourwheel::shard_quotas_test
