// Requests sent again under their Idempotency-Key: on another connection, at another reactor, while
// the first is being answered, and after a kill -9 (C-2).
#include <array>
#include <thread>

#include "tests/e2e/fixture.h"

namespace hourwheel::idempotency_test {
namespace {

constexpr const char* kTask =
    R"({"schedule":{"at":"2099-01-01T00:00:00Z"},"target":{"kind":"log"},"description":"d"})";

class Idempotency : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(node_.start()); }

  HttpAnswer keyed(const std::string& method, const std::string& path, const std::string& key,
                   const std::string& body = "") {
    const std::string fields =
        std::string(body.empty() ? "" : kJsonFields) + "Idempotency-Key: \"" + key + "\"\r\n";
    auto answer = http_request(node_.port(), method, path, body, fields);
    EXPECT_TRUE(answer) << method << " " << path;
    return answer.value_or(HttpAnswer{});
  }
  static bool says_again(const HttpAnswer& answer) {
    return field(answer, "idempotent-replayed") == "true";
  }
  static std::string field(const HttpAnswer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.fields) {
      if (key == name) return value;
    }
    return "";
  }
  size_t tasks() {
    return elements(member(node_.call("GET", "/v1/tasks?page_size=1000").body, "tasks")).size();
  }

  Node node_;
};

TEST_F(Idempotency, ARepeatMakesOneTaskAndGetsTheSameAnswer) {
  const HttpAnswer first = keyed("POST", "/v1/tasks", "k", kTask);
  ASSERT_EQ(201, first.status) << first.body;
  EXPECT_FALSE(says_again(first));
  // Each on a connection of its own, so that both reactors see some.
  for (int i = 0; i < 16; ++i) {
    const HttpAnswer again = keyed("POST", "/v1/tasks", "k", kTask);
    EXPECT_EQ(201, again.status);
    EXPECT_EQ(first.body, again.body);
    EXPECT_TRUE(says_again(again));
  }
  node_.kill();
  ASSERT_TRUE(node_.start());
  const HttpAnswer after = keyed("POST", "/v1/tasks", "k", kTask);
  EXPECT_EQ(201, after.status);
  EXPECT_EQ(first.body, after.body);
  EXPECT_EQ(field(first, "location"), field(after, "location"));
  EXPECT_EQ(field(first, "etag"), field(after, "etag"));
  EXPECT_TRUE(says_again(after));
  EXPECT_EQ(422, keyed("POST", "/v1/tasks", "k", R"({"schedule":{"every":"1h"}})").status);
  EXPECT_EQ(1U, tasks());
}

TEST_F(Idempotency, ManyAtOnceMakeOneTask) {
  constexpr size_t kClients = 8;
  constexpr size_t kEach = 25;
  std::array<std::array<HttpAnswer, kEach>, kClients> answers;
  std::vector<std::thread> clients;
  for (size_t client = 0; client < kClients; ++client) {
    clients.emplace_back([this, &answers, client] {
      for (size_t i = 0; i < kEach; ++i) {
        answers[client][i] = keyed("POST", "/v1/tasks", "k" + std::to_string(i), kTask);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  for (size_t i = 0; i < kEach; ++i) {
    int firsts = 0;
    for (const auto& of_client : answers) {
      const HttpAnswer& answer = of_client[i];
      EXPECT_TRUE(answer.status == 201 || answer.status == 409) << answer.status << answer.body;
      if (answer.status == 201 && !says_again(answer)) ++firsts;
      EXPECT_EQ(answer.status == 409, !field(answer, "retry-after").empty());
    }
    EXPECT_EQ(1, firsts) << i;
  }
  EXPECT_EQ(kEach, tasks());
}

TEST_F(Idempotency, WhatWasChangedSinceDoesNotMatter) {
  ASSERT_EQ(
      201, node_.call("POST", "/v1/tasks", R"({"id":"a","schedule":{"at":"2099-01-01T00:00:00Z"}})")
               .status);
  const HttpAnswer run = keyed("POST", "/v1/tasks/a/run", "r");
  const HttpAnswer patch = keyed("PATCH", "/v1/tasks/a", "p", R"({"description":"patched"})");
  const HttpAnswer pause = keyed("POST", "/v1/tasks/a/pause", "z");
  ASSERT_EQ(202, run.status) << run.body;
  ASSERT_EQ(200, patch.status) << patch.body;
  ASSERT_EQ(200, pause.status) << pause.body;
  ASSERT_EQ(200, node_.call("DELETE", "/v1/tasks/a").status);
  node_.kill();
  ASSERT_TRUE(node_.start());
  const std::pair<HttpAnswer, HttpAnswer> pairs[] = {
      {run, keyed("POST", "/v1/tasks/a/run", "r")},
      {patch, keyed("PATCH", "/v1/tasks/a", "p", R"({"description":"patched"})")},
      {pause, keyed("POST", "/v1/tasks/a/pause", "z")},
  };
  for (const auto& [first, again] : pairs) {
    EXPECT_EQ(first.status, again.status);
    EXPECT_EQ(first.body, again.body);
    EXPECT_TRUE(says_again(again));
  }
  EXPECT_EQ(422, keyed("PATCH", "/v1/tasks/a", "p", R"({"description":"other"})").status);
  EXPECT_EQ(404, node_.call("GET", "/v1/tasks/a").status);
}

TEST_F(Idempotency, APauseOfManyIsBegunOnce) {  // PB3
  const std::string body = R"({"reason":"r","labels":{"team":"nobody"}})";
  const HttpAnswer first = keyed("POST", "/v1/admin/pause", "k", body);
  ASSERT_EQ(201, first.status) << first.body;
  EXPECT_FALSE(says_again(first));
  node_.kill();
  ASSERT_TRUE(node_.start());
  const HttpAnswer again = keyed("POST", "/v1/admin/pause", "k", body);
  EXPECT_EQ(201, again.status);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(field(first, "location"), field(again, "location"));
  EXPECT_TRUE(says_again(again));
  EXPECT_EQ(422, keyed("POST", "/v1/admin/pause", "k", R"({"reason":"other"})").status);
  EXPECT_EQ(1U, elements(member(node_.call("GET", "/v1/admin/pauses").body, "pauses")).size());
}

TEST_F(Idempotency, ManyTasksAreRunOnce) {
  for (const char* id : {"a", "b", "c"}) {
    const std::string task = std::string(R"({"id":")") + id +
                             R"(","schedule":{"at":"2099-01-01T00:00:00Z"},)"
                             R"("target":{"kind":"log"}})";
    ASSERT_EQ(201, node_.call("POST", "/v1/tasks", task).status);
  }
  const std::string body = R"({"filter":{},"action":"run"})";
  const HttpAnswer first = keyed("POST", "/v1/tasks:bulk", "k", body);
  EXPECT_EQ("3", member(first.body, "changed")) << first.body;
  EXPECT_EQ("0", member(first.body, "replayed"));
  node_.kill();
  ASSERT_TRUE(node_.start());
  const HttpAnswer again = keyed("POST", "/v1/tasks:bulk", "k", body);
  EXPECT_EQ("3", member(again.body, "changed")) << again.body;
  EXPECT_EQ("3", member(again.body, "replayed"));
  for (const char* id : {"a", "b", "c"}) {
    const HttpAnswer runs = node_.call("GET", std::string("/v1/tasks/") + id + "/runs");
    EXPECT_EQ(1U, elements(member(runs.body, "runs")).size()) << runs.body;
  }
}

}  // namespace
}  // namespace hourwheel::idempotency_test
