// Manual runs with a payload of their own.
#include <gtest/gtest.h>

#include "engine/base/check.h"
#include "engine/limits.h"
#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_payloads_test {
namespace {

const Instant kFarOff = ShardUnderTest::kStart + hours(1);

class ShardPayloadsTest : public ::testing::Test {
 protected:
  void SetUp() override { begin(make(2)); }
  static std::unique_ptr<TaskSpec> make(uint32_t max_attempts) {
    auto spec = once_at("a", kFarOff);
    spec->payload_kind = PayloadKind::kJson;
    spec->payload = "{\"of\":\"the task\"}";
    spec->content_type = "application/json";
    spec->overlap = Overlap::kAllow;
    spec->retry.max_attempts = max_attempts;
    spec->retry.min_backoff = spec->retry.max_backoff = seconds(20);
    spec->retry.jitter = BackoffJitter::kNone;
    return spec;
  }
  void begin(std::unique_ptr<TaskSpec> spec) {
    under_.rest();
    under_.ask(create(std::move(spec)));
    live();
    under_.client.replies.clear();
  }
  static RunPayload of(std::string body) { return {PayloadKind::kText, std::move(body), "text/x"}; }
  static Command run(uint64_t nonce, std::string body) {
    Command made = command(CommandKind::kRun, "a");
    made.nonce = nonce;
    made.payload = std::make_unique<RunPayload>(of(std::move(body)));
    return made;
  }
  void live(Duration time = seconds(1)) { under_.live_until(under_.now + time); }
  void expect_sent(size_t index, const std::string& body) {
    ASSERT_GT(sent().size(), index);
    EXPECT_EQ(sent()[index].payload, of(body));
  }
  [[nodiscard]] const Error& refusal(size_t index) const {
    EXPECT_FALSE(under_.answer(index));
    return under_.answer(index).error();
  }
  [[nodiscard]] const std::vector<FakeTargets::Sent>& sent() const { return under_.targets.sent; }
  // The batch with what the command that was asked for comes to.
  const Batch& decided() {
    under_.answer_fetch();
    if (under_.store.committing && under_.store.committing->tasks.empty()) {
      under_.flush();  // the send mark, which goes before
    }
    HW_CHECK(under_.store.committing != nullptr, "a change is on its way to the store");
    return *under_.store.committing;
  }

  ShardUnderTest under_;
};

TEST_F(ShardPayloadsTest, AllAttemptsOfTheRunAreSentWithItAndNoOtherRunIs) {  // RP1
  under_.ask(run(1, "own"));
  live();
  ASSERT_TRUE(under_.answer(0)) << under_.answer(0).error().detail;
  expect_sent(0, "own");
  under_.end_attempt(0, 500);
  live(seconds(21));
  expect_sent(1, "own");
  under_.end_attempt(1, 200);
  under_.live_until(kFarOff + seconds(1));
  ASSERT_EQ(sent().size(), 3U);
  EXPECT_EQ(sent()[2].payload.body, "{\"of\":\"the task\"}");
  EXPECT_EQ(sent()[2].payload.content_type, "application/json");
}

TEST_F(ShardPayloadsTest, ItIsStoredWithTheOpenRunBeforeItIsSentAndToldToNobody) {
  under_.ask(run(1, "own"));
  const Batch& batch = decided();
  EXPECT_TRUE(sent().empty()) << "nothing is sent before it is durable";
  ASSERT_EQ(batch.tasks.size(), 1U);
  ASSERT_EQ(batch.tasks[0].state.open.size(), 1U);
  EXPECT_EQ(batch.tasks[0].state.open[0].payload, of("own"));
  live();
  ASSERT_EQ(under_.answer(0)->state.open.size(), 1U);
  EXPECT_FALSE(under_.answer(0)->state.open[0].payload) << "an answer may be kept for long";
}

TEST_F(ShardPayloadsTest, TheNextLifeSendsItAgainWithIt) {  // RP1
  under_.ask(run(1, "own"));
  live();
  ASSERT_EQ(sent().size(), 1U);
  ShardUnderTest later(RecoveredShard{100, under_.store.mark});
  later.store.stored = under_.store.stored;
  later.live_until(under_.now + seconds(6));
  ASSERT_EQ(later.targets.sent.size(), 1U);
  EXPECT_EQ(later.targets.sent[0].payload, of("own"));
  EXPECT_TRUE(later.targets.sent[0].possible_duplicate);
  EXPECT_EQ(later.shard.queues().run_payload_bytes, 9U) << "RP3";
}

TEST_F(ShardPayloadsTest, ARedriveSendsItAgain) {  // RP1
  under_.ask(run(1, "own"));
  live();
  under_.end_attempt(0, 410);
  live();
  ASSERT_EQ(under_.store.letters.size(), 1U);
  under_.ask(run(2, "another"));
  live();
  under_.end_attempt(1, 200);
  live();
  Command again = command(CommandKind::kRedrive, "a");
  again.run = sent()[0].run;
  under_.ask(std::move(again));
  live();
  ASSERT_TRUE(under_.answer(2)) << under_.answer(2).error().detail;
  expect_sent(2, "own");
}

TEST_F(ShardPayloadsTest, ThoseOfOneTaskAreBoundedTogether) {  // RP3
  const std::string quarter(kMaxRunPayloads / 4 - 6, 'x');     // with its type
  for (uint64_t i = 0; i < 4; ++i) under_.ask(run(i + 1, quarter));
  live();
  for (size_t i = 0; i < 4; ++i) ASSERT_TRUE(under_.answer(i)) << i;
  EXPECT_EQ(under_.shard.queues().run_payload_bytes, kMaxRunPayloads);
  under_.ask(run(5, "x"));
  live();
  EXPECT_EQ(refusal(4).code, ErrorCode::kStateConflict);
  Command plain = command(CommandKind::kRun, "a");
  plain.nonce = 6;
  under_.ask(std::move(plain));
  live();
  EXPECT_TRUE(under_.answer(5)) << "one that is sent with the task's adds nothing";
  under_.end_attempt(0, 200);
  live();
  under_.ask(run(7, "x"));
  live();
  EXPECT_TRUE(under_.answer(6)) << "there is room again";
}

TEST_F(ShardPayloadsTest, TheLongestIsTakenWhereNoOtherIsOpen) {  // RP3
  under_.ask(run(1, std::string(kMaxRunPayload, 'x')));
  live();
  EXPECT_TRUE(under_.answer(0)) << "its type is beside the bytes that the API counts";
  under_.ask(run(2, "x"));
  live();
  EXPECT_EQ(refusal(1).code, ErrorCode::kStateConflict);
}

TEST_F(ShardPayloadsTest, ThoseInMemoryAreBoundedAndGiveTheirRoomBack) {  // RP3
  MemoryLimits limits;
  limits.run_payload_bytes = 20;
  ShardUnderTest under;
  under.shard.limit_memory(limits);
  under.rest();
  for (const char* id : {"a", "b"}) under.ask(create(id, kFarOff));
  under.live_until(under.now + seconds(1));
  under.client.replies.clear();
  under.ask(run(1, "0123456789"));  // 16 bytes with its type
  under.live_until(under.now + seconds(1));
  Command other = run(2, "01");
  other.id = "b";
  other.key = task_key("b");
  under.ask(std::move(other));
  under.live_until(under.now + seconds(1));
  EXPECT_TRUE(under.answer(0));
  ASSERT_FALSE(under.answer(1));
  EXPECT_EQ(under.answer(1).error().code, ErrorCode::kOverloaded);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.end_attempt(0, 200);
  under.live_until(under.now + seconds(1));
  EXPECT_EQ(under.shard.queues().run_payload_bytes, 0U);
}

// A shard that has as many bytes of payloads in memory as it may, all of one run.
class ManyPayloadsTest : public ShardPayloadsTest {
 protected:
  void SetUp() override {
    MemoryLimits limits;
    limits.run_payload_bytes = 20;
    under_.shard.limit_memory(limits);
    auto spec = make(2);
    spec->retry.min_backoff = spec->retry.max_backoff = minutes(10);
    begin(std::move(spec));
    under_.ask(run(1, kOwn));
    live();
    ASSERT_EQ(sent().size(), 1U);
    ASSERT_EQ(under_.shard.queues().run_payload_bytes, 20U);
  }
  const std::string kOwn = "01234567890123";  // 20 bytes with its type
};

TEST_F(ManyPayloadsTest, WhatWaitsForLongIsLeftToTheDueIndexAndFoundAgain) {  // RP3
  under_.end_attempt(0, 500);
  live();
  EXPECT_EQ(under_.shard.queues().run_payload_bytes, 0U);
  EXPECT_EQ(under_.shard.queues().tasks, 0U);
  live(minutes(11));
  expect_sent(1, kOwn);
}

TEST_F(ManyPayloadsTest, NoMoreThanALittleIsReadAhead) {  // RP3
  live(kHorizonAhead);                                    // with the attempt in flight all the time
  EXPECT_EQ(under_.shard.queues().run_payload_bytes, 20U);
  EXPECT_GE(under_.shard.metrics().horizon_lag_ms.value(),
            (kHorizonAhead - kHorizonNear - kHorizonStep).ms);
}

TEST_F(ManyPayloadsTest, LinesAreShortAndOthersAreNotHeldUp) {  // RP3, C-24
  constexpr uint32_t kLongest = kCrowdedShare;  // so that a short one is of one task
  under_.shard.limit_lines({.longest = kLongest, .in_flight_unproven = 1});
  const Instant due = under_.now + seconds(10);
  for (const char* id : {"b", "c", "d", "e", "f"}) {
    auto spec = once_at(id, due);
    spec->target.url = "http://hung.example/";
    under_.ask(create(std::move(spec)));
  }
  auto other = once_at("other", due);
  other->target.url = "http://other.example/";
  under_.ask(create(std::move(other)));
  live(seconds(12));
  EXPECT_EQ(sent().size(), 3U) << "the first, one that hangs, the other target's";
  EXPECT_EQ(under_.shard.queues().tasks, 4U) << "those and one in line";
  EXPECT_GE(under_.shard.metrics().parked.value(), 3U);
}

TEST_F(ShardPayloadsTest, ADeleteGivesTheRoomBackWithTheLastRun) {  // RP3
  under_.ask(run(1, "own"));
  live();
  under_.ask(command(CommandKind::kDelete, "a"));
  live();
  EXPECT_EQ(under_.shard.queues().run_payload_bytes, 9U);
  under_.end_attempt(0, 200);
  live();
  EXPECT_EQ(under_.shard.queues().run_payload_bytes, 0U);
  EXPECT_EQ(under_.shard.queues().tasks, 0U);
}

TEST_F(ShardPayloadsTest, CommitsCountItsBytes) {
  under_.ask(run(1, std::string(10'000, 'x')));
  EXPECT_GT(decided().bytes, 10'000U);
  under_.flush();
  live();
  under_.end_attempt(0, 410);
  ASSERT_TRUE(under_.store.committing != nullptr);
  EXPECT_GT(under_.store.committing->bytes, 10'000U) << "in the dead letter";
}

// RP2
TEST_F(ShardPayloadsTest, VariablesOfItAreKnownOnesWhereTheTargetFillsThemIn) {
  under_.ask(run(1, "{{nobody}}"));
  live();
  EXPECT_TRUE(under_.answer(0)) << "nothing is filled in";

  auto spec = make(2);
  spec->target.variables = true;
  Command replace = command(CommandKind::kReplace, "a");
  replace.spec = std::make_unique<TaskSpec>(*spec);
  under_.ask(std::move(replace));
  live();
  EXPECT_EQ(refusal(1).code, ErrorCode::kValidationFailed) << "the open run could not be sent";
  EXPECT_EQ(refusal(1).field, "/target/variables");

  under_.end_attempt(0, 410);
  live();
  replace = command(CommandKind::kReplace, "a");
  replace.spec = std::move(spec);
  under_.ask(std::move(replace));
  live();
  ASSERT_TRUE(under_.answer(2)) << under_.answer(2).error().detail;
  under_.ask(run(2, "{{nobody}}"));
  under_.ask(run(3, "{{run_id}}"));
  Command again = command(CommandKind::kRedrive, "a");
  again.run = sent()[0].run;
  under_.ask(std::move(again));
  live();
  EXPECT_EQ(refusal(3).code, ErrorCode::kValidationFailed);
  EXPECT_EQ(refusal(3).field, "/payload_text");
  EXPECT_TRUE(under_.answer(4));
  EXPECT_EQ(refusal(5).code, ErrorCode::kStateConflict);
}

}  // namespace
}  // namespace hourwheel::shard_payloads_test
