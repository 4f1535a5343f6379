#include "api/task_json.h"

#include "engine/schedule/time_text.h"
#include "tests/api/support/fixture.h"

namespace hourwheel::task_json_test {
namespace {

class TaskJsonTest : public ::testing::Test {
 protected:
  std::optional<TaskBody> read(const std::string& body, Shape shape = Shape::kV1) {
    padded_ = body + std::string(64, '\0');
    auto top = reader_.parse(std::string_view(padded_).substr(0, body.size()));
    if (!top) {
      ADD_FAILURE() << body << ": " << top.error().detail;
      return std::nullopt;
    }
    FieldErrors errors;
    auto task = read_task(*top, {shape, kTestNow}, errors);
    EXPECT_EQ(errors.empty(), task.has_value());
    errors_ = errors.take();
    return task;
  }
  // The body is refused, first of all for this member.
  void expect_refused(const std::string& body, std::string_view pointer, std::string_view code) {
    EXPECT_FALSE(read(body)) << "accepted: " << body;
    ASSERT_FALSE(errors_.empty()) << body;
    EXPECT_EQ(errors_.front().pointer, pointer) << body << ": " << errors_.front().detail;
    EXPECT_EQ(errors_.front().code, code) << body << ": " << errors_.front().detail;
    EXPECT_FALSE(errors_.front().detail.empty());
  }
  void expect_member_refused(const std::string& member, std::string_view pointer,
                             std::string_view code) {
    expect_refused(R"({"schedule":"2026-02-01T00:00:00Z",)" + member + "}", pointer, code);
  }
  void expect_schedule_refused(const std::string& schedule, std::string_view pointer,
                               std::string_view code) {
    expect_refused(R"({"schedule":)" + schedule + "}", pointer, code);
  }

  JsonReader reader_;
  std::string padded_;
  std::vector<FieldError> errors_;
};

constexpr const char* kFull = R"({"id":"a","type":"recurring",
 "schedule":{ "cron":"0 9 * * 1-5", "timezone":"Europe/Berlin" },"description":"d",
 "labels":{"team":"billing","app":"x"},
 "target":{"kind":"http","url":"http://example.com/hook?a=1","method":"PUT",
           "headers":{"X-One":"1","Authorization":"Bearer x"},"connect_timeout":"2s","timeout":"PT1M"},
 "payload":{"n": 123456789012345678901234567890 , "s":"ä"},
 "retry":{"max_attempts":7,"backoff":"exponential","min_backoff":"500ms","max_backoff":"PT10M",
          "multiplier":1.5,"jitter":"none","max_age":"2h"},
 "misfire_after":"PT5M","misfire":{"policy":"fire_all","max_age":"2h","max_count":7,"rate":3},
 "overlap":"cancel_running","paused":{"reason":"later","until":"2026-03-01T00:00:00Z"}})";

TEST_F(TaskJsonTest, AllMembersAreRead) {
  auto body = read(kFull);
  ASSERT_TRUE(body);
  const TaskSpec& spec = *body->spec;
  EXPECT_EQ(spec.type, TaskType::kRecurring);
  EXPECT_EQ(spec.schedule.kind, ScheduleKind::kCron);
  EXPECT_EQ(spec.schedule.timezone, "Europe/Berlin");
  // Another way to space it is no other schedule; within a string blanks count.
  EXPECT_EQ(spec.schedule.source, R"({"cron":"0 9 * * 1-5","timezone":"Europe/Berlin"})");
  EXPECT_EQ(spec.labels, (std::vector<NamedText>{{"app", "x"}, {"team", "billing"}}));
  EXPECT_EQ(spec.target.method, "PUT");
  EXPECT_EQ(spec.target.headers.size(), 2U);
  EXPECT_EQ(spec.target.connect_timeout, seconds(2));
  EXPECT_EQ(spec.payload, R"({"n": 123456789012345678901234567890 , "s":"ä"})");
  EXPECT_EQ(spec.content_type, "application/json");
  EXPECT_EQ(spec.retry.max_attempts, 7U);
  EXPECT_EQ(spec.retry.multiplier_percent, 150U);
  EXPECT_EQ(spec.retry.jitter, BackoffJitter::kNone);
  EXPECT_EQ(spec.misfire_after, minutes(5));
  EXPECT_EQ(spec.misfire, (Misfire{MisfirePolicy::kFireAll, hours(2), 7, 3}));
  EXPECT_EQ(spec.overlap, Overlap::kCancelRunning);
  ASSERT_TRUE(body->pause);
  EXPECT_EQ(body->pause->reason, "later");
}

TEST_F(TaskJsonTest, WhatIsWrittenReadsAsTheSameSpec) {
  const std::string bodies[] = {
      kFull,
      R"({"id":"b","schedule":"2026-02-01T00:00:00+02:00"})",
      R"({"id":"c","schedule":{"every":"90s","anchor":"2026-01-01T00:00:00Z"}})",
      R"({"id":"d","schedule":"@daily","payload_base64":"/wA=","content_type":"text/x; q=1"})",
      R"({"id":"e","schedule":"*/5 * * * *","payload":null})",
      R"({"id":"i","schedule":"*/5 * * * *","misfire":"skip","overlap":"allow"})",
      R"({"id":"j","schedule":"*/5 * * * *","misfire":{"rate":7},"overlap":"buffer_all"})",
      R"({"id":"f","schedule":{"at":"2020-01-01T00:00:00Z","allow_past":true}})",
      R"({"id":"g","schedule":"2026-02-01T00:00:00Z","delivery":"at_most_once",
          "expires_after":"PT1H","pause_after_dead":3,"max_lateness":"PT2S",
          "target":{"kind":"http","url":"http://a.example/","success_codes":"200-299"},
          "retry":{"backoff":["5s","PT5M"],"retry_on":[404,"300-399"],"retry_until_next":true}})",
      R"({"id":"h","schedule":"@daily","retry":{"backoff":"linear"},
          "target":{"kind":"http","url":"http://a.example/","success_codes":"204,304-305"}})",
      R"({"id":"k","schedule":"@daily","payload_text":"run {{run_id}}\n\u00e4",
          "target":{"kind":"http","url":"http://a.example/{{attempt}}","variables":true,
                    "headers":{"X-A":"{{ due }}"},"format":"cloudevents","success_body":"\"ok\"",
                    "store_response":false,"completion":{"timeout":"1h","heartbeat":"90s"}}})",
      R"({"id":"m","schedule":"@daily","retention":{"count":100000}})",
      R"({"id":"l","schedule":"@daily","payload_text":"","content_type":"text/x; q=1"})"};
  for (const std::string& text : bodies) {
    auto first = read(text);
    ASSERT_TRUE(first) << text;
    TaskState state = test_state();
    state.pause = first->pause;
    state.last_run.state = RunState::kSucceeded;
    std::string out;
    JsonWriter json(out);
    write_task(json, {task_key(first->spec->id), *first->spec, state, 3});
    auto second = read(out);
    ASSERT_TRUE(second) << out << ": " << errors_.front().detail;
    EXPECT_EQ(*first->spec, *second->spec) << out;
  }
}

TEST_F(TaskJsonTest, SchedulesOfEveryForm) {
  auto at = [&](const std::string& schedule) {
    auto body = read(R"({"schedule":)" + schedule + "}");
    return body ? to_text(body->spec->schedule.at) : "refused";
  };
  EXPECT_EQ(at(R"("2026-02-01T00:00:00+01:00")"), "2026-01-31T23:00:00.000Z");
  EXPECT_EQ(at(R"({"at":"2026-02-01T00:00:00Z"})"), "2026-02-01T00:00:00.000Z");
  EXPECT_EQ(at(R"({"at":"2026-07-01T09:00:00","timezone":"Europe/Berlin"})"),
            "2026-07-01T07:00:00.000Z");
  EXPECT_EQ(at(R"({"delay":"PT15M"})"), "2026-01-01T00:15:00.000Z");
  EXPECT_EQ(at(R"({"delay":1500})"), "2026-01-01T00:00:01.500Z");
  auto every = read(R"({"schedule":{"every":"10m"}})");
  ASSERT_TRUE(every);
  EXPECT_EQ(every->spec->schedule.anchor, kTestNow + minutes(10)) << "not due at once";
  EXPECT_EQ(every->spec->type, TaskType::kRecurring);
  auto once = read(R"({"type":"one-time","schedule":"15m"})");
  ASSERT_TRUE(once);
  EXPECT_EQ(once->spec->schedule.at, kTestNow + minutes(15));
}

TEST_F(TaskJsonTest, PastInstantsAreLeftToTheShardToRefuseOnV1UnlessAllowed) {  // C-17
  auto past = [&](const std::string& schedule, Shape shape = Shape::kV1) {
    auto body = read(R"({"schedule":)" + schedule + "}", shape);
    return body ? std::optional(body->past) : std::nullopt;
  };
  EXPECT_EQ(past(R"("2020-01-01T00:00:00Z")"), PastInstant::kRefuse);
  EXPECT_EQ(past(R"({"at":"2020-01-01T00:00:00Z"})"), PastInstant::kRefuse);
  EXPECT_EQ(past(R"({"at":"2020-01-01T00:00:00Z","allow_past":false})"), PastInstant::kRefuse);
  EXPECT_EQ(past(R"({"at":"2020-01-01T00:00:00Z","allow_past":true})"), PastInstant::kAccept);
  EXPECT_EQ(past(R"("2020-01-01T00:00:00Z")", Shape::kSeed), PastInstant::kAccept);
  expect_schedule_refused(R"({"at":"2020-01-01T00:00:00Z","allow_past":1})", "/schedule/allow_past",
                          "wrong-type");
}

TEST_F(TaskJsonTest, DeliveryOptionsAreRead) {
  auto body = read(R"({"schedule":"2026-02-01T00:00:00Z","delivery":"at_most_once",
    "expires_after":"PT1H","pause_after_dead":3,"max_lateness":"2s",
    "target":{"kind":"http","url":"http://a.example/","success_codes":"200-204,304",
              "sign":false},
    "retry":{"backoff":["5s","PT5M"],"retry_on":[404,"300-399","409"],"retry_until_next":true}})");
  ASSERT_TRUE(body);
  const TaskSpec& spec = *body->spec;
  EXPECT_EQ(spec.delivery, Delivery::kAtMostOnce);
  EXPECT_EQ(spec.expires_after, hours(1));
  EXPECT_EQ(spec.pause_after_dead, 3U);
  EXPECT_EQ(spec.max_lateness, seconds(2));
  EXPECT_EQ(spec.target.success_codes, (std::vector<CodeRange>{{200, 204}, {304, 304}}));
  EXPECT_FALSE(spec.target.sign);
  EXPECT_EQ(spec.retry.backoff, BackoffKind::kList);
  EXPECT_EQ(spec.retry.backoff_list, (std::vector<Duration>{seconds(5), minutes(5)}));
  EXPECT_EQ(spec.retry.retry_on, (std::vector<CodeRange>{{404, 404}, {300, 399}, {409, 409}}));
  EXPECT_TRUE(spec.retry.retry_until_next);
}

TEST_F(TaskJsonTest, RetentionIsACountOrNull) {
  auto kept = [&](const std::string& retention) {
    auto body = read(R"({"schedule":"@daily","retention":)" + retention + "}");
    return body ? std::optional(body->spec->keep_runs) : std::nullopt;
  };
  EXPECT_EQ(kept(R"({"count":1})"), 1U);
  EXPECT_EQ(kept(R"({"count":100000})"), 100'000U);
  EXPECT_EQ(kept("null"), 0U);
  EXPECT_EQ(read(R"({"schedule":"@daily"})")->spec->keep_runs, 0U);
  expect_member_refused(R"("retention":5)", "/retention", "wrong-type");
  expect_member_refused(R"("retention":{})", "/retention/count", "required");
  expect_member_refused(R"("retention":{"count":0})", "/retention/count", "out-of-range");
  expect_member_refused(R"("retention":{"count":100001})", "/retention/count", "out-of-range");
  expect_member_refused(R"("retention":{"count":"7"})", "/retention/count", "wrong-type");
  expect_member_refused(R"("retention":{"count":null})", "/retention/count", "wrong-type");
  expect_member_refused(R"("retention":{"count":7,"age":"P1D"})", "/retention/age",
                        "unknown-field");
}

TEST_F(TaskJsonTest, DeliveryOptionsOutOfTheirLimitsAreNamed) {
  expect_member_refused(R"("delivery":"exactly_once")", "/delivery", "unknown-value");
  expect_member_refused(R"("expires_after":"soon")", "/expires_after", "invalid");
  expect_member_refused(R"("pause_after_dead":-1)", "/pause_after_dead", "out-of-range");
  expect_member_refused(R"("max_lateness":5)", "/max_lateness", "wrong-type");
  expect_refused(R"({"schedule":"@daily","expires_after":"PT1H"})", "/expires_after", "invalid");
  auto refused_retry = [&](const std::string& members, std::string_view pointer,
                           std::string_view code) {
    expect_member_refused(R"("retry":{)" + members + "}", "/retry" + std::string(pointer), code);
  };
  refused_retry(R"("backoff":"quadratic")", "/backoff", "unknown-value");
  refused_retry(R"("backoff":[])", "/backoff", "required");
  refused_retry(R"("backoff":["5s",7])", "/backoff/1", "wrong-type");
  std::string many = R"("1s")";
  for (int i = 0; i < 100; ++i) many += R"(,"1s")";
  refused_retry(R"("backoff":[)" + many + "]", "/backoff", "too-many");
  refused_retry(R"("retry_on":"404")", "/retry_on", "wrong-type");
  refused_retry(R"("retry_on":[404,600])", "/retry_on/1", "invalid");
  refused_retry(R"("retry_on":["399-300"])", "/retry_on/0", "invalid");
  refused_retry(R"("retry_until_next":1)", "/retry_until_next", "wrong-type");
  auto refused_codes = [&](const std::string& codes, std::string_view code) {
    expect_member_refused(
        R"("target":{"kind":"http","url":"http://a.example/","success_codes":)" + codes + "}",
        "/target/success_codes", code);
  };
  refused_codes("200", "wrong-type");
  for (const char* codes : {R"("")", R"("2xx")", R"("200,")", R"("200 - 299")", R"("100-299")",
                            R"("299-200")", R"("+20-299")"}) {
    refused_codes(codes, "invalid");
  }
  expect_member_refused(R"("target":{"kind":"log","success_codes":"200"})", "/target/success_codes",
                        "unknown-field");
}

TEST_F(TaskJsonTest, VariablesAreCheckedWhereTheyAreFilledIn) {
  auto target = [](const std::string& members) {
    return R"("target":{"kind":"http","variables":true,)" + members + "}";
  };
  const std::string url = R"("url":"http://a.example/")";
  expect_member_refused(target(R"("url":"http://a.example/{{runid}}")"), "/target/url", "invalid");
  expect_member_refused(target(url + R"(,"headers":{"X-A":"{{Due}}"})"), "/target/headers/X-A",
                        "invalid");
  expect_member_refused(target(url) + R"(,"payload":{"a":"{{attempts}}"})", "/payload", "invalid");
  expect_member_refused(target(url) + R"(,"payload_text":"{{attempts}}")", "/payload_text",
                        "invalid");
  expect_member_refused(target(R"("url":"http://{{task_id}}.example/")"), "/target/url", "invalid");
  EXPECT_TRUE(read(R"({"schedule":"@daily","payload":"{{attempts}}",
    "target":{"kind":"http","url":"http://a.example/{{x}}"}})"))
      << "without variables braces are text";
  expect_member_refused(R"("target":{"kind":"log","variables":true})", "/target/variables",
                        "unknown-field");
}

TEST_F(TaskJsonTest, FormatsAndSuccessBodiesOutOfTheirLimitsAreNamed) {
  auto refused = [&](const std::string& member, const std::string& pointer, std::string_view code) {
    expect_member_refused(R"("target":{"kind":"http","url":"http://a.example/",)" + member + "}",
                          "/target" + pointer, code);
  };
  refused(R"("format":"structured")", "/format", "unknown-value");
  refused(R"("success_body":7)", "/success_body", "wrong-type");
  refused(R"("success_body":")" + std::string(kMaxSuccessBody + 1, 'a') + "\"", "/success_body",
          "too-long");
  refused(R"("variables":"yes")", "/variables", "wrong-type");
  refused(R"("store_response":0)", "/store_response", "wrong-type");
  refused(R"("format":"cloudevents","headers":{"CE-Id":"x"})", "/headers/CE-Id", "reserved");
}

TEST_F(TaskJsonTest, APayloadHasOneForm) {
  expect_member_refused(R"("payload":1,"payload_text":"a")", "/payload_text", "invalid");
  expect_member_refused(R"("payload_text":"a","payload_base64":"")", "/payload_base64", "invalid");
  expect_member_refused(R"("payload_text":{})", "/payload_text", "wrong-type");
  expect_member_refused(R"("payload":1,"content_type":"text/plain")", "/content_type", "invalid");
  auto body = read(R"({"schedule":"@daily","payload_text":"\u00e4\n"})");
  ASSERT_TRUE(body);
  EXPECT_EQ(body->spec->payload, "\xc3\xa4\n");
  EXPECT_EQ(body->spec->payload_kind, PayloadKind::kText);
  EXPECT_EQ(body->spec->content_type, "text/plain; charset=utf-8");
}

TEST_F(TaskJsonTest, BadSchedulesAreNamed) {
  expect_refused("{}", "/schedule", "required");
  expect_schedule_refused("7", "/schedule", "wrong-type");
  expect_schedule_refused("\"" + std::string(2000, '1') + "\"", "/schedule", "too-long");
  expect_schedule_refused("{}", "/schedule", "invalid-schedule");
  expect_schedule_refused(R"({"at":"2026-02-01T00:00:00Z","delay":1})", "/schedule",
                          "invalid-schedule");
  expect_schedule_refused(R"({"cron":"75 * * * *"})", "/schedule/cron", "invalid-schedule");
  expect_schedule_refused(R"({"cron":"0 0 * * *","timezone":"Mars/Base"})", "/schedule/timezone",
                          "invalid-timezone");
  expect_schedule_refused(R"({"cron":"0 0 30 2 *"})", "/schedule", "never-fires");
  expect_schedule_refused(R"({"every":"50ms"})", "/schedule/every", "out-of-range");
  expect_schedule_refused(R"({"every":"10m","timezone":"UTC"})", "/schedule/timezone",
                          "unknown-field");
  expect_schedule_refused(R"({"cron":"0 0 * * *","anchor":"2026-01-01T00:00:00Z"})",
                          "/schedule/anchor", "unknown-field");
  expect_schedule_refused(R"({"at":"2026-13-01T00:00:00Z"})", "/schedule/at", "invalid");
  expect_schedule_refused(R"({"rule":"FREQ=DAILY"})", "/schedule/rule", "unknown-field");
  expect_schedule_refused(R"({"delay":-1})", "/schedule/delay", "out-of-range");
  EXPECT_FALSE(read(R"({"schedule":"2026-13-01T00:00:00Z"})"));
  EXPECT_EQ(errors_.front().pointer, "/schedule");
  EXPECT_NE(errors_.front().detail.find("month"), std::string::npos) << errors_.front().detail;
}

TEST_F(TaskJsonTest, TypeMustBeKnownAndAgree) {
  expect_member_refused(R"("type":"weekly")", "/type", "unknown-value");
  expect_member_refused(R"("type":7)", "/type", "unknown-value");
  EXPECT_FALSE(read(R"({"type":"recurring","schedule":"2026-02-01T00:00:00Z"})"));
  EXPECT_EQ(errors_.front().pointer, "/schedule");
  EXPECT_FALSE(read(R"({"type":"one-time","schedule":{"cron":"0 0 * * *"}})"));
  EXPECT_EQ(errors_.front().pointer, "/schedule");
}

TEST_F(TaskJsonTest, MembersOutOfTheirLimitsAreNamed) {
  expect_member_refused(R"("id":"")", "/id", "invalid");
  expect_member_refused(R"("id":".a")", "/id", "invalid");
  expect_member_refused(R"("id":"a b")", "/id", "invalid");
  expect_member_refused(R"("id":")" + std::string(129, 'a') + "\"", "/id", "invalid");
  expect_member_refused(R"("id":7)", "/id", "wrong-type");
  expect_member_refused(R"("description":")" + std::string(1025, 'a') + "\"", "/description",
                        "too-long");
  expect_member_refused(R"("labels":[])", "/labels", "wrong-type");
  expect_member_refused(R"("labels":{"A":"x"})", "/labels/A", "invalid");
  expect_member_refused(R"("labels":{"a":1})", "/labels/a", "wrong-type");
  expect_member_refused(R"("retry":{"max_attempts":0})", "/retry/max_attempts", "out-of-range");
  expect_member_refused(R"("retry":{"max_attempts":1001})", "/retry/max_attempts", "out-of-range");
  expect_member_refused(R"("retry":{"max_attempts":1.5})", "/retry/max_attempts", "out-of-range");
  expect_member_refused(R"("retry":{"multiplier":0.5})", "/retry/multiplier", "out-of-range");
  expect_member_refused(R"("retry":{"min_backoff":"2h"})", "/retry", "out-of-range");
  expect_member_refused(R"("retry":{"color":[]})", "/retry/color", "unknown-field");
  expect_member_refused(R"("misfire_after":"soon")", "/misfire_after", "invalid");
  expect_member_refused(R"("paused":{"until":7})", "/paused/until", "wrong-type");
  expect_member_refused(R"("payload":")" + std::string(256 * 1024, 'x') + "\"", "/payload",
                        "too-long");
  expect_member_refused(R"("payload":1,"payload_base64":"")", "/payload_base64", "invalid");
  expect_member_refused(R"("payload_base64":"a")", "/payload_base64", "invalid");
  expect_member_refused(R"("content_type":"text/plain")", "/content_type", "invalid");
  expect_member_refused(R"("overlap":"buffer")", "/overlap", "unknown-value");
  expect_member_refused(R"("misfire":"never")", "/misfire", "unknown-value");
  expect_member_refused(R"("misfire":7)", "/misfire", "wrong-type");
  expect_member_refused(R"("misfire":{"policy":"once"})", "/misfire/policy", "unknown-value");
  expect_member_refused(R"("misfire":{"rate":0})", "/misfire/rate", "out-of-range");
  expect_member_refused(R"("misfire":{"max_count":100001})", "/misfire/max_count", "out-of-range");
  expect_member_refused(R"("misfire":{"max_age":"P9999D"})", "/misfire/max_age", "out-of-range");
  expect_member_refused(R"("misfire":{"burst":1})", "/misfire/burst", "unknown-field");
}

TEST_F(TaskJsonTest, TargetsAreCheckedAtTheDoor) {
  auto refused_target = [&](const std::string& members, std::string_view pointer,
                            std::string_view code) {
    expect_member_refused(R"("target":{)" + members + "}", "/target" + std::string(pointer), code);
  };
  refused_target("", "/kind", "required");
  refused_target(R"("kind":"queue")", "/kind", "unknown-value");
  refused_target(R"("kind":"http")", "/url", "required");
  refused_target(R"("kind":"log","url":"http://a.example/")", "/url", "unknown-field");
  refused_target(R"("kind":"http","url":"ftp://a.example/")", "/url", "invalid");
  refused_target(R"("kind":"http","url":"http://127.1/")", "/url", "invalid");
  refused_target(R"("kind":"http","url":"http://a.example/","method":"TRACE")", "/method",
                 "unknown-value");
  refused_target(R"("kind":"http","url":"http://a.example/","timeout":"PT16M")", "/timeout",
                 "out-of-range");
  refused_target(R"("kind":"http","url":"http://a.example/","sign":1)", "/sign", "wrong-type");
  refused_target(R"("kind":"log","sign":true)", "/sign", "unknown-field");
  EXPECT_TRUE(read(R"({"schedule":"1m","target":{"kind":"log"}})"));
}

TEST_F(TaskJsonTest, HeadersCannotSmuggle) {
  auto refused_header = [&](const std::string& header, std::string_view name,
                            std::string_view code) {
    expect_member_refused(
        R"("target":{"kind":"http","url":"http://a.example/","headers":{)" + header + "}}",
        "/target/headers/" + std::string(name), code);
  };
  refused_header(R"("X:Y":"1")", "X:Y", "invalid");
  refused_header(R"("X Y":"1")", "X Y", "invalid");
  refused_header(R"("":"1")", "", "invalid");
  refused_header(R"("X":"a\r\nb: c")", "X", "invalid");
  refused_header(R"("X":"a\u0000b")", "X", "invalid");
  refused_header(R"("X":" a")", "X", "invalid");
  refused_header(R"("X":1)", "X", "wrong-type");
  refused_header(R"("X":"1","x":"2")", "x", "duplicate");
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "Connection", "TE",
                           "Proxy-Authorization", "Webhook-Id", "Hourwheel-Task", "Expect",
                           "Idempotency-Key", "Keep-Alive", "Trailer", "Upgrade"}) {
    refused_header("\"" + std::string(name) + R"(":"1")", name, "reserved");
  }
}

TEST_F(TaskJsonTest, AllOffencesAreToldUpToABound) {
  EXPECT_FALSE(read(R"({"schedule":7,"type":"x","color":1})"));
  EXPECT_EQ(errors_.size(), 3U);
  std::string many = "{\"schedule\":\"1m\"";
  for (int i = 0; i < 100; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  EXPECT_FALSE(read(many + "}"));
  EXPECT_EQ(errors_.size(), 20U);
}

}  // namespace
}  // namespace hourwheel::task_json_test
