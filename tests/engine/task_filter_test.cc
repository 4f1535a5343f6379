#include "engine/task_filter.h"

#include <gtest/gtest.h>

#include <functional>

namespace hourwheel::task_filter_test {
namespace {

constexpr Instant kDue{1'800'000'000'000};

StoredTask billing() {
  StoredTask task;
  task.spec.id = "nightly-invoices";
  task.spec.type = TaskType::kRecurring;
  task.spec.schedule.kind = ScheduleKind::kCron;
  task.spec.description = "Sends Invoices";
  task.spec.labels = {{"env", "prod"}, {"team", "billing"}};
  task.spec.target.kind = TargetKind::kHttp;
  task.spec.target.url = "https://API.billing.example:8443/hook?x=1";
  task.spec.payload = R"({"customer":"Zoë"})";
  task.state.next_due = kDue;
  task.state.last_run.state = RunState::kDead;
  return task;
}

bool takes(const std::function<void(TaskFilter&)>& fill, const StoredTask& task = billing()) {
  TaskFilter filter;
  fill(filter);
  return matches(filter, task);
}
bool finds(const std::string& text) {
  return takes([&](TaskFilter& filter) { filter.text = text; });
}

TEST(TaskFilter, WithoutAnythingTakesAll) {
  EXPECT_TRUE(takes_all({}));
  EXPECT_TRUE(takes([](TaskFilter&) {}));
  TaskFilter filter;
  filter.text = "x";
  EXPECT_FALSE(takes_all(filter));
}

TEST(TaskFilter, OneOfSeveralStatesKindsAndResultsIsEnough) {
  EXPECT_TRUE(takes([](TaskFilter& filter) {
    filter.statuses = {TaskStatus::kPaused, TaskStatus::kActive};
    filter.kinds = {ScheduleKind::kAt, ScheduleKind::kCron};
    filter.last_results = {RunState::kSucceeded, RunState::kDead};
  }));
  EXPECT_FALSE(takes([](TaskFilter& filter) { filter.statuses = {TaskStatus::kPaused}; }));
  EXPECT_FALSE(takes([](TaskFilter& filter) { filter.kinds = {ScheduleKind::kAt}; }));
  EXPECT_FALSE(takes([](TaskFilter& filter) { filter.last_results = {RunState::kPending}; }));
  EXPECT_FALSE(takes([](TaskFilter& filter) { filter.type = TaskType::kOneTime; }));
}

TEST(TaskFilter, AllLabelsMustBeThere) {
  EXPECT_TRUE(takes([](TaskFilter& filter) {
    filter.labels = {{"team", "billing"}, {"env", "prod"}};
  }));
  EXPECT_FALSE(takes([](TaskFilter& filter) {
    filter.labels = {{"team", "billing"}, {"env", "test"}};
  }));
}

TEST(TaskFilter, TextIsFoundInTheMiddleAndInEitherCase) {
  for (const char* text : {"ly-INV", "sends i", "team:bill", "billing.example:8443/HOOK",
                           "\"customer\":\"Zoë\"", "zoë"}) {
    EXPECT_TRUE(finds(text)) << text;
  }
  for (const char* text : {"invoices sent", "team:sales", "ZOË", "prodteam"}) {
    EXPECT_FALSE(finds(text)) << text;
  }
}

TEST(TaskFilter, HostIsThatOfTheTargetsUrl) {
  auto host = [](const char* name) {
    return takes([name](TaskFilter& filter) { filter.target_host = name; });
  };
  EXPECT_TRUE(host("api.billing.example"));
  EXPECT_FALSE(host("billing.example"));
  StoredTask only_records = billing();
  only_records.spec.target.kind = TargetKind::kLog;
  EXPECT_FALSE(
      takes([](TaskFilter& filter) { filter.target_host = "api.billing.example"; }, only_records));
}

TEST(TaskFilter, RangeOfTheNextDueInstantIsOpenAtItsEnd) {
  auto range = [](Instant after, Instant before, const StoredTask& task = billing()) {
    return takes(
        [&](TaskFilter& filter) {
          filter.next_due_after = after;
          filter.next_due_before = before;
        },
        task);
  };
  EXPECT_TRUE(range(kDue, kDue + milliseconds(1)));
  EXPECT_FALSE(range(kDue - hours(1), kDue));
  EXPECT_FALSE(range(kDue + milliseconds(1), kDue + hours(1)));
  StoredTask over = billing();
  over.state.next_due.reset();
  EXPECT_FALSE(range(kFirstInstant, kDue + hours(1), over));
}

TEST(TaskFilter, WhatMayHaveAnOpenRunHasOneOrIsDue) {
  auto may_be_open = [](const StoredTask& task, Instant at) {
    return takes([at](TaskFilter& filter) { filter.may_be_open_at = at; }, task);
  };
  StoredTask task = billing();
  EXPECT_FALSE(may_be_open(task, kDue - milliseconds(1)));
  EXPECT_TRUE(may_be_open(task, kDue)) << "its first attempt is stored when it ends";
  task.state.pause = Pause{"test", kDue, {}};
  EXPECT_FALSE(may_be_open(task, kDue)) << "nothing begins under a pause";
  OpenRun run;
  run.due = run.next_attempt = kDue + hours(5);
  task.state.open.push_back(run);
  EXPECT_TRUE(may_be_open(task, kDue - hours(1)));
}

}  // namespace
}  // namespace hourwheel::task_filter_test
