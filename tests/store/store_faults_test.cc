// What becomes of a data file when its disk fails (C-21, C-22).
#include <gtest/gtest.h>

#include <algorithm>

#include "store/database.h"
#include "store/schema.h"
#include "tests/store/fault_vfs.h"
#include "tests/store/thread_doors.h"

namespace hourwheel::store_faults_test {
namespace {

using namespace store_test;

// Each look at it is a tenth of a second later: a commit that waits is soon tried again.
class RunningClock : public StoreClock {
 public:
  [[nodiscard]] Instant now() const override { return kFirstDue; }
  [[nodiscard]] int64_t monotonic_us() const override { return us_.fetch_add(100'000); }

 private:
  mutable std::atomic<int64_t> us_ = 0;
};

class StoreFaultsTest : public ::testing::Test {
 protected:
  StoreFaultsTest() { open(); }
  void open() {
    ShardStoreOptions options;
    options.path = folder_.file("shard-000.db");
    options.vfs = vfs_.name();
    thread_ = std::make_unique<StoreThread>(open_shard(options), waiter_, clock_, room_);
  }
  std::vector<Message> await(size_t count) { return store_test::await(*thread_, waiter_, count); }
  // Everything that comes until a message of this kind has (or the store has failed): a commit that
  // waits is tried, and put off, any number of times meanwhile.
  template <typename Kind>
  std::vector<Message> await_one() {
    std::vector<Message> messages;
    while (!thread_->failed() && place_of<Kind>(messages) == messages.size()) {
      for (Message& message : await(1)) messages.push_back(std::move(message));
    }
    return messages;
  }
  template <typename Kind>
  static size_t place_of(const std::vector<Message>& messages) {
    auto found = std::find_if(messages.begin(), messages.end(), [](const Message& message) {
      return std::holds_alternative<Kind>(message);
    });
    return static_cast<size_t>(found - messages.begin());
  }
  // Nothing acknowledged, the store failed; and the next start finds what was there before.
  void expect_fatal(Fault fault) {
    thread_->commit(batch_of(1, 1, 10));
    await(1);
    vfs_.fail(fault);
    thread_->commit(batch_of(2, 11, 20));
    waiter_.await();
    EXPECT_FALSE(thread_->ready()) << "nothing is acknowledged";
    ASSERT_TRUE(thread_->failed());
    EXPECT_EQ(thread_->failed()->code, ErrorCode::kIo) << thread_->failed()->detail;
    thread_.reset();
    vfs_.fail(Fault::kNone);
    open();
    const uint64_t counter = thread_->recovered().counter;
    EXPECT_TRUE(counter == 10 || counter == 20) << counter;
  }

  Folder folder_;
  FaultVfs vfs_;
  Waiter waiter_;
  RunningClock clock_;
  FakeRoom room_;
  std::unique_ptr<StoreThread> thread_;
};

TEST_F(StoreFaultsTest, ACommitThatFindsNoSpaceWaitsAndComesThrough) {  // C-21
  for (Fault fault : {Fault::kFull, Fault::kQuota}) {
    vfs_.fail(fault);
    const uint64_t sequence = fault == Fault::kFull ? 1 : 2;
    thread_->commit(batch_of(sequence, 10 * sequence, 10 * sequence + 9));
    auto told = await(2);
    ASSERT_GE(told.size(), 2U);
    ASSERT_TRUE(std::holds_alternative<StorageState>(told[0]));
    EXPECT_EQ(std::get<StorageState>(told[0]), StorageState::kFull);
    EXPECT_TRUE(std::holds_alternative<CommitPutOff>(told[1]));
    thread_->fetch({{task_key(id_of(1)), {}}});
    auto while_full = await_one<Fetched>();
    EXPECT_EQ(place_of<Committed>(while_full), while_full.size());
    vfs_.fail(Fault::kNone);
    auto through = await_one<Committed>();
    ASSERT_FALSE(thread_->failed());
    const size_t committed = place_of<Committed>(through);
    ASSERT_GE(committed, 1U);
    ASSERT_TRUE(std::holds_alternative<StorageState>(through[committed - 1]));
    EXPECT_EQ(std::get<StorageState>(through[committed - 1]), StorageState::kOk);
    EXPECT_EQ(room_.stuck, 0);
  }
  EXPECT_TRUE(thread_->stop());
  EXPECT_EQ(thread_->metrics().commits.value(), 2U);
  EXPECT_GE(thread_->metrics().storage_low.value(), 2U);
}

TEST(DatabaseFaults, OverWhatAFailedCommitLeftOneIsWrittenThatIsFlushed) {  // D4
  Folder folder;
  FaultVfs vfs;
  DatabaseOptions options;
  options.path = folder.file("shard-000.db");
  options.vfs = vfs.name();
  options.schema = shard_schema();
  auto opened = Database::open(options);
  ASSERT_TRUE(opened) << opened.error().detail;
  Database& database = **opened;
  auto write = [&](Flush flush) {
    return database.transact(flush,
                             [&] { return database.execute("DELETE FROM dead_of_removed"); });
  };
  auto marks = [&] {
    Statement statement(database, "SELECT value FROM meta WHERE name = 'flushes'");
    Rows rows = statement.rows();
    return rows.next() ? rows.number(0) : 0;
  };
  ASSERT_TRUE(write(Flush::kNow));
  ASSERT_TRUE(write(Flush::kLater));
  EXPECT_EQ(marks(), 1U);
  vfs.fail(Fault::kFull);
  EXPECT_FALSE(write(Flush::kNow));
  vfs.fail(Fault::kNone);
  const uint64_t before = marks();
  ASSERT_TRUE(write(Flush::kLater));
  EXPECT_GT(marks(), before) << "what is written over it is marked, and so flushed";
  const uint64_t after = marks();
  ASSERT_TRUE(write(Flush::kLater));
  EXPECT_EQ(marks(), after);
}

TEST_F(StoreFaultsTest, TheBallastLetsACommitThroughAtOnce) {  // C-21
  room_.ballast = 1;
  room_.on_made = [this] { vfs_.fail(Fault::kNone); };
  vfs_.fail(Fault::kFull);
  thread_->commit(batch_of(1, 1, 10));
  auto messages = await(1);
  EXPECT_TRUE(std::holds_alternative<Committed>(messages[0])) << "nobody had to wait";
}

TEST_F(StoreFaultsTest, AFullDiskDoesNotKeepTheThreadFromStopping) {
  vfs_.fail(Fault::kFull);
  thread_->commit(batch_of(1, 1, 10));
  await(2);
  static_cast<void>(thread_->stop());  // that it cannot be closed cleanly, it says
  vfs_.fail(Fault::kNone);
  thread_.reset();
  open();
  EXPECT_EQ(thread_->recovered().counter, 0U) << "what was never acknowledged is gone";
}

TEST_F(StoreFaultsTest, AFailedFlushIsFatal) {  // C-22
  expect_fatal(Fault::kFlush);
}

TEST_F(StoreFaultsTest, AVolumeThatIsReadOnlyNowIsNotAFullOne) {  // C-22
  expect_fatal(Fault::kReadOnly);
}

TEST_F(StoreFaultsTest, AFatalFaultSaysWhatTheSystemSaid) {
  vfs_.fail(Fault::kReadOnly);
  thread_->commit(batch_of(1, 1, 10));
  waiter_.await();
  ASSERT_TRUE(thread_->failed());
  EXPECT_NE(thread_->failed()->detail.find("Read-only file system"), std::string::npos)
      << thread_->failed()->detail;
}

}  // namespace
}  // namespace hourwheel::store_faults_test
