#include "net/attempt_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/url.h"

namespace hourwheel::attempt_request_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string request_of(const TaskSpec& spec, bool possible_duplicate = false) {
  AttemptStart start{.token = {},
                     .spec = spec,
                     .task = task_key(spec.id),
                     .run = {{3}, Trigger::kSchedule, 1'716'478'200'123},
                     .task_version = {5},
                     .due = {1'716'478'200'123},
                     .now = {1'716'478'201'999},
                     .attempt = 2,
                     .missed_count = 4,
                     .possible_duplicate = possible_duplicate};
  auto signer = Signer::create({{std::string(24, 'k')}});
  return attempt_request(start, *parse_url(spec.target.url), **signer);
}

TaskSpec example() {
  TaskSpec spec;
  spec.id = "t1";
  spec.target.kind = TargetKind::kHttp;
  spec.target.url = "http://192.0.2.1:8080/hook?x=1";
  spec.payload_kind = PayloadKind::kJson;
  spec.payload = R"({"a":1})";
  spec.content_type = "application/json";
  return spec;
}

TEST(AttemptRequest, CarriesTheRunsIdentity) {
  const std::string request = request_of(example());
  const std::string id = run_id(task_key("t1"), {{3}, Trigger::kSchedule, 1'716'478'200'123});
  EXPECT_TRUE(request.starts_with("POST /hook?x=1 HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n"));
  for (const std::string& line :
       {"User-Agent: Hourwheel/" + std::string(HW_VERSION),
        std::string("Content-Type: application/json"), std::string("Content-Length: 7"),
        "webhook-id: " + id, std::string("webhook-timestamp: 1716478201"), "Idempotency-Key: " + id,
        std::string("Hourwheel-Task-Id: t1"), std::string("Hourwheel-Attempt: 2"),
        std::string("Hourwheel-Due: 2024-05-23T15:30:00.123Z"),
        std::string("Hourwheel-Task-Version: 5"), std::string("Hourwheel-Missed-Count: 4")}) {
    EXPECT_THAT(request, HasSubstr("\r\n" + line + "\r\n"));
  }
  EXPECT_THAT(request, Not(HasSubstr("Possible-Duplicate")));
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}"));
  EXPECT_THAT(request_of(example(), true), HasSubstr("\r\nHourwheel-Possible-Duplicate: true\r\n"));
}

TEST(AttemptRequest, AProofIsAFieldBesideTheTasksOwn) {
  TaskSpec spec = example();
  spec.target.headers = {{"X-A", "b"}};
  const AttemptStart start{
      .token = {}, .spec = spec, .task = {}, .run = {}, .task_version = {}, .due = {}, .now = {}};
  auto signer = Signer::create({});
  const std::string request =
      attempt_request(start, *parse_url(spec.target.url), **signer, {"Authorization", "Bearer t"});
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Bearer t\r\nX-A: b\r\n"));
  EXPECT_THAT(request_of(spec), Not(HasSubstr("Authorization")));
}

std::string signature_of(const std::string& body) {
  const std::string id = run_id(task_key("t1"), {{3}, Trigger::kSchedule, 1'716'478'200'123});
  return (*Signer::create({{std::string(24, 'k')}}))->sign({id, "1716478201", body});
}

TEST(AttemptRequest, IsSignedOverItsIdItsTimestampAndTheExactBody) {  // C-7, Q2
  TaskSpec spec = example();
  for (const std::string& body :
       {std::string(R"({ "a":1,  "b":"\u00e9" })"), std::string("a\0\xff", 3),
        std::string(100'000, 'x'), std::string()}) {
    spec.payload = body;
    const std::string request = request_of(spec);
    EXPECT_THAT(request, HasSubstr("\r\nwebhook-signature: " + signature_of(body) + "\r\n"));
    EXPECT_TRUE(request.ends_with("\r\n\r\n" + body));
  }
  // What a definition holds is no body where none is sent.
  spec.payload = "left over";
  spec.payload_kind = PayloadKind::kNone;
  EXPECT_THAT(request_of(spec), HasSubstr("\r\nwebhook-signature: " + signature_of("") + "\r\n"));
}

TEST(AttemptRequest, ATargetThatWantsNoSignatureGetsTheTimestampOnly) {
  TaskSpec spec = example();
  spec.target.sign = false;
  EXPECT_THAT(request_of(spec), Not(HasSubstr("webhook-signature")));
  EXPECT_THAT(request_of(spec), HasSubstr("\r\nwebhook-timestamp: 1716478201\r\n"));
}

TEST(AttemptRequest, TheTasksOwnFieldsComeLastAndReplaceOurDefaults) {
  TaskSpec spec = example();
  spec.target.headers = {{"X-Own", "1"}, {"user-agent", "mine"}, {"CONTENT-TYPE", "text/x"}};
  const std::string request = request_of(spec);
  EXPECT_THAT(request,
              HasSubstr("\r\nX-Own: 1\r\nuser-agent: mine\r\nCONTENT-TYPE: text/x\r\n\r\n"));
  EXPECT_THAT(request, Not(HasSubstr("User-Agent")));
  EXPECT_THAT(request, Not(HasSubstr("Content-Type")));
}

TEST(AttemptRequest, WithoutAPayloadThereIsNoBody) {
  TaskSpec spec = example();
  spec.payload_kind = PayloadKind::kNone;
  EXPECT_THAT(request_of(spec), HasSubstr("\r\nContent-Length: 0\r\n"));
  EXPECT_TRUE(request_of(spec).ends_with("\r\n\r\n"));
  spec.target.method = "GET";
  EXPECT_THAT(request_of(spec), Not(HasSubstr("Content-Length")));
  EXPECT_TRUE(request_of(spec).starts_with("GET "));
}

TEST(AttemptRequest, TellsWhereToReportOnlyIfThereIsAPlace) {
  TaskSpec spec = example();
  spec.target.headers = {{"X-Own", "1"}};
  EXPECT_THAT(request_of(spec), Not(HasSubstr("Completion-Url")));
  const AttemptStart start{
      .token = {}, .spec = spec, .task = {}, .run = {}, .task_version = {}, .due = {}, .now = {}};
  auto signer = Signer::create({});
  const std::string request =
      attempt_request(start, *parse_url(spec.target.url), **signer, {}, "http://h/v1/c/t");
  const size_t told = request.find("\r\nHourwheel-Completion-Url: http://h/v1/c/t\r\n");
  EXPECT_LT(told, request.find("\r\nX-Own: 1\r\n")) << request;
}

TEST(AttemptRequest, ATaskIdCannotBreakALine) {
  TaskSpec spec = example();
  spec.id = std::string("a\r\nX: y\0% \xc3\xa9", 12);
  EXPECT_THAT(request_of(spec),
              HasSubstr("\r\nHourwheel-Task-Id: a%0D%0AX:%20y%00%25%20%C3%A9\r\n"));
}

TEST(AttemptRequestDeathTest, ALineBreakInAFieldStopsTheServer) {
  for (const std::string& value :
       {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3)}) {
    TaskSpec spec = example();
    spec.target.headers = {{"X", value}};
    EXPECT_DEATH(request_of(spec), "Q1");
    spec.target.headers = {{value, "x"}};
    EXPECT_DEATH(request_of(spec), "Q1");
    spec = example();
    spec.content_type = value;
    EXPECT_DEATH(request_of(spec), "Q1");
    spec = example();
    spec.target.method = value;
    EXPECT_DEATH(request_of(spec), "Q1");
  }
}

std::string run_id_of_example() {
  return run_id(task_key("t1"), {{3}, Trigger::kSchedule, 1'716'478'200'123});
}

TEST(AttemptRequest, VariablesAreFilledInAndSigned) {  // Q2
  TaskSpec spec = example();
  spec.target.variables = true;
  spec.target.url = "http://h.example/runs/{{run_id}}?at={{due}}&n={{attempt}}";
  spec.target.headers = {{"X-Missed", "{{missed_count}} of {{task_id}}"}};
  spec.payload = R"({"run":"{{run_id}}","at":{"ms":"{{due_ms}}"}})";
  const std::string id = run_id_of_example();
  const std::string body = R"({"run":")" + id + R"(","at":{"ms":"1716478200123"}})";
  const std::string request = request_of(spec);
  EXPECT_TRUE(
      request.starts_with("POST /runs/" + id + "?at=2024-05-23T15%3A30%3A00.123Z&n=2 HTTP/1.1\r\n"))
      << request;
  EXPECT_THAT(request, HasSubstr("\r\nX-Missed: 4 of t1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nwebhook-signature: " + signature_of(body) + "\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n" + body));
}

TEST(AttemptRequest, WithoutVariablesBracesAreText) {
  TaskSpec spec = example();
  spec.target.url = "http://h.example/{{run_id}}";
  spec.target.headers = {{"X-A", "{{due}}"}};
  spec.payload = R"("{{attempt}}")";
  const std::string request = request_of(spec);
  EXPECT_TRUE(request.starts_with("POST /{{run_id}} HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nX-A: {{due}}\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n\"{{attempt}}\""));
}

TEST(AttemptRequest, AnIdCannotBreakOutOfWhereItIsFilledIn) {  // VA2, Q1
  TaskSpec spec = example();
  spec.id = "a\"b /?#&%\xc3\xa4";
  spec.target.variables = true;
  spec.target.url = "http://h.example/{{task_id}}/x";
  spec.target.headers = {{"X-Id", "{{task_id}}"}};
  for (const char* type : {"application/json", "application/ld+json; charset=utf-8"}) {
    spec.content_type = type;
    spec.payload = R"({"id":"{{task_id}}"})";
    const std::string request = request_of(spec);
    EXPECT_TRUE(request.starts_with("POST /a%22b%20%2F%3F%23%26%25%C3%A4/x HTTP/1.1\r\n"));
    EXPECT_THAT(request, HasSubstr("\r\nX-Id: a\"b%20/?#&%25%C3%A4\r\n"));
    EXPECT_TRUE(request.ends_with("\r\n\r\n{\"id\":\"a\\\"b /?#&%\xc3\xa4\"}")) << request;
  }
  spec.content_type = "application/json ; charset=utf-8";
  EXPECT_FALSE(request_of(spec).ends_with("{\"id\":\"" + spec.id + "\"}"));
  spec.content_type = "text/plain";
  spec.target.headers = {{"content-Type", "application/json"}};
  EXPECT_FALSE(request_of(spec).ends_with("{\"id\":\"" + spec.id + "\"}")) << "as it is sent";
  spec.target.headers.clear();
  EXPECT_TRUE(request_of(spec).ends_with("{\"id\":\"" + spec.id + "\"}"));
}

TEST(AttemptRequest, CloudEventsTellOfTheRunInFieldsOfTheirOwn) {
  TaskSpec spec = example();
  EXPECT_THAT(request_of(spec), Not(HasSubstr("ce-")));
  spec.target.format = RequestFormat::kCloudEvents;
  const std::string request = request_of(spec);
  for (const std::string& line :
       {std::string("ce-specversion: 1.0"), "ce-id: " + run_id_of_example(),
        std::string("ce-source: /hourwheel/tasks/t1"),
        std::string("ce-type: io.hourwheel.task.due"),
        std::string("ce-time: 2024-05-23T15:30:00.123Z"), std::string("ce-subject: t1"),
        std::string("Content-Type: application/json")}) {
    EXPECT_THAT(request, HasSubstr("\r\n" + line + "\r\n"));
  }
  EXPECT_THAT(request, Not(HasSubstr("ce-datacontenttype")));
  EXPECT_TRUE(request.ends_with("\r\n\r\n{\"a\":1}"));
  spec.id = "a\"b%";
  EXPECT_THAT(request_of(spec), HasSubstr("\r\nce-subject: a%22b%25\r\n"));
}

TEST(AttemptRequest, GoesOnInTheTraceOfWhoMadeTheTask) {
  TaskSpec spec = example();
  EXPECT_THAT(request_of(spec), Not(HasSubstr("traceparent")));
  spec.trace = {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a=b",
                Instant{1'716'478'200'000}};
  const std::string request = request_of(spec);
  EXPECT_THAT(request, HasSubstr("\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"));
  EXPECT_THAT(request, Not(HasSubstr("00f067aa0ba902b7"))) << "an attempt is a span of its own";
  EXPECT_THAT(request, HasSubstr("\r\ntracestate: a=b\r\n"));
  spec.target.headers = {{"Traceparent", "mine"}};
  EXPECT_THAT(request_of(spec), HasSubstr("\r\nTraceparent: mine\r\n"));
  EXPECT_THAT(request_of(spec), Not(HasSubstr("traceparent: 00")));
}

}  // namespace
}  // namespace hourwheel::attempt_request_test
