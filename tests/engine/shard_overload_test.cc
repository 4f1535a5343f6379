// C-25: what a shard keeps free for deletes, pauses and cancellations, and what it tells of its
// line.
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "engine/shard.h"
#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_overload_test {
namespace {

Commands of(CommandKind kind, size_t count) {
  Commands commands;
  for (size_t i = 0; i < count; ++i) {
    Command& command = commands.commands.emplace_back();
    command.kind = kind;
    command.id = "t" + std::to_string(i);
    command.key = task_key(command.id);
  }
  return commands;
}

ErrorCode refusal_in(const Reply& reply) {
  return std::get<std::vector<CommandOutcome>>(reply.body).front().error().code;
}

TEST(ShardOverloadTest, ALineFullOfCreatesStillTakesDeletesAndPauses) {
  ShardUnderTest under;
  under.shard.post(of(CommandKind::kCreate, kMaxCommandsWaiting - kUrgentReserve));
  under.shard.post(of(CommandKind::kReplace, 1));
  ASSERT_EQ(under.client.replies.size(), 1U);
  EXPECT_EQ(refusal_in(under.client.replies[0]), ErrorCode::kOverloaded);
  under.shard.post(of(CommandKind::kDelete, 1));
  under.shard.post(of(CommandKind::kPause, kUrgentReserve - 1));
  EXPECT_EQ(under.client.replies.size(), 1U) << "taken";
  under.shard.post(of(CommandKind::kCancel, 1));
  EXPECT_EQ(under.client.replies.size(), 2U) << "S6: every queue has a bound";
}

TEST(ShardOverloadTest, ABatchWithACreateInItIsNotUrgent) {
  EXPECT_TRUE(of(CommandKind::kStopBackfill, 2).urgent());
  Commands mixed = of(CommandKind::kDelete, 2);
  mixed.commands.push_back(std::move(of(CommandKind::kRun, 1).commands.front()));
  EXPECT_FALSE(mixed.urgent());
}

TEST(ShardOverloadTest, TellsHowLongTheHeadOfItsLineHasWaited) {
  ShardUnderTest under;
  under.rest();
  EXPECT_EQ(under.shard.oldest_wait(), Duration{});
  for (int i = 0; i < 3; ++i) under.ask(create("t" + std::to_string(i), under.now + hours(1)));
  under.rest();
  constexpr uint32_t kOneCommand = 1;
  under.shard.post(of(CommandKind::kDelete, 3));
  const Instant posted = under.now;
  auto turn = [&](Duration after) {
    under.now = posted + after;
    return under.shard.turn({under.now, {(under.now - ShardUnderTest::kStart).ms}}, kOneCommand);
  };
  EXPECT_TRUE(turn(milliseconds(5)));
  EXPECT_EQ(under.shard.oldest_wait(), milliseconds(5));
  EXPECT_TRUE(turn(milliseconds(30)));
  EXPECT_EQ(under.shard.oldest_wait(), milliseconds(30));
  turn(milliseconds(31));
  EXPECT_EQ(under.shard.oldest_wait(), Duration{}) << "all are decided";
}

}  // namespace
}  // namespace hourwheel::shard_overload_test
