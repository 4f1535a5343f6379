// How many tasks are in each state, as a shard's file says.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/store/figures_fixture.h"

namespace hourwheel::task_counts_test {
namespace {

using namespace store_test;

class TaskCountsTest : public FiguresTest {
 protected:
  StatusCounts stored() { return next_start().statuses; }
  // The file as a program that knew no figures left it.
  void forget_figures() {
    store_.reset();
    auto file = open_shard_file(folder_);
    ASSERT_TRUE(file->execute("DELETE FROM meta WHERE name LIKE 'tasks_%'"));
  }
  static TaskChange from(TaskStatus was, TaskChange change) {
    change.was = was;
    return change;
  }
  static TaskState paused() {
    TaskState state;
    state.pause = Pause{"test", kFirstDue, {}};
    return state;
  }
  static StatusCounts counts(int64_t active, int64_t paused, int64_t completed) {
    return {active, paused, completed};
  }
  // Three tasks: one active, one paused, one complete.
  void make_three() {
    commit(list(made(1, kFirstDue), made(2, kFirstDue), made(3, kFirstDue)));
    commit(list(changed(2, paused()), changed(3, {})));
  }
};

TEST_F(TaskCountsTest, FollowsEachChange) {
  EXPECT_EQ(stored(), counts(0, 0, 0));
  make_three();
  EXPECT_EQ(stored(), counts(1, 1, 1));
  commit(list(from(TaskStatus::kPaused, removed(2)), from(TaskStatus::kCompleted, removed(3))));
  EXPECT_EQ(stored(), counts(1, 0, 0));
}

TEST_F(TaskCountsTest, WhatChangesTwiceInABatchCountsOnce) {
  commit(list(made(1, kFirstDue), changed(1, paused()), from(TaskStatus::kPaused, changed(1, {})),
              made(2, kFirstDue), removed(2)));
  EXPECT_EQ(stored(), counts(0, 0, 1));
}

TEST_F(TaskCountsTest, WhatIsDeletedAndHasOpenRunsDoesNotCount) {
  commit(list(made(1, kFirstDue)));
  TaskChange gone = removed(1);
  gone.state.deleted = true;
  gone.state.open.emplace_back();
  const TaskState left = gone.state;
  commit(list(std::move(gone)));
  commit(list(changed(1, left)));
  EXPECT_EQ(stored(), counts(0, 0, 0));
  TaskChange forgotten = removed(1);
  forgotten.kind = ChangeKind::kForget;
  forgotten.was.reset();
  commit(list(std::move(forgotten)));
  EXPECT_EQ(stored(), counts(0, 0, 0));
}

TEST_F(TaskCountsTest, AFileOfBeforeIsCountedOnceHoweverFarItsFoldIs) {
  make_three();
  forget_figures();
  EXPECT_EQ(stored(), counts(1, 1, 1)) << "the states are in the log's tail";
  ASSERT_TRUE(store_->close_clean());
  forget_figures();
  EXPECT_EQ(stored(), counts(1, 1, 1)) << "the states are in their table";
  commit(list(from(TaskStatus::kPaused, removed(2))));
  EXPECT_EQ(stored(), counts(1, 0, 1)) << "from then on the figures are kept";
}

}  // namespace
}  // namespace hourwheel::task_counts_test
