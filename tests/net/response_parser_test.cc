#include "net/response_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/limits.h"

namespace hourwheel::response_parser_test {
namespace {

const Instant kNow{1'000'000'000'000};  // 2001-09-09T01:46:40Z

struct Read {
  Parsed parsed = Parsed::kNeedMore;
  ResponseParser parser;
};

Read read_in_pieces(std::string text, size_t piece, ResponseTo request = ResponseTo::kOther) {
  Read read;
  read.parser.reset(request);
  for (size_t at = 0; at < text.size() && read.parsed == Parsed::kNeedMore; at += piece) {
    size_t size = std::min(piece, text.size() - at);
    read.parsed = read.parser.feed({text.data() + at, size}, kNow);
  }
  return read;
}
Read read_whole(const std::string& text, ResponseTo request = ResponseTo::kOther) {
  return read_in_pieces(text, text.size() + 1, request);
}

std::string fields(const std::string& lines, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + lines + "\r\n" + body;
}

TEST(ResponseParser, ReadsABodyOfKnownLength) {
  Read read = read_whole(fields("Content-Length: 5\r\n", "hello"));
  EXPECT_EQ(read.parsed, Parsed::kDone);
  EXPECT_EQ(read.parser.status(), 200);
  EXPECT_EQ(read.parser.body(), "hello");
  EXPECT_TRUE(read.parser.reusable());
}

TEST(ResponseParser, ReadsChunksWithExtensionsAndTrailers) {
  Read read = read_whole(
      fields("Transfer-Encoding: Chunked\r\n", "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"));
  EXPECT_EQ(read.parsed, Parsed::kDone);
  EXPECT_EQ(read.parser.body(), "abcde");
  EXPECT_TRUE(read.parser.reusable());
}

TEST(ResponseParser, KeepsSomeFieldsOfTheFinalHead) {
  const std::string text =
      "HTTP/1.1 103 Early Hints\r\nServer: early\r\n\r\n" +
      fields("server:  nginx \r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n", "ok");
  for (size_t piece : {size_t{1}, size_t{7}, text.size()}) {  // R1
    Read read = read_in_pieces(text, piece);
    EXPECT_EQ(read.parsed, Parsed::kDone);
    EXPECT_EQ(read.parser.kept_fields(), "Server: nginx\nContent-Length: 2\n");
    read.parser.reset(ResponseTo::kOther);
    EXPECT_EQ(read.parser.kept_fields(), "") << "of the response before";
  }
}

TEST(ResponseParser, ReadsUntilTheConnectionCloses) {
  Read read = read_whole(fields("", "to the end"));
  EXPECT_EQ(read.parsed, Parsed::kNeedMore);
  EXPECT_EQ(read.parser.finish(), Parsed::kDone);
  EXPECT_EQ(read.parser.body(), "to the end");
  EXPECT_FALSE(read.parser.reusable());
}

TEST(ResponseParser, AnEarlyEndIsNoResponse) {
  for (const char* text :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"}) {
    Read read = read_whole(text);
    EXPECT_EQ(read.parsed, Parsed::kNeedMore) << text;
    EXPECT_EQ(read.parser.finish(), Parsed::kBad) << text;
    EXPECT_FALSE(read.parser.error().empty());
  }
}

TEST(ResponseParser, SomeResponsesHaveNoBody) {
  for (int status : {204, 304}) {
    Read read =
        read_whole("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 9\r\n\r\n");
    EXPECT_EQ(read.parsed, Parsed::kDone);
    EXPECT_TRUE(read.parser.reusable());
  }
  Read head = read_whole(fields("Content-Length: 9\r\n"), ResponseTo::kHead);
  EXPECT_EQ(head.parsed, Parsed::kDone);
  Read chunked = read_whole(fields("Transfer-Encoding: chunked\r\n"), ResponseTo::kHead);
  EXPECT_EQ(chunked.parsed, Parsed::kDone);
  EXPECT_EQ(read_whole(fields("Content-Length: 0\r\n")).parsed, Parsed::kDone);
}

TEST(ResponseParser, InterimResponsesAreSkippedButBounded) {
  const std::string interim = "HTTP/1.1 100 Continue\r\nRetry-After: 9\r\nX-No-Retry: 1\r\n\r\n";
  Read read = read_whole(interim + interim + fields("Content-Length: 1\r\n", "x"));
  EXPECT_EQ(read.parsed, Parsed::kDone);
  EXPECT_EQ(read.parser.status(), 200);
  EXPECT_FALSE(read.parser.no_retry());
  EXPECT_FALSE(read.parser.retry_after());
  std::string flood;
  for (int i = 0; i < 5000; ++i) flood += "HTTP/1.1 100 \r\n\r\n";
  EXPECT_EQ(read_whole(flood).parsed, Parsed::kBad);
  EXPECT_EQ(read_in_pieces(flood, 1).parsed, Parsed::kBad);
}

TEST(ResponseParser, ConnectionsAreReusedOnlyWhenTheTargetAgrees) {
  const std::string length = "Content-Length: 0\r\n";
  EXPECT_TRUE(read_whole(fields(length)).parser.reusable());
  EXPECT_TRUE(read_whole(fields(length + "Connection: keep-alive\r\n")).parser.reusable());
  EXPECT_FALSE(read_whole(fields(length + "Connection: close\r\n")).parser.reusable());
  EXPECT_FALSE(read_whole(fields(length + "connection: x,  CLOSE ,y\r\n")).parser.reusable());
  EXPECT_FALSE(read_whole("HTTP/1.0 200 OK\r\n" + length + "\r\n").parser.reusable());
  EXPECT_FALSE(read_whole(fields(length) + "HTTP/1.1 200 OK\r\n").parser.reusable());
  EXPECT_FALSE(read_whole(fields("Content-Length: 1\r\n", "xy")).parser.reusable());
  EXPECT_FALSE(
      read_whole(fields("Transfer-Encoding: chunked\r\n", "0\r\n\r\nHTTP/1.1")).parser.reusable());
  EXPECT_FALSE(
      read_whole(fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"))
          .parser.reusable());
}

TEST(ResponseParser, HostileResponsesAreRefused) {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string cases[] = {
      "\x16\x03\x01\x02",
      "SSH-2.0-OpenSSH_9.2\r\n\r\n",
      "<html>\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/0.9 200 OK\r\n\r\n",
      "http/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 OK\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 600 OK\r\n\r\n",
      "HTTP/1.1 999 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 -20 OK\r\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
      fields("Content-Length: -1\r\n"),
      fields("Content-Length: +1\r\n"),
      fields("Content-Length: 0x1\r\n"),
      fields("Content-Length: 1, 1\r\n"),
      fields("Content-Length: 1 1\r\n"),
      fields("Content-Length:\r\n"),
      fields("Content-Length: 18446744073709551616\r\n"),
      fields("Content-Length: 1\r\nContent-Length: 2\r\n"),
      fields("Transfer-Encoding: gzip\r\n"),
      fields("Transfer-Encoding: gzip, chunked\r\n"),
      fields("Transfer-Encoding: xchunked\r\n"),
      fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      fields("Transfer-Encoding: chunked\r\n", "\r\n"),
      fields("Transfer-Encoding: chunked\r\n", "g\r\n"),
      fields("Transfer-Encoding: chunked\r\n", "-1\r\n"),
      fields("Transfer-Encoding: chunked\r\n", "11111111111111111\r\n"),
      fields("X: 1\r\n folded\r\n"),
      fields("Content-Length: 1\r\n 2\r\n"),
      fields("X : 1\r\n"),
      fields("no colon\r\n"),
      fields(std::string("X: a\0b\r\n", 8)),
      fields(many),
      "HTTP/1.1 200 OK\r\nX: " + std::string(kMaxResponseHead, 'x'),
      std::string(kMaxResponseHead + 1, 'H'),
  };
  for (const std::string& text : cases) {
    for (size_t piece : {text.size(), size_t{7}}) {
      Read read = read_in_pieces(text, piece);
      EXPECT_EQ(read.parsed, Parsed::kBad) << text.substr(0, 80);
      EXPECT_FALSE(read.parser.reusable());
      EXPECT_FALSE(read.parser.error().empty());
    }
  }
}

TEST(ResponseParser, TheHeadLimitIsExact) {
  auto head_of = [](size_t size) {
    std::string text = "HTTP/1.1 204 OK\r\nX: ";
    text.append(size - text.size() - 4, 'x');
    return text + "\r\n\r\n";
  };
  EXPECT_EQ(read_whole(head_of(kMaxResponseHead)).parsed, Parsed::kDone);
  EXPECT_EQ(read_whole(head_of(kMaxResponseHead + 1)).parsed, Parsed::kBad);
  EXPECT_EQ(read_in_pieces(head_of(kMaxResponseHead + 1), 4096).parsed, Parsed::kBad);
}

TEST(ResponseParser, AHugeBodyStillCountsButEndsTheConnection) {
  const std::string length = "Content-Length: " + std::to_string(kMaxResponseBody + 1) + "\r\n";
  const std::string huge(kMaxResponseBody + 1, 'b');
  for (const std::string& text : {fields(length, huge), fields("", huge)}) {
    Read read = read_in_pieces(text, 16'384);
    EXPECT_EQ(read.parsed, Parsed::kDone);
    EXPECT_EQ(read.parser.status(), 200);
    EXPECT_FALSE(read.parser.reusable());
    EXPECT_EQ(read.parser.body(), std::string(kMaxStoredBody, 'b'));
  }
  Read whole = read_whole(fields("Content-Length: " + std::to_string(kMaxResponseBody) + "\r\n",
                                 std::string(kMaxResponseBody, 'b')));
  EXPECT_EQ(whole.parsed, Parsed::kDone);
  EXPECT_TRUE(whole.parser.reusable());
  EXPECT_EQ(whole.parser.body().size(), kMaxStoredBody);
}

TEST(ResponseParser, EndlessChunkFramingIsCutOffToo) {
  std::string text = fields("Transfer-Encoding: chunked\r\n", "1;");
  text.append(kMaxResponseBody, 'e');
  Read read = read_in_pieces(text, 2048);
  EXPECT_EQ(read.parsed, Parsed::kDone);
  EXPECT_FALSE(read.parser.reusable());
}

TEST(ResponseParser, HowTheBytesAreCutMakesNoDifference) {
  const std::string cases[] = {
      fields("Content-Length: 5\r\nRetry-After: 7\r\n", "hello"),
      fields("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n1\r\nx\r\n0\r\nT: 1\r\n\r\n"),
      "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 503 No\r\nX-No-Retry: 1\r\nContent-Length: 2\r\n\r\nno",
      "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
      fields("Transfer-Encoding: chunked\r\n", "zz\r\n"),
      fields("Content-Length: x\r\n"),
      fields("Hourwheel-Completion: deferred\r\nContent-Length: 1\r\n", "x"),
  };
  for (const std::string& text : cases) {
    Read whole = read_whole(text);
    ASSERT_NE(whole.parsed, Parsed::kNeedMore) << text;
    for (size_t piece = 1; piece < text.size(); ++piece) {
      Read cut = read_in_pieces(text, piece);
      EXPECT_EQ(cut.parsed, whole.parsed) << text << " in pieces of " << piece;
      EXPECT_EQ(cut.parser.status(), whole.parser.status());
      EXPECT_EQ(cut.parser.body(), whole.parser.body());
      EXPECT_EQ(cut.parser.reusable(), whole.parser.reusable());
      EXPECT_EQ(cut.parser.no_retry(), whole.parser.no_retry());
      EXPECT_EQ(cut.parser.retry_after(), whole.parser.retry_after());
      EXPECT_EQ(cut.parser.deferred(), whole.parser.deferred());
    }
  }
}

TEST(ResponseParser, ATargetCanSayNeverAgain) {
  EXPECT_TRUE(read_whole("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n").parser.no_retry());
  EXPECT_TRUE(read_whole(fields("x-no-retry: 1\r\nContent-Length: 0\r\n")).parser.no_retry());
  EXPECT_FALSE(read_whole(fields("X-No-Retry: 0\r\nContent-Length: 0\r\n")).parser.no_retry());
  EXPECT_FALSE(read_whole(fields("X-No-Retry: 10\r\nContent-Length: 0\r\n")).parser.no_retry());
}

TEST(ResponseParser, ATargetCanSayThatItReportsLater) {
  auto deferred = [](const std::string& line) {
    return read_whole(fields(line + "\r\nContent-Length: 0\r\n")).parser.deferred();
  };
  EXPECT_TRUE(deferred("Hourwheel-Completion: deferred"));
  EXPECT_TRUE(deferred("hourwheel-completion:  deferred "));
  for (const char* line :
       {"Hourwheel-Completion: Deferred", "Hourwheel-Completion: deferred, deferred",
        "Hourwheel-Completion: \"deferred\"", "Hourwheel-Completion:", "Hourwheel-Completion: 1",
        "Hourwheel-Completions: deferred", "X-Other: deferred"}) {
    EXPECT_FALSE(deferred(line)) << line;
  }
  ResponseParser parser = read_whole(fields("hourwheel-completion: deferred\r\n")).parser;
  parser.reset(ResponseTo::kOther);
  EXPECT_FALSE(parser.deferred()) << "of the response before";
}

TEST(ResponseParser, RetryAfterIsSecondsOrADate) {
  auto wait = [](const std::string& value) {
    Read read = read_whole(fields("Content-Length: 0\r\nRetry-After: " + value + "\r\n"));
    EXPECT_EQ(read.parsed, Parsed::kDone) << value;
    return read.parser.retry_after();
  };
  EXPECT_EQ(wait("0"), Duration{0});
  EXPECT_EQ(wait("120"), seconds(120));
  EXPECT_EQ(wait("  120  "), seconds(120));
  EXPECT_EQ(wait("99999999999"), seconds(366LL * 24 * 3600));
  EXPECT_EQ(wait("Sun, 09 Sep 2001 01:47:40 GMT"), seconds(60));
  EXPECT_EQ(wait("Sunday, 09-Sep-01 01:47:40 GMT"), seconds(60));
  EXPECT_EQ(wait("Sun Sep  9 01:47:40 2001"), seconds(60));
  EXPECT_EQ(wait("Sun, 09 Sep 2001 01:45:40 GMT"), Duration{0});
  for (const char* value :
       {"", "-1", "+1", "1.5", "1 s", "soon", "Sun, 32 Sep 2001 01:47:40 GMT",
        "Sun, 31 Feb 2001 01:47:40 GMT", "Sun, 09 Sep 2001 24:47:40 GMT",
        "Sun, 09 Sep 2001 01:47:40 UTC", "Sun, 09 Spt 2001 01:47:40 GMT", "18446744073709551616",
        "Sun, 09 Sep 0001 01:47:40 GMT", "2001-09-09T01:47:40Z"}) {
    EXPECT_EQ(wait(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace hourwheel::response_parser_test
