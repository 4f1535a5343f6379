// What the store's tests are built from: a folder that goes away, tasks and records.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/change.h"
#include "store/schema.h"
#include "store/shard_store.h"
#include "tests/support/temp_folder.h"

namespace hourwheel {

inline constexpr Instant kFirstDue{1'800'000'000'000};

namespace store_test {

using Folder = test::TempFolder;

inline std::unique_ptr<ShardStore> open_shard(const ShardStoreOptions& options) {
  auto store = ShardStore::open(options);
  EXPECT_TRUE(store) << (store ? "" : store.error().detail);
  return store ? std::move(*store) : nullptr;
}
inline std::unique_ptr<ShardStore> open_shard(const Folder& folder) {
  ShardStoreOptions options;
  options.path = folder.file("shard-000.db");
  return open_shard(options);
}

inline std::string id_of(uint64_t number) {
  return "task-" + std::to_string(number);
}

// The file of a shard whose store is closed, as somebody with the file at hand has it.
inline std::unique_ptr<Database> open_shard_file(const Folder& folder) {
  DatabaseOptions options;
  options.path = folder.file("shard-000.db");
  options.application_id = kShardApplicationId;
  options.schema = shard_schema();
  auto file = Database::open(options);
  EXPECT_TRUE(file);
  return file ? std::move(*file) : nullptr;
}

// The creation of task `number`, due once at `due`.
inline TaskChange made(uint64_t number, Instant due) {
  TaskChange change;
  change.kind = ChangeKind::kCreate;
  change.number = {number};
  change.key = task_key(id_of(number));
  change.spec = std::make_unique<TaskSpec>();
  change.spec->id = id_of(number);
  change.spec->schedule.at = due;
  change.spec->schedule.source = "some instant";
  change.spec->target.kind = TargetKind::kHttp;
  change.spec->target.url = "http://127.0.0.1:9/hook";
  change.spec->payload_kind = PayloadKind::kJson;
  change.spec->payload = R"({"number":)" + std::to_string(number) + "}";
  change.state.version = {number};
  change.state.generation = {number};
  change.state.created = change.state.updated = kFirstDue - hours(1);
  change.state.next_due = due;
  return change;
}

// A change of the state of a task that `made` made, and that was active until now.
inline TaskChange changed(uint64_t number, const TaskState& state) {
  TaskChange change;
  change.kind = ChangeKind::kState;
  change.number = {number};
  change.key = task_key(id_of(number));
  change.state = state;
  if (!state.deleted) change.was = TaskStatus::kActive;
  return change;
}

inline TaskChange removed(uint64_t number) {
  TaskChange change = changed(number, {});
  change.kind = ChangeKind::kRemove;
  return change;
}

inline RunRecord record_of(uint64_t number, Instant due, uint32_t attempt = 1,
                           RunState state = RunState::kSucceeded) {
  RunRecord record;
  record.task = {number};
  record.task_version = {number};
  record.key = {{number}, Trigger::kSchedule, due.ms};
  record.state = state;
  record.due = record.last_due = due;
  record.attempt = attempt;
  record.recorded = due + milliseconds(5);
  record.outcome.result = AttemptResult::kResponded;
  record.outcome.sent = true;
  record.outcome.status = 200;
  record.outcome.started = due;
  record.outcome.ended = due + milliseconds(4);
  return record;
}

// All of a range of the due index, page by page.
inline std::vector<ThinTask> scan_all(ShardStore& store, Instant from, Instant to,
                                      uint32_t limit = kScanPage) {
  std::vector<ThinTask> tasks;
  std::optional<ScanRequest> range = ScanRequest{from, to, 0, {}, limit};
  while (range) {
    auto page = store.scan(*range);
    EXPECT_TRUE(page) << page.error().detail;
    if (!page) break;
    for (ThinTask& task : page->tasks) tasks.push_back(std::move(task));
    range = page->next;
  }
  return tasks;
}

// Runs a query to its answer.
inline Result<QueryAnswer> answer(ShardStore& store, Query query) {
  RunningQuery running;
  running.query = std::move(query);
  for (;;) {
    if (auto answered = store.query(running)) return std::move(*answered);
  }
}

inline void background_until_done(ShardStore& store, Instant now) {
  for (int i = 0; i < 10'000; ++i) {
    auto more = store.background(now);
    ASSERT_TRUE(more);
    if (!*more) return;
  }
  FAIL() << "the background work does not end";
}

}  // namespace store_test
}  // namespace hourwheel
