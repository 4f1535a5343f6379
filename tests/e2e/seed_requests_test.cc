// The four requests of the seed, with its own body, against the real server; and bodies that are
// broken in the ways people break them.
#include "tests/e2e/fixture.h"

namespace hourwheel::seed_requests_test {
namespace {

constexpr const char* kSeedBody =
    R"({"id":"1","type":"one-time","schedule":"2024-05-23T15:30:00Z","description":"Test task 1"})";

class SeedRequests : public EachBackend {};

TEST_P(SeedRequests, ServerSaysHowItSends) {
  EXPECT_EQ(GetParam().expected, member(node_.call("GET", "/v1/server").body, "io_backend"));
}

TEST_P(SeedRequests, PostAnswers201AndTheTask) {
  HttpAnswer answer = node_.call("POST", "/tasks", kSeedBody);
  EXPECT_EQ(201, answer.status) << answer.body;
  EXPECT_EQ("application/json", answer.field("content-type"));
  EXPECT_EQ("1", member(answer.body, "id"));
  EXPECT_EQ("one-time", member(answer.body, "type"));
  EXPECT_EQ("2024-05-23T15:30:00Z", member(answer.body, "schedule"));
  EXPECT_EQ("Test task 1", member(answer.body, "description"));
}

TEST_P(SeedRequests, GetAnswersABareArray) {
  EXPECT_EQ("[]", node_.call("GET", "/tasks").body);
  node_.call("POST", "/tasks", kSeedBody);
  HttpAnswer answer = node_.call("GET", "/tasks");
  EXPECT_EQ(200, answer.status);
  EXPECT_TRUE(answer.complete);
  auto tasks = elements(answer.body);
  ASSERT_EQ(1U, tasks.size()) << answer.body;
  EXPECT_EQ("1", member(tasks[0], "id"));
  EXPECT_EQ("Test task 1", member(tasks[0], "description"));
}

TEST_P(SeedRequests, PutFindsTheTaskByTheIdInItsBody) {
  node_.call("POST", "/tasks", kSeedBody);
  HttpAnswer answer = node_.call(
      "PUT", "/tasks",
      R"({"id":"1","type":"one-time","schedule":"2199-05-23T15:30:00Z","description":"Updated"})");
  EXPECT_EQ(200, answer.status) << answer.body;
  EXPECT_EQ("Updated", member(answer.body, "description"));
  auto tasks = elements(node_.call("GET", "/tasks").body);
  ASSERT_EQ(1U, tasks.size());
  EXPECT_EQ("2199-05-23T15:30:00Z", member(tasks[0], "schedule"));
}

TEST_P(SeedRequests, DeleteRemovesTheTask) {
  node_.call("POST", "/tasks", kSeedBody);
  HttpAnswer answer = node_.call("DELETE", "/tasks/1");
  EXPECT_EQ(200, answer.status) << answer.body;
  EXPECT_EQ("[]", node_.call("GET", "/tasks").body);
  EXPECT_EQ(404, node_.call("DELETE", "/tasks/1").status);
}

TEST_P(SeedRequests, RecurringCronFiresAgainAndAgain) {
  HttpAnswer answer = node_.call(
      "POST", "/tasks",
      R"({"id":"tick","type":"recurring","schedule":"* * * * * *","target":{"kind":"http","url":")" +
          target_.url() + R"(/tick"}})");
  ASSERT_EQ(201, answer.status) << answer.body;
  ASSERT_TRUE(target_.await_path("/tick", 3, kPatience));
  auto received = target_.received_at("/tick");
  EXPECT_EQ(0, received[0].due.ms % 1000);
  EXPECT_EQ(received[0].due + seconds(1), received[1].due);
  EXPECT_EQ(received[1].due + seconds(1), received[2].due);
}

TEST_P(SeedRequests, TaskWithoutATargetRecordsItsRun) {
  node_.call("POST", "/tasks", kSeedBody);
  // The webhook of a later task arrives after the run of an earlier one on the same clock.
  create(task("later", in_quotes(to_text(in(milliseconds(300))))));
  ASSERT_TRUE(target_.await_path("/later", 1, kPatience));
  EXPECT_EQ("succeeded", member(newest_run("1"), "state"));
}

struct Broken {
  const char* what;
  const char* method;
  const char* body;
  const char* pointer;  // of the offending member; nullptr when no member can be named
  int status;
};

constexpr Broken kBroken[] = {
    {"bad JSON", "POST", R"({"id":"1","type":)", nullptr, 400},
    {"no object", "POST", R"([1,2,3])", nullptr, 400},
    {"unknown type", "POST", R"({"id":"1","type":"weekly","schedule":"2199-05-23T15:30:00Z"})",
     "#/type", 422},
    {"month 13", "POST", R"({"id":"1","type":"one-time","schedule":"2199-13-23T15:30:00Z"})",
     "#/schedule", 422},
    {"no schedule", "POST", R"({"id":"1","type":"one-time"})", "#/schedule", 422},
    {"PUT without an id", "PUT", R"({"type":"one-time","schedule":"2199-05-23T15:30:00Z"})", "#/id",
     422},
};

TEST_P(SeedRequests, BrokenBodiesAreRefusedByTheNameOfTheField) {
  for (const Broken& broken : kBroken) {
    SCOPED_TRACE(broken.what);
    HttpAnswer answer = node_.call(broken.method, "/tasks", broken.body);
    EXPECT_EQ(broken.status, answer.status) << answer.body;
    EXPECT_EQ("application/problem+json", answer.field("content-type"));
    EXPECT_FALSE(member(answer.body, "detail").empty()) << answer.body;
    if (broken.pointer == nullptr) continue;
    auto errors = elements(member(answer.body, "errors"));
    ASSERT_EQ(1U, errors.size()) << answer.body;
    EXPECT_EQ(broken.pointer, member(errors[0], "pointer"));
  }
  EXPECT_EQ(200, node_.call("GET", "/livez").status);
  EXPECT_EQ("[]", node_.call("GET", "/tasks").body);
}

TEST_P(SeedRequests, BodyOfTwoMebibytesIsRefused) {
  const std::string body = R"({"id":"1","type":"one-time","description":")" +
                           std::string(size_t{2} << 20, 'x') + R"("})";
  // The refusal may come, and the connection end, before all of it is sent.
  HttpClient client(node_.port());
  client.send("POST /tasks HTTP/1.1\r\nHost: localhost\r\n" + std::string(kJsonFields) +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(413, answer->status);
  EXPECT_EQ("application/problem+json", answer->field("content-type"));
  EXPECT_EQ("payload-too-large", member(answer->body, "code"));
  EXPECT_EQ(200, node_.call("GET", "/livez").status);
}

INSTANTIATE_TEST_SUITE_P(Each, SeedRequests, testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace hourwheel::seed_requests_test
