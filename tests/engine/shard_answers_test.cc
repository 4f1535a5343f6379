// Requests that are sent again under their Idempotency-Key (C-2), in virtual time.
#include <gtest/gtest.h>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_answers_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + hours(50);

class ShardAnswersTest : public ::testing::Test {
 protected:
  ShardAnswersTest() { under_.rest(); }

  static Command keyed(Command made, uint8_t body = 0) {
    made.id_origin = IdOrigin::kChosen;
    made.idempotency = std::make_unique<IdempotencyKey>();
    made.idempotency->scope = {7, made.key.low};
    made.idempotency->body[0] = body;
    return made;
  }
  // Until nothing is left to do.
  void settle() { under_.live_until(under_.now); }
  void ask(Command made) {
    under_.ask(std::move(made));
    settle();
  }
  [[nodiscard]] const CommandOutcome& last() const {
    return under_.answer(under_.client.replies.size() - 1);
  }
  [[nodiscard]] ErrorCode refusal(size_t index) const {
    const CommandOutcome& outcome = under_.answer(index);
    return outcome ? ErrorCode::kInternal : outcome.error().code;
  }

  ShardUnderTest under_;
};

TEST_F(ShardAnswersTest, ARepeatIsToldWhatTheFirstWasTold) {
  ask(keyed(create("a", kSoon)));
  ASSERT_EQ(under_.answer(0)->effect, CommandEffect::kCreated);
  EXPECT_FALSE(under_.answer(0)->replayed);
  const Version version = under_.answer(0)->state.version;
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = once_at("a", kSoon + seconds(1));
  ask(std::move(replace));
  ASSERT_GT(last()->state.version, version);

  const uint64_t commits = under_.store.commits;
  ask(keyed(create("a", kSoon)));
  ASSERT_TRUE(last());
  EXPECT_EQ(last()->effect, CommandEffect::kCreated);
  EXPECT_TRUE(last()->replayed);
  EXPECT_EQ(last()->state.version, version);
  EXPECT_EQ(last()->spec->schedule.at, kSoon) << "as it was then";
  EXPECT_EQ(under_.store.commits, commits) << "nothing is changed";
}

TEST_F(ShardAnswersTest, ARepeatIsToldEvenWhenTheTaskIsGone) {
  ask(keyed(create("a", kSoon)));
  ask(command(CommandKind::kDelete, "a"));
  ask(keyed(create("a", kSoon)));
  EXPECT_EQ(last()->effect, CommandEffect::kCreated);
  EXPECT_TRUE(last()->replayed);
  EXPECT_TRUE(under_.store.stored.empty());
}

TEST_F(ShardAnswersTest, AnotherBodyIsRefused) {
  ask(keyed(create("a", kSoon)));
  ask(keyed(create("a", kSoon), 1));
  EXPECT_EQ(refusal(1), ErrorCode::kIdempotencyReused);
  ask(keyed(create("a", kSoon)));
  EXPECT_TRUE(last()->replayed) << "the refusal has left the key as it was";
}

TEST_F(ShardAnswersTest, ARunIsStartedOnce) {
  ask(create("a", kSoon));
  auto run = [](uint64_t nonce) {
    Command made = keyed(command(CommandKind::kRun, "a"));
    made.nonce = nonce;
    return made;
  };
  ask(run(1));
  ask(run(2));
  ASSERT_TRUE(last());
  EXPECT_TRUE(last()->replayed);
  EXPECT_EQ(last()->run->instant_or_nonce, 1) << "the run of the first time";
  EXPECT_EQ(under_.targets.sent.size(), 1U);
}

TEST_F(ShardAnswersTest, WhatChangesNothingIsKeptToo) {
  ask(create("a", kSoon));
  ask(keyed(command(CommandKind::kResume, "a")));
  EXPECT_EQ(last()->effect, CommandEffect::kUnchanged);
  EXPECT_EQ(under_.store.answers.size(), 1U);
  ask(command(CommandKind::kPause, "a"));
  ask(keyed(command(CommandKind::kResume, "a")));
  EXPECT_TRUE(last()->replayed);
  EXPECT_TRUE(under_.store.stored.begin()->second.state.pause) << "it is paused still";
}

TEST_F(ShardAnswersTest, AnswerAndChangeAreOneCommit) {  // AK2
  under_.ask(keyed(create("a", kSoon)));
  under_.answer_fetch();
  under_.flush();  // of the send mark
  ASSERT_TRUE(under_.store.committing);
  const Batch& batch = *under_.store.committing;
  ASSERT_EQ(batch.answers.size(), 1U);
  ASSERT_EQ(batch.tasks.size(), 1U);
  EXPECT_EQ(batch.answers[0].done.state, batch.tasks[0].state);
  EXPECT_EQ(batch.answers[0].decided, under_.now);
  EXPECT_TRUE(under_.client.replies.empty()) << "S1";
}

TEST_F(ShardAnswersTest, WhileOneIsUnderWayAnotherIsRefused) {  // AK1
  under_.ask(keyed(create("a", kSoon)));
  under_.ask(keyed(create("a", kSoon)));  // the first waits for the store
  ASSERT_EQ(under_.client.replies.size(), 1U);
  EXPECT_EQ(refusal(0), ErrorCode::kIdempotencyInProgress);
  under_.answer_fetch();
  ASSERT_TRUE(under_.store.committing);
  under_.ask(keyed(create("a", kSoon)));  // ... for its commit
  ASSERT_EQ(under_.client.replies.size(), 2U);
  EXPECT_EQ(refusal(1), ErrorCode::kIdempotencyInProgress);
  settle();
  EXPECT_EQ(last()->effect, CommandEffect::kCreated);
  ask(keyed(create("a", kSoon)));
  EXPECT_TRUE(last()->replayed);
  EXPECT_EQ(under_.shard.queues().keys, 0U);
}

TEST_F(ShardAnswersTest, ARefusalIsNotKept) {  // AK3
  ask(keyed(command(CommandKind::kPause, "a")));
  EXPECT_EQ(refusal(0), ErrorCode::kNotFound);
  ask(create("a", kSoon));
  ask(keyed(command(CommandKind::kPause, "a")));
  ASSERT_TRUE(last()) << last().error().detail;
  EXPECT_FALSE(last()->replayed);
  EXPECT_EQ(under_.shard.queues().keys, 0U);
}

TEST_F(ShardAnswersTest, AfterADayItIsDecidedAnew) {  // AK4
  ask(create("a", kSoon));
  ask(keyed(command(CommandKind::kPause, "a")));
  under_.live_until(under_.now + kAnswersKept - milliseconds(1));
  ask(keyed(command(CommandKind::kPause, "a")));
  EXPECT_TRUE(last()->replayed);
  under_.live_until(under_.now + milliseconds(1));
  ask(keyed(command(CommandKind::kPause, "a")));
  EXPECT_FALSE(last()->replayed);
}

TEST_F(ShardAnswersTest, CommandsOnATaskKeepTheirOrder) {
  ask(create("a", kSoon));
  under_.ask(keyed(command(CommandKind::kPause, "a")));
  under_.ask(command(CommandKind::kDelete, "a"));
  settle();
  ASSERT_EQ(under_.client.replies.size(), 3U);
  EXPECT_EQ(under_.answer(1)->effect, CommandEffect::kDone);
  EXPECT_EQ(under_.answer(2)->effect, CommandEffect::kDeleted);
}

TEST_F(ShardAnswersTest, WhatCannotBeLookedUpIsRefusedAlone) {
  ask(create("a", kSoon));
  under_.client.replies.clear();
  under_.ask(keyed(command(CommandKind::kPause, "a")));
  under_.ask(command(CommandKind::kResume, "a"));
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  Fetched fetched{std::move(under_.store.fetches.front()), {}};
  under_.store.fetches.clear();
  ASSERT_TRUE(fetched.asked[0].recall);
  fetched.found.push_back(under_.store.find(fetched.asked[0]));
  fetched.recalled.push_back(
      {*fetched.asked[0].recall, nullptr, Error{ErrorCode::kCorrupt, "", "planted"}});
  under_.shard.post(std::move(fetched));
  settle();
  ASSERT_EQ(under_.client.replies.size(), 2U);
  EXPECT_EQ(refusal(0), ErrorCode::kCorrupt);
  EXPECT_TRUE(under_.answer(1));
  EXPECT_EQ(under_.shard.queues().keys, 0U);
}

TEST_F(ShardAnswersTest, WhatIsRefusedNowIsToldWhatItWasToldThen) {
  auto refused_now = [] {
    Command made = keyed(command(CommandKind::kPause, "a"));
    made.refusal =
        std::make_unique<Error>(Error{ErrorCode::kValidationFailed, "/until", "is over"});
    return made;
  };
  ask(create("a", kSoon));
  ask(refused_now());
  EXPECT_EQ(refusal(1), ErrorCode::kValidationFailed);
  ask(keyed(command(CommandKind::kPause, "a")));
  ASSERT_TRUE(last());
  ask(refused_now());
  ASSERT_TRUE(last());
  EXPECT_TRUE(last()->replayed);
}

// A damaged definition keeps nobody from deleting its task, nor from hearing what was decided.
TEST_F(ShardAnswersTest, ADamagedTaskIsToldOfAndDeleted) {  // C-23
  ask(create("a", ShardUnderTest::kStart + seconds(8)));
  ask(keyed(command(CommandKind::kPause, "a")));
  ask(command(CommandKind::kResume, "a"));
  // Known from the due index, its definition not read yet.
  ShardUnderTest next(RecoveredShard{100, {}});
  next.store.stored = under_.store.stored;
  next.store.answers = std::move(under_.store.answers);
  next.rest();
  auto ask_damaged = [&next](Command made) -> const CommandOutcome& {
    next.ask(std::move(made));
    while (!next.store.fetches.empty()) {
      Fetched fetched{std::move(next.store.fetches.front()), {}};
      next.store.fetches.pop_front();
      for (const FetchOne& one : fetched.asked) {
        fetched.found.emplace_back(failure(ErrorCode::kCorrupt, "", "planted"));
        if (one.recall) fetched.recalled.push_back(next.store.recall(*one.recall));
      }
      next.shard.post(std::move(fetched));
      next.rest();
    }
    return next.answer(next.client.replies.size() - 1);
  };
  EXPECT_FALSE(ask_damaged(command(CommandKind::kRun, "a")));
  const CommandOutcome& paused = ask_damaged(keyed(command(CommandKind::kPause, "a")));
  ASSERT_TRUE(paused) << paused.error().detail;
  EXPECT_TRUE(paused->replayed);
  Command remove = keyed(command(CommandKind::kDelete, "a"));
  remove.idempotency->scope.high = 8;
  const CommandOutcome& removed = ask_damaged(std::move(remove));
  ASSERT_TRUE(removed) << removed.error().detail;
  EXPECT_EQ(removed->effect, CommandEffect::kDeleted);
  EXPECT_EQ(next.shard.queues().keys, 0U);
}

TEST_F(ShardAnswersTest, ADiskThatDoesNotAnswerFreesTheKey) {
  under_.ask(keyed(create("a", kSoon)));
  under_.fail_fetch(ErrorCode::kIo);
  EXPECT_EQ(refusal(0), ErrorCode::kIo);
  ask(keyed(create("a", kSoon)));
  EXPECT_EQ(last()->effect, CommandEffect::kCreated);
}

TEST_F(ShardAnswersTest, AFullDiskKeepsTheKeyUntilItsChangeHasCome) {  // ST2
  under_.ask(keyed(create("a", kSoon)));
  under_.answer_fetch();
  under_.shard.post(CommitPutOff{});
  under_.turn();
  EXPECT_EQ(refusal(0), ErrorCode::kStorageFull);
  under_.ask(keyed(create("a", kSoon)));
  EXPECT_EQ(refusal(1), ErrorCode::kIdempotencyInProgress);
  settle();
  ask(keyed(create("a", kSoon)));
  EXPECT_TRUE(last()->replayed);
}

TEST_F(ShardAnswersTest, TwoKeysInOneRequestAreTwoAnswers) {
  Commands both{{0, 9, 1, 0}, {}};
  both.commands.push_back(keyed(create("a", kSoon)));
  both.commands.push_back(keyed(create("b", kSoon)));
  under_.shard.post(std::move(both));
  settle();
  ask(keyed(create("b", kSoon)));
  EXPECT_TRUE(last()->replayed);
  EXPECT_EQ(last()->spec->id, "b");
}

}  // namespace
}  // namespace hourwheel::shard_answers_test
