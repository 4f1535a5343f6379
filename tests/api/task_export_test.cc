// GET /v1/tasks:export: lines that POST /v1/tasks takes again.
#include "api/portable_task.h"

#include "api/task_json.h"
#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::task_export_test {
namespace {

constexpr const char* kFull = R"({"id":"full","type":"recurring",
  "schedule":{"cron":"0 9 * * 1-5","timezone":"Europe/Berlin","max_runs":7},
  "description":"every \"thing\"\n","labels":{"team":"a","x":""},
  "target":{"kind":"http","url":"https://example.org/x","method":"PUT","headers":{"X-A":"b"},
    "tls":{"pin":"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"tls_timeout":"PT2S",
    "connect_timeout":"PT1S","timeout":"PT9S","success_codes":"200-299,304","sign":false,
    "auth":{"type":"basic","username":"crm","secret":"crm-password"}},
  "payload":{"big":123456789012345678901234567890,  "spaced" : [1.0, 1e2]},
  "retry":{"max_attempts":3,"backoff":["PT1S","PT9S"],"retry_on":[404],"retry_until_next":true},
  "delivery":"at_most_once","pause_after_dead":2,"max_lateness":"PT5S","misfire_after":"PT30S",
  "misfire":{"policy":"fire_all","max_age":"PT1H","max_count":5,"rate":2},"overlap":"allow",
  "callbacks":{"on_dead":{"url":"http://example.org/dead"}},"on_complete":"delete",
  "retention":{"count":9},"paused":{"reason":"why","until":"2027-01-01T00:00:00Z"}})";

class TaskExportTest : public ApiTest {
 protected:
  // As a shard would keep what a client sent at that time.
  StoredTask stored(const std::string& body, Instant accepted_at = kTestNow) {
    std::string padded = body + std::string(64, '\0');
    auto object = reader_.parse(std::string_view(padded).substr(0, body.size()));
    EXPECT_TRUE(object) << body;
    FieldErrors errors;
    auto read = read_task(*object, {Shape::kV1, accepted_at}, errors);
    StoredTask task;
    if (!read) {
      ADD_FAILURE() << body << ": " << errors.take().front().detail;
      return task;
    }
    task.number = TaskNumber{++number_};
    task.spec = std::move(*read->spec);
    task.key = task_key(task.spec.id);
    task.state = test_state(number_);
    task.state.pause = std::move(read->pause);
    return task;
  }
  static std::string line_of(StoredTask task) {
    JsonReader reader;
    make_portable(task.spec, reader);
    std::string line;
    JsonWriter json(line);
    write_portable_task(json, task.spec, task.state.pause);
    return line;
  }
  // Answers the oldest query.
  void give(std::optional<StoredTask> task, uint64_t next) {
    auto [shard, query] = take_query();
    TaskPage page;
    if (task) page.tasks.push_back(std::move(*task));
    page.next = TaskNumber{next};
    answer(query.token, QueryAnswer(std::move(page)));
  }
  // Enough for a chunk.
  static StoredTask large(const std::string& id, uint64_t number) {
    StoredTask task = stored_task(id, number);
    task.spec.payload_kind = PayloadKind::kJson;
    task.spec.payload = "\"" + std::string(70'000, 'x') + "\"";
    return task;
  }

  JsonReader reader_;
  uint64_t number_ = 0;
};

TEST_F(TaskExportTest, ALineIsReadAsTheTaskThatItIs) {
  const StoredTask task = stored(kFull);
  const std::string line = line_of(stored(kFull));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const StoredTask again = stored(line, kTestNow + hours(50));
  EXPECT_EQ(again.spec, task.spec);
  EXPECT_EQ(again.state.pause->reason, "why");
  EXPECT_EQ(again.state.pause->until, task.state.pause->until);
  EXPECT_EQ(line_of(stored(line)), line) << "E1";
  EXPECT_TRUE(contains(
      line, R"("payload":{"big":123456789012345678901234567890,  "spaced" : [1.0, 1e2]})"));
  for (const char* shown :
       {"state", "version", "generation", "next_due_at", "last_run", "counts", "schedule_kind",
        "created_at", "created_by", "updated_at", "since", "in_flight"}) {
    EXPECT_FALSE(contains(line, "\"" + std::string(shown) + "\":")) << shown;
  }
}

TEST_F(TaskExportTest, WhatWasMeasuredAtTheAcceptanceIsSpelledOut) {  // E2
  const std::pair<const char*, const char*> kSchedules[] = {
      {R"({"delay":"PT72H"})", R"("2026-01-04T00:00:00.000Z")"},
      {R"({"delay":250})", R"("2026-01-01T00:00:00.250Z")"},
      {R"("2026-02-01T00:00:00+01:00")", R"("2026-02-01T00:00:00+01:00")"},
      {R"({"at":"2026-02-01T08:00:00","timezone":"Europe/Berlin"})",
       R"({"at":"2026-02-01T08:00:00","timezone":"Europe/Berlin"})"},
      {R"("15m")", R"({"anchor":"2026-01-01T00:15:00.000Z","every":"PT15M"})"},
      {R"("@every 90s")", R"({"anchor":"2026-01-01T00:01:30.000Z","every":"PT1M30S"})"},
      {R"({"every":"P30D","max_runs":3})",
       R"({"anchor":"2026-01-31T00:00:00.000Z","every":"P30D","max_runs":3})"},
      {R"({"cron":"@every 1h","jitter":"PT5S","end_at":"2027-01-01T00:00:00Z"})",
       R"({"anchor":"2026-01-01T01:00:00.000Z","every":"PT1H","jitter":"PT5S","end_at":"2027-01-01T00:00:00Z"})"},
      {R"({"every":"1h","anchor":"2025-01-01T00:00:00Z"})",
       R"({"every":"1h","anchor":"2025-01-01T00:00:00Z"})"},
      {R"({"every":"1h","mode":"fixed_delay"})", R"({"every":"1h","mode":"fixed_delay"})"},
      {R"({"rrule":"FREQ=WEEKLY;INTERVAL=2","timezone":"Europe/Berlin"})",
       R"({"start_at":"2026-01-01T00:00:00.000Z","rrule":"FREQ=WEEKLY;INTERVAL=2","timezone":"Europe/Berlin"})"},
      {R"({"rrule":"FREQ=DAILY","start_at":"2026-01-05T00:00:00Z"})",
       R"({"rrule":"FREQ=DAILY","start_at":"2026-01-05T00:00:00Z"})"},
      {R"("0 9 * * 1-5")", R"("0 9 * * 1-5")"},
      {R"("@daily")", R"("@daily")"},
  };
  for (const auto& [schedule, exported] : kSchedules) {
    const std::string body = R"({"id":"a","schedule":)" + std::string(schedule) + "}";
    const StoredTask task = stored(body);
    const std::string line = line_of(stored(body));
    EXPECT_TRUE(contains(line, R"("schedule":)" + std::string(exported) + ","))
        << schedule << " gave " << line;
    const StoredTask later = stored(line, kTestNow + hours(1000));
    auto first = Schedule::compile(task.spec.schedule, {});
    auto second = Schedule::compile(later.spec.schedule, {});
    ASSERT_TRUE(first && second) << schedule;
    const Instant from = kTestNow + hours(24 * 40);
    if (!first->is_fixed_delay()) {
      EXPECT_EQ(first->first_from(from), second->first_from(from)) << schedule;
    }
    EXPECT_EQ(line_of(later), line) << "E1";
  }
}

TEST_F(TaskExportTest, APayloadOverSeveralLinesKeepsItsBytes) {  // E3
  const StoredTask task = stored("{\"id\":\"a\",\"schedule\":\"@daily\",\"payload\":[1,\n 2]}");
  const std::string line =
      line_of(stored("{\"id\":\"a\",\"schedule\":\"@daily\",\"payload\":[1,\n 2]}"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const StoredTask again = stored(line);
  EXPECT_EQ(again.spec.payload, "[1,\n 2]");
  EXPECT_EQ(again.spec.content_type, "application/json");
  EXPECT_EQ(line_of(stored(line)), line) << "E1";
}

TEST_F(TaskExportTest, FewTasksComeWholeShardByShard) {
  HttpToken token = send({"GET", "/v1/tasks:export?label=team:a&state=active", "", {}});
  ASSERT_EQ(shards_.queries.size(), 1U);
  const TaskFilter filter = std::get<ListTasks>(shards_.queries[0].second.query).filter;
  EXPECT_EQ(filter.labels.size(), 1U);
  EXPECT_EQ(filter.statuses.size(), 1U);
  give(stored_task("b", 1, kTestNow + seconds(1)), 0);
  EXPECT_EQ(shards_.queries[0].first, 1U);
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{0});
  give(stored_task("a", 1), 0);
  const Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.ended);
  EXPECT_EQ(sent.response.content_type, "application/x-ndjson");
  EXPECT_TRUE(sent.response.body.starts_with(R"({"id":"b","type":"one-time","schedule":")"));
  EXPECT_TRUE(contains(sent.response.body, "}\n{\"id\":\"a\""));
  EXPECT_TRUE(sent.response.body.ends_with("}\n"));
}

TEST_F(TaskExportTest, NoTasksAreNoLines) {
  HttpToken token = send({"GET", "/v1/tasks:export", "", {}});
  give({}, 0);
  give({}, 0);
  EXPECT_EQ(responder_.at(token).response.status, 200);
  EXPECT_EQ(responder_.at(token).response.body, "");
}

TEST_F(TaskExportTest, ManyAreStreamedAsTheClientReads) {
  HttpToken token = send({"GET", "/v1/tasks:export", "", {}});
  give(large("a", 1), 1);
  Sent& sent = responder_.at(token);
  ASSERT_TRUE(sent.streaming);
  EXPECT_EQ(sent.response.content_type, "application/x-ndjson");
  EXPECT_TRUE(shards_.queries.empty()) << "nothing is read before the client took what there is";
  api_.on_writable(token);
  give(large("b", 2), 0);
  EXPECT_TRUE(sent.chunks[0].starts_with(R"({"id":"b")"));
  api_.on_writable(token);
  EXPECT_EQ(shards_.queries[0].first, 1U);
  give(stored_task("c", 1), 0);
  EXPECT_TRUE(sent.ended);
  EXPECT_FALSE(sent.cut);
  EXPECT_TRUE(sent.chunks[1].starts_with(R"({"id":"c")"));
}

TEST_F(TaskExportTest, ALongSearchKeepsTheAnswerOpen) {
  HttpToken token = send({"GET", "/v1/tasks:export?q=a", "", {}});
  give(large("a", 1), 1);
  api_.on_writable(token);
  give({}, 600);
  ASSERT_EQ(responder_.at(token).chunks.size(), 1U);
  EXPECT_EQ(responder_.at(token).chunks[0], "") << "the server waits anew";
  EXPECT_EQ(std::get<ListTasks>(shards_.queries[0].second.query).after, TaskNumber{600});
}

TEST_F(TaskExportTest, OneThatCannotGoOnIsCut) {
  HttpToken token = send({"GET", "/v1/tasks:export", "", {}});
  give(large("a", 1), 1);
  api_.on_writable(token);
  answer(take_query().second.token, failure(ErrorCode::kIo, "", "the file cannot be read"));
  EXPECT_TRUE(responder_.at(token).cut);
  api_.on_writable(token);
  EXPECT_TRUE(shards_.queries.empty());
  HttpToken other = send({"GET", "/v1/tasks:export", "", {}});
  answer(take_query().second.token, failure(ErrorCode::kIo, "", "the file cannot be read"));
  EXPECT_EQ(responder_.at(other).response.status, 500) << "before the first line it is a refusal";
}

TEST_F(TaskExportTest, AClientThatLeavesEndsIt) {
  HttpToken token = send({"GET", "/v1/tasks:export", "", {}});
  give(large("a", 1), 1);
  api_.on_closed(token);
  api_.on_writable(token);
  EXPECT_TRUE(shards_.queries.empty());
}

TEST_F(TaskExportTest, UnknownParametersAreRefused) {
  EXPECT_EQ(get("/v1/tasks:export?page_size=5").response.status, 400);
  EXPECT_EQ(get("/v1/tasks:export?state=asleep").response.status, 400);
}

}  // namespace
}  // namespace hourwheel::task_export_test
