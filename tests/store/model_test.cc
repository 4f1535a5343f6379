// Random work on a ShardStore beside a model in memory, with folds and restarts in between (T2).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/base/random.h"
#include "tests/store/builders.h"

namespace hourwheel::model_test {
namespace {

using namespace store_test;

struct ModelTask {
  TaskKey key;
  std::optional<TaskSpec> spec;  // none: deleted, with open runs
  TaskState state;
  std::vector<RunRecord> records;
};

class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed) {
    options_.path = folder_.file("shard.db");
    options_.log.piece_rows = 40;
    // Small figures, so that rounds, forced folds and restarts meet each other.
    options_.fold = {8, 16, 24, seconds(1'000), 3};
    store_ = open_shard(options_);
  }

  void step() {
    uint64_t dice = random_.below(100);
    if (dice < 60) return commit();
    if (dice < 85) return fold();
    if (dice < 90) return restart();
    if (dice < 94) {
      ASSERT_TRUE(store_->checkpoint());
      return;
    }
    compare();
  }
  void compare() {
    compare_scan();
    compare_list();
    for (const auto& [number, task] : tasks_) compare_task(number, task);
  }

 private:
  Instant some_due() {
    // Three slices and their edges.
    return {kFirstDue.ms + static_cast<int64_t>(random_.below(3 << kSliceBits))};
  }
  uint64_t some_task() {
    if (tasks_.empty()) return 0;
    auto at = tasks_.lower_bound(1 + random_.below(counter_));
    return at == tasks_.end() ? tasks_.begin()->first : at->first;
  }

  void commit() {
    Batch batch;
    for (uint64_t changes = 1 + random_.below(8); changes > 0; changes--) {
      uint64_t dice = random_.below(10);
      uint64_t number = some_task();
      if (dice < 4 || number == 0) {
        create(batch);
      } else if (tasks_[number].spec) {
        change(batch, number, dice);
      } else {
        forget(batch, number);
      }
    }
    batch.counter = counter_;
    ASSERT_TRUE(store_->commit(batch));
  }
  void create(Batch& batch) {
    TaskChange change = made(++counter_, some_due());
    if (random_.chance(10)) change.state.next_due.reset();
    tasks_[counter_] = {change.key, *change.spec, change.state, {}};
    batch.tasks.push_back(std::move(change));
  }
  void change(Batch& batch, uint64_t number, uint64_t dice) {
    ModelTask& task = tasks_[number];
    if (dice == 9) return remove(batch, number);
    task.state.updated = task.state.updated + seconds(1);
    task.state.next_due = random_.chance(80) ? std::optional(some_due()) : std::nullopt;
    task.state.counts.succeeded++;
    TaskChange written = changed(number, task.state);
    if (dice == 8) {
      task.spec->description = "changed " + std::to_string(random_.below(1'000));
      written.kind = ChangeKind::kReplace;
      written.spec = std::make_unique<TaskSpec>(*task.spec);
    } else if (dice < 8) {
      for (uint64_t records = random_.below(3); records > 0; records--) {
        task.records.push_back(record_of(number, kFirstDue + milliseconds(++recorded_)));
        batch.records.push_back(task.records.back());
      }
    }
    batch.tasks.push_back(std::move(written));
  }
  void remove(Batch& batch, uint64_t number) {
    ModelTask& task = tasks_[number];
    TaskChange gone = removed(number);
    if (random_.chance(50)) {
      tasks_.erase(number);
    } else {
      task.spec.reset();
      task.state.deleted = true;
      task.state.open.push_back({{{number}, Trigger::kSchedule, 7}, some_due(), some_due(), 1});
      task.state.updated = some_due();
      gone.state = task.state;
    }
    batch.tasks.push_back(std::move(gone));
  }
  void forget(Batch& batch, uint64_t number) {
    TaskChange gone = removed(number);
    gone.kind = ChangeKind::kForget;
    tasks_.erase(number);
    batch.tasks.push_back(std::move(gone));
  }

  void fold() {
    for (uint64_t quanta = 1 + random_.below(6); quanta > 0; quanta--) {
      auto more = store_->background(kFirstDue);
      ASSERT_TRUE(more) << more.error().detail;
    }
  }
  void restart() {
    if (random_.chance(30)) {
      ASSERT_TRUE(store_->close_clean());
    }
    store_.reset();
    store_ = open_shard(options_);
    EXPECT_EQ(store_->recovered().counter, counter_);
  }

  void compare_scan() {
    Instant from = some_due();
    Instant to = from + milliseconds(static_cast<int64_t>(random_.below(2 << kSliceBits)));
    std::vector<DuePlace> expected;
    for (const auto& [number, task] : tasks_) {
      auto wake = task.state.wake();
      if (wake && *wake >= from && *wake < to) expected.push_back(due_place({number}, wake->ms));
    }
    std::sort(expected.begin(), expected.end());
    auto found = scan_all(*store_, from, to, static_cast<uint32_t>(1 + random_.below(12)));
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); i++) {
      const ModelTask& task = tasks_[expected[i].number.value];
      EXPECT_EQ(found[i].number, expected[i].number);
      EXPECT_EQ(found[i].key, task.key);
      EXPECT_EQ(found[i].state, task.state);
    }
  }
  void compare_list() {
    std::vector<uint64_t> listed;
    ListTasks query;
    query.limit = static_cast<uint32_t>(1 + random_.below(30));
    if (random_.chance(30)) query.filter.statuses = {TaskStatus::kActive};
    do {
      auto answered = answer(*store_, query);
      ASSERT_TRUE(answered);
      auto& page = std::get<TaskPage>(*answered);
      for (const StoredTask& task : page.tasks) listed.push_back(task.number.value);
      query.after = page.next;
    } while (query.after);
    std::vector<uint64_t> expected;
    for (const auto& [number, task] : tasks_) {
      bool wanted = query.filter.statuses.empty() || status_of(task.state) == TaskStatus::kActive;
      if (task.spec && wanted) expected.push_back(number);
    }
    EXPECT_EQ(listed, expected);
  }
  void compare_task(uint64_t number, const ModelTask& task) {
    auto answered = answer(*store_, GetTask{task.key});
    ASSERT_EQ(answered.has_value(), task.spec.has_value()) << number;
    if (!task.spec) return;
    const auto& stored = std::get<StoredTask>(*answered);
    EXPECT_EQ(stored.spec, *task.spec);
    EXPECT_EQ(stored.state, task.state) << number;
    compare_runs(task);
  }
  void compare_runs(const ModelTask& task) {
    std::vector<int64_t> listed;
    ListRuns query{task.key, 0, static_cast<uint32_t>(1 + random_.below(5))};
    do {
      auto answered = answer(*store_, query);
      ASSERT_TRUE(answered);
      auto& page = std::get<RunPage>(*answered);
      for (const RunRecord& record : page.records) listed.push_back(record.due.ms);
      query.before = page.next;
    } while (query.before != 0);
    std::vector<int64_t> expected;
    for (const RunRecord& record : task.records) expected.push_back(record.due.ms);
    std::reverse(expected.begin(), expected.end());
    EXPECT_EQ(listed, expected);
  }

  Random random_;
  Folder folder_;
  ShardStoreOptions options_;
  std::unique_ptr<ShardStore> store_;
  uint64_t counter_ = 0;
  int64_t recorded_ = 0;
  std::map<uint64_t, ModelTask> tasks_;
};

class ModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(ModelTest, AgreesWithTheModelWhateverTheOrderOfFoldsAndRestarts) {
  Model model(GetParam());
  for (int i = 0; i < 250 && !HasFailure(); i++) model.step();
  model.compare();
}
INSTANTIATE_TEST_SUITE_P(Seeds, ModelTest, ::testing::Range<uint64_t>(1, 17));

}  // namespace
}  // namespace hourwheel::model_test
