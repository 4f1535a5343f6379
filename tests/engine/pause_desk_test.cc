#include "engine/pause_desk.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hourwheel {
namespace {

constexpr Instant kNow{1'800'000'000'000};

struct FakeFile : PauseFile {
  Status put(const GlobalPause& pause) override {
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    std::erase_if(pauses, [&pause](const GlobalPause& other) { return other.id == pause.id; });
    pauses.push_back(pause);
    return {};
  }
  Status remove(uint64_t id) override {
    std::erase_if(pauses, [id](const GlobalPause& pause) { return pause.id == id; });
    return {};
  }
  std::vector<GlobalPause> pauses;
  bool full = false;
};

struct FakeClient : ReplyDoor {
  void reply(Reply reply) override { replies.push_back(std::move(reply)); }
  const Result<QueryAnswer>& answer(size_t index) const {
    return std::get<Result<QueryAnswer>>(replies.at(index).body);
  }
  std::vector<Reply> replies;
};

class PauseDeskTest : public ::testing::Test {
 protected:
  PauseRequest begin(std::optional<Instant> until = {}) {
    PauseRequest request{{0, ++slot_, 1, 0}, PauseAction::kBegin, {}};
    request.pause.reason = "test";
    request.pause.until = until;
    return request;
  }
  PauseRequest end(uint64_t id) {
    PauseRequest request{{0, ++slot_, 1, 0}, PauseAction::kEnd, {}};
    request.pause.id = id;
    return request;
  }
  void confirm_all(uint64_t version) {
    desk_.confirmed(0, version, client_);
    desk_.confirmed(1, version, client_);
  }

  FakeFile file_;
  FakeClient client_;
  PauseDesk desk_{file_, {}, 2, kNow};
  uint32_t slot_ = 0;
};

TEST_F(PauseDeskTest, AnswersWhenEveryPlaceHasConfirmed) {
  desk_.ask(begin());
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  EXPECT_EQ(file_.pauses.size(), 1U) << "Q1 it is durable before anybody is told";
  desk_.confirmed(0, table->version, client_);
  EXPECT_TRUE(client_.replies.empty()) << "Q2 the second place may still start something";
  desk_.confirmed(1, table->version - 1, client_);
  EXPECT_TRUE(client_.replies.empty());
  desk_.confirmed(1, table->version, client_);
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_EQ(std::get<PausesChanged>(*client_.answer(0)).pauses.at(0).id, 1U);
}

TEST_F(PauseDeskTest, WhatIsAskedMeanwhileGoesWithTheNextTable) {
  desk_.ask(begin());
  auto first = desk_.turn(kNow, client_);
  desk_.ask(end(1));
  EXPECT_FALSE(desk_.turn(kNow, client_)) << "Q3";
  confirm_all(first->version);
  auto second = desk_.turn(kNow + seconds(1), client_);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->pauses.at(0).ended, kNow + seconds(1));
  confirm_all(second->version);
  EXPECT_EQ(client_.replies.size(), 2U);
  EXPECT_TRUE(desk_.idle());
}

TEST_F(PauseDeskTest, RefusesToEndWhatIsNotInForce) {
  desk_.ask(end(12));
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kNotFound);
}

TEST_F(PauseDeskTest, EndingAllWhenThereIsNoneIsAnsweredAtOnce) {
  desk_.ask({{0, 1, 1, 0}, PauseAction::kEndAll, {}});
  EXPECT_FALSE(desk_.turn(kNow, client_));
  ASSERT_EQ(client_.replies.size(), 1U);
  EXPECT_TRUE(client_.answer(0));
}

TEST_F(PauseDeskTest, HoldsABoundedNumberOfPauses) {
  for (int64_t i = 0; i <= kMaxPausesInForce; ++i) desk_.ask(begin());
  auto table = desk_.turn(kNow, client_);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->pauses.size(), static_cast<size_t>(kMaxPausesInForce));
  ASSERT_EQ(client_.replies.size(), 1U) << "Q4 the one too many is refused at once";
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStateConflict);
}

TEST_F(PauseDeskTest, AFullDiskChangesNothing) {
  file_.full = true;
  desk_.ask(begin());
  EXPECT_FALSE(desk_.turn(kNow, client_));
  EXPECT_EQ(client_.answer(0).error().code, ErrorCode::kStorageLow);
  EXPECT_TRUE(desk_.table().pauses.empty());
}

TEST_F(PauseDeskTest, AnEndedPauseIsKeptForThirtyDays) {
  desk_.ask(begin(kNow + seconds(10)));
  confirm_all(desk_.turn(kNow, client_)->version);
  const Instant end = kNow + seconds(10);
  PauseDesk before(file_, {file_.pauses, 1}, 1, end + kPauseKept - milliseconds(1));
  EXPECT_EQ(before.table().pauses.size(), 1U);
  PauseDesk after(file_, {file_.pauses, 1}, 1, end + kPauseKept);
  EXPECT_TRUE(after.table().pauses.empty());
  after.ask(begin());
  EXPECT_EQ(after.turn(end + kPauseKept, client_)->pauses.at(0).id, 2U) << "ids are never reused";
}

}  // namespace
}  // namespace hourwheel
