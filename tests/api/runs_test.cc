#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::runs_test {
namespace {

class RunsTest : public ApiTest {
 protected:
  static RunRecord record(int64_t due_ms, RunState state, uint32_t attempt) {
    RunRecord row;
    row.task_version = Version{3};
    row.key = {Generation{3}, Trigger::kSchedule, kTestNow.ms + due_ms};
    row.state = state;
    row.due = kTestNow + milliseconds(due_ms);
    row.last_due = row.due;
    row.attempt = attempt;
    row.recorded = row.due + seconds(attempt);
    row.outcome.result = AttemptResult::kResponded;
    row.outcome.status = state == RunState::kSucceeded ? 204 : 503;
    row.outcome.started = row.due + milliseconds(2);
    row.outcome.ended = row.due + milliseconds(12);
    return row;
  }
  // Answers the two queries of a request about task "a".
  void answer_both(StoredTask task, std::vector<RunRecord> records, uint64_t next = 0) {
    auto [first_shard, for_task] = take_query();
    auto [second_shard, for_runs] = take_query();
    EXPECT_EQ(first_shard, second_shard);
    RunPage page;
    page.task = task.key;
    page.records = std::move(records);
    page.next = next;
    answer(for_runs.token, QueryAnswer(std::move(page)));
    answer(for_task.token, QueryAnswer(std::move(task)));
  }
  static size_t count_runs(const std::string& body) {
    size_t count = 0;
    for (size_t at = body.find("\"trigger\""); at != std::string::npos;
         at = body.find("\"trigger\"", at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(RunsTest, ARunIsListedOnceByItsNewestRow) {
  HttpToken token = send({"GET", "/v1/tasks/a/runs", "", {}});
  answer_both(stored_task("a", 1),
              {record(0, RunState::kSucceeded, 2), record(0, RunState::kRetrying, 1),
               record(-1000, RunState::kDead, 1)},
              77);
  const std::string& body = responder_.at(token).response.body;
  EXPECT_EQ(count_runs(body), 2U);
  EXPECT_TRUE(contains(body, R"("state":"succeeded")"));
  EXPECT_FALSE(contains(body, R"("state":"retrying")"));
  EXPECT_TRUE(contains(body, R"("error":{"code":"status","message":"the target answered 503"})"));
  EXPECT_TRUE(contains(body, R"("next_page_token":")"));
  EXPECT_TRUE(contains(responder_.at(token).field("link"), "</v1/tasks/a/runs?page_size=50&"));
}

TEST_F(RunsTest, TheLinkIsEncodedHoweverThePathWas) {
  HttpToken token = send({"GET", "/v1/tasks/a>b%2Fc/runs?page_size=1", "", {}});
  answer_both(stored_task("a>b/c", 1), {record(0, RunState::kSucceeded, 2)}, 77);
  EXPECT_TRUE(responder_.at(token).field("link").starts_with(
      "</v1/tasks/a%3Eb%2Fc/runs?page_size=1&page_token="))
      << responder_.at(token).field("link");
}

TEST_F(RunsTest, OpenRunsWithoutARowAreListedFirst) {
  StoredTask task = stored_task("a", 1);
  OpenRun open;
  open.key = {Generation{3}, Trigger::kManual, 5};
  open.due = kTestNow;
  open.next_attempt = kTestNow;
  task.state.open = {open};
  HttpToken token = send({"GET", "/v1/tasks/a/runs", "", {}});
  answer_both(task, {});
  EXPECT_TRUE(contains(responder_.at(token).response.body, R"("state":"pending")"));
}

TEST_F(RunsTest, AStaleOpenRunIsNotListedWhenItsRowMayLieBehindThePage) {
  StoredTask task = stored_task("a", 1);
  OpenRun open;
  open.key = {Generation{3}, Trigger::kManual, 5};
  open.next_attempt = kTestNow - hours(1);
  task.state.open = {open};
  HttpToken token = send({"GET", "/v1/tasks/a/runs?page_size=1", "", {}});
  answer_both(task, {record(0, RunState::kSucceeded, 1)}, 9);
  EXPECT_EQ(count_runs(responder_.at(token).response.body), 1U);
}

TEST_F(RunsTest, ARunWithItsTargetIsRunningHoweverItsAttemptsBeforeFailed) {
  StoredTask task = stored_task("a", 1);
  OpenRun open;
  open.key = record(0, RunState::kRetrying, 1).key;
  open.due = kTestNow;
  open.attempts = 2;
  open.next_attempt = kTestNow + minutes(2);
  open.awaited.emplace().until = kTestNow + minutes(30);
  task.state.open = {open};
  const std::string shown = R"("attempt":2,"completion":{"until":"2026-01-01T00:30:00.000Z",)"
                            R"("report_by":"2026-01-01T00:02:00.000Z"})";
  HttpToken list = send({"GET", "/v1/tasks/a/runs", "", {}});
  answer_both(task, {record(0, RunState::kRetrying, 1)});
  const std::string& runs = responder_.at(list).response.body;
  EXPECT_EQ(count_runs(runs), 1U);
  EXPECT_TRUE(contains(runs, R"("state":"running")")) << runs;
  EXPECT_TRUE(contains(runs, shown)) << runs;
  EXPECT_FALSE(contains(runs, "next_attempt_at"));
  HttpToken one = send({"GET", "/v1/runs/" + run_id(task_key("a"), open.key), "", {}});
  answer_both(task, {record(0, RunState::kRetrying, 1)});
  EXPECT_TRUE(contains(responder_.at(one).response.body, shown));
  // A stored state that lags behind the log.
  HttpToken late = send({"GET", "/v1/tasks/a/runs", "", {}});
  answer_both(task, {record(0, RunState::kSucceeded, 2), record(0, RunState::kRetrying, 1)});
  EXPECT_EQ(count_runs(responder_.at(late).response.body), 1U);
  EXPECT_TRUE(contains(responder_.at(late).response.body, R"("state":"succeeded")"));
}

// Its end would be newer than the attempt's start, not than when its target must have reported.
TEST_F(RunsTest, AStaleRunWithItsTargetIsNotListedWhenItsEndMayLieBehindThePage) {
  StoredTask task = stored_task("a", 1);
  OpenRun open;
  open.key = {Generation{3}, Trigger::kManual, 5};
  open.attempts = 1;
  open.next_attempt = kTestNow + hours(1);
  open.awaited.emplace().started = kTestNow - hours(1);
  task.state.open = {open};
  HttpToken token = send({"GET", "/v1/tasks/a/runs?page_size=1", "", {}});
  answer_both(task, {record(0, RunState::kSucceeded, 1)}, 9);
  EXPECT_EQ(count_runs(responder_.at(token).response.body), 1U);
}

TEST_F(RunsTest, WhatATargetReportedIsToldInItsWords) {
  RunRecord failed = record(0, RunState::kRetrying, 1);
  failed.outcome.result = AttemptResult::kReportedFailure;
  failed.outcome.detail = "no room";
  RunRecord silent = record(0, RunState::kRetrying, 2);
  silent.outcome.result = AttemptResult::kReportedFailure;
  RunRecord missing = record(0, RunState::kRetrying, 3);
  missing.outcome.result = AttemptResult::kReportMissing;
  missing.outcome.detail = "nothing came";
  RunRecord done = record(0, RunState::kSucceeded, 4);
  done.outcome.result = AttemptResult::kReportedSuccess;
  done.outcome.detail = "7 rows";
  const std::string path = "/v1/runs/" + run_id(task_key("a"), done.key) + "/attempts";
  HttpToken token = send({"GET", path, "", {}});
  answer_both(stored_task("a", 1), {failed, silent, missing, done});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("error":{"code":"reported_failure","message":"no room"})"
                             R"(,"report":"no room")"))
      << body;
  EXPECT_TRUE(contains(body, R"("message":"the target reported that it failed"})")) << body;
  EXPECT_TRUE(contains(body, R"("error":{"code":"report_missing","message":"nothing came"}})"));
  EXPECT_TRUE(contains(body, R"("outcome":"reported_success","status_code":204,)"
                             R"("report":"7 rows"})"))
      << body;
}

TEST_F(RunsTest, OneRunIsToldFromAllItsRows) {
  RunRecord first = record(0, RunState::kRetrying, 1);
  RunRecord last = record(0, RunState::kSucceeded, 2);
  last.outcome.started = kTestNow + seconds(5);
  last.outcome.ended = kTestNow + seconds(6);
  first.jitter = last.jitter = milliseconds(1);
  HttpToken token = send({"GET", "/v1/runs/" + run_id(task_key("a"), first.key), "", {}});
  answer_both(stored_task("a", 1), {first, last});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_TRUE(contains(body, R"("task_id":"a")"));
  EXPECT_TRUE(contains(body, R"("lateness_ms":1)"));  // counts from fire_at
  EXPECT_TRUE(contains(body, R"("fire_at":")" + to_text(first.due + milliseconds(1)) + "\""));
  EXPECT_TRUE(contains(body, R"("ended_at":"2026-01-01T00:00:06.000Z","duration_ms":1000)"));
}

TEST_F(RunsTest, RunOfADeletedTaskHasNoTaskId) {
  RunRecord row = record(0, RunState::kUnknown, 1);
  HttpToken token = send({"GET", "/v1/runs/" + run_id(task_key("a"), row.key), "", {}});
  answer(take_query().second.token, failure(ErrorCode::kNotFound, "", "gone"));
  RunPage page;
  page.records = {row};
  answer(take_query().second.token, QueryAnswer(std::move(page)));
  EXPECT_TRUE(contains(responder_.at(token).response.body, R"("task_id":null)"));
}

TEST_F(RunsTest, UnknownRunsAre404) {
  EXPECT_EQ(get("/v1/runs/abc").response.status, 404);
  RunKey key{Generation{3}, Trigger::kSchedule, 5};
  HttpToken token = send({"GET", "/v1/runs/" + run_id(task_key("a"), key), "", {}});
  answer_both(stored_task("a", 1), {});
  EXPECT_EQ(responder_.at(token).response.status, 404);
}

TEST_F(RunsTest, AttemptsShowTextBodiesAsTextAndOthersAsBase64) {
  RunRecord first = record(0, RunState::kRetrying, 1);
  first.outcome.body = "busy \"now\"";
  RunRecord last = record(0, RunState::kDead, 2);
  last.outcome.body = "\xff\x01";
  HttpToken token =
      send({"GET", "/v1/runs/" + run_id(task_key("a"), first.key) + "/attempts", "", {}});
  answer_both(stored_task("a", 1), {first, last});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("number":1)"));
  EXPECT_TRUE(contains(body, R"("response_body":"busy \"now\"","truncated":false)"));
  EXPECT_TRUE(contains(body, R"("response_body_base64":"/wE=")"));
}

TEST_F(RunsTest, AnAttemptShowsWhatIsKeptOfTheResponsesHeader) {
  RunRecord first = record(0, RunState::kRetrying, 1);
  first.outcome.kept_fields =
      "Date: today\nWww-Authenticate: Basic\nContent-Type: a/b; c=\"d\"\nWww-Authenticate: "
      "Bearer\n";
  RunRecord cut = record(0, RunState::kRetrying, 2);
  cut.outcome.kept_fields = "Server: a\n\u2026\n";
  const RunRecord without = record(0, RunState::kSucceeded, 3);
  HttpToken token =
      send({"GET", "/v1/runs/" + run_id(task_key("a"), first.key) + "/attempts", "", {}});
  answer_both(stored_task("a", 1), {first, cut, without});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("response_headers":{"Content-Type":"a/b; c=\"d\"","Date":"today",)"
                             R"("Www-Authenticate":"Basic, Bearer"}})"))
      << body;
  EXPECT_TRUE(contains(body, R"("response_headers":{"Server":"a"},)"
                             R"("response_headers_truncated":true},)"))
      << body;
  EXPECT_EQ(body.find("response_headers", body.find(R"("number":3)")), std::string::npos);
}

TEST_F(RunsTest, AnAttemptTellsWhatItDidOnTheWire) {
  RunRecord fresh = record(0, RunState::kRetrying, 1);
  AttemptWire& wire = fresh.outcome.wire;
  wire.remote = RemoteKind::kV4;
  wire.port = 443;
  wire.address = {203, 0, 113, 9};
  wire.connect = PhaseTime(milliseconds(0));
  wire.tls = PhaseTime(milliseconds(31));
  wire.first_byte = PhaseTime(milliseconds(8));
  RunRecord kept = record(0, RunState::kRetrying, 2);
  kept.outcome.wire.remote = RemoteKind::kV6;
  kept.outcome.wire.port = 8080;
  kept.outcome.wire.address.back() = 1;
  kept.outcome.wire.reused = true;
  const RunRecord nowhere = record(0, RunState::kSucceeded, 3);
  HttpToken token =
      send({"GET", "/v1/runs/" + run_id(task_key("a"), fresh.key) + "/attempts", "", {}});
  answer_both(stored_task("a", 1), {fresh, kept, nowhere});
  const std::string& body = responder_.at(token).response.body;
  EXPECT_TRUE(contains(body, R"("duration_ms":10,"remote_addr":"203.0.113.9:443",)"
                             R"("connection_reused":false,"connect_ms":0,"tls_ms":31,"ttfb_ms":8,)"
                             R"("outcome":"responded")"))
      << body;
  EXPECT_TRUE(contains(body, R"("remote_addr":"[::1]:8080","connection_reused":true,"outcome")"))
      << body;
  EXPECT_TRUE(contains(body, R"("duration_ms":10,"outcome")")) << "the third has none";
}

}  // namespace
}  // namespace hourwheel::runs_test
