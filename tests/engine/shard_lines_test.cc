// What waits in line, and what of it keeps its definition (engine/shard_lines.cc).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_lines_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

// One attempt each: retries would wait for their definitions as well.
std::unique_ptr<TaskSpec> at_host(const std::string& id, const std::string& host,
                                  Instant due = kSoon) {
  auto spec = once_at(id, due);
  spec->retry.max_attempts = 1;
  spec->target.url = "http://" + host + ".example/";
  return spec;
}

TEST(ShardLines, ALongOneKeepsHandlesOnly) {
  ShardUnderTest under;
  under.rest();
  constexpr size_t kTasks = kMaxArmedPerDestination + 1'000;
  under.shard.limit_lines({kTasks, kTasks, kMaxRunsUnprovenDestination});  // none is parked
  for (size_t i = 0; i < kTasks; ++i) under.ask(create("t" + std::to_string(i), kSoon));
  under.live_until(kSoon + seconds(5));
  ASSERT_EQ(under.targets.sent.size(), size_t{kMaxRunsUnprovenDestination});
  const int64_t each = static_cast<int64_t>(once_at("t1000", kSoon)->bytes() + sizeof(Armed));
  EXPECT_LE(under.shard.metrics().armed_bytes.value(), each * int64_t{kMaxArmedPerDestination});
  // All of them get their turn, each once.
  for (size_t i = 0; i < under.targets.sent.size(); ++i) {
    under.end_attempt(i, 200);
    if (i % 64 == 63) under.live_until(under.now);
  }
  under.live_until(under.now);
  EXPECT_EQ(under.targets.sent.size(), kTasks);
}

// C-24: each of these lines is short, together they would fill the memory.
TEST(ShardLines, ManyDeadTargetsLeaveMemoryForTheOthers) {
  ShardUnderTest under;
  const size_t each = at_host("dead-100-1", "dead-100")->bytes() + sizeof(Armed);
  MemoryLimits few;
  few.armed_bytes = 100 * each;
  under.shard.limit_memory(few);
  under.shard.limit_lines({1'000, 1'000, 1});
  under.rest();
  for (int host = 100; host < 200; ++host) {
    const std::string name = "dead-" + std::to_string(host);
    under.ask(create(at_host(name, name)));
    for (int i = 0; i < 9; ++i) {  // each target has an attempt in flight by then
      under.ask(create(at_host(name + "-" + std::to_string(i), name, kSoon + seconds(5))));
    }
  }
  under.live_until(kSoon + seconds(5));
  ASSERT_EQ(under.targets.sent.size(), 100U);
  EXPECT_LE(under.shard.metrics().armed_bytes.value(), static_cast<int64_t>(26 * each));
  const size_t sent = under.targets.sent.size();
  under.ask(create("healthy", kSoon + seconds(20)));
  under.live_until(kSoon + seconds(20));
  ASSERT_EQ(under.targets.sent.size(), sent + 1);
  EXPECT_EQ(under.targets.sent.back().at, kSoon + seconds(20));
}

// A4: it is no attempt meanwhile, and holds no place; the turn comes by the shard's own wake.
TEST(ShardLines, WhatWaitsForAnOpenBreakerIsSentWhenThePauseIsOver) {
  ShardUnderTest under;
  LineLimits limits;
  limits.in_flight_unproven = 1;
  limits.breaker_failures = 2;
  under.shard.limit_lines(limits);
  under.rest();
  for (const char* id : {"a", "b", "c", "d"}) under.ask(create(at_host(id, "target")));
  under.live_until(kSoon);
  under.end_attempt(0, 503);
  under.live_until(under.now);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  under.end_attempt(1, 503);
  under.live_until(kSoon + kBreakerFirstPause - kOneMs);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.shard.metrics().breakers_open.value(), 1);
  EXPECT_EQ(under.shard.metrics().breaker_opens.value(), 1U);
  EXPECT_EQ(under.shard.metrics().runs_in_flight.value(), 0);
  ASSERT_TRUE(under.shard.next_wake());
  EXPECT_LE(*under.shard.next_wake(), kSoon + kBreakerFirstPause);
  under.live_until(kSoon + kBreakerFirstPause);
  ASSERT_EQ(under.targets.sent.size(), 3U) << "one probe";
  EXPECT_EQ(under.targets.sent[2].at, kSoon + kBreakerFirstPause);
  under.end_attempt(2, 200);
  under.live_until(under.now);
  EXPECT_EQ(under.targets.sent.size(), 4U);
  EXPECT_EQ(under.shard.metrics().breakers_open.value(), 0);
}

// It stands in the new target's line, also when the turn of the old one comes.
TEST(ShardLines, OneThatIsReplacedWaitsForItsNewTarget) {
  ShardUnderTest under;
  under.shard.limit_lines({100, 100, 1});
  under.rest();
  for (const char* id : {"a-0", "a-1", "b-0"}) {
    under.ask(create(at_host(id, std::string(id, 1))));
    under.live_until(kSoon - seconds(5));
  }
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  const bool first_waits = under.targets.sent[0].task != task_key("a-0") &&
                           under.targets.sent[1].task != task_key("a-0");
  const std::string waiting = first_waits ? "a-0" : "a-1";
  Command replace = command(CommandKind::kReplace, waiting);
  replace.spec = at_host(waiting, "b");
  under.ask(std::move(replace));
  under.live_until(under.now);
  const size_t at_a = under.targets.sent[0].url == "http://a.example/" ? 0 : 1;
  under.end_attempt(at_a, 503);
  under.live_until(under.now);
  ASSERT_EQ(under.targets.sent.size(), 2U) << "the new target has an attempt in flight";
  under.end_attempt(1 - at_a, 503);
  under.live_until(under.now);
  ASSERT_EQ(under.targets.sent.size(), 3U);
  EXPECT_EQ(under.targets.sent[2].url, "http://b.example/");
}

// In memory that has room for no definition in line, with one place for the target.
class ShardLinesCalled : public ::testing::Test {
 protected:
  ShardLinesCalled() {
    MemoryLimits one;
    one.armed_bytes = 1;
    under_.shard.limit_memory(one);
    under_.shard.limit_lines({100, 100, 1});
    under_.rest();
  }
  void line_up(int tasks) {
    for (int i = 0; i < tasks; ++i) {
      under_.ask(create(at_host("t" + std::to_string(i), "target")));
    }
    under_.live_until(kSoon);
    ASSERT_EQ(sent(), 1U);
  }
  // The place is free, and the second is called for it.
  void call_second() {
    line_up(3);
    under_.end_attempt(0, 503);
    under_.rest();
    ASSERT_EQ(sent(), 1U);
    ASSERT_EQ(under_.store.fetches.size(), 1U);
    second_ = under_.store.fetches.front().front().key;
  }
  [[nodiscard]] std::string second() const {
    for (const char* id : {"t0", "t1", "t2"}) {
      if (task_key(id) == second_) return id;
    }
    return "none";
  }
  void expect_the_third_to_start() {
    under_.live_until(under_.now + seconds(3));
    ASSERT_EQ(sent(), 2U);
    EXPECT_NE(under_.targets.sent[1].task, second_);
    EXPECT_NE(under_.targets.sent[1].task, under_.targets.sent[0].task);
  }
  [[nodiscard]] size_t sent() const { return under_.targets.sent.size(); }

  ShardUnderTest under_;
  TaskKey second_;
};

TEST_F(ShardLinesCalled, OneThatMayStartAtOnceIsNotFetchedAgain) {
  under_.ask(create(at_host("t0", "target")));
  under_.live_until(kSoon - seconds(1));
  under_.pass(seconds(1));
  EXPECT_EQ(sent(), 1U);
}

TEST_F(ShardLinesCalled, EachIsFetchedOnceForItsTurn) {
  constexpr int kTasks = 40;
  line_up(kTasks);
  size_t fetches = 0;
  for (size_t i = 0; i < kTasks; ++i) {
    ASSERT_EQ(sent(), i + 1);
    under_.end_attempt(i, 503);
    under_.rest();
    for (; !under_.store.fetches.empty(); ++fetches) {
      ASSERT_EQ(under_.store.fetches.front().size(), 1U);
      under_.answer_fetch();
      under_.rest();
    }
  }
  EXPECT_EQ(fetches, size_t{kTasks - 1});
}

TEST_F(ShardLinesCalled, OneThatIsDeletedMeanwhileGivesItsPlaceBack) {
  call_second();
  under_.ask(command(CommandKind::kDelete, second()));
  expect_the_third_to_start();
}

TEST_F(ShardLinesCalled, OneThatIsPausedMeanwhileGivesItsPlaceBack) {
  call_second();
  under_.ask(command(CommandKind::kPause, second()));
  expect_the_third_to_start();
}

TEST_F(ShardLinesCalled, OneThatGoesElsewhereMeanwhileGivesItsPlaceBack) {
  call_second();
  Command replace = command(CommandKind::kReplace, second());
  replace.spec = at_host(second(), "elsewhere");
  under_.ask(std::move(replace));
  under_.live_until(under_.now);
  ASSERT_EQ(sent(), 3U);  // that one, and the third
}

TEST_F(ShardLinesCalled, OneThatIsOnlyRecordedNowGivesItsPlaceBack) {
  call_second();
  Command replace = command(CommandKind::kReplace, second());
  replace.spec = at_host(second(), "nowhere");
  replace.spec->target = {};
  replace.spec->target.kind = TargetKind::kLog;
  under_.ask(std::move(replace));
  expect_the_third_to_start();
}

TEST_F(ShardLinesCalled, OneThatTheDiskDidNotGiveGivesItsPlaceBack) {
  call_second();
  under_.fail_fetch(ErrorCode::kIo);
  expect_the_third_to_start();
  under_.end_attempt(1, 503);
  under_.live_until(under_.now + seconds(3));
  ASSERT_EQ(sent(), 3U);
  EXPECT_EQ(under_.targets.sent[2].task, second_);
}

// C-23
TEST_F(ShardLinesCalled, OneThatWasFoundDamagedInLineIsNotCalled) {
  line_up(2);
  const bool first_waits = under_.targets.sent[0].task != task_key("t0");
  under_.ask(command(CommandKind::kPause, first_waits ? "t0" : "t1"));
  ASSERT_EQ(under_.store.fetches.size(), 1U);
  under_.fail_fetch(ErrorCode::kCorrupt);
  under_.end_attempt(0, 503);
  under_.live_until(under_.now + seconds(3));
  EXPECT_EQ(sent(), 1U);
  EXPECT_EQ(under_.shard.metrics().quarantined.value(), 1U);
}

TEST_F(ShardLinesCalled, OneThatIsDamagedGivesItsPlaceBack) {
  call_second();
  under_.fail_fetch(ErrorCode::kCorrupt);
  expect_the_third_to_start();
}

// B5: nothing starts before what was gathered is durable, so there is nothing to wake for.
TEST(ShardLines, AnOpenBreakerWakesNobodyWhileTheBatchIsFull) {
  ShardUnderTest under;
  MemoryLimits one;
  one.batch_callbacks = 1;
  under.shard.limit_memory(one);
  LineLimits limits;
  limits.in_flight_unproven = 1;
  limits.breaker_failures = 1;
  under.shard.limit_lines(limits);
  under.rest();
  for (const char* id : {"a", "b"}) under.ask(create(at_host(id, "target")));
  auto calls_back = at_host("c", "other");
  calls_back->callbacks.on_success.emplace().url = "http://called.example/";
  under.ask(create(std::move(calls_back)));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  const size_t other = under.targets.sent[0].task == task_key("c") ? 0 : 1;
  under.end_attempt(1 - other, 503);
  ASSERT_TRUE(under.store.committing) << "what comes now is gathered";
  under.end_attempt(other, 200);
  under.pass(kBreakerFirstPause);
  const auto wake = under.shard.next_wake();
  EXPECT_TRUE(!wake || *wake > under.now) << "the loop would spin";
  under.live_until(under.now);
  const auto probes =
      std::count_if(under.targets.sent.begin(), under.targets.sent.end(),
                    [](const auto& sent) { return sent.url == "http://target.example/"; });
  EXPECT_EQ(probes, 2);
}

// For who asks why a run has not started.
TEST(ShardLines, UntilWhenABreakerIsOpenIsTold) {
  ShardUnderTest under;
  LineLimits limits;
  limits.breaker_failures = 1;
  under.shard.limit_lines(limits);
  under.rest();
  under.ask(create(at_host("a", "target")));
  under.live_until(kSoon);
  const auto told = [&under](const std::string& host) {
    under.shard.post(QueryRequest{{0, 99, 1, 0}, RunsAround{task_key("b"), kSoon}});
    under.turn();
    RunsFound found;
    found.task.key = task_key("b");
    found.task.spec = *at_host("b", host);
    under.shard.post(Answered{under.store.queries.back().token, QueryAnswer(std::move(found))});
    under.turn();
    auto& body = std::get<Result<QueryAnswer>>(under.client.replies.back().body);
    return std::get<RunsFound>(*body).breaker_until;
  };
  EXPECT_FALSE(told("target"));
  under.end_attempt(0, 503);
  EXPECT_EQ(told("target"), kSoon + kBreakerFirstPause);
  EXPECT_FALSE(told("another"));
  under.live_until(kSoon + kBreakerFirstPause);
  EXPECT_FALSE(told("target"));
}

// Of whatever is asked, and however much waits to be answered.
TEST(ShardLines, BreakersThatAreOpenAreTold) {
  ShardUnderTest under;
  LineLimits limits;
  limits.breaker_failures = 1;
  under.shard.limit_lines(limits);
  MemoryLimits none;
  none.queries = 0;
  under.shard.limit_memory(none);
  under.rest();
  for (const char* id : {"target", "other"}) under.ask(create(at_host(id, id)));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  const size_t other = under.targets.sent[0].task == task_key("other") ? 0 : 1;
  const auto told = [&under] {
    under.shard.post(QueryRequest{{0, 99, 1, 0}, ListBreakers{}});
    under.turn();
    EXPECT_TRUE(under.store.queries.empty()) << "the store knows nothing of it";
    const auto& body = std::get<Result<QueryAnswer>>(under.client.replies.back().body);
    EXPECT_TRUE(body);
    return body ? std::get<BreakerPage>(*body).breakers : std::vector<OpenBreaker>();
  };
  EXPECT_TRUE(told().empty());
  under.end_attempt(1 - other, 503);
  // What fails of the other task went where it does not go any more.
  Command replace = command(CommandKind::kReplace, "other");
  replace.spec = at_host("other", "elsewhere");
  under.ask(std::move(replace));
  under.live_until(under.now);
  under.end_attempt(other, 503);
  const auto open = told();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].destination, "http://target.example");
  EXPECT_EQ(open[0].since, kSoon);
  EXPECT_EQ(open[0].next_probe, kSoon + kBreakerFirstPause);
  EXPECT_EQ(open[0].failures, 1U);
  EXPECT_EQ(under.shard.metrics().breakers_open.value(), 2);
}

// A4: two are in flight and a third is called; the second one's failure opens the breaker.
TEST(ShardLines, OneThatWasCalledBeforeTheBreakerOpenedWaitsWithTheOthers) {
  ShardUnderTest under;
  MemoryLimits one;
  one.armed_bytes = 1;
  under.shard.limit_memory(one);
  LineLimits limits{100, 100, 2};
  limits.breaker_failures = 2;
  under.shard.limit_lines(limits);
  under.rest();
  for (const char* id : {"a", "b", "c"}) under.ask(create(at_host(id, "target")));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 2U);
  under.end_attempt(0, 503);
  under.rest();
  ASSERT_EQ(under.store.fetches.size(), 1U) << "the third is called";
  under.end_attempt(1, 503);
  under.live_until(kSoon + kBreakerFirstPause - kOneMs);
  EXPECT_EQ(under.targets.sent.size(), 2U);
  under.live_until(kSoon + kBreakerFirstPause);
  EXPECT_EQ(under.targets.sent.size(), 3U);
}

}  // namespace
}  // namespace hourwheel::shard_lines_test
