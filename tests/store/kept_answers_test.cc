#include "store/kept_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "tests/store/builders.h"

namespace hourwheel::kept_answers_test {
namespace {

using namespace store_test;

const Instant kDecided = kFirstDue - hours(2);

KeptAnswer answer_of(uint64_t number, Instant decided = kDecided) {
  TaskChange change = made(number, kFirstDue);
  KeptAnswer answer;
  answer.key.scope = {number, 99};
  answer.key.body[31] = 5;
  answer.decided = decided;
  answer.done.effect = CommandEffect::kCreated;
  answer.done.spec = std::move(change.spec);
  answer.done.state = change.state;
  return answer;
}

class KeptAnswersTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = open_shard(folder_); }
  void keep(KeptAnswer answer) {
    Batch batch;
    batch.counter = ++counter_;
    batch.answers.push_back(std::move(answer));
    ASSERT_TRUE(store_->commit(batch));
  }
  Recalled recall(uint64_t number) {
    auto found = answer(*store_, Recall{{number, 99}});
    EXPECT_TRUE(found);
    return found ? std::move(std::get<Recalled>(*found)) : Recalled{};
  }
  void reopen() {
    store_.reset();
    store_ = open_shard(folder_);
  }
  void background_until_done(Instant now) { store_test::background_until_done(*store_, now); }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
};

TEST_F(KeptAnswersTest, AnAnswerIsFoundByItsScopeAlsoAfterARestart) {
  keep(answer_of(1));
  reopen();
  Recalled found = recall(1);
  ASSERT_TRUE(found.answer);
  const KeptAnswer expected = answer_of(1);
  EXPECT_EQ(found.answer->key, expected.key);
  EXPECT_EQ(found.answer->decided, kDecided);
  EXPECT_EQ(found.answer->done.effect, CommandEffect::kCreated);
  EXPECT_EQ(*found.answer->done.spec, *expected.done.spec);
  EXPECT_EQ(found.answer->done.state, expected.done.state);
  EXPECT_FALSE(recall(2).answer);
  EXPECT_FALSE(recall(2).failed);
}

TEST_F(KeptAnswersTest, AFetchGivesItWithItsTask) {
  Batch batch;
  batch.counter = counter_ = 1;
  batch.tasks.push_back(made(1, kFirstDue));
  batch.answers.push_back(answer_of(1));
  ASSERT_TRUE(store_->commit(batch));
  FetchOne plain{task_key(id_of(1)), {}};
  FetchOne one = plain;
  one.recall = AnswerScope{1, 99};
  FetchOne of_none{task_key("nobody"), {}};
  of_none.recall = AnswerScope{2, 99};
  Fetched fetched = store_->fetch({plain, one, of_none});
  ASSERT_EQ(fetched.recalled.size(), 2U);
  EXPECT_TRUE(fetched.found[1]);
  ASSERT_TRUE(fetched.recalled[0].answer);
  EXPECT_EQ(fetched.recalled[0].answer->key.scope, (AnswerScope{1, 99}));
  EXPECT_FALSE(fetched.found[2]);
  EXPECT_FALSE(fetched.recalled[1].answer);
}

TEST_F(KeptAnswersTest, OneKeptAnewTakesThePlaceOfTheFormer) {
  keep(answer_of(1));
  KeptAnswer later = answer_of(1, kDecided + kAnswersKept);
  later.done.effect = CommandEffect::kUnchanged;
  keep(std::move(later));
  EXPECT_EQ(recall(1).answer->done.effect, CommandEffect::kUnchanged);
}

TEST_F(KeptAnswersTest, WhatIsOldGoes) {
  constexpr uint64_t kOld = AgedRows::kDroppedAtOnce + 10;
  Batch batch;
  batch.counter = counter_ = 1;
  for (uint64_t number = 1; number <= kOld; ++number) {
    batch.answers.push_back(answer_of(number));
  }
  ASSERT_TRUE(store_->commit(batch));
  keep(answer_of(kOld + 1, kDecided + seconds(1)));
  background_until_done(kDecided + kAnswersKept - milliseconds(1));
  EXPECT_TRUE(recall(1).answer);
  background_until_done(kDecided + kAnswersKept);
  for (uint64_t number : {uint64_t{1}, kOld}) EXPECT_FALSE(recall(number).answer) << number;
  EXPECT_TRUE(recall(kOld + 1).answer);
  reopen();
  background_until_done(kDecided + seconds(1) + kAnswersKept);
  EXPECT_FALSE(recall(kOld + 1).answer);
}

TEST_F(KeptAnswersTest, WhatAWrongClockLeftHoldsUpNothing) {
  keep(answer_of(1, kDecided + hours(9'000)));
  keep(answer_of(2));
  keep(answer_of(3, kDecided + hours(1)));
  background_until_done(kDecided + kAnswersKept);
  EXPECT_TRUE(recall(1).answer);
  EXPECT_FALSE(recall(2).answer);
  EXPECT_TRUE(recall(3).answer);
  reopen();
  background_until_done(kDecided + hours(9'000) + kAnswersKept);
  EXPECT_FALSE(recall(1).answer) << "its time has come";
}

TEST_F(KeptAnswersTest, OneThatCannotBeReadIsToldAsThat) {  // C-23
  keep(answer_of(1));
  keep(answer_of(2));
  store_.reset();
  auto file = open_shard_file(folder_);
  ASSERT_TRUE(file);
  ASSERT_TRUE(
      file->execute("UPDATE kept_answer SET answer = (SELECT answer FROM kept_answer WHERE id = 2) "
                    "WHERE id = 1"));
  file.reset();
  store_ = open_shard(folder_);
  Recalled strayed = recall(1);
  ASSERT_TRUE(strayed.failed);
  EXPECT_EQ(strayed.failed->code, ErrorCode::kCorrupt);
  EXPECT_THAT(strayed.failed->detail, ::testing::HasSubstr("kept under"));
  EXPECT_TRUE(store_->damage());
  EXPECT_TRUE(recall(2).answer);
}

}  // namespace
}  // namespace hourwheel::kept_answers_test
