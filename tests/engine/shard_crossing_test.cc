// What happens when messages cross: a change while a run is in flight, a fetch that comes too late,
// a commit that completes after the horizon has moved, and what a former life left behind.
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "engine/shard.h"
#include "tests/engine/fake_doors.h"

namespace hourwheel::shard_crossing_test {
namespace {

constexpr Instant kStart = ShardUnderTest::kStart;
constexpr Instant kSoon = kStart + seconds(10);

Command create_from(std::unique_ptr<TaskSpec> spec, IdOrigin origin) {
  Command made = command(CommandKind::kCreate, spec->id);
  made.id_origin = origin;
  made.spec = std::move(spec);
  return made;
}

Command replace_by(std::unique_ptr<TaskSpec> spec) {
  Command made = command(CommandKind::kReplace, spec->id);
  made.spec = std::move(spec);
  return made;
}

// A recurring task of which the first run, due at kSoon, is in flight.
void send_first_run(ShardUnderTest& under) {
  under.rest();
  under.ask(create_from(every("a", seconds(10), kSoon), IdOrigin::kGenerated));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.client.replies.clear();
}

TEST(ShardCrossingTest, CommitThatCrossesTheHorizonEntersTheWheel) {
  ShardUnderTest under;
  under.rest();
  const int64_t step = kHorizonStep.ms;
  const Instant horizon{((kStart + kHorizonAhead).ms + step - 1) / step * step};
  const Instant due = horizon + seconds(1);
  under.ask(create("a", due));
  ASSERT_TRUE(under.store.committing != nullptr);
  // While it is being flushed the horizon moves past it, by a scan that cannot have seen it.
  under.now = horizon - kHorizonAhead + milliseconds(1);
  under.turn();
  ASSERT_EQ(under.store.scans.size(), 1U);
  ASSERT_EQ(under.store.scans.front().from, horizon);
  under.shard.post(Scanned{under.store.scans.front(), {}, std::nullopt});
  under.store.scans.clear();
  under.turn();
  under.flush();
  under.live_until(due);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, due);
}

// The page has it and nothing else will: what is asked about it at that moment may find that the
// disk does not answer.
TEST(ShardCrossingTest, ScanThatMeetsACommandWhoseFetchFailsStillFindsTheTask) {
  ShardUnderTest under({.counter = 9, .send_mark = {}});
  TaskState state;
  state.version = {7};
  state.generation = {7};
  state.next_due = kSoon;
  under.store.stored[{7}] = {{7}, task_key("a"), *once_at("a", kSoon), state};
  under.turn();
  ASSERT_FALSE(under.store.scans.empty());
  under.ask(command(CommandKind::kPause, "a"));
  ASSERT_EQ(under.store.fetches.size(), 1U);
  while (!under.store.scans.empty()) {
    under.shard.post(under.store.read(under.store.scans.front()));
    under.store.scans.pop_front();
    under.turn();
  }
  Fetched failed{std::move(under.store.fetches.front()), {}};
  under.store.fetches.pop_front();
  failed.found.push_back(failure(ErrorCode::kIo, "", "not read"));
  under.shard.post(std::move(failed));
  under.turn();
  under.live_until(kSoon);
  ASSERT_EQ(under.client.replies.size(), 1U);
  EXPECT_FALSE(under.answer(0).has_value());
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, kSoon);
}

TEST(ShardCrossingTest, RunThatEndsDuringAReplaceLeavesTheNewCursorAlone) {
  ShardUnderTest under;
  send_first_run(under);
  under.ask(replace_by(every("a", seconds(7), kSoon + seconds(1))));
  under.pass(seconds(30));  // both schedules have come due meanwhile
  under.end_attempt(0, 200);
  under.flush();  // the replace
  ASSERT_EQ(under.client.replies.size(), 1U);
  ASSERT_TRUE(under.store.committing != nullptr);
  const TaskState& state = under.store.committing->tasks.front().state;
  EXPECT_EQ(state.next_due, under.answer(0)->state.next_due);
  EXPECT_TRUE(state.open.empty());
}

TEST(ShardCrossingTest, NewDefinitionIsArmedAlthoughALaterStateIsNotDurable) {
  ShardUnderTest under;
  send_first_run(under);
  auto spec = every("a", seconds(10), kSoon);
  spec->target.url = "http://new.example/";
  under.ask(replace_by(std::move(spec)));
  under.end_attempt(0, 200);  // in the batch after the replace
  under.flush();
  under.live_until(kSoon + seconds(10));
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_EQ(under.targets.sent[1].url, "http://new.example/");
}

// What changes all the time would keep it waiting for good, and so would a disk without room.
TEST(ShardCrossingTest, CommandBehindAReplaceDoesNotWaitForALaterState) {
  ShardUnderTest under;
  send_first_run(under);
  under.ask(replace_by(every("a", seconds(20), kSoon)));
  ASSERT_TRUE(under.store.committing);
  under.end_attempt(0, 200);  // stored with the batch behind it
  under.ask(command(CommandKind::kPause, "a"));
  ASSERT_EQ(under.shard.queues().commands, 1U);
  under.flush();
  ASSERT_TRUE(under.store.committing) << "the end of the run";
  EXPECT_EQ(under.shard.queues().commands, 0U);
  under.rest();
  ASSERT_EQ(under.client.replies.size(), 2U);
  EXPECT_EQ(under.answer(1)->effect, CommandEffect::kDone);
}

TEST(ShardCrossingTest, DefinitionsAreArmedBeforeAnythingIsDecidedOnTheirBatch) {
  ShardUnderTest under;
  under.rest();
  under.ask(create("a", kStart + seconds(1)));  // so soon that its definition stays at hand
  under.flush();
  under.client.replies.clear();
  under.ask(create("other", kSoon));  // keeps the store busy: what follows is one batch
  under.ask(command(CommandKind::kDelete, "a"));
  under.ask(create_from(once_at("a", kSoon), IdOrigin::kChosen));
  under.ask(create_from(once_at("a", kSoon), IdOrigin::kChosen));  // a repeat: waits
  under.rest();
  ASSERT_EQ(under.client.replies.size(), 4U);
  EXPECT_EQ(under.answer(2)->effect, CommandEffect::kCreated);
  ASSERT_TRUE(under.answer(3).has_value());
  EXPECT_EQ(under.answer(3)->effect, CommandEffect::kUnchanged);
}

TEST(ShardCrossingTest, DeleteDisownsTheFetchUnderWay) {
  ShardUnderTest under;
  under.rest();
  under.ask(create("a", kSoon));
  under.rest();
  under.now = kSoon - seconds(1);
  under.turn();
  ASSERT_EQ(under.store.fetches.size(), 1U);
  const Instant later = kSoon + seconds(30);
  under.ask(command(CommandKind::kDelete, "a"));
  under.ask(create_from(once_at("a", later), IdOrigin::kChosen));
  under.rest();
  under.answer_fetch();
  under.live_until(later);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  EXPECT_EQ(under.targets.sent[0].at, later);
}

TEST(ShardCrossingTest, ManyCommandsOnAnIdThatDoesNotExistAreDecidedOnOneFetch) {
  ShardUnderTest under;
  under.rest();
  for (int i = 0; i < 20; ++i) under.ask(command(CommandKind::kPause, "nobody"));
  size_t fetches = 0;
  while (!under.store.fetches.empty()) {
    ++fetches;
    under.answer_fetch();
    under.rest();
  }
  EXPECT_EQ(fetches, 1U);
  ASSERT_EQ(under.client.replies.size(), 20U);
  for (size_t i = 0; i < 20; ++i) EXPECT_EQ(under.answer(i).error().code, ErrorCode::kNotFound);
}

// --- what a former life left ---

// Reads one stored task with the range that lies ahead.
void find_stored(ShardUnderTest& under, StoredTask task) {
  under.turn();
  ScanRequest ahead = under.store.scans.front();
  under.store.scans.pop_front();
  under.shard.post(Scanned{ahead, {{task.number, task.key, task.state}}, std::nullopt});
  under.store.stored[task.number] = std::move(task);
}

StoredTask former_task(std::unique_ptr<TaskSpec> spec) {
  StoredTask task{{3}, task_key(spec->id), std::move(*spec), {}};
  task.state.version = {3};
  task.state.generation = {3};
  task.state.next_due = kSoon;
  return task;
}

TEST(ShardCrossingTest, BufferedRunTheFormerLifeMayHaveSentIsFlagged) {
  ShardUnderTest under({.counter = 7, .send_mark = kSoon + seconds(30)});
  find_stored(under, former_task(every("a", seconds(10), kSoon)));
  under.live_until(kSoon);
  ASSERT_EQ(under.targets.sent.size(), 1U);
  under.live_until(kSoon + seconds(12));  // the next has come due and waits for the first
  under.end_attempt(0, 200);
  under.rest();
  ASSERT_EQ(under.targets.sent.size(), 2U);
  EXPECT_TRUE(under.targets.sent[1].possible_duplicate);
}

TEST(ShardCrossingTest, SendMarkStaysWhileAFormerSendIsInDoubt) {
  const Instant mark = kSoon + seconds(1);
  ShardUnderTest under({.counter = 7, .send_mark = mark});
  find_stored(under, former_task(once_at("a", kSoon)));
  under.rest();
  for (int i = 0; i < 15; ++i) {
    under.pass(seconds(1));
    under.rest();  // its definition is not answered
  }
  ASSERT_TRUE(under.targets.sent.empty());
  under.shard.drain();
  under.rest();
  ASSERT_TRUE(under.shard.drained());
  EXPECT_EQ(under.store.mark, mark);
}

}  // namespace
}  // namespace hourwheel::shard_crossing_test
