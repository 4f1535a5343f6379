// How many tasks each key has made, as a shard's file says.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/store/figures_fixture.h"

namespace hourwheel::made_by_test {
namespace {

using namespace store_test;

class MadeByTest : public FiguresTest {
 protected:
  static TaskChange by(TaskChange change, const std::string& key) {
    change.state.created_by = key;
    return change;
  }
  MadeBy stored() { return next_start().made_by; }
};

TEST_F(MadeByTest, CountsWhatIsMadeAndRemovedByKey) {
  EXPECT_EQ(stored(), MadeBy{});
  commit(list(by(made(1, kFirstDue), "alice"), by(made(2, kFirstDue), "bob"),
              by(made(3, kFirstDue), "alice"), made(4, kFirstDue)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 2}, {"bob", 1}}));
  commit(list(by(removed(1), "alice"), by(removed(2), "bob"), removed(4)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}})) << "no row is zero";
  commit(list(by(made(5, kFirstDue), "bob")));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}, {"bob", 1}}));
}

TEST_F(MadeByTest, WhatChangesAndStaysIsCountedOnce) {
  commit(list(by(made(1, kFirstDue), "alice")));
  TaskChange replaced = by(made(1, kFirstDue + hours(1)), "alice");
  replaced.kind = ChangeKind::kReplace;
  TaskState fired = replaced.state;
  commit(list(std::move(replaced), changed(1, fired)));
  EXPECT_EQ(stored(), (MadeBy{{"alice", 1}}));
}

TEST_F(MadeByTest, ADeletedTaskCountsNoMoreAlthoughItsRunsAreOpen) {
  commit(list(by(made(1, kFirstDue), "alice")));
  TaskChange gone = by(removed(1), "alice");
  gone.state.deleted = true;
  gone.state.open.emplace_back();
  commit(list(std::move(gone)));
  EXPECT_EQ(stored(), MadeBy{});
  TaskChange forgotten = removed(1);
  forgotten.kind = ChangeKind::kForget;
  commit(list(std::move(forgotten)));
  EXPECT_EQ(stored(), MadeBy{});
}

TEST_F(MadeByTest, WhatIsMadeAndRemovedInOneBatchIsNothing) {
  commit(list(by(made(1, kFirstDue), "alice"), by(removed(1), "alice")));
  EXPECT_EQ(stored(), MadeBy{});
}

}  // namespace
}  // namespace hourwheel::made_by_test
