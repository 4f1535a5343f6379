#include "tests/api/support/fixture.h"

namespace hourwheel::why_test {
namespace {

// Hourly since a day ago; the next due instant is the one after now.
class WhyTest : public ApiTest {
 protected:
  WhyTest() {
    StoredTask& task = found_.task;
    task = stored_task("a", 3, kTestNow - hours(24));
    task.spec.type = TaskType::kRecurring;
    task.spec.schedule = {};
    task.spec.schedule.kind = ScheduleKind::kEvery;
    task.spec.schedule.every = hours(1);
    task.spec.schedule.anchor = kTestNow - hours(100);
    task.state.ruled_since = kTestNow - hours(24);
    task.state.next_due = kTestNow + hours(1);
  }
  RunRecord record(Instant due, RunState state) {
    RunRecord row;
    row.key = {found_.task.state.generation, Trigger::kSchedule, due.ms};
    row.state = state;
    row.due = row.last_due = due;
    row.attempt = state == RunState::kSkipped ? 0 : 1;
    row.recorded = due + seconds(1);
    return row;
  }
  std::string ask_at(const std::string& at) {
    HttpToken token = send({"GET", "/v1/tasks/a/why?at=" + at, "", {}});
    auto [shard, request] = take_query();
    EXPECT_EQ(std::get<RunsAround>(request.query).key, task_key("a"));
    answer(request.token, QueryAnswer(found_));
    EXPECT_EQ(responder_.at(token).response.status, 200);
    return responder_.at(token).response.body;
  }
  static std::string answer_of(std::string_view word, std::string_view reason = "") {
    std::string text = "\"answer\":\"" + std::string(word) + "\",";
    if (!reason.empty()) text += "\"reason\":\"" + std::string(reason) + "\",";
    return text + "\"detail\":";
  }

  RunsFound found_;
};

constexpr const char* kThen = "2025-12-31T20:00:00Z";
const Instant kThenInstant = kTestNow - hours(4);

TEST_F(WhyTest, TheRunLogsEndIsTheAnswer) {
  const std::pair<RunState, std::string> cases[] = {
      {RunState::kSucceeded, answer_of("fired")},
      {RunState::kCanceled, answer_of("canceled")},
      {RunState::kUnknown, answer_of("unknown", "result_lost")},
      {RunState::kRetrying, answer_of("unknown", "end_not_found")},
      {RunState::kDead, answer_of("dead", "letter_gone")}};
  for (const auto& [state, expected] : cases) {
    found_.records = {record(kThenInstant, state)};
    std::string body = ask_at(kThen);
    EXPECT_TRUE(contains(body, expected)) << body;
    EXPECT_TRUE(contains(body, R"("run":{"id":"run-)")) << body;
    EXPECT_TRUE(contains(body, R"("nearest":{"before":"2025-12-31T19:00:00.000Z",)"
                               R"("after":"2025-12-31T21:00:00.000Z"})"))
        << body;
  }
  found_.dead = true;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("dead")));
}

TEST_F(WhyTest, ASkipNamesItsRuleAndItsExtent) {
  RunRecord row = record(kThenInstant - hours(2), RunState::kSkipped);
  row.skip_reason = SkipReason::kOverlap;
  row.last_due = kThenInstant + hours(1);
  row.count = 4;
  found_.records = {row};
  std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("skipped", "overlap"))) << body;
  EXPECT_TRUE(contains(body,
                       "4 due instants from 2025-12-31T18:00:00.000Z to "
                       "2025-12-31T21:00:00.000Z were passed over"))
      << body;
  EXPECT_TRUE(contains(body, R"("count":4)"));
  // Between two due instants of the row nothing was due.
  EXPECT_TRUE(contains(ask_at("2025-12-31T20:30:00Z"), answer_of("not_due")));
}

TEST_F(WhyTest, OpenRunsAreRunningOrWaiting) {
  OpenRun open;
  open.key = {found_.task.state.generation, Trigger::kSchedule, kThenInstant.ms};
  open.due = kThenInstant;
  open.attempts = 2;
  open.in_flight = true;
  found_.task.state.open = {open};
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("running")));
  found_.task.state.open[0].in_flight = false;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("waiting", "retry")));
  found_.task.state.open[0].attempts = 0;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("waiting", "turn")));
}

TEST_F(WhyTest, ARunMayWaitForTheBreakerOfItsTarget) {
  found_.breaker_until = kTestNow + seconds(8);
  const std::string reason = answer_of("waiting", "breaker");
  OpenRun open;
  open.key = {found_.task.state.generation, Trigger::kSchedule, kThenInstant.ms};
  open.due = kThenInstant;
  open.next_attempt = kThenInstant;
  found_.task.state.open = {open};
  const std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, reason)) << body;
  EXPECT_TRUE(contains(body, "until 2026-01-01T00:00:08.000Z.")) << body;
  // Its own time comes when the breaker is half-open.
  found_.task.state.open[0].attempts = 1;
  found_.task.state.open[0].next_attempt = kTestNow + seconds(9);
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("waiting", "retry")));
  found_.task.state.open[0].in_flight = true;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("running")));
  found_.task.state.open.clear();
  found_.task.state.next_due = kThenInstant;
  EXPECT_TRUE(contains(ask_at(kThen), reason));
  found_.breaker_until = kTestNow;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("late")));
}

TEST_F(WhyTest, ARunWithItsTargetIsRunningEvenWhilePaused) {
  OpenRun open;
  open.key = {found_.task.state.generation, Trigger::kSchedule, kThenInstant.ms};
  open.due = kThenInstant;
  open.attempts = 2;
  open.next_attempt = kTestNow + minutes(2);
  open.awaited.emplace().until = kTestNow + minutes(30);
  found_.task.state.open = {open};
  found_.task.state.pause = Pause{"holidays", kThenInstant - hours(1), std::nullopt};
  const std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("running", "awaits_report"))) << body;
  EXPECT_TRUE(contains(body, "is to report by 2026-01-01T00:02:00.000Z.")) << body;
}

TEST_F(WhyTest, WhatNobodyCanKnowIsUnknown) {
  EXPECT_TRUE(contains(ask_at("2025-12-30T00:00:00Z"), answer_of("unknown", "before_creation")));
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("unknown", "not_recorded")));
  found_.cut_short = true;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("unknown", "search_bound")));
  found_.kept_from = kTestNow - hours(1);
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("unknown", "beyond_retention")));
  found_.kept_from.reset();
  found_.task.state.ruled_since = kTestNow - hours(1);
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("unknown", "former_schedule")));
}

TEST_F(WhyTest, ThePastThatHasNoRunYet) {
  found_.task.state.next_due = kThenInstant;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("late")));
  OpenRun other;
  other.due = kThenInstant - hours(1);
  found_.task.state.open = {other};
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("waiting", "overlap")));
  found_.task.state.pause = Pause{"holidays", kThenInstant - hours(1), std::nullopt};
  std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("paused", "holidays"))) << body;
  EXPECT_TRUE(contains(body, R"("paused_since":"2025-12-31T19:00:00.000Z")"));
}

TEST_F(WhyTest, AGlobalPauseIsNamedWhateverItDoesToTheInstant) {  // C-15
  GlobalPause pause;
  pause.id = 7;
  pause.labels = {{"team", "a"}};
  pause.reason = "a move of house";
  pause.since = kThenInstant - hours(1);
  system_.pause_table.replace({1, {pause}});
  found_.task.state.next_due = kThenInstant;
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("late"))) << "it has not these labels";

  found_.task.spec.labels = {{"team", "a"}};
  std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("paused", "a move of house"))) << body;
  EXPECT_TRUE(contains(body, "pause-7 holds the tasks with its labels since")) << body;
  EXPECT_TRUE(contains(body, R"("paused_by":{"id":"pause-7")")) << body;
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("paused", "a move of house")));

  pause.until = kTestNow + hours(2);
  system_.pause_table.replace({2, {pause}});
  EXPECT_TRUE(contains(ask_at("2026-01-01T01:00:00Z"), answer_of("paused", "a move of house")));
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("upcoming")));

  OpenRun open;
  open.key = {found_.task.state.generation, Trigger::kSchedule, kThenInstant.ms};
  open.due = kThenInstant;
  found_.task.state.open = {open};
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("paused", "a move of house")));
}

TEST_F(WhyTest, WhatAResumePassedOverNamesThePauseWhileItIsRemembered) {  // C-15
  RunRecord row = record(kThenInstant, RunState::kSkipped);
  row.skip_reason = SkipReason::kPaused;
  row.last_due = kThenInstant + hours(1);
  row.count = 2;
  found_.records = {row};
  std::string body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("skipped", "paused"))) << body;
  EXPECT_FALSE(contains(body, "paused_by")) << body;

  GlobalPause pause;
  pause.id = 7;
  pause.reason = "a move of house";
  pause.since = kThenInstant - hours(1);
  pause.ended = kThenInstant + hours(2);
  system_.pause_table.replace({1, {pause}});
  body = ask_at(kThen);
  EXPECT_TRUE(contains(body, answer_of("skipped", "paused"))) << body;
  EXPECT_TRUE(contains(body,
                       "pause-7 held everything since 2025-12-31T19:00:00.000Z until "
                       "2025-12-31T22:00:00.000Z"))
      << body;
  EXPECT_TRUE(contains(body, R"("ended_at":"2025-12-31T22:00:00.000Z")")) << body;
}

TEST_F(WhyTest, AnExcludedInstantIsSkippedWheneverItIs) {
  found_.task.spec.schedule.exclude = {{std::nullopt, {kTestNow - hours(5), kTestNow + hours(10)}}};
  EXPECT_TRUE(contains(ask_at(kThen), answer_of("skipped", "excluded")));
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("skipped", "excluded")));
}

TEST_F(WhyTest, TheFuture) {
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("upcoming")));
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:01Z"), answer_of("not_due")));
  found_.task.state.pause = Pause{"", kTestNow, kTestNow + hours(6)};
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("paused")));
  EXPECT_TRUE(contains(ask_at("2026-01-01T07:00:00Z"), answer_of("upcoming")));
  found_.task.state.next_due.reset();
  EXPECT_TRUE(contains(ask_at("2026-01-01T05:00:00Z"), answer_of("not_due", "schedule_over")));
}

TEST_F(WhyTest, ABackfilledInstantIsToldWhenTheScheduleSaysNothing) {
  RunRecord made = record(kTestNow - hours(30), RunState::kSucceeded);
  made.key.trigger = Trigger::kBackfill;
  found_.records = {made};
  EXPECT_TRUE(contains(ask_at("2025-12-30T18:00:00Z"), R"("trigger":"backfill")"));
}

TEST_F(WhyTest, BadQuestionsAre400) {
  for (const char* query : {"", "at=now", "x=1", "at=2026-01-01T00:00:00Z&x=1"}) {
    EXPECT_EQ(get(std::string("/v1/tasks/a/why?") + query).response.status, 400) << query;
  }
}

}  // namespace
}  // namespace hourwheel::why_test
