// A shard under global pauses and behind long lines: what may not start is given up from memory and
// found again.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_pauses_test {
namespace {

const Instant kSoon = ShardUnderTest::kStart + seconds(10);

// A shard over a store that answers scans from what is stored, in pages.
class ParkingShard : public ShardUnderTest {
 public:
  explicit ParkingShard(size_t page = 3, RecoveredShard recovered = {})
      : ShardUnderTest(recovered), page_(page) {}

  // Everything the shard asks for is answered until it asks no more.
  void settle() {
    turn();
    while (store.committing || !store.scans.empty() || !store.fetches.empty()) {
      if (store.committing) {
        flush();
      } else if (!store.fetches.empty()) {
        answer_fetch();
      } else {
        ScanRequest asked = store.scans.front();
        store.scans.pop_front();
        ++scans;
        shard.post(read(asked));
        turn();
      }
      most_in_memory = std::max(most_in_memory, shard.metrics().tasks_in_memory.value());
    }
  }
  void settle_until(Instant until) {
    settle();
    while (now < until) {
      now = std::min(until, now + seconds(1));
      settle();
    }
  }
  void create_task(std::unique_ptr<TaskSpec> spec) { ask(create(std::move(spec))); }
  GlobalPause begin_pause(std::vector<NamedText> labels, std::optional<Instant> until = {}) {
    GlobalPause pause{pauses.size() + 1, std::move(labels), "test", now, until, {}};
    pauses.push_back(pause);
    tell();
    return pause;
  }
  void end_pause(uint64_t id) {
    pauses[id - 1].ended = now;
    tell();
  }
  void tell() {
    shard.post(PauseTable{++version, pauses});
    turn();
    EXPECT_EQ(shard.pauses_version(), version);
  }
  size_t sent_of(const std::string& id) const {
    return static_cast<size_t>(
        std::count_if(targets.sent.begin(), targets.sent.end(),
                      [&](const auto& s) { return s.task == task_key(id); }));
  }
  int64_t in_memory() const { return shard.metrics().tasks_in_memory.value(); }

  std::vector<GlobalPause> pauses;
  uint64_t version = 1;
  size_t scans = 0;
  int64_t most_in_memory = 0;

 private:
  Scanned read(const ScanRequest& asked) const {
    std::vector<std::pair<IndexPlace, const StoredTask*>> found;
    for (const auto& [number, task] : store.stored) {
      auto wake = task.state.wake();
      if (!wake || *wake < asked.from || *wake >= asked.to) continue;
      IndexPlace place{wake->ms >> kSliceBits, number};
      if (place <= IndexPlace{asked.after_slice, asked.after_task}) continue;
      found.emplace_back(place, &task);
    }
    std::sort(found.begin(), found.end());
    Scanned page{asked, {}, std::nullopt};
    for (size_t i = 0; i < found.size() && i < page_; ++i) {
      page.tasks.push_back({found[i].second->number, found[i].second->key, found[i].second->state});
    }
    if (found.size() > page_) {
      page.next = asked;
      page.next->after_slice = found[page_ - 1].first.slice;
      page.next->after_task = found[page_ - 1].first.number;
    }
    return page;
  }
  size_t page_;
};

std::unique_ptr<TaskSpec> labelled(std::unique_ptr<TaskSpec> spec, const std::string& team) {
  spec->labels = {{"team", team}};
  return spec;
}

std::unique_ptr<TaskSpec> to_target(std::unique_ptr<TaskSpec> spec, const std::string& host) {
  spec->target.url = "http://" + host + ".example/";
  return spec;
}

TEST(ShardPausesTest, WhatComesDueUnderAPauseOfEverythingFiresOnceWhenItEnds) {
  ParkingShard under;
  under.create_task(once_at("a", kSoon));
  under.settle();
  under.begin_pause({});
  under.settle_until(kSoon + minutes(5));
  EXPECT_TRUE(under.targets.sent.empty());
  EXPECT_EQ(under.in_memory(), 0) << "N5 it waits in the due index";
  under.end_pause(1);
  under.settle_until(under.now + minutes(1));
  EXPECT_EQ(under.sent_of("a"), 1U);
}

TEST(ShardPausesTest, APauseOfALabelHoldsOnlyWhatItSelects) {
  ParkingShard under;
  under.create_task(labelled(once_at("red", kSoon), "red"));
  under.create_task(labelled(once_at("blue", kSoon), "blue"));
  under.settle();
  under.begin_pause({{"team", "red"}});
  under.settle_until(kSoon + seconds(1));
  EXPECT_EQ(under.sent_of("blue"), 1U);
  EXPECT_EQ(under.sent_of("red"), 0U);
  under.end_pause(1);
  under.settle();
  EXPECT_EQ(under.sent_of("red"), 1U);
}

// C-15: what was held cannot have been sent by the former life either (C-8).
TEST(ShardPausesTest, APauseOfItsOwnUnderAPauseOfAllOpensNothing) {
  ParkingShard under(3, {.counter = 7, .send_mark = kSoon + minutes(1)});
  auto spec = every("a", seconds(30), kSoon);
  spec->misfire.policy = MisfirePolicy::kSkip;
  spec->misfire_after = seconds(1);
  under.create_task(std::move(spec));
  under.settle();
  under.begin_pause({});
  under.settle_until(kSoon + minutes(2));
  under.ask(command(CommandKind::kPause, "a"));
  under.settle();
  EXPECT_TRUE(under.records.empty());
  under.end_pause(1);
  under.ask(command(CommandKind::kResume, "a"));
  under.settle();
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kPaused);
}

TEST(ShardPausesTest, APauseEndsByItself) {
  ParkingShard under;
  under.create_task(once_at("a", kSoon));
  under.settle();
  const Instant until = kSoon + minutes(2);
  under.begin_pause({}, until);
  under.settle_until(until - milliseconds(1));
  EXPECT_TRUE(under.targets.sent.empty());
  auto wake = under.shard.next_wake();
  ASSERT_TRUE(wake);
  EXPECT_LE(*wake, until) << "nobody else would wake it";
  under.settle_until(until);
  EXPECT_EQ(under.sent_of("a"), 1U);
}

TEST(ShardPausesTest, OfWhatARecurringTaskSleptThroughTheNewestRunsAndTheRestIsOnePausedRow) {
  ParkingShard under;
  under.create_task(every("a", seconds(10), kSoon));
  under.settle();
  under.begin_pause({});
  under.settle_until(kSoon + seconds(45));  // due at 0, 10, 20, 30 and 40
  EXPECT_TRUE(under.records.empty()) << "C-15 nothing is written while paused";
  under.end_pause(1);
  under.settle();
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].run.instant_or_nonce, (kSoon + seconds(40)).ms);
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].state, RunState::kSkipped);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kPaused);
  EXPECT_EQ(under.records[0].due, kSoon);
  EXPECT_EQ(under.records[0].last_due, kSoon + seconds(30));
  EXPECT_EQ(under.records[0].count, 4U);
}

TEST(ShardPausesTest, ARetryUnderAPauseWaitsForItsEnd) {
  ParkingShard under;
  under.create_task(once_at("a", kSoon));
  under.settle_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.begin_pause({});
  under.end_attempt(0, 500);
  under.settle_until(kSoon + minutes(10));
  EXPECT_EQ(under.targets.sent.size(), 1U) << "S7 a retry is an attempt too";
  EXPECT_EQ(under.in_memory(), 0);
  under.end_pause(1);
  under.settle();
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].attempt, 2U);
}

TEST(ShardPausesTest, WhatIsNotDurableStaysUntilItIs) {
  ParkingShard under;
  under.settle();
  under.begin_pause({});
  under.create_task(once_at("a", under.now));
  EXPECT_EQ(under.in_memory(), 1);
  under.settle();
  EXPECT_EQ(under.in_memory(), 0);
  under.end_pause(1);
  under.settle();
  EXPECT_EQ(under.sent_of("a"), 1U);
}

TEST(ShardPausesTest, RunNowIsRefusedUnderAPause) {
  ParkingShard under;
  under.create_task(once_at("a", kSoon + hours(1)));
  under.settle();
  under.begin_pause({});
  under.ask(command(CommandKind::kRun, "a"));
  under.settle();
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(under.answer(1).error().code, ErrorCode::kStateConflict);
}

TEST(ShardPausesTest, AnEndedPauseThatIsToldAtTheStartStillNamesTheReason) {
  ParkingShard under;
  under.create_task(every("a", seconds(10), kSoon));
  under.settle();
  GlobalPause over{1, {}, "test", kSoon, {}, kSoon + seconds(35)};
  // The shard is down meanwhile: here it just has no turn.
  under.pauses.push_back(over);
  under.now = kSoon + hours(1);
  under.tell();
  under.settle();
  ASSERT_EQ(under.records.size(), 3U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kPaused);
  EXPECT_EQ(under.records[0].count, 3U) << "the fourth runs for them";
  // What came due later was missed, or came too late for a place.
  EXPECT_EQ(under.records[1].skip_reason, SkipReason::kMisfire);
  EXPECT_EQ(under.records[1].due, kSoon + seconds(40));
  EXPECT_EQ(under.records[2].skip_reason, SkipReason::kOverlap);
}

// C-12: what comes due beside an open run is judged by the overlap policy, whatever paused before.
TEST(ShardPausesTest, WhatComesDueAfterAPauseBesideAnOpenRunIsNoPausedInstant) {
  ParkingShard under;
  auto spec = every("a", seconds(10), kSoon);
  spec->misfire.policy = MisfirePolicy::kSkip;
  under.create_task(std::move(spec));
  under.settle_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);  // and stays in flight
  under.begin_pause({});
  under.settle_until(kSoon + seconds(15));
  under.end_pause(1);
  under.settle_until(kSoon + minutes(5));
  under.end_attempt(0, 200);
  under.settle();
  ASSERT_EQ(under.targets.sent.size(), 2U) << "one had waited";
  EXPECT_EQ(under.targets.sent[1].run.instant_or_nonce, (kSoon + seconds(20)).ms);
  ASSERT_GE(under.records.size(), 2U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kPaused);
  EXPECT_EQ(under.records[0].count, 1U);
  EXPECT_EQ(under.records[1].skip_reason, SkipReason::kOverlap);
}

// An individual pause that ended by itself while nobody looked.
TEST(ShardPausesTest, WhatComesDueAfterUntilIsNoPausedInstant) {
  ParkingShard under;
  auto spec = every("a", minutes(1), kSoon);
  spec->misfire.policy = MisfirePolicy::kSkip;
  under.create_task(std::move(spec));
  under.settle();
  Command pause = command(CommandKind::kPause, "a");
  pause.pause->until = kSoon + seconds(90);
  under.ask(std::move(pause));
  under.settle();
  under.now = kSoon + seconds(150);  // the shard has no turn meanwhile
  under.settle();
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].run.instant_or_nonce, (kSoon + minutes(2)).ms);
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].count, 2U);
}

// A fixed delay has one due instant; this one was missed, not paused.
TEST(ShardPausesTest, AFixedDelayMissedAfterUntilIsAMisfire) {
  ParkingShard under;
  auto spec = every("a", minutes(1), kSoon);
  spec->schedule.kind = ScheduleKind::kFixedDelay;
  spec->misfire.policy = MisfirePolicy::kSkip;
  under.create_task(std::move(spec));
  under.settle();
  Command pause = command(CommandKind::kPause, "a");
  pause.pause->until = kSoon - seconds(1);
  under.ask(std::move(pause));
  under.settle();
  under.now = kSoon + minutes(10);  // the shard has no turn meanwhile
  under.settle();
  EXPECT_TRUE(under.targets.sent.empty());
  ASSERT_EQ(under.records.size(), 1U);
  EXPECT_EQ(under.records[0].skip_reason, SkipReason::kMisfire);
}

void expect_room_among_what_is_due_all_the_time(uint32_t count) {
  ParkingShard under(2);
  MemoryLimits few;
  few.tasks = 30;
  few.dormant = 0;
  few.scan_page = 2;
  few.urgent_reserve = 0;
  under.shard.limit_memory(few);
  under.settle();
  auto spec = labelled(once_at("held", kSoon), "red");
  under.create_task(std::move(spec));
  under.settle();
  under.begin_pause({{"team", "red"}});
  under.settle_until(kSoon + seconds(1));
  for (uint32_t i = 0; i < count; ++i) {
    auto busy = every("busy-" + std::to_string(i), seconds(1), kSoon);
    busy->target = {};
    busy->target.kind = TargetKind::kLog;
    under.create_task(std::move(busy));
    under.settle();
  }
  under.end_pause(1);
  under.settle_until(under.now + kHorizonNear + kHorizonStep * 2);
  EXPECT_EQ(under.sent_of("held"), 1U);
  EXPECT_LE(under.in_memory(), few.tasks);
}

// C-25. In the second one the horizon has room to go on, and the backlog has none (N6).
TEST(ShardPausesTest, WhatWasHeldGetsRoomInAMemoryFullOfWhatIsDueAllTheTime) {
  for (const uint32_t count : {30U, 22U}) {
    SCOPED_TRACE(count);
    expect_room_among_what_is_due_all_the_time(count);
  }
}

// C-25: the retries are minutes away, and have their places in the due index.
TEST(ShardPausesTest, WhatWasHeldGetsRoomInAMemoryFullOfWhatWaitsForARetry) {
  ParkingShard under(2);
  MemoryLimits few;
  few.tasks = 30;
  few.scan_page = 2;
  few.urgent_reserve = 0;
  under.shard.limit_memory(few);
  under.settle();
  constexpr size_t kFailing = 21;
  under.create_task(labelled(once_at("held", kSoon), "red"));
  under.begin_pause({{"team", "red"}});
  under.settle_until(kSoon + seconds(1));
  for (size_t i = 0; i < kFailing; ++i) {
    auto spec = once_at("failing-" + std::to_string(i), under.now);
    spec->retry.jitter = BackoffJitter::kNone;
    spec->retry.min_backoff = spec->retry.max_backoff = minutes(10);
    under.create_task(std::move(spec));
    under.settle();
  }
  ASSERT_EQ(under.targets.sent.size(), kFailing);
  for (size_t i = 0; i < kFailing; ++i) under.end_attempt(i, 500);
  under.settle();
  under.end_pause(1);
  under.settle_until(under.now + kHorizonNear + kHorizonStep * 2);
  EXPECT_EQ(under.sent_of("held"), 1U);
  ASSERT_EQ(under.targets.sent.size(), kFailing + 1);
  under.end_attempt(kFailing, 200);
  under.settle_until(under.now + minutes(11));
  EXPECT_EQ(under.targets.sent.size(), 2 * kFailing + 1);
}

// Rows of the due index as they are asked for: far more than there is memory for.
TEST(ShardPausesTest, APausedCrowdCostsNoMemory) {
  constexpr uint64_t kCrowd = 200'000;
  ParkingShard under;
  under.begin_pause({});
  uint64_t next = 1;
  int64_t most = 0;
  while (next <= kCrowd) {
    ASSERT_FALSE(under.store.scans.empty()) << "the backlog is read on";
    ScanRequest asked = under.store.scans.front();
    under.store.scans.pop_front();
    Scanned page{asked, {}, std::nullopt};
    if (asked.part == ScanPart::kBacklog) {
      for (uint32_t i = 0; i < kScanPage && next <= kCrowd; ++i, ++next) {
        TaskState state;
        state.version = {next};
        state.generation = {next};
        state.next_due = ShardUnderTest::kStart - seconds(1);
        page.tasks.push_back({{next}, TaskKey{next, next}, state});
      }
      page.next = asked;
      page.next->after_task = {next - 1};
    }
    under.shard.post(std::move(page));
    under.turn();
    most = std::max(most, under.in_memory());
  }
  EXPECT_LE(most, static_cast<int64_t>(kScanPage));
  EXPECT_EQ(under.in_memory(), 0);
  EXPECT_TRUE(under.store.fetches.empty()) << "no definition is read for what nothing may start";
}

class LongLineTest : public ::testing::Test {
 protected:
  static constexpr size_t kTasks = 40;
  static constexpr uint32_t kLongest = 4;

  LongLineTest() { under_.shard.limit_lines({kLongest, 1'000, 1}); }

  void create_crowd(Instant due) {
    for (size_t i = 0; i < kTasks; ++i) {
      auto spec = to_target(once_at("dead-" + std::to_string(i), due), "dead");
      spec->retry.max_attempts = 1;
      under_.create_task(std::move(spec));
    }
    under_.settle();
  }
  ParkingShard under_;
};

TEST_F(LongLineTest, ADeadTargetDelaysOnlyItsOwnRunsAndHoldsLittleMemory) {
  create_crowd(kSoon);
  under_.create_task(to_target(once_at("other", kSoon), "alive"));
  under_.settle_until(kSoon + minutes(1));
  EXPECT_EQ(under_.sent_of("other"), 1U);
  EXPECT_LE(under_.in_memory(), kLongest + 3) << "one in flight, a line, and the other task";
  EXPECT_EQ(under_.targets.sent.size(), 2U);
}

TEST_F(LongLineTest, ALineThatDoesNotDrainCausesNoReading) {
  create_crowd(kSoon);
  under_.settle_until(kSoon + seconds(1));
  const size_t scans = under_.scans;
  for (int i = 0; i < 100; ++i) {
    under_.now = under_.now + milliseconds(10);
    under_.settle();
  }
  EXPECT_LE(under_.scans - scans, 1U) << "P3 (the horizon may have moved once)";
}

TEST_F(LongLineTest, EveryParkedRunIsSentExactlyOnceAsTheLineDrains) {
  create_crowd(kSoon);
  under_.settle_until(kSoon);
  const size_t scans = under_.scans;
  for (size_t done = 0; done < under_.targets.sent.size(); ++done) {
    under_.end_attempt(done, 500);
    under_.settle();
    under_.now = under_.now + milliseconds(100);
    under_.settle();
  }
  EXPECT_EQ(under_.targets.sent.size(), kTasks);
  for (size_t i = 0; i < kTasks; ++i) {
    EXPECT_EQ(under_.sent_of("dead-" + std::to_string(i)), 1U) << i;
  }
  // Each reading brings half a line at least, in pages of three.
  EXPECT_LE(under_.scans - scans, 3 * kTasks / (kLongest / 2)) << "P3";
}

TEST_F(LongLineTest, RunsThatWaitForARetryAreParkedToo) {
  for (size_t i = 0; i < kTasks; ++i) {
    under_.create_task(to_target(once_at("dead-" + std::to_string(i), kSoon), "dead"));
  }
  under_.settle_until(kSoon);
  size_t done = 0;
  for (; done < kTasks; ++done) {
    ASSERT_LT(done, under_.targets.sent.size());
    under_.end_attempt(done, 503);
    under_.settle();
  }
  // All have failed once; their retries come due while the first of them hangs.
  under_.settle_until(kSoon + minutes(1));
  EXPECT_LE(under_.in_memory(), kLongest + 2);
  for (; done < under_.targets.sent.size() && done < 4 * kTasks; ++done) {
    under_.end_attempt(done, 200);
    under_.settle();
  }
  for (size_t i = 0; i < kTasks; ++i) {
    EXPECT_EQ(under_.sent_of("dead-" + std::to_string(i)), 2U) << i;
  }
}

}  // namespace
}  // namespace hourwheel::shard_pauses_test
