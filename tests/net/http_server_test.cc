#include "net/http_server.h"

#include <gtest/gtest.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "tests/net/hostile_heads.h"
#include "tests/net/loopback_server.h"
#include "tests/support/http_client.h"

namespace hourwheel::http_server_test {
namespace {

HttpResponse text(std::string body, int status = 200) {
  return {.status = status, .content_type = "text/plain", .fields = {}, .body = std::move(body)};
}

// Answers at once with what it was asked.
void echo(HttpServer& server, HttpToken token, const HttpRequest& request) {
  std::string all;
  all.append(request.method).append(" ").append(request.path).append("?").append(request.query);
  all.append(" @").append(request.authority).append("\n");
  for (const HttpField& field : request.fields) {
    all.append(field.name).append("=").append(field.value).append("\n");
  }
  all.append(request.body);
  server.respond(token, text(std::move(all)));
}

// Keeps every token for the test to answer.
struct Kept {
  std::vector<HttpToken> tokens;  // on the loop
  LoopbackServer::Script script() {
    return [this](HttpServer&, HttpToken token, const HttpRequest&) { tokens.push_back(token); };
  }
};

// After this the server's loop has taken every request that was sent before it: h2o reads in the
// wait of each turn. A request on another connection comes behind those already readable.
void wait_for_requests(LoopbackServer& server, int count) {
  while (server.requests.load() < count) server.on_loop([] {});
}

TEST(HttpServer, HandsOverTheWholeRequest) {
  LoopbackServer server(echo);
  HttpClient client(server.port());
  auto answer = client.exchange(
      "PUT /a%20b/c?d=e&f HTTP/1.1\r\nHost: h.example:1\r\nX-Name: Value\r\nAccept: a\r\n"
      "accept: b\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->reason, "OK");
  EXPECT_EQ(answer->field("content-type"), "text/plain");
  EXPECT_EQ(answer->field("server"), "");
  EXPECT_EQ(answer->body,
            "PUT /a%20b/c?d=e&f @h.example:1\nx-name=Value\naccept=a\naccept=b\nhello");
}

TEST(HttpServer, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  LoopbackServer server(echo);
  HttpClient client(server.port());
  std::string burst;
  for (int i = 0; i < 50; ++i) {
    burst += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  ASSERT_TRUE(client.send(burst));
  for (int i = 0; i < 50; ++i) {
    auto answer = client.receive();
    ASSERT_TRUE(answer) << i;
    EXPECT_TRUE(answer->body.starts_with("GET /" + std::to_string(i) + "?")) << answer->body;
  }
}

TEST(HttpServer, PadsEveryBody) {
  // Reads all of the promised bytes, so that the address sanitizer sees one too few.
  auto script = [](HttpServer& server, HttpToken token, const HttpRequest& request) {
    unsigned sum = 0;
    const char* end = request.body.data() + request.body.size();
    for (const char* p = end; p < end + 64; ++p) sum |= static_cast<unsigned char>(*p) | 1U;
    server.respond(token, text(std::to_string(request.body.size()) + (sum != 0 ? "" : "!")));
  };
  LoopbackServer server(script);
  HttpClient client(server.port());
  for (size_t size : {size_t{0}, size_t{1}, size_t{3'990}, size_t{4'096}, size_t{8'150},
                      size_t{65'500}, kMaxRequestBody}) {
    auto answer = client.request("POST", "/", std::string(size, 'b'));
    ASSERT_TRUE(answer) << size;
    EXPECT_EQ(answer->body, std::to_string(size));
  }
}

TEST(HttpServer, TakesAChunkedBodyOfTheLargestSizeAndCloses) {
  auto script = [](HttpServer& server, HttpToken token, const HttpRequest& request) {
    server.respond(token, text(std::to_string(request.body.size())));
  };
  LoopbackServer server(script);
  HttpClient client(server.port());
  auto answer = client.exchange("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                std::string("100000\r\n") + std::string(kMaxRequestBody, 'b') +
                                "\r\n0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, std::to_string(kMaxRequestBody));
  EXPECT_EQ(answer->field("connection"), "close");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(HttpServer, RefusesALargerBodyWithAProblem) {
  LoopbackServer server(echo);
  std::string head = "POST /a?b=c HTTP/1.1\r\nHost: x\r\n";
  std::string size = std::to_string(kMaxRequestBody + 1);
  for (const std::string& request :
       {head + "Content-Length: " + size + "\r\n\r\n" + std::string(kMaxRequestBody + 1, 'b'),
        head + "Content-Length: 99999999\r\n\r\n",
        head + "Transfer-Encoding: chunked\r\n\r\n100001\r\n" +
            std::string(kMaxRequestBody + 1, 'b') + "\r\n0\r\n\r\n"}) {
    HttpClient client(server.port());
    auto answer = client.exchange(request);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(answer->field("content-type"), "application/problem+json");
    EXPECT_EQ(answer->body, "The body is above 1 MiB.");
  }
  EXPECT_EQ(server.requests, 0);
  std::vector<std::string> refused;
  server.on_loop([&] { refused = server.refused; });
  EXPECT_EQ(refused, std::vector<std::string>(3, "/a"));
}

TEST(HttpServer, RefusesAnUnknownExpectationWithAProblem) {
  LoopbackServer server(echo);
  HttpClient client(server.port());
  auto answer = client.request("POST", "/", "b", "Expect: wonders\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "The only expectation taken is 100-continue.");
  EXPECT_EQ(answer->field("content-type"), "application/problem+json");
}

TEST(HttpServer, Continues100) {
  LoopbackServer server(echo);
  HttpClient client(server.port());
  ASSERT_TRUE(client.send(
      "POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  ASSERT_TRUE(client.send("ok"));
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

class HostileRequests : public testing::TestWithParam<HostileRequest> {};

TEST_P(HostileRequests, EndTheirConnection) {
  const HostileRequest& hostile = GetParam();
  std::mutex mutex;
  std::vector<std::string> paths;
  LoopbackServer server([&](HttpServer& s, HttpToken token, const HttpRequest& request) {
    std::lock_guard lock(mutex);
    paths.emplace_back(request.path);
    s.respond(token, text("served"));
  });
  HttpClient client(server.port(), 2'000);
  ASSERT_TRUE(client.send(hostile.bytes));
  auto answer = client.receive();
  if (hostile.answer_status != 0) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, hostile.answer_status);
  }
  if (answer && answer->status != 200) {
    EXPECT_EQ(answer->field("content-type"), hostile.by == AnsweredBy::kParser
                                                 ? "text/plain; charset=utf-8"
                                                 : "application/problem+json");
  }
  EXPECT_EQ(client.receive_all(), "");  // no second answer
  std::lock_guard lock(mutex);
  for (const std::string& path : paths) EXPECT_NE(path, "/smuggled");
  if (hostile.answer_status == 400 || hostile.answer_status == 431) {
    EXPECT_TRUE(paths.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(All, HostileRequests, testing::ValuesIn(hostile_requests()),
                         [](const auto& one) { return one.param.name; });

TEST(HttpServer, AnswersInALaterTurn) {
  Kept kept;
  LoopbackServer server(kept.script());
  HttpClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 1);
  server.on_loop([&] { server.server().respond(kept.tokens[0], text("late")); });
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "late");
}

constexpr const char* kSmallPost = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok";

// Reading goes on behind a body: what comes meanwhile has its turn, and keeps it.
TEST(HttpServer, TakesWhatCameWhileAPostWaitedForItsAnswer) {
  Kept kept;
  LoopbackServer server(kept.script());
  HttpClient client(server.port());
  HttpClient other(server.port());
  ASSERT_TRUE(client.send(kSmallPost));
  wait_for_requests(server, 1);
  ASSERT_TRUE(client.send(kSmallPost + std::string("GET /last HTTP/1.1\r\nHo")));
  ASSERT_TRUE(other.send(kSmallPost));
  wait_for_requests(server, 2);  // so the bytes before it have been read, too
  ASSERT_TRUE(client.send("st: x\r\n\r\n"));
  for (size_t i = 0; i < 4; ++i) {
    wait_for_requests(server, static_cast<int>(i) + 1);
    server.on_loop([&] { server.server().respond(kept.tokens[i], text(std::to_string(i))); });
  }
  EXPECT_EQ(other.receive()->body, "1");
  for (const char* body : {"0", "2", "3"}) {
    auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body, body);
  }
}

TEST(HttpServer, DropsASecondAnswer) {
  Kept kept;
  LoopbackServer server(kept.script());
  HttpClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 1);
  server.on_loop([&] {
    server.server().respond(kept.tokens[0], text("first"));
    server.server().respond(kept.tokens[0], text("second"));
  });
  ASSERT_EQ(client.receive()->body, "first");
  // The slot is used again, under another generation.
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 2);
  server.on_loop([&] {
    EXPECT_FALSE(kept.tokens[0] == kept.tokens[1]);
    server.server().respond(kept.tokens[0], text("stale"));
    server.server().respond(kept.tokens[1], text("fresh"));
  });
  EXPECT_EQ(client.receive()->body, "fresh");
  EXPECT_TRUE(server.closed.empty());
}

TEST(HttpServer, AnswersForAHandlerThatMissesTheDeadline) {
  Kept kept;
  LoopbackServer server(kept.script());
  HttpClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 1);
  server.on_loop([] {});
  server.advance(kAnswerDeadline - milliseconds(1));
  EXPECT_EQ(server.on_loop([&] { return server.closed.size(); }), 0u);
  server.advance(milliseconds(1));
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->field("content-type"), "application/problem+json");
  EXPECT_TRUE(answer->body.starts_with("There was no answer in time."));
  server.on_loop([&] {
    ASSERT_EQ(server.closed.size(), 1u);
    EXPECT_TRUE(server.closed[0] == kept.tokens[0]);
    server.server().respond(kept.tokens[0], text("too late"));
    EXPECT_EQ(server.server().next_deadline(), std::nullopt);
  });
}

TEST(HttpServer, RefusesBeyondItsMostRequestsInFlight) {
  Kept kept;
  LoopbackServer server(kept.script(), nullptr, {.connections = {}, .requests = 2});
  std::vector<HttpClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back(server.port());
    ASSERT_TRUE(clients.back().send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    wait_for_requests(server, i + 1);
  }
  HttpClient third(server.port());
  auto refused = third.request("GET", "/");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->body, "Too many requests are being served.");
  server.on_loop([&] { server.server().respond(kept.tokens[0], text("done")); });
  ASSERT_TRUE(clients[0].receive());
  while (server.on_loop([&] { return server.server().requests_in_flight(); }) == 2) {
  }
  ASSERT_TRUE(third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));  // there is room again
  wait_for_requests(server, 3);
}

TEST(HttpServer, SurvivesClientsThatLeaveBeforeTheirAnswer) {
  Kept kept;
  LoopbackServer server(kept.script());
  constexpr int kClients = 50;
  for (int i = 0; i < kClients; ++i) {
    HttpClient client(server.port());
    ASSERT_TRUE(client.send(i % 4 < 2 ? "GET / HTTP/1.1\r\nHost: x\r\n\r\n" : kSmallPost));
    wait_for_requests(server, i + 1);
    if (i % 2 == 0) client.reset();
  }
  server.on_loop([&] {
    for (HttpToken token : kept.tokens) server.server().respond(token, text("for nobody"));
  });
  while (server.on_loop([&] { return server.connections().open(); }) > 0) {
  }
  EXPECT_EQ(server.on_loop([&] { return server.server().requests_in_flight(); }), 0u);
}

TEST(HttpServer, AnswersHeadWithTheLengthAndNoBody) {
  LoopbackServer server(echo);
  HttpClient client(server.port());
  auto head = client.request("HEAD", "/");
  ASSERT_TRUE(head);
  EXPECT_NE(head->field("content-length"), "0");
  auto next = client.request("GET", "/next");
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->body.starts_with("GET /next"));
}

TEST(HttpServer, SendsNoBodyAndNoLengthWith204) {
  LoopbackServer server([](HttpServer& s, HttpToken token, const HttpRequest&) {
    s.respond(token, {.status = 204, .content_type = "", .fields = {}, .body = ""});
  });
  HttpClient client(server.port());
  for (int i = 0; i < 2; ++i) {  // the connection stays in step
    auto answer = client.request("DELETE", "/");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 204);
    EXPECT_EQ(answer->field("content-length"), "");
    EXPECT_EQ(answer->field("transfer-encoding"), "");
  }
}

TEST(HttpServer, TurnsAFieldThatWouldSplitTheAnswerInto500) {
  LoopbackServer server([](HttpServer& s, HttpToken token, const HttpRequest&) {
    s.respond(token, {.status = 200,
                      .content_type = "text/plain",
                      .fields = {{"Location", "/a\r\nSet-Cookie: b"}},
                      .body = ""});
  });
  auto answer = http_request(server.port(), "GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->field("set-cookie"), "");
}

// Streams a head, then ten chunks of 100 kB, then a last word.
struct TenChunks {
  int sent = 0;
  static void start(HttpServer& s, HttpToken token, const HttpRequest&) {
    s.stream(token, text("head;"));
  }
  void next(HttpServer& s, HttpToken token) {
    if (sent++ < 10) {
      s.stream_chunk(token, std::string(100'000, 'c'));
    } else {
      s.stream_last(token, ";last");
    }
  }
};

TEST(HttpServer, StreamsAnAnswerChunkByChunk) {
  TenChunks chunks;
  LoopbackServer server(TenChunks::start,
                        [&](HttpServer& s, HttpToken token) { chunks.next(s, token); });
  HttpClient client(server.port());
  auto answer = client.request("GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->complete);
  EXPECT_EQ(answer->field("transfer-encoding"), "chunked");
  EXPECT_EQ(answer->body, "head;" + std::string(1'000'000, 'c') + ";last");
  EXPECT_EQ(client.request("HEAD", "/")->status, 200);  // the connection is still in step
}

TEST(HttpServer, StreamsToHttp10UntilTheClose) {
  TenChunks chunks;
  LoopbackServer server(TenChunks::start,
                        [&](HttpServer& s, HttpToken token) { chunks.next(s, token); });
  HttpClient client(server.port());
  auto answer = client.exchange("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 1'000'010u);
}

TEST(HttpServer, TellsTheHandlerThatAHeadEndsItsStream) {
  LoopbackServer server(TenChunks::start);
  HttpClient client(server.port());
  ASSERT_TRUE(client.request("HEAD", "/"));
  ASSERT_TRUE(client.request("HEAD", "/"));
  server.on_loop([&] { EXPECT_GE(server.closed.size(), 1u); });
}

TEST(HttpServer, CutsAStreamWhoseHandlerFallsSilent) {
  LoopbackServer server(TenChunks::start);
  HttpClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (!server.on_loop([&] { return server.server().next_deadline().has_value(); })) {
  }
  server.advance(kAnswerDeadline);
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->complete);
  EXPECT_EQ(server.on_loop([&] { return server.closed.size(); }), 1u);
}

TEST(HttpServer, AStreamThatIsCutIsSeenNotToBeWhole) {
  LoopbackServer server(TenChunks::start,
                        [](HttpServer& s, HttpToken token) { s.cut_stream(token); });
  HttpClient client(server.port());
  auto answer = client.request("GET", "/");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "head;");
  EXPECT_FALSE(answer->complete);
  server.on_loop([&] { EXPECT_TRUE(server.closed.empty()) << "the handler knows"; });
}

TEST(HttpServer, TellsTheHandlerOfAReaderThatLeft) {
  LoopbackServer server(TenChunks::start, [](HttpServer& s, HttpToken token) {
    s.stream_chunk(token, std::string(1'000'000, 'c'));
  });
  HttpClient client(server.port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 1);
  client.reset();
  while (server.on_loop([&] { return server.closed.size(); }) == 0) {
  }
  EXPECT_EQ(server.on_loop([&] { return server.server().requests_in_flight(); }), 0u);
}

TEST(HttpServer, DrainClosesIdleConnectionsAndAnswersTheOthersWithClose) {
  Kept kept;
  LoopbackServer server(kept.script());
  HttpClient idle(server.port());
  HttpClient busy(server.port());
  ASSERT_TRUE(busy.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(server, 1);
  while (server.on_loop([&] { return server.connections().open(); }) < 2) {
  }
  server.on_loop([&] {
    server.close_listener();
    server.server().drain();
  });
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_EQ(server.on_loop([&] { return server.connections().open(); }), 1u);
  server.on_loop([&] { server.server().respond(kept.tokens[0], text("bye")); });
  auto answer = busy.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "bye");
  EXPECT_EQ(answer->field("connection"), "close");
  EXPECT_TRUE(busy.closed_by_peer());
  EXPECT_FALSE(HttpClient(server.port()).connected());
}

TEST(HttpServer, ItsEndAnswersNobodyTwiceAndLeavesNoConnection) {
  Kept kept;
  std::optional<LoopbackServer> server(std::in_place, kept.script());
  HttpClient client(server->port());
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  wait_for_requests(*server, 1);
  server.reset();  // checks R1 by itself
  auto answer = client.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace hourwheel::http_server_test
