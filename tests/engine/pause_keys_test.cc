// Global pauses begun under an Idempotency-Key: the pause itself is the answer that is kept (PB3).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/limits.h"
#include "engine/pause_book.h"

namespace hourwheel::pause_keys_test {
namespace {

constexpr Instant kNow{1'800'000'000'000};

struct Rows : PauseFile {
  Status put(const GlobalPause& pause, const AuditEntry* entry) override {
    if (full) return failure(ErrorCode::kStorageLow, "", "the disk is full");
    std::erase_if(pauses, [&pause](const GlobalPause& other) { return other.id == pause.id; });
    pauses.push_back(pause);
    told += entry != nullptr ? 1 : 0;
    return {};
  }
  Status remove(uint64_t id) override {
    std::erase_if(pauses, [id](const GlobalPause& pause) { return pause.id == id; });
    return {};
  }
  std::vector<GlobalPause> pauses;
  int told = 0;  // audit entries
  bool full = false;
};

class PauseKeys : public ::testing::Test {
 protected:
  static PauseRequest keyed(uint64_t scope, uint8_t body = 1) {
    PauseRequest request;
    request.pause.reason = "test";
    request.pause.idempotency.emplace();
    request.pause.idempotency->scope = {7, scope};
    request.pause.idempotency->body.fill(body);
    return request;
  }
  Result<PausesChanged> begin(PauseRequest request, Instant now) {
    return book_.carry_out(request, now);
  }
  Result<PausesChanged> end(uint64_t id, Instant now) {
    PauseRequest request;
    request.action = PauseAction::kEnd;
    request.pause.id = id;
    return book_.carry_out(request, now);
  }
  Rows rows_;
  PauseBook book_{rows_, {}, kNow};
};

TEST_F(PauseKeys, ARepeatBeginsNoneAndIsToldTheSame) {
  const auto first = begin(keyed(1), kNow);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(book_.take_changed());
  const auto again = begin(keyed(1), kNow + hours(1));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->pauses, first->pauses);
  EXPECT_FALSE(book_.take_changed());
  EXPECT_EQ(rows_.pauses.size(), 1U);
  EXPECT_EQ(rows_.told, 1) << "AU1 what changed nothing is not told";
  EXPECT_FALSE(begin(keyed(2), kNow + hours(1))->replayed) << "another key is another pause";
}

TEST_F(PauseKeys, AfterACrashTooAsOftenAsItsRowIsThere) {  // AK2
  const auto first = begin(keyed(1), kNow);
  ASSERT_TRUE(first);
  PauseBook next_life(rows_, {rows_.pauses, 1}, kNow + seconds(5));
  PauseRequest request = keyed(1);
  const auto again = next_life.carry_out(request, kNow + seconds(5));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->pauses, first->pauses);
}

TEST_F(PauseKeys, WhatWasNotWrittenIsNotKept) {  // AK2, AK3
  rows_.full = true;
  EXPECT_EQ(begin(keyed(1), kNow).error().code, ErrorCode::kStorageLow);
  rows_.full = false;
  const auto later = begin(keyed(1), kNow + seconds(1));
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->replayed);
}

TEST_F(PauseKeys, WhatWasEndedSinceIsToldAsItWasBegun) {  // AK4
  const auto first = begin(keyed(1), kNow);
  ASSERT_TRUE(end(1, kNow + seconds(10)));
  const auto again = begin(keyed(1), kNow + seconds(20));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->pauses, first->pauses);
  EXPECT_TRUE(book_.pauses().at(0).ended) << "and stays ended";
}

TEST_F(PauseKeys, AnotherBodyIsRefused) {
  ASSERT_TRUE(begin(keyed(1, 1), kNow));
  EXPECT_EQ(begin(keyed(1, 2), kNow).error().code, ErrorCode::kIdempotencyReused);
  EXPECT_EQ(book_.pauses().size(), 1U);
}

TEST_F(PauseKeys, AfterADayItIsAnotherPause) {  // AK4
  ASSERT_TRUE(begin(keyed(1), kNow));
  EXPECT_TRUE(begin(keyed(1), kNow + kAnswersKept - milliseconds(1))->replayed);
  const auto next = begin(keyed(1, 2), kNow + kAnswersKept);
  ASSERT_TRUE(next);
  EXPECT_FALSE(next->replayed);
  EXPECT_EQ(next->pauses.at(0).id, 2U);
  EXPECT_TRUE(begin(keyed(1, 2), kNow + kAnswersKept)->replayed) << "the newer one counts";
}

TEST_F(PauseKeys, WhatTimeHasMadeWrongIsRefusedOnlyIfNothingIsKept) {  // AK3
  auto late = [] {
    PauseRequest request = keyed(1);
    request.refusal = Error{ErrorCode::kValidationFailed, "/until", "has passed already"};
    return request;
  };
  EXPECT_EQ(begin(late(), kNow).error().code, ErrorCode::kValidationFailed);
  EXPECT_TRUE(rows_.pauses.empty());
  ASSERT_TRUE(begin(keyed(1), kNow));
  EXPECT_TRUE(begin(late(), kNow + seconds(1))->replayed);
}

// Of as many as are kept, the ones that keep an answer stay, however long they are over.
TEST_F(PauseKeys, AnAnswerIsNotForgottenForWantOfRoom) {  // PB3
  PauseRequest first = keyed(1);
  first.pause.until = kNow + milliseconds(1);
  ASSERT_TRUE(begin(std::move(first), kNow));
  Instant now = kNow;
  for (size_t i = 0; i < kMaxPausesKept + 5; ++i) {
    now = now + milliseconds(2);
    PauseRequest plain;
    plain.pause.reason = "test";
    plain.pause.until = now + milliseconds(1);
    ASSERT_TRUE(begin(std::move(plain), now)) << i;
  }
  EXPECT_EQ(book_.pauses().size(), kMaxPausesKept);
  EXPECT_TRUE(begin(keyed(1), now)->replayed);
}

TEST_F(PauseKeys, ABoundedNumberIsKept) {  // PB3
  Instant now = kNow;
  for (size_t i = 0; i < kMaxKeyedPauses; ++i) {
    now = now + milliseconds(2);
    PauseRequest request = keyed(i);
    request.pause.until = now + milliseconds(1);
    ASSERT_TRUE(begin(std::move(request), now)) << i;
  }
  now = now + milliseconds(2);
  EXPECT_EQ(begin(keyed(kMaxKeyedPauses), now).error().code, ErrorCode::kStateConflict);
  EXPECT_TRUE(begin(keyed(0), now)->replayed) << "a repeat needs no room";
  PauseRequest plain;
  plain.pause.reason = "test";
  EXPECT_TRUE(begin(std::move(plain), now)) << "without a key nothing is to be kept";
  EXPECT_TRUE(begin(keyed(kMaxKeyedPauses), now + kAnswersKept));
}

}  // namespace
}  // namespace hourwheel::pause_keys_test
