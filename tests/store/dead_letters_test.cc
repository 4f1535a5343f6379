#include "store/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/store/builders.h"

namespace hourwheel::dead_letters_test {
namespace {

using namespace store_test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

DeadRun dead_run(uint64_t number, Instant due) {
  DeadRun dead;
  dead.task = {number};
  dead.key = task_key(id_of(number));
  dead.task_version = {number};
  dead.run = {{number}, Trigger::kSchedule, due.ms};
  dead.due = due;
  dead.ended = due + seconds(1);
  dead.attempts = 5;
  dead.missed_count = 2;
  dead.redrive_count = 1;
  dead.possible_duplicate = true;
  dead.result = AttemptResult::kResponded;
  dead.status = 503;
  dead.detail = "busy";
  dead.payload = RunPayload{PayloadKind::kText, "own", "text/plain"};
  return dead;
}

class DeadLettersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = open_shard(folder_);
    Batch batch;
    for (uint64_t number = 1; number <= 3; ++number) {
      batch.tasks.push_back(made(number, kFirstDue));
      if (number == 3) batch.tasks.back().spec->labels = {{"team", "a"}};
    }
    batch.counter = counter_ = 3;
    ASSERT_TRUE(store_->commit(batch));
  }
  void bury(uint64_t number, Instant due) { bury(number, dead_run(number, due)); }
  void bury(uint64_t number, DeadRun dead) {
    const Instant due = dead.due;
    Batch batch;
    batch.counter = counter_;
    batch.died.push_back(std::move(dead));
    batch.records.push_back(record_of(number, due, 5, RunState::kDead));
    batch.tasks.push_back(changed(number, made(number, kFirstDue).state));
    ASSERT_TRUE(store_->commit(batch));
  }
  std::vector<int64_t> listed(const DeadFilter& filter, uint32_t limit = 50) {
    std::vector<int64_t> seconds_after;
    ListDead query{filter, 0, limit};
    do {
      auto page = answer(*store_, query);
      EXPECT_TRUE(page) << page.error().detail;
      if (!page) break;
      const auto& found = std::get<DeadPage>(*page);
      for (const DeadLetter& letter : found.letters) {
        seconds_after.push_back((letter.run.due - kFirstDue).ms / 1'000);
        EXPECT_EQ(letter.task_id, id_of(letter.run.task.value));
      }
      query.before = found.next;
    } while (query.before != 0);
    return seconds_after;
  }
  std::optional<DeadRun> fetched(uint64_t number, const RunKey& run) {
    Fetched found = store_->fetch({{{}, {number}, run}});
    EXPECT_TRUE(found.found[0]);
    return found.found[0] ? found.found[0]->dead : std::nullopt;
  }
  DeadPage tally(const DeadFilter& filter, uint32_t limit) {
    auto page = answer(*store_, TallyDead{filter, limit});
    EXPECT_TRUE(page);
    return page ? std::get<DeadPage>(*page) : DeadPage{};
  }
  void background_until_done(Instant now) { store_test::background_until_done(*store_, now); }

  // The file without the store, which is closed.
  std::unique_ptr<Database> open_file() {
    store_.reset();
    return open_shard_file(folder_);
  }
  // Changes it behind the store's back, which is opened anew.
  void change_file(const std::string& sql) {
    auto file = open_file();
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->execute(sql));
    file.reset();
    store_ = open_shard(folder_);
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
};

TEST_F(DeadLettersTest, ALetterIsFoundByItsRunAlsoAfterARestart) {
  bury(1, kFirstDue + seconds(1));
  store_.reset();
  store_ = open_shard(folder_);
  DeadRun wanted = dead_run(1, kFirstDue + seconds(1));
  EXPECT_EQ(fetched(1, wanted.run), wanted);
  wanted.run.generation = {7};
  EXPECT_EQ(fetched(1, wanted.run), std::nullopt);
}

TEST_F(DeadLettersTest, ListsGoByPagesThoseThatDiedLastFirst) {
  for (int64_t i = 1; i <= 7; ++i) bury(1 + static_cast<uint64_t>(i) % 3, kFirstDue + seconds(i));
  EXPECT_THAT(listed({}, 3), ElementsAre(7, 6, 5, 4, 3, 2, 1));
}

TEST_F(DeadLettersTest, APageOfLongPayloadsIsShort) {
  constexpr size_t kLong = size_t{1} << 20;  // none is that long, but so few are enough
  for (int64_t i = 1; i <= 7; ++i) {
    DeadRun dead = dead_run(1, kFirstDue + seconds(i));
    dead.payload->body.assign(kLong, 'x');
    bury(1, std::move(dead));
  }
  auto page = answer(*store_, ListDead{{}, 0, 50});
  ASSERT_TRUE(page);
  const auto& found = std::get<DeadPage>(*page);
  EXPECT_EQ(found.letters.size(), 4U);
  EXPECT_NE(found.next, 0U);
  EXPECT_THAT(listed({}), ElementsAre(7, 6, 5, 4, 3, 2, 1)) << "none is left out";
}

TEST_F(DeadLettersTest, ATallyLeavesPayloadsWhereTheyAre) {
  bury(1, kFirstDue + seconds(1));
  const DeadPage page = tally({}, 5);
  ASSERT_EQ(page.letters.size(), 1U);
  EXPECT_FALSE(page.letters[0].run.payload);
}

TEST_F(DeadLettersTest, FiltersByTaskLabelAndDueInstant) {
  for (int64_t i = 1; i <= 7; ++i) bury(1 + static_cast<uint64_t>(i) % 3, kFirstDue + seconds(i));
  DeadFilter by_task;
  by_task.task = task_key(id_of(2));
  EXPECT_THAT(listed(by_task, 2), ElementsAre(7, 4, 1));
  DeadFilter by_label;
  by_label.labels = {{"team", "a"}};
  EXPECT_THAT(listed(by_label), ElementsAre(5, 2));
  DeadFilter by_due;
  by_due.due_after = kFirstDue + seconds(3);
  by_due.due_before = kFirstDue + seconds(5);
  EXPECT_THAT(listed(by_due), ElementsAre(4, 3));
}

// A page that goes on would tell whoever reaches other tasks only (SL1) how many letters it has.
TEST_F(DeadLettersTest, OfOneTaskWithoutTheLabelsTheListEndsAtOnce) {
  for (int64_t i = 0; i < 50; ++i) {
    Batch batch;
    batch.counter = counter_;
    for (int64_t k = 1; k <= 100; ++k) {
      batch.died.push_back(dead_run(1, kFirstDue + seconds(i * 100 + k)));
    }
    batch.tasks.push_back(changed(1, made(1, kFirstDue).state));
    ASSERT_TRUE(store_->commit(batch));
  }
  auto page_of = [this](const DeadFilter& filter) {
    auto page = answer(*store_, ListDead{filter, 0, 50});
    EXPECT_TRUE(page);
    return page ? std::get<DeadPage>(std::move(*page)) : DeadPage{};
  };
  DeadFilter filter;
  filter.labels = {{"team", "a"}};
  EXPECT_NE(page_of(filter).next, 0U) << "of all tasks a list that finds little goes on";
  filter.task = task_key(id_of(1));
  EXPECT_TRUE(page_of(filter).letters.empty());
  EXPECT_EQ(page_of(filter).next, 0U);
  EXPECT_EQ(tally(filter, 10).matched, 0U);
}

// One of each for every second from 1 to 6: busy, refused, too slow, and again.
class DeadLettersByEnd : public DeadLettersTest {
 protected:
  void SetUp() override {
    DeadLettersTest::SetUp();
    for (int64_t i = 1; i <= 6; ++i) {
      DeadRun dead = dead_run(1, kFirstDue + seconds(i));
      if (i % 3 != 1) dead.status = 0;
      if (i % 3 == 2) dead.result = AttemptResult::kConnectFailed;
      if (i % 3 == 2) dead.detail = "Connection refused";
      if (i % 3 == 0) dead.result = AttemptResult::kTimedOut;
      if (i % 3 == 0) dead.detail = "no whole response in time";
      bury(1, std::move(dead));
    }
  }
};

TEST_F(DeadLettersByEnd, ListsChooseByResultAndErrorInPagesOfOne) {
  DeadFilter by_result;
  by_result.results = {AttemptResult::kTimedOut, AttemptResult::kConnectFailed};
  DeadFilter by_error;
  by_error.error = "REFUSED";
  DeadFilter by_status;
  by_status.error = "answered 503";
  for (uint32_t limit : {1U, 50U}) {
    EXPECT_THAT(listed(by_result, limit), ElementsAre(6, 5, 3, 2));
    EXPECT_THAT(listed(by_error, limit), ElementsAre(5, 2));
    EXPECT_THAT(listed(by_status, limit), ElementsAre(4, 1)) << "as it is shown";
  }
  by_error.results = {AttemptResult::kTimedOut};
  EXPECT_TRUE(listed(by_error).empty());
}

TEST_F(DeadLettersByEnd, ATallyCountsAllThatMatchAlsoBeyondThoseItGives) {
  DeadFilter filter;
  filter.results = {AttemptResult::kConnectFailed};
  const DeadPage page = tally(filter, 1);
  EXPECT_EQ(page.matched, 2U);
  ASSERT_EQ(page.letters.size(), 1U);
  EXPECT_EQ(page.letters[0].run.due, kFirstDue + seconds(2));
}

TEST_F(DeadLettersTest, ATallyCountsAllAndGivesTheFirst) {
  for (int64_t i = 1; i <= 1'200; ++i) bury(1, kFirstDue + seconds(i));
  DeadPage page = tally({}, 2);
  EXPECT_EQ(page.matched, 1'200U);
  ASSERT_EQ(page.letters.size(), 2U);
  EXPECT_EQ(page.letters[0].run.due, kFirstDue + seconds(1));
}

TEST_F(DeadLettersTest, ARedrivenRunsLetterGoesWithTheSameCommit) {  // DR1
  bury(1, kFirstDue + seconds(1));
  bury(1, kFirstDue + seconds(2));
  Batch batch;
  batch.counter = counter_;
  batch.tasks.push_back(changed(1, made(1, kFirstDue).state));
  batch.redriven.push_back({{1}, dead_run(1, kFirstDue + seconds(1)).run});
  ASSERT_TRUE(store_->commit(batch));
  EXPECT_THAT(listed({}), ElementsAre(2));
}

TEST_F(DeadLettersTest, ADiscardedLetterGoesWithItsCommit) {  // DR1
  bury(1, kFirstDue + seconds(1));
  bury(1, kFirstDue + seconds(2));
  Batch batch;
  batch.counter = counter_;
  batch.tasks.push_back(changed(1, made(1, kFirstDue).state));
  batch.discarded.push_back({{1}, dead_run(1, kFirstDue + seconds(2)).run});
  ASSERT_TRUE(store_->commit(batch));
  EXPECT_THAT(listed({}), ElementsAre(1));
}

TEST_F(DeadLettersTest, LettersOfARemovedTaskAreGoneAtOnceAndDeletedLater) {  // DR3
  for (int64_t i = 1; i <= 600; ++i) bury(1, kFirstDue + seconds(i));
  bury(2, kFirstDue + seconds(1'000));
  Batch batch;
  batch.counter = counter_;
  batch.tasks.push_back(removed(1));
  ASSERT_TRUE(store_->commit(batch));
  EXPECT_THAT(listed({}), ElementsAre(1'000));
  EXPECT_EQ(tally({}, 0).matched, 1U);
  store_.reset();  // a crash before the background work
  store_ = open_shard(folder_);
  background_until_done(kFirstDue + hours(1));
  ASSERT_TRUE(store_->close_clean());
  auto file = open_file();
  ASSERT_TRUE(file);
  Statement count(*file,
                  "SELECT (SELECT count(*) FROM dead), (SELECT count(*) FROM dead_of_removed)");
  Rows rows = count.rows();
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.number(0), 1U);
  EXPECT_EQ(rows.number(1), 0U);
}

TEST_F(DeadLettersTest, LettersAreKeptForThirtyDaysWhateverTheRunLogKeeps) {  // C-14
  for (int64_t i = 1; i <= 600; ++i) bury(1, kFirstDue + seconds(i));
  bury(1, kFirstDue + hours(24));
  background_until_done(kFirstDue + kDeadKept);
  EXPECT_EQ(tally({}, 0).matched, 601U);
  background_until_done(kFirstDue + kDeadKept + hours(1));
  EXPECT_THAT(listed({}), ElementsAre(24 * 3'600));
}

TEST_F(DeadLettersTest, ADamagedLetterIsLeftOutAndCounted) {  // C-23
  bury(1, kFirstDue + seconds(1));
  bury(2, kFirstDue + seconds(2));
  change_file(
      "UPDATE dead SET run = CAST(replace(CAST(run AS TEXT), 'busy', 'bury') AS BLOB) WHERE "
      "number = 2");
  EXPECT_THAT(listed({}), ElementsAre(1));
  ASSERT_TRUE(store_->damage());
  EXPECT_THAT(store_->damage()->detail, HasSubstr("a dead letter of task 2"));
}

// A damaged tree may give a row that cannot be found to be deleted.
TEST_F(DeadLettersTest, WhatCannotBeDroppedEndsRetentionAndNotTheServer) {  // C-23
  bury(1, kFirstDue + seconds(1));
  bury(2, kFirstDue + seconds(2));
  Batch batch;
  batch.counter = counter_;
  batch.tasks.push_back(removed(1));
  ASSERT_TRUE(store_->commit(batch));
  for (const char* table : {"dead_of_removed", "dead"}) {
    change_file(std::string("CREATE TRIGGER keep_") + table + " BEFORE DELETE ON " + table +
                " BEGIN SELECT RAISE(IGNORE); END");
  }
  background_until_done(kFirstDue + hours(1));
  ASSERT_TRUE(store_->damage());
  EXPECT_THAT(store_->damage()->detail, HasSubstr("nothing old is deleted any more: "));
  EXPECT_THAT(store_->damage()->detail, HasSubstr("shard-000.db"));

  change_file("DROP TRIGGER keep_dead_of_removed; DELETE FROM dead_of_removed");
  background_until_done(kFirstDue + kDeadKept + hours(1));
  EXPECT_TRUE(store_->damage()) << "old ones that stay";
  EXPECT_EQ(store_->metrics().damaged_rows.value(), 1U) << "told once, and not tried again";
}

TEST_F(DeadLettersTest, TheNumberOfNoTaskAmongTheRemovedIsDroppedToo) {  // C-23
  change_file("INSERT INTO dead_of_removed (number) VALUES (0)");
  background_until_done(kFirstDue + hours(1));
}

TEST_F(DeadLettersTest, AFileOfTheVersionBeforeOpens) {
  // What 0002 and later steps add, taken away again.
  change_file(
      "DROP TABLE dead; DROP TABLE dead_of_removed; DROP TABLE kept_answer; DROP TABLE audit; "
      "DROP TABLE made_by; DROP TABLE removed_rows; DROP TABLE retained; PRAGMA user_version=1");
  ASSERT_TRUE(store_);
  EXPECT_TRUE(answer(*store_, GetTask{task_key(id_of(2))}));
  bury(1, kFirstDue + seconds(1));
  EXPECT_THAT(listed({}), ElementsAre(1));
}

}  // namespace
}  // namespace hourwheel::dead_letters_test
