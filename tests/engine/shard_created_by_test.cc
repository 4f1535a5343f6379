// Whose request made a task: told by the shard with the task, whatever becomes of it.
#include <gtest/gtest.h>

#include <utility>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_created_by_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;

class ShardCreatedByTest : public ::testing::Test {
 protected:
  void ask(const std::string& key, Command made) {
    made.actor.key = key;
    under_.ask(std::move(made));
    under_.live_until(under_.now);
  }
  // As it is stored; "-": it is not.
  [[nodiscard]] std::string maker_of(const std::string& id) const {
    auto found = under_.store.find({task_key(id), {}});
    return found ? found->state.created_by : "-";
  }
  static Command replace(const std::string& id, Instant at) {
    Command made = command(CommandKind::kReplace, id);
    made.spec = once_at(id, at);
    return made;
  }

  ShardUnderTest under_;
};

TEST_F(ShardCreatedByTest, IsTheKeyOfTheRequestThatMadeTheTask) {
  ask("alice", create("a", kStart + hours(50)));
  ask("bob", replace("b", kStart + hours(50)));  // an upsert of what is not there
  ask("", create("c", kStart + hours(50)));
  EXPECT_EQ(under_.answer(0)->state.created_by, "alice");
  EXPECT_EQ(maker_of("a"), "alice");
  EXPECT_EQ(maker_of("b"), "bob");
  EXPECT_EQ(maker_of("c"), "") << "no key was asked for";
}

TEST_F(ShardCreatedByTest, StaysWhoeverChangesTheTask) {
  ask("alice", create("a", kStart + hours(50)));
  ask("bob", replace("a", kStart + hours(51)));
  EXPECT_EQ(under_.answer(1)->effect, CommandEffect::kReplaced);
  EXPECT_EQ(under_.answer(1)->state.created_by, "alice");
  ask("bob", command(CommandKind::kPause, "a"));
  ask("bob", command(CommandKind::kResume, "a"));
  EXPECT_EQ(maker_of("a"), "alice");
}

TEST_F(ShardCreatedByTest, StaysWhenTheTaskFires) {
  ask("alice", create(every("a", minutes(1), kStart)));
  under_.live_until(kStart + seconds(1));
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  under_.end_attempt(0, 200);
  under_.rest();
  EXPECT_EQ(maker_of("a"), "alice");
}

TEST_F(ShardCreatedByTest, OfATaskMadeAnewIsWhoMadeItAnew) {
  ask("alice", create("a", kStart + hours(50)));
  ask("bob", command(CommandKind::kDelete, "a"));
  EXPECT_EQ(maker_of("a"), "-");
  ask("bob", replace("a", kStart + hours(50)));
  EXPECT_EQ(maker_of("a"), "bob");
}

TEST_F(ShardCreatedByTest, OfACallbackIsTheMakerOfItsTask) {
  auto spec = once_at("a", kStart);
  spec->callbacks.on_success = Callback{"POST", "http://caller.example/", {}};
  ask("alice", create(std::move(spec)));
  under_.rest();
  ASSERT_EQ(under_.targets.sent.size(), 1U);
  under_.end_attempt(0, 200);
  under_.rest();
  ASSERT_EQ(under_.store.stored.size(), 2U);
  EXPECT_EQ(maker_of("a"), "alice");
  EXPECT_EQ(under_.store.stored.rbegin()->second.state.created_by, "alice");
}

}  // namespace
}  // namespace hourwheel::shard_created_by_test
