#include "tools/wire/wire_message.h"

#include <gtest/gtest.h>

#include <string>

namespace hourwheel::wire_message_test {
namespace {

constexpr std::string_view kPost =
    "POST /x?a=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET";

TEST(WireMessage, RequestIsCompleteWithItsBodyAndNotBefore) {
  WireMessage message;
  for (size_t size = 0; size < kPost.size() - 3; ++size) {
    EXPECT_EQ(WireReading::kIncomplete, read_wire_request(kPost.substr(0, size), message)) << size;
  }
  ASSERT_EQ(WireReading::kComplete, read_wire_request(kPost, message));
  EXPECT_EQ("POST", message.method);
  EXPECT_EQ("/x?a=1", message.path);
  EXPECT_EQ("abc", message.body);
  EXPECT_EQ(kPost.size() - 3, message.size);
  EXPECT_EQ("a", message.field("hOST"));
}

TEST(WireMessage, BrokenRequestsAreRefused) {
  WireMessage message;
  for (std::string_view bytes :
       {"GET / HTTP/1.0\r\n\r\n", "GET /\r\n\r\n", "GET x HTTP/1.1\r\n\r\n", "\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    EXPECT_EQ(WireReading::kBroken, read_wire_request(bytes, message)) << bytes;
  }
  EXPECT_EQ(WireReading::kBroken, read_wire_request(std::string(kMaxWireHead + 1, 'a'), message));
}

TEST(WireMessage, MoreFieldsThanFitAreRefused) {
  std::string bytes = "GET / HTTP/1.1\r\n";
  for (size_t i = 0; i <= WireMessage::kMaxFields; ++i) {
    bytes += "a: b\r\n";
  }
  WireMessage message;
  EXPECT_EQ(WireReading::kBroken, read_wire_request(bytes + "\r\n", message));
}

TEST(WireMessage, ChunkedAnswerEndsWithItsLastChunk) {
  std::string bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  WireMessage message;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(WireReading::kIncomplete,
              read_wire_response(std::string_view(bytes).substr(0, size), message));
  }
  ASSERT_EQ(WireReading::kComplete, read_wire_response(bytes + "HTTP", message));
  EXPECT_EQ(bytes.size(), message.size);
  EXPECT_EQ(200, message.status);
}

TEST(WireMessage, AnswerSaysWhetherTheConnectionStays) {
  WireMessage message;
  ASSERT_EQ(WireReading::kComplete,
            read_wire_response("HTTP/1.1 204 No\r\nConnection: Close\r\n\r\n", message));
  EXPECT_FALSE(message.keep_alive);
  EXPECT_EQ(WireReading::kBroken, read_wire_response("HTTP/1.1 abc\r\n\r\n", message));
  EXPECT_EQ(WireReading::kBroken, read_wire_response("HTTP/1.1 200 no end\r\n\r\n", message));
}

TEST(WireMessage, QueryValueIsFoundByItsWholeName) {
  EXPECT_EQ("run-1", query_value("/seen?xid=2&id=run-1&id=3", "id"));
  EXPECT_EQ("", query_value("/seen", "id"));
  EXPECT_EQ("", query_value("/seen?id", "id"));
}

}  // namespace
}  // namespace hourwheel::wire_message_test
