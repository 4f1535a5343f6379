#include "net/switchboard.h"

#include <gtest/gtest.h>

#include <utility>

#include "engine/limits.h"

namespace hourwheel::switchboard_test {
namespace {

constexpr uint32_t kHere = 0;
constexpr uint32_t kThere = 1;

ShardMail mail_of(CommandKind kind) {
  Commands commands;
  commands.commands.emplace_back().kind = kind;
  return {kThere, std::move(commands)};
}

size_t posted(Switchboard& board, CommandKind kind) {
  size_t count = 0;
  while (board.post(kHere, mail_of(kind))) ++count;
  return count;
}

// C-25: creates that another reactor has not taken yet leave room for deletes.
TEST(Switchboard, KeepsPlacesForWhatIsUrgent) {
  auto board = Switchboard::create(2, {kHere, kThere});
  ASSERT_TRUE(board);
  EXPECT_EQ(posted(**board, CommandKind::kCreate), kMailboxCapacity - kUrgentMailReserve);
  EXPECT_FALSE((*board)->post(kHere, {kThere, QueryRequest{}}));
  EXPECT_EQ(posted(**board, CommandKind::kDelete), kUrgentMailReserve);
}

TEST(Switchboard, AReplyGivesItsPlaceBack) {
  auto board = Switchboard::create(2, {kHere, kThere});
  ASSERT_TRUE(board);
  static_cast<void>(posted(**board, CommandKind::kDelete));
  ASSERT_TRUE((*board)->next_mail(kThere));
  EXPECT_FALSE((*board)->post(kHere, mail_of(CommandKind::kDelete))) << "M3 the reply needs it";
  (*board)->reply(kThere, Reply{{.reactor = kHere}, std::vector<CommandOutcome>{}});
  ASSERT_TRUE((*board)->next_reply(kHere));
  EXPECT_TRUE((*board)->post(kHere, mail_of(CommandKind::kDelete)));
}

}  // namespace
}  // namespace hourwheel::switchboard_test
