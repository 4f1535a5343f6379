#include "net/head_guard.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/limits.h"
#include "tests/net/hostile_heads.h"

namespace hourwheel::head_guard_test {
namespace {

std::string get(std::string_view fields, std::string_view request_line = "GET / HTTP/1.1") {
  return std::string(request_line) + "\r\n" + std::string(fields) + "\r\n";
}

class HostileHead : public testing::TestWithParam<HostileRequest> {};

TEST_P(HostileHead, GetsItsVerdict) {
  const HostileRequest& hostile = GetParam();
  HeadVerdict verdict = inspect_head(hostile.bytes);
  EXPECT_EQ(verdict.refusal.has_value(), hostile.guard_status != 0);
  if (verdict.refusal) {
    EXPECT_EQ(verdict.refusal->code,
              hostile.guard_status == 431 ? ErrorCode::kHeadTooLarge : ErrorCode::kBadRequest);
  }
  EXPECT_EQ(verdict.after, AfterAnswer::kClose);
}

INSTANTIATE_TEST_SUITE_P(All, HostileHead, testing::ValuesIn(hostile_requests()),
                         [](const auto& one) { return one.param.name; });

TEST(HeadGuard, PassesAPlainHead) {
  std::string head = get("Host: a.example:8080\r\nAccept: */*\r\n");
  HeadVerdict verdict = inspect_head(head);
  EXPECT_FALSE(verdict.refusal);
  EXPECT_EQ(verdict.after, AfterAnswer::kKeepOpen);
  EXPECT_EQ(verdict.host, "a.example:8080");
}

TEST(HeadGuard, LooksAtTheHeadOnly) {
  EXPECT_FALSE(inspect_head(get("Host: x\r\nContent-Length: 9\r\n") + "a\nb\0 c\r\nd").refusal);
}

TEST(HeadGuard, PassesHttp10WithoutHost) {
  HeadVerdict verdict = inspect_head(get("", "GET / HTTP/1.0"));
  EXPECT_FALSE(verdict.refusal);
  EXPECT_EQ(verdict.host, "");
}

TEST(HeadGuard, PassesOneEmptyLineInFront) {
  EXPECT_FALSE(inspect_head("\r\n" + get("Host: x\r\n")).refusal);
  EXPECT_TRUE(inspect_head("\r\n\r\n" + get("Host: x\r\n")).refusal);
}

TEST(HeadGuard, PassesTabsAndBytesAboveAscii) {
  EXPECT_FALSE(inspect_head(get("Host:\tx\t\r\nA: \xc3\xa4\tb\r\n")).refusal);
}

TEST(HeadGuard, ClosesAfterChunks) {
  HeadVerdict verdict =
      inspect_head(get("Host: x\r\ntransfer-encoding: Chunked\r\n", "POST / HTTP/1.1"));
  EXPECT_FALSE(verdict.refusal);
  EXPECT_EQ(verdict.after, AfterAnswer::kClose);
}

TEST(HeadGuard, TakesExactlyTheMostFields) {
  EXPECT_FALSE(inspect_head(hostile_fields(kMaxRequestFields)).refusal);
  ASSERT_TRUE(inspect_head(hostile_fields(kMaxRequestFields + 1)).refusal);
}

TEST(HeadGuard, TakesExactlyTheLargestHead) {
  std::string around = get("Host: x\r\nA: \r\n");
  std::string largest =
      get("Host: x\r\nA: " + std::string(kMaxRequestHead - around.size(), 'a') + "\r\n");
  ASSERT_EQ(largest.size(), kMaxRequestHead);
  EXPECT_FALSE(inspect_head(largest).refusal);
  std::string larger = largest;
  larger.insert(larger.size() - 4, "a");
  ASSERT_TRUE(inspect_head(larger).refusal);
  EXPECT_EQ(inspect_head(larger).refusal->code, ErrorCode::kHeadTooLarge);
}

TEST(HeadGuard, RefusesABrokenRequestLine) {
  for (const char* line : {"GET", "GET /", "GET  / HTTP/1.1", "GET / x HTTP/1.1", "G@T / HTTP/1.1",
                           " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET / http/1.1",
                           "GET / HTTP/01.1", "GET x HTTP/1.1", "GET /\x7f HTTP/1.1"}) {
    EXPECT_TRUE(inspect_head(get("Host: x\r\n", line)).refusal) << line;
  }
}

TEST(HeadGuard, RefusesFieldsWithoutANameOrColon) {
  for (const char* field : {": v", "name", "na me: v", "n\xc3\xa4me: v", "(x): v"}) {
    EXPECT_TRUE(inspect_head(get("Host: x\r\n" + std::string(field) + "\r\n")).refusal) << field;
  }
}

}  // namespace
}  // namespace hourwheel::head_guard_test
