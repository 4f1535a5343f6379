// What the API logs of requests, and the level of the log.
#include "tests/api/support/fixture.h"

namespace hourwheel::log_test {
namespace {

class ApiLogTest : public ApiTest {};

TEST_F(ApiLogTest, ARequestIsToldOfAtDebug) {
  get("/v1/server?secret=x");
  EXPECT_TRUE(log_.records.empty());
  log_.least = LogLevel::kDebug;
  get("/v1/server?secret=x");
  ASSERT_EQ(log_.records.size(), 1U);
  EXPECT_EQ(log_.last("method"), "GET");
  EXPECT_EQ(log_.last("path"), "/v1/server");
  EXPECT_EQ(log_.last("status"), "200");
  for (const LogField& field : log_.records[0].fields) {
    EXPECT_EQ(field.value.find("secret"), std::string::npos) << "LG2 " << field.name;
  }
}

TEST_F(ApiLogTest, ALinkIsNotTold) {
  log_.least = LogLevel::kDebug;
  for (const char* path :
       {"/v1/completions/good-token", "/v1/completions/good-token/",
        "/v1/completions/good-token/more", "/prefix/v1/completions/good-token"}) {
    for (const char* method : {"POST", "GET"}) {
      log_.records.clear();
      ask({method, path, "[]", {}});
      EXPECT_EQ(log_.last("path"), "/v1/completions/") << method << " " << path;
    }
  }
}

TEST_F(ApiLogTest, ARefusalHasTheRequestsIdInBoth) {
  log_.least = LogLevel::kDebug;
  const Sent& sent = get("/v1/nothing");
  EXPECT_EQ(sent.response.status, 404);
  ASSERT_FALSE(log_.last("request_id").empty());
  EXPECT_TRUE(contains(sent.response.body, log_.last("request_id"))) << sent.response.body;
}

TEST_F(ApiLogTest, WhatIsRefusedForNowIsNoWarning) {
  facts_.is_ready = false;
  EXPECT_EQ(get("/v1/tasks/a").response.status, 503);
  EXPECT_TRUE(log_.records.empty());
}

TEST_F(ApiLogTest, TheLevelCanBeChanged) {
  EXPECT_EQ(get("/v1/admin/log-level").response.body, R"({"level":"info"})");
  const Sent& sent = ask({"PUT", "/v1/admin/log-level", R"({"level":"debug"})", {}});
  EXPECT_EQ(sent.response.status, 200);
  EXPECT_EQ(sent.response.body, R"({"level":"debug"})");
  EXPECT_EQ(log_.least, LogLevel::kDebug);
  for (const char* body : {R"({"level":"loud"})", R"({"level":1})", "{}", R"({"lvl":"info"})"}) {
    EXPECT_EQ(ask({"PUT", "/v1/admin/log-level", body, {}}).response.status, 422) << body;
  }
  EXPECT_EQ(log_.least, LogLevel::kDebug);
}

}  // namespace
}  // namespace hourwheel::log_test
