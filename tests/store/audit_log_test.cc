#include "store/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "tests/store/builders.h"

namespace hourwheel::audit_log_test {
namespace {

using namespace store_test;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Instant kWritten = kFirstDue - hours(2);

AuditEntry entry_of(const std::string& id, AuditAction action = AuditAction::kPause) {
  AuditEntry entry;
  entry.at = kWritten;
  entry.action = action;
  entry.actor.key = "key0000001";
  entry.actor.address.emplace()[15] = 1;
  entry.task = task_key(id);
  entry.subject = id;
  entry.version = {7};
  return entry;
}

class AuditLogTest : public ::testing::Test {
 protected:
  void SetUp() override { store_ = open_shard(folder_); }
  void commit(Batch batch) {
    batch.counter = counter_ += 100;
    ASSERT_TRUE(store_->commit(batch));
  }
  void write(std::vector<AuditEntry> entries) {
    Batch batch;
    batch.audit = std::move(entries);
    commit(std::move(batch));
  }
  AuditPage list(ListAudit query = {}) {
    auto found = answer(*store_, Query(query));
    EXPECT_TRUE(found);
    return found ? std::move(std::get<AuditPage>(*found)) : AuditPage{};
  }
  std::vector<std::string> subjects(const ListAudit& query = {}) {
    std::vector<std::string> ids;
    for (const AuditEntry& entry : list(query).entries) ids.push_back(entry.subject);
    return ids;
  }
  AuditVerdict verify() {
    VerifyAudit query;
    while (!query.so_far.whole) {
      auto found = answer(*store_, query);
      EXPECT_TRUE(found);
      if (!found) break;
      query.so_far = std::move(std::get<AuditVerdict>(*found));
      ++pieces_;
    }
    return query.so_far;
  }
  void reopen() {
    store_.reset();
    store_ = open_shard(folder_);
  }
  // As somebody with the file at hand could.
  void tamper(const std::string& sql) {
    store_.reset();
    auto file = open_shard_file(folder_);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->execute(sql));
    file.reset();
    store_ = open_shard(folder_);
  }

  Folder folder_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
  int pieces_ = 0;  // that chains were looked at in
};

TEST_F(AuditLogTest, EntriesAreReadBackAsTheyWereWritten) {
  AuditEntry paused = entry_of("a");
  paused.note = "maintenance";
  AuditEntry run = entry_of("b", AuditAction::kRun);
  run.run = RunKey{{3}, Trigger::kManual, 99};
  AuditEntry by_nobody;
  by_nobody.at = kWritten + seconds(1);
  by_nobody.action = AuditAction::kCreateKey;
  by_nobody.subject = "key0000002";
  write({paused, run, by_nobody});
  reopen();
  const AuditPage page = list();
  ASSERT_EQ(page.entries.size(), 3U);
  EXPECT_EQ(page.next, 0U);
  const AuditEntry& first = page.entries[2];
  EXPECT_EQ(first.at, kWritten);
  EXPECT_EQ(first.action, AuditAction::kPause);
  EXPECT_EQ(first.actor, paused.actor);
  EXPECT_EQ(first.task, task_key("a"));
  EXPECT_EQ(first.subject, "a");
  EXPECT_EQ(first.version, Version{7});
  EXPECT_EQ(first.note, "maintenance");
  EXPECT_FALSE(first.run);
  EXPECT_EQ(page.entries[1].run, run.run);
  EXPECT_EQ(page.entries[1].actor, run.actor);
  EXPECT_EQ(page.entries[0].actor, Actor{});
  EXPECT_EQ(page.entries[0].at, by_nobody.at);
  EXPECT_EQ(page.entries[0].task, TaskKey{});
  EXPECT_EQ(page.entries[0].subject, "key0000002");
}

// What an entry says of the definition before is what the one before it said of the one after.
TEST_F(AuditLogTest, DigestsOfDefinitionsHangTogether) {
  auto told = [this](TaskChange change, AuditAction action) {
    Batch batch;
    AuditEntry entry = entry_of(id_of(1), action);
    entry.change = 0;
    batch.tasks.push_back(std::move(change));
    batch.audit.push_back(entry);
    commit(std::move(batch));
  };
  told(made(1, kFirstDue), AuditAction::kCreate);
  TaskChange replaced = made(1, kFirstDue);
  replaced.kind = ChangeKind::kReplace;
  replaced.spec->description = "another";
  told(std::move(replaced), AuditAction::kReplace);
  TaskChange removed = made(1, kFirstDue);
  removed.kind = ChangeKind::kRemove;
  removed.spec.reset();
  told(std::move(removed), AuditAction::kDelete);
  const AuditPage page = list();
  ASSERT_EQ(page.entries.size(), 3U);
  EXPECT_FALSE(page.entries[2].before);
  ASSERT_TRUE(page.entries[2].after);
  EXPECT_EQ(page.entries[1].before, page.entries[2].after);
  ASSERT_TRUE(page.entries[1].after);
  EXPECT_NE(page.entries[1].after, page.entries[1].before);
  EXPECT_EQ(page.entries[0].before, page.entries[1].after);
  EXPECT_FALSE(page.entries[0].after);
}

TEST_F(AuditLogTest, DigestsAreThoseOfTheirOwnChangeWithinABatch) {
  Batch batch;
  for (const uint64_t number : {uint64_t{1}, uint64_t{2}}) {
    batch.tasks.push_back(made(number, kFirstDue));
    AuditEntry entry = entry_of(id_of(number), AuditAction::kCreate);
    entry.change = static_cast<uint32_t>(number - 1);
    batch.audit.push_back(entry);
  }
  TaskChange replaced = made(1, kFirstDue);
  replaced.kind = ChangeKind::kReplace;
  replaced.spec->description = "another";
  batch.tasks.push_back(std::move(replaced));
  AuditEntry entry = entry_of(id_of(1), AuditAction::kReplace);
  entry.change = 2;
  batch.audit.push_back(entry);
  commit(std::move(batch));
  const AuditPage page = list();
  ASSERT_EQ(page.entries.size(), 3U);
  EXPECT_EQ(page.entries[0].before, page.entries[2].after);
  EXPECT_NE(page.entries[0].after, page.entries[2].after);
  EXPECT_NE(page.entries[1].after, page.entries[2].after);
}

TEST_F(AuditLogTest, PagesGoOnWhereTheLastOneEnded) {
  write({entry_of("a"), entry_of("b"), entry_of("c")});
  write({entry_of("d")});
  ListAudit query;
  query.limit = 2;
  AuditPage page = list(query);
  ASSERT_EQ(page.entries.size(), 2U);
  EXPECT_EQ(page.entries[0].subject, "d");
  EXPECT_EQ(page.entries[1].subject, "c");
  query.before = page.next;
  EXPECT_EQ(page.next, page.positions[1]);
  page = list(query);
  ASSERT_EQ(page.entries.size(), 2U);
  EXPECT_EQ(page.entries[0].subject, "b");
  EXPECT_EQ(page.entries[1].subject, "a");
  EXPECT_EQ(page.next, 0U);
  query.before = list().positions[0];
  EXPECT_THAT(subjects(query), ElementsAre("c", "b")) << "a position at the beginning of its row";
}

TEST_F(AuditLogTest, AFilterTakesWhatItSays) {
  AuditEntry other = entry_of("a");
  other.actor.key = "key0000002";
  AuditEntry later = entry_of("c");
  later.at = kWritten + seconds(5);
  write({entry_of("a"), entry_of("b"), other, later});
  ListAudit query;
  query.filter.task = task_key("a");
  EXPECT_THAT(subjects(query), ElementsAre("a", "a"));
  query.filter.key = "key0000002";
  EXPECT_THAT(subjects(query), ElementsAre("a"));
  query.filter = {};
  query.filter.after = kWritten + seconds(5);
  EXPECT_THAT(subjects(query), ElementsAre("c"));
  query.filter = {};
  query.filter.before = kWritten + seconds(5);
  EXPECT_THAT(subjects(query), ElementsAre("a", "b", "a"));
}

TEST_F(AuditLogTest, ASearchOverManyRowsEndsInShortPages) {
  write({entry_of("wanted")});
  for (int i = 0; i < 2'200; ++i) write({entry_of("other")});
  ListAudit query;
  query.filter.task = task_key("wanted");
  AuditPage page = list(query);
  EXPECT_TRUE(page.entries.empty());
  ASSERT_NE(page.next, 0U);
  query.before = page.next;
  page = list(query);
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.next, 0U);
}

TEST_F(AuditLogTest, AnUntouchedChainHolds) {
  EXPECT_FALSE(verify().broken) << "an empty one, too";
  for (int i = 0; i < 70; ++i) write({entry_of("a"), entry_of("b")});
  reopen();
  const AuditVerdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.rows, 70U);
  EXPECT_EQ(verdict.entries, 140U);
  EXPECT_EQ(verdict.first_row, 1U);
  EXPECT_EQ(verdict.last_row, 70U);
  write({entry_of("c")});
  EXPECT_NE(verify().head, verdict.head);
}

TEST_F(AuditLogTest, ALongChainIsLookedAtInPieces) {
  for (int i = 0; i < 1'100; ++i) write({entry_of("a")});
  const AuditVerdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.rows, 1'100U);
  EXPECT_EQ(pieces_, 3);
  tamper("UPDATE audit SET at_ms = at_ms + 1 WHERE id = 1000");
  EXPECT_TRUE(verify().broken);
}

TEST_F(AuditLogTest, ALargeBatchIsSeveralRows) {
  write(std::vector<AuditEntry>(1'200, entry_of("a")));
  const AuditVerdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.rows, 3U);
  EXPECT_EQ(verdict.entries, 1'200U);
  write({entry_of("b")});
  reopen();
  EXPECT_EQ(verify().rows, 4U);
}

// What a wrong clock left far ahead is passed over, and goes at last.
TEST_F(AuditLogTest, WhatAWrongClockLeftDoesNotBreakTheChain) {
  AuditEntry ahead = entry_of("ahead");
  ahead.at = kWritten + hours(9'000);
  write({ahead});
  for (const char* id : {"a", "b", "c"}) write({entry_of(id)});
  AuditEntry newest = ahead;
  newest.at = ahead.at + hours(1);
  write({newest});
  background_until_done(*store_, kWritten + kAuditKept);
  EXPECT_FALSE(verify().broken);
  reopen();
  background_until_done(*store_, ahead.at + kAuditKept);
  const AuditVerdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.last_row, 5U);
}

struct Tampering {
  const char* sql;
  const char* told;
};

class TamperedAuditLog : public AuditLogTest, public ::testing::WithParamInterface<Tampering> {};

TEST_P(TamperedAuditLog, IsNoticed) {
  for (int i = 0; i < 5; ++i) write({entry_of("a")});
  ASSERT_FALSE(verify().broken);
  tamper(GetParam().sql);
  const AuditVerdict verdict = verify();
  ASSERT_TRUE(verdict.broken);
  EXPECT_THAT(*verdict.broken, HasSubstr(GetParam().told));
  write({entry_of("b")});
  EXPECT_THAT(list().entries.front().subject, "b") << "the log goes on";
  EXPECT_TRUE(verify().broken) << "and stays broken";
}

INSTANTIATE_TEST_SUITE_P(
    AuditLog, TamperedAuditLog,
    ::testing::Values(
        Tampering{"UPDATE audit SET entries = (SELECT entries FROM audit WHERE id = 5) || x'00' "
                  "WHERE id = 2",
                  "row 2 of the audit log does not match"},
        Tampering{"UPDATE audit SET at_ms = at_ms + 1 WHERE id = 2", "row 2"},
        Tampering{"UPDATE audit SET digest = zeroblob(32) WHERE id = 2", "row 2"},
        Tampering{"UPDATE audit SET previous = zeroblob(32) WHERE id = 2", "row 2"},
        Tampering{"DELETE FROM audit WHERE id = 1", "row 1 of the audit log is missing"},
        Tampering{"DELETE FROM audit WHERE id = 3", "row 3 of the audit log is missing"},
        Tampering{"DELETE FROM audit WHERE id = 5", "row 5 of the audit log is missing"},
        Tampering{"DELETE FROM audit", "row 1 of the audit log is missing"},
        Tampering{"DELETE FROM audit WHERE id = 2; UPDATE audit SET id = id - 1 WHERE id > 2",
                  "row 2"}));

TEST_F(AuditLogTest, WhatCannotBeReadIsLeftOutAndTold) {  // C-23
  for (const char* id : {"a", "b", "c"}) write({entry_of(id)});
  tamper("UPDATE audit SET entries = zeroblob(4) WHERE id = 2");
  const AuditPage page = list();
  ASSERT_EQ(page.entries.size(), 2U);
  EXPECT_THAT(page.damage, ElementsAre(HasSubstr("row 2 of the audit log")));
  EXPECT_TRUE(store_->damage());
}

TEST_F(AuditLogTest, WhatIsOldGoesAndTheChainHolds) {
  write({entry_of("a")});
  AuditEntry later = entry_of("b");
  later.at = kWritten + hours(1);
  write({later});
  background_until_done(*store_, kWritten + kAuditKept);
  EXPECT_THAT(subjects(), ElementsAre("b"));
  reopen();
  AuditVerdict verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.first_row, 2U);
  background_until_done(*store_, later.at + kAuditKept);
  EXPECT_THAT(subjects(), ElementsAre("b")) << "what follows hangs on to the last one";
  reopen();
  write({later});
  background_until_done(*store_, later.at + kAuditKept);
  verdict = verify();
  EXPECT_FALSE(verdict.broken) << *verdict.broken;
  EXPECT_EQ(verdict.first_row, 3U);
}

// AU1: a batch that did not come through leaves none.
TEST_F(AuditLogTest, NothingIsLeftOfABatchThatFailed) {
  write({entry_of("a")});
  Batch broken;
  broken.counter = counter_ += 100;
  broken.audit.push_back(entry_of("b"));
  broken.tasks.push_back(made(1, kFirstDue));
  broken.tasks.push_back(made(1, kFirstDue));  // the same number twice
  ASSERT_FALSE(store_->commit(broken));
  write({entry_of("c")});
  EXPECT_THAT(subjects(), ElementsAre("c", "a"));
  EXPECT_FALSE(verify().broken);
  EXPECT_EQ(verify().rows, 2U);
}

}  // namespace
}  // namespace hourwheel::audit_log_test
