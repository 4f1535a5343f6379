#include "engine/due.h"
#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::schedules_test {
namespace {

class SchedulesTest : public ApiTest {
 protected:
  const Sent& preview(const std::string& body) { return post("/v1/schedules:preview", body); }
  void expect_refused(const std::string& body, std::string_view code, std::string_view pointer) {
    const Sent& sent = preview(body);
    EXPECT_EQ(sent.response.status, 422) << body;
    EXPECT_EQ(sent.response.content_type, "application/problem+json");
    EXPECT_TRUE(contains(sent.response.body, "\"code\":\"" + std::string(code) + "\""))
        << sent.response.body;
    EXPECT_TRUE(contains(sent.response.body, "\"pointer\":\"#" + std::string(pointer) + "\""))
        << sent.response.body;
  }
};

TEST_F(SchedulesTest, PreviewShowsInstantsTextAndWarningsAndAsksNoShard) {
  const Sent& sent = preview(R"({"schedule":{"cron":"30 2 * * *","timezone":"Europe/Berlin"},
                                 "from":"2027-03-27T12:00:00Z","count":2})");
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_EQ(
      sent.response.body,
      R"({"times":[{"utc":"2027-03-28T01:00:00.000Z","local":"2027-03-28T03:00:00",)"
      R"("offset":"+02:00","note":"dst_gap_shifted","meant":"2027-03-28T02:30:00"},)"
      R"({"utc":"2027-03-29T00:30:00.000Z","local":"2027-03-29T02:30:00","offset":"+02:00"}],)"
      R"("text":"At 02:30 every day, Europe/Berlin","warnings":[)"
      R"({"code":"dst-gap","detail":"2027-03-28 02:30 does not exist in Europe/Berlin )"
      R"((clocks go from 02:00 to 03:00): fires at 03:00"},)"
      R"({"code":"dst-overlap","detail":"2027-10-31 02:30 comes twice in Europe/Berlin )"
      R"((clocks go back from 03:00 to 02:00): this is the first time, )"
      R"(and it fires at this one alone"}]})");
  EXPECT_TRUE(shards_.queries.empty());
  EXPECT_TRUE(shards_.commands.empty());
}

TEST_F(SchedulesTest, PreviewTakesEveryFormOfASchedule) {
  struct Case {
    const char* schedule;
    const char* text;
    const char* first;
  };
  constexpr Case kCases[] = {
      {R"("2026-02-01T00:00:00Z")", "Once, at 2026-02-01 00:00:00 UTC", "2026-02-01T00:00:00.000Z"},
      {R"({"delay":"PT15M"})", "Once, at 2026-01-01 00:15:00 UTC", "2026-01-01T00:15:00.000Z"},
      {R"("15m")", "Every 15 minutes", "2026-01-01T00:15:00.000Z"},
      {R"("@daily")", "At 00:00 every day, UTC", "2026-01-01T00:00:00.000Z"},
      {R"("0 9 * * 1-5")", "At 09:00, Monday to Friday, UTC", "2026-01-01T09:00:00.000Z"},
  };
  for (const Case& c : kCases) {
    const Sent& sent = preview(std::string(R"({"schedule":)") + c.schedule + R"(,"count":1})");
    EXPECT_EQ(sent.response.status, 200) << c.schedule;
    EXPECT_TRUE(contains(sent.response.body, std::string(R"("text":")") + c.text + "\""))
        << sent.response.body;
    EXPECT_TRUE(contains(sent.response.body, std::string(R"([{"utc":")") + c.first + "\""))
        << sent.response.body;
  }
  EXPECT_TRUE(contains(preview(R"({"schedule":"15m","type":"one-time"})").response.body,
                       "Once, at 2026-01-01 00:15:00 UTC"));
}

TEST_F(SchedulesTest, PreviewOfARangeEndsBeforeItsEnd) {
  const Sent& sent = preview(R"({"schedule":"@hourly","from":"2026-01-01T00:00:00Z",
                                 "to":"2026-01-01T02:00:00Z"})");
  EXPECT_TRUE(contains(sent.response.body, "T01:00:00.000Z"));
  EXPECT_FALSE(contains(sent.response.body, "T02:00:00.000Z"));
}

TEST_F(SchedulesTest, PreviewListsWhatTheClocksLeaveOut) {
  const Sent& sent = preview(
      R"({"schedule":{"cron":"30 2 * * *","timezone":"Europe/Berlin","dst_gap":"skip"},
          "from":"2027-03-27T12:00:00Z","to":"2027-03-28T12:00:00Z"})");
  EXPECT_TRUE(
      contains(sent.response.body,
               R"({"times":[],"skipped":[{"local":"2027-03-28T02:30:00",)"
               R"("note":"dst_gap_skipped","clocks_change_at":"2027-03-28T01:00:00.000Z"}])"))
      << sent.response.body;
}

TEST_F(SchedulesTest, PreviewShowsTheSpreadOfTheTaskNamed) {
  auto of = [this](const std::string& id) {
    return preview(R"({"schedule":"H H * * *","count":1,"task_id":")" + id + "\"}").response.body;
  };
  EXPECT_EQ(of("a"), of("a"));
  EXPECT_NE(of("a"), of("b"));
}

TEST_F(SchedulesTest, PreviewIsRefusedAsTheTaskWouldBe) {
  expect_refused(R"({"schedule":"75 9 * * *"})", "invalid-schedule", "/schedule");
  expect_refused(R"({"schedule":{"cron":"75 9 * * *"}})", "invalid-schedule", "/schedule/cron");
  expect_refused(R"({"schedule":"0 0 30 2 *"})", "never-fires", "/schedule");
  expect_refused(R"({"schedule":"2025-01-01T00:00:00Z"})", "past-instant", "/schedule");
  expect_refused(R"({"schedule":{"cron":"@daily","timezone":"Mars/Base"}})", "invalid-timezone",
                 "/schedule/timezone");
  expect_refused(R"({"schedule":"15m","type":"now"})", "validation-failed", "/type");
  expect_refused("{}", "validation-failed", "/schedule");
}

TEST_F(SchedulesTest, PreviewIsBounded) {
  expect_refused(R"({"schedule":"@daily","count":0})", "validation-failed", "/count");
  expect_refused(R"({"schedule":"@daily","count":1001})", "validation-failed", "/count");
  expect_refused(R"({"schedule":"@daily","to":"2025-01-01T00:00:00Z"})", "validation-failed",
                 "/to");
  expect_refused(R"({"schedule":"@daily","colour":1})", "unknown-field", "/colour");
  const Sent& sent = preview(R"({"schedule":"* * * * * *","to":"9999-01-01T00:00:00Z"})");
  std::string_view body = sent.response.body;
  size_t lines = 0;
  for (size_t at = body.find("\"utc\""); at != std::string_view::npos; ++lines) {
    at = body.find("\"utc\"", at + 1);
  }
  EXPECT_EQ(lines, 1000U);
}

TEST_F(SchedulesTest, UpcomingShowsTheSameOfAStoredTask) {
  HttpToken token = send({"GET", "/v1/tasks/a/upcoming?count=2", "", {}});
  StoredTask task = stored_task("a", 1);
  task.spec.schedule = {};
  task.spec.schedule.kind = ScheduleKind::kEvery;
  task.spec.schedule.every = hours(1);
  task.spec.schedule.anchor = kTestNow;
  answer(take_query().second.token, QueryAnswer(std::move(task)));
  EXPECT_EQ(responder_.at(token).response.body,
            R"({"times":[{"utc":"2026-01-01T01:00:00.000Z","local":"2026-01-01T01:00:00",)"
            R"("offset":"+00:00"},{"utc":"2026-01-01T02:00:00.000Z",)"
            R"("local":"2026-01-01T02:00:00","offset":"+00:00"}],)"
            R"("text":"Every hour","warnings":[]})");
  EXPECT_EQ(get("/v1/tasks/a/upcoming?count=0").response.status, 400);
  EXPECT_EQ(get("/v1/tasks/a/upcoming?count=1001").response.status, 400);
  EXPECT_EQ(get("/v1/tasks/a/upcoming?colour=1").response.status, 400);
}

// C-16: jitter is a draw from the run's identity, which only a stored task has.
TEST_F(SchedulesTest, UpcomingKnowsWhenJitterLetsARunStart) {
  HttpToken token = send({"GET", "/v1/tasks/a/upcoming?count=5", "", {}});
  StoredTask task = stored_task("a", 1);
  task.spec.schedule = {};
  task.spec.schedule.kind = ScheduleKind::kEvery;
  task.spec.schedule.every = hours(1);
  task.spec.schedule.anchor = kTestNow;
  task.spec.schedule.jitter = hours(2);
  task.spec.schedule.max_runs = 4;
  task.state.ended_runs = 2;
  const ScheduleSpec spec = task.spec.schedule;
  auto schedule = Schedule::compile(spec, spread_seed(task.key));
  std::string expected = R"({"times":[)";
  for (int i = 0; i < 2; ++i) {
    const Instant due = *task.state.next_due + hours(i);
    const RunKey run{task.state.generation, Trigger::kSchedule, due.ms};
    const Instant fire_at = due + run_jitter(spec, *schedule, task.key, run);
    EXPECT_LT(fire_at, due + hours(1));
    const std::string local = to_text(due).substr(0, 19);
    expected += (i > 0 ? R"(,{"utc":")" : R"({"utc":")") + to_text(due) + R"(","fire_at":")" +
                to_text(fire_at) + R"(","local":")" + local + R"(","offset":"+00:00"})";
  }
  answer(take_query().second.token, QueryAnswer(std::move(task)));
  EXPECT_EQ(responder_.at(token).response.body.substr(0, expected.size() + 1), expected + "]");
}

TEST_F(SchedulesTest, PreviewSaysHowLateJitterMayBe) {
  const Sent& sent = preview(
      R"({"schedule":{"cron":"0 12 * * *","jitter":"PT48H"},"from":"2026-01-01T00:00:00Z","count":1})");
  EXPECT_TRUE(contains(sent.response.body, R"("utc":"2026-01-01T12:00:00.000Z","fire_by":)"
                                           R"("2026-01-02T11:59:59.999Z")"))
      << sent.response.body;
}

TEST_F(SchedulesTest, OneTaskIsShownWithItsSentenceAndWhatLiesAhead) {
  HttpToken token = send({"GET", "/v1/tasks/a", "", {}});
  answer(take_query().second.token, QueryAnswer(stored_task("a", 1)));
  EXPECT_TRUE(contains(responder_.at(token).response.body,
                       R"("schedule_text":"Once, at 2026-01-01 01:00:00 UTC",)"
                       R"("upcoming":["2026-01-01T01:00:00.000Z"])"))
      << responder_.at(token).response.body;
}

}  // namespace
}  // namespace hourwheel::schedules_test
