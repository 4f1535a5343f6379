#include "store/store_thread.h"

#include <gtest/gtest.h>

#include "tests/store/thread_doors.h"

namespace hourwheel::store_thread_test {
namespace {

using namespace store_test;

class StoreThreadTest : public ::testing::Test {
 protected:
  StoreThreadTest()
      : thread_(std::make_unique<StoreThread>(open_shard(folder_), waiter_, clock_, room_)) {}

  std::vector<Message> await(size_t count) { return store_test::await(*thread_, waiter_, count); }

  Folder folder_;
  Waiter waiter_;
  FixedClock clock_;
  FakeRoom room_;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(StoreThreadTest, GivesEveryPieceOfWorkOneMessage) {
  thread_->commit(batch_of(1, 1, 10));
  auto committed = await(1);
  ASSERT_TRUE(std::holds_alternative<Committed>(committed[0]));
  EXPECT_EQ(std::get<Committed>(committed[0]).batch->sequence, 1U);

  thread_->fetch({{task_key(id_of(3)), {}}});
  thread_->scan({kFirstDue, kFirstDue + seconds(1), 0, {}, kScanPage});
  thread_->query({{1, 2, 3, 4}, ListTasks{}});
  size_t fetched = 0;
  size_t scanned = 0;
  size_t answered = 0;
  for (Message& message : await(3)) {
    if (auto* found = std::get_if<Fetched>(&message)) fetched += found->found.size();
    if (auto* found = std::get_if<Scanned>(&message)) scanned += found->tasks.size();
    if (auto* found = std::get_if<Answered>(&message)) {
      EXPECT_EQ(found->token.slot, 2U);
      ASSERT_TRUE(found->answer);
      answered += std::get<TaskPage>(*found->answer).tasks.size();
    }
  }
  EXPECT_EQ(fetched, 1U);
  EXPECT_EQ(scanned, 10U);
  EXPECT_EQ(answered, 10U);
}

TEST_F(StoreThreadTest, FinishesWhatWasHandedOverBeforeItStops) {
  thread_->commit(batch_of(1, 1, 100));
  thread_->query({{}, Backup{folder_.file("copy.db")}});
  EXPECT_TRUE(thread_->stop());
  std::vector<Message> messages;
  EXPECT_EQ(thread_->take(messages), 2U);
  EXPECT_FALSE(thread_->failed());
  thread_.reset();

  auto again = open_shard(folder_);
  EXPECT_EQ(again->recovered().counter, 100U);
  EXPECT_TRUE(std::filesystem::exists(folder_.file("copy.db")));
}

TEST_F(StoreThreadTest, CountsItsCommits) {
  thread_->commit(batch_of(1, 1, 5));
  await(1);
  EXPECT_EQ(thread_->metrics().commits.value(), 1U);
  EXPECT_EQ(thread_->metrics().batch_max.value(), 5);
  EXPECT_GT(thread_->metrics().wal_bytes.value(), 0);
}

}  // namespace
}  // namespace hourwheel::store_thread_test
