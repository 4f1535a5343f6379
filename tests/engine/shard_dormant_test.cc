// Tasks within the horizon that only wait (engine/dormant.h).
#include "engine/dormant.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_dormant_test {
namespace {

const Instant kDue = ShardUnderTest::kStart + minutes(5);

TEST(DormantTasks, ANumberStandsInThePlaceOfAHandle) {
  for (uint64_t number : {uint64_t{1}, uint64_t{1} << 32, (uint64_t{1} << 62) + 5}) {
    EXPECT_EQ(DormantTasks::number_in(DormantTasks::handle_of({number})), TaskNumber{number});
  }
  EXPECT_FALSE(DormantTasks::number_in(SlabHandle{7, UINT32_MAX >> 1}));
}

TEST(DormantTasks, ATaskHasOneEntryAtATime) {
  DormantTasks dormant(1);
  using Entry = DormantTasks::Entry;
  EXPECT_EQ(dormant.lay({7}, kDue), Entry::kNew);
  EXPECT_EQ(dormant.lay({7}, kDue), Entry::kUnchanged);
  EXPECT_EQ(dormant.lay({7}, kDue + seconds(1)), Entry::kInstead);
  EXPECT_FALSE(dormant.holds({7}, kDue));
  EXPECT_TRUE(dormant.holds({7}, kDue + seconds(1)));
  EXPECT_TRUE(dormant.erase({7}));
  EXPECT_FALSE(dormant.erase({7}));
  EXPECT_EQ(dormant.size(), 0U);
}

class ShardDormant : public ::testing::Test {
 protected:
  void SetUp() override {
    under_.rest();
    store_task(once_at("a", kDue));
    ASSERT_EQ(in_memory(), 0);
    ASSERT_EQ(dormant(), 1);
  }
  void store_task(std::unique_ptr<TaskSpec> spec, CommandKind kind = CommandKind::kCreate) {
    Command made = command(kind, spec->id);
    made.spec = std::move(spec);
    tell(std::move(made));
  }
  void tell(Command command) {
    under_.ask(std::move(command));
    under_.live_until(under_.now);
    ASSERT_TRUE(under_.answer(under_.client.replies.size() - 1).has_value());
  }
  int64_t in_memory() const { return under_.shard.metrics().tasks_in_memory.value(); }
  int64_t dormant() const { return under_.shard.metrics().tasks_dormant.value(); }
  int64_t entries() const { return under_.shard.metrics().wheel_entries.value(); }
  size_t sent() const { return under_.targets.sent.size(); }
  void expect_sent_once_at(Instant due) {
    under_.live_until(due - milliseconds(1));
    EXPECT_EQ(sent(), 0U);
    under_.live_until(due);
    ASSERT_EQ(sent(), 1U);
    EXPECT_EQ(under_.targets.sent[0].at, due);
    under_.end_attempt(0, 200);
    under_.live_until(due + minutes(10));
    EXPECT_EQ(sent(), 1U);
  }

  ShardUnderTest under_;
};

TEST_F(ShardDormant, ItIsAnEntryOfTheWheelAndFiresAtItsInstant) {
  EXPECT_EQ(entries(), 1);
  under_.live_until(kDue - kArmingLead - milliseconds(1));
  EXPECT_TRUE(under_.store.fetches.empty());
  EXPECT_EQ(in_memory(), 0);
  expect_sent_once_at(kDue);
}

TEST_F(ShardDormant, ARecurringTaskLiesDownAgainAfterEachRun) {
  store_task(every("b", minutes(2), kDue));
  for (int i = 0; i < 3; ++i) {
    under_.live_until(kDue + minutes(2) * i);
    under_.end_attempt(sent() - 1, 200);
    under_.live_until(under_.now + seconds(1));
    EXPECT_EQ(dormant(), 1) << i;
  }
  EXPECT_EQ(sent(), 4U);
}

TEST_F(ShardDormant, WhatIsDueAgainSoonStaysInMemory) {
  store_task(every("b", seconds(5), kDue));
  under_.live_until(kDue);
  for (size_t i = 0; i < sent(); ++i) under_.end_attempt(i, 200);
  under_.rest();
  EXPECT_GE(in_memory(), 1);
  EXPECT_EQ(dormant(), 0);
}

TEST_F(ShardDormant, OneThatIsMovedForwardFiresThen) {
  store_task(once_at("a", kDue - minutes(2)), CommandKind::kReplace);
  EXPECT_EQ(dormant(), 1);
  expect_sent_once_at(kDue - minutes(2));
}

TEST_F(ShardDormant, OneThatIsMovedBackIsFetchedInVainAndFiresOnceAtItsInstant) {
  store_task(once_at("a", kDue + hours(2)), CommandKind::kReplace);
  EXPECT_EQ(in_memory(), 0);
  expect_sent_once_at(kDue + hours(2));
}

TEST_F(ShardDormant, CommandsOnItLeaveOneEntry) {
  for (int i = 0; i < 50; ++i) {
    tell(command(CommandKind::kPause, "a"));
    tell(command(CommandKind::kResume, "a"));
  }
  EXPECT_EQ(dormant(), 1);
  EXPECT_EQ(entries(), 1);
  expect_sent_once_at(kDue);
}

TEST_F(ShardDormant, ADeletedOneIsForgotten) {
  tell(command(CommandKind::kDelete, "a"));
  EXPECT_EQ(dormant(), 0);
  under_.live_until(kDue + minutes(1));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(entries(), 0);
  EXPECT_EQ(under_.store.fetches.size(), 0U);
}

TEST_F(ShardDormant, AScanThatSeesItAgainChangesNothing) {
  under_.step_clock(minutes(-40));
  under_.live_until(kDue - minutes(1));  // the horizon has passed it once more
  EXPECT_EQ(dormant(), 1);
  EXPECT_EQ(entries(), 1);
  expect_sent_once_at(kDue);
}

TEST_F(ShardDormant, AStepForwardWakesIt) {
  under_.step_clock(minutes(6));
  under_.live_until(under_.now);
  EXPECT_EQ(sent(), 1U);
}

// Lets its entry come out; the fetch that follows is not answered.
TEST_F(ShardDormant, WhatACommandHasMadeOfItMeanwhileIsNotOverwritten) {
  under_.live_until(kDue - seconds(2));
  under_.pass(seconds(1));
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  Fetched old{under_.store.fetches.front(), {}};
  old.found.push_back(under_.store.find(old.asked[0]));
  under_.store.fetches.pop_front();
  under_.ask(command(CommandKind::kPause, "a"));
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  under_.answer_fetch();
  under_.shard.post(std::move(old));  // read before the pause was stored
  under_.turn();
  under_.live_until(kDue + minutes(1));
  EXPECT_EQ(sent(), 0U);
  tell(command(CommandKind::kResume, "a"));
  EXPECT_EQ(sent(), 1U);
}

TEST_F(ShardDormant, OneThatIsGoneWhenItIsFetchedIsNothing) {
  under_.live_until(kDue - seconds(2));
  under_.pass(seconds(1));
  under_.store.stored.clear();
  under_.answer_fetch();
  EXPECT_EQ(in_memory(), 0);
  EXPECT_EQ(under_.shard.metrics().quarantined.value(), 0U);
}

TEST_F(ShardDormant, OneThatTheDiskDidNotGiveIsReadAgain) {
  under_.live_until(kDue - seconds(2));
  under_.pass(seconds(1));
  under_.fail_fetch(ErrorCode::kIo);
  EXPECT_EQ(dormant(), 1);
  under_.live_until(kDue + seconds(1));
  EXPECT_EQ(sent(), 1U);
}

TEST_F(ShardDormant, ItComesBackAlsoWhileItIsAskedAboutAndThatCannotBeRead) {
  under_.live_until(kDue - seconds(2));
  under_.ask(command(CommandKind::kPause, "a"));
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  auto asked = std::move(under_.store.fetches.front());
  under_.store.fetches.pop_front();
  under_.pass(seconds(1));  // its entry comes out
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  under_.answer_fetch();
  under_.store.fetches.push_front(std::move(asked));
  under_.pass(milliseconds(900));
  under_.fail_fetch(ErrorCode::kIo);
  under_.live_until(kDue);
  EXPECT_EQ(sent(), 1U);
}

// Those that are due again within two seconds keep their definitions; the others give them up.
class ShardDormantCrowded : public ShardDormant, public ::testing::WithParamInterface<Duration> {};

TEST_P(ShardDormantCrowded, DefinitionsOfOtherTasksDoNotKeepItFromItsInstant) {
  const Instant first = ShardUnderTest::kStart + minutes(4);
  for (int i = 0; i < 300; ++i) {  // together more than half of the memory for definitions
    auto spec = every("other-" + std::to_string(i), GetParam(), first);
    spec->target = {};
    spec->target.kind = TargetKind::kLog;
    spec->payload = std::string(kMaxPayload, 'p');
    store_task(std::move(spec));
  }
  under_.live_until(kDue - seconds(20));
  EXPECT_GT(under_.shard.metrics().armed_bytes.value(), static_cast<int64_t>(kMaxArmedBytes / 4));
  expect_sent_once_at(kDue);
}

TEST(ShardDefinitions, WhatIsDueEverySecondDoesNotKeepAllMemoryForThem) {
  ShardUnderTest under;
  MemoryLimits one;
  one.armed_bytes = 1;
  under.shard.limit_memory(one);
  under.rest();
  const Instant first = ShardUnderTest::kStart + seconds(5);
  for (const char* id : {"a", "b", "c"}) {
    auto spec = every(id, seconds(1), first);
    spec->target = {};
    spec->target.kind = TargetKind::kLog;
    Command made = create(id, first);
    made.spec = std::move(spec);
    under.ask(std::move(made));
  }
  under.live_until(first + seconds(9));
  std::map<TaskNumber, int> ended;
  for (const RunRecord& record : under.records) ++ended[record.task];
  EXPECT_EQ(ended.size(), 3U);
  for (const auto& [task, runs] : ended) EXPECT_EQ(runs, 10) << task.value;
}

// C-4: with memory for one definition, and more that is due all the time than can be fetched.
TEST(ShardDefinitions, WhatCameDueBeforeThisLifeGetsItsTurn) {
  ShardUnderTest under({.counter = 100, .send_mark = {}});
  MemoryLimits one;
  one.armed_bytes = 1;
  one.arming_fetches = 1;
  under.shard.limit_memory(one);
  auto store_due = [&](uint64_t number, std::unique_ptr<TaskSpec> spec, Instant due) {
    spec->target = {};
    spec->target.kind = TargetKind::kLog;
    TaskState state;
    state.version = {number};
    state.generation = {number};
    state.next_due = due;
    under.store.stored[{number}] = {{number}, task_key(spec->id), *spec, state};
  };
  const Instant start = ShardUnderTest::kStart;
  store_due(1, once_at("old", start - minutes(1)), start - minutes(1));
  for (uint64_t i = 2; i < 20; ++i) {
    const std::string id = "busy-" + std::to_string(i);
    store_due(i, every(id, milliseconds(100), start), start + milliseconds(100));
  }
  under.rest();
  bool has_run = false;
  for (int fetched = 0; !has_run && fetched < 1'000; ++fetched) {
    under.pass(milliseconds(20));
    if (!under.store.fetches.empty()) under.answer_fetch();
    under.rest();
    has_run = std::any_of(under.records.begin(), under.records.end(),
                          [](const RunRecord& record) { return record.task == TaskNumber{1}; });
  }
  EXPECT_TRUE(has_run);
}

INSTANTIATE_TEST_SUITE_P(Periods, ShardDormantCrowded, ::testing::Values(seconds(1), seconds(5)),
                         [](const auto& period) { return std::to_string(period.param.ms) + "ms"; });

TEST_F(ShardDormant, OneThatCannotBeReadDoesNotFireAndIsCounted) {  // C-23
  under_.live_until(kDue - seconds(2));
  under_.pass(seconds(1));
  under_.fail_fetch(ErrorCode::kCorrupt);
  under_.live_until(kDue + minutes(1));
  EXPECT_EQ(sent(), 0U);
  EXPECT_EQ(under_.shard.metrics().quarantined.value(), 1U);
}

}  // namespace
}  // namespace hourwheel::shard_dormant_test
