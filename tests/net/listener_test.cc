#include "net/listener.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/net/loopback_server.h"
#include "tests/support/http_client.h"

namespace hourwheel::listener_test {
namespace {

void answer_ok(HttpServer& server, HttpToken token, const HttpRequest&) {
  server.respond(token, {.status = 200, .content_type = "text/plain", .fields = {}, .body = "ok"});
}

TEST(ListenAddress, ReadsAndWritesWhatItAccepts) {
  for (auto [text, canonical] : std::vector<std::pair<const char*, const char*>>{
           {"127.0.0.1:8080", "127.0.0.1:8080"},
           {"0.0.0.0:0", "0.0.0.0:0"},
           {"localhost:65535", "127.0.0.1:65535"},
           {"[::1]:0", "[::1]:0"},
           {"[2001:DB8::1]:443", "[2001:db8::1]:443"}}) {
    Result<Address> address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_text(*address), canonical);
  }
}

TEST(ListenAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_TRUE(is_loopback(*parse_listen_address(text))) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::2]:1"}) {
    EXPECT_FALSE(is_loopback(*parse_listen_address(text))) << text;
  }
}

TEST(ListenAddress, RefusesAnythingElseAndQuotesIt) {
  for (const char* text :
       {"", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:80x", "127.0.0.1: 80", "::1:80", "[::1]", "[::1:80", "[]:80", "example.com:80",
        "127.0.0.256:80", ":80", "[127.0.0.1]:80", "localhost :80"}) {
    Result<Address> address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().detail.find(text), std::string::npos);
  }
}

TEST(Connections, RefusesBeyondTheTotalAndPerPeer) {
  Connections connections({.max_total = 3, .max_per_peer = 2});
  PeerAddress a;
  a.bytes[0] = 0x20;
  PeerAddress b = a;
  b.bytes[15] = 1;
  std::optional<uint32_t> first = connections.admit(1'000'001, a);
  ASSERT_TRUE(first);
  ASSERT_TRUE(connections.admit(1'000'002, a));
  EXPECT_FALSE(connections.admit(1'000'003, a));
  ASSERT_TRUE(connections.admit(1'000'004, b));
  EXPECT_FALSE(connections.admit(1'000'005, b));
  connections.release(*first);
  EXPECT_TRUE(connections.admit(1'000'006, a));
  EXPECT_EQ(connections.open(), 3u);
  EXPECT_EQ(connections.refused(), 2u);
}

TEST(Listener, ClosesAConnectionAboveTheTotalAtOnce) {
  LoopbackServer server(answer_ok, nullptr,
                        {.connections = {.max_total = 1, .max_per_peer = 1}, .requests = 16});
  HttpClient first(server.port());
  ASSERT_TRUE(first.request("GET", "/"));
  HttpClient second(server.port());
  EXPECT_TRUE(second.closed_by_peer());
  ASSERT_TRUE(first.request("GET", "/"));
  first.close();
  while (server.on_loop([&] { return server.connections().open(); }) > 0) {
  }
  EXPECT_TRUE(HttpClient(server.port()).request("GET", "/"));
}

TEST(Listener, DoesNotCountLoopbackPeers) {
  LoopbackServer server(answer_ok, nullptr,
                        {.connections = {.max_total = 8, .max_per_peer = 1}, .requests = 16});
  HttpClient first(server.port());
  HttpClient second(server.port());
  EXPECT_TRUE(first.request("GET", "/"));
  EXPECT_TRUE(second.request("GET", "/"));
}

TEST(Listener, TwoShareAPort) {
  auto loop = std::move(*EventLoop::create());
  LoopbackServer server(answer_ok);
  Address same = *parse_listen_address("127.0.0.1:" + std::to_string(server.port()));
  Connections connections({});
  server.on_loop([&] {
    auto second = Listener::open(*loop, same, PortUse::kJoin, {connections, server.server()});
    ASSERT_TRUE(second);
    EXPECT_EQ((*second)->address().port, server.port());
  });
}

TEST(Listener, DoesNotShareThePortOfAnotherServer) {
  auto loop = std::move(*EventLoop::create());
  LoopbackServer server(answer_ok);
  Address same = *parse_listen_address("127.0.0.1:" + std::to_string(server.port()));
  Connections connections({});
  server.on_loop([&] {
    auto second = Listener::open(*loop, same, PortUse::kAlone, {connections, server.server()});
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().detail.find("Address already in use"), std::string::npos);
  });
}

TEST(Listener, SaysWhichAddressItCannotHave) {
  auto loop = std::move(*EventLoop::create());
  LoopbackServer server(answer_ok);
  Connections connections({});
  server.on_loop([&] {
    // TEST-NET-1 is nobody's address.
    auto listener = Listener::open(*loop, *parse_listen_address("192.0.2.1:80"), PortUse::kAlone,
                                   {connections, server.server()});
    ASSERT_FALSE(listener);
    EXPECT_NE(listener.error().detail.find("192.0.2.1:80"), std::string::npos);
  });
}

TEST(Listener, OnlyASocketOfTcpThatListensCanBePassed) {
  struct Row {
    int family, type;
    const char* why;
  };
  for (const Row& row : {Row{AF_INET, SOCK_DGRAM, "is not one of streams"},
                         Row{AF_UNIX, SOCK_STREAM, "is not one of TCP"},
                         Row{AF_INET, SOCK_STREAM, "does not listen"}}) {
    const int made = socket(row.family, row.type, 0);
    const auto refused = listening_address(made);
    ASSERT_FALSE(refused) << row.why;
    EXPECT_NE(refused.error().detail.find(row.why), std::string::npos) << refused.error().detail;
    close(made);
  }
  EXPECT_FALSE(listening_address(-1));
}

// Of a shared queue others take, or it waits.
TEST(Listener, LeavesAPassedSocketAloneWhileItIsFull) {
  const int passed = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(listen(passed, 16), 0);
  {
    LoopbackServer server(answer_ok, nullptr,
                          {.connections = {.max_total = 1, .max_per_peer = 1}, .passed = passed});
    HttpClient first(server.port());
    ASSERT_TRUE(first.request("GET", "/"));
    HttpClient second(server.port(), 10'000);
    ASSERT_TRUE(second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    while (server.on_loop([&] { return server.listener().rests(); }) < 2) {
    }
    ASSERT_TRUE(first.request("GET", "/"));
    EXPECT_EQ(server.requests, 2);
    first.close();
    const auto answer = second.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(server.on_loop([&] { return server.connections().refused(); }), 0U);
  }
  close(passed);
}

// C-25: while a flood of connections comes in the loop goes on with everything else.
TEST(Listener, AcceptsOnlySoManyBetweenTwoTurns) {
  LoopbackServer server(answer_ok);
  constexpr size_t kFlood = 3 * kMaxAcceptsPerTurn + 1;
  std::vector<std::unique_ptr<HttpClient>> clients;
  // The loop waits for this step; the kernel takes the connections meanwhile.
  server.on_loop([&] {
    for (size_t i = 0; i < kFlood; ++i) {
      clients.push_back(std::make_unique<HttpClient>(server.port(), 10'000));
    }
  });
  for (auto& client : clients) EXPECT_TRUE(client->request("GET", "/"));
  EXPECT_EQ(server.on_loop([&] { return server.most_opened; }), kMaxAcceptsPerTurn);
}

// Without descriptors the listener rests; when there are some again, who waited is served.
TEST(Listener, RestsWithoutDescriptorsAndGoesOnAfterwards) {
  LoopbackServer server(answer_ok);
  HttpClient before(server.port());
  ASSERT_TRUE(before.request("GET", "/"));
  HttpClient waiting(server.port());  // takes its own descriptor before they run out
  // Accepted by now or not, it has to be served; the next one finds no descriptor.
  ASSERT_TRUE(waiting.request("GET", "/"));
  int spare = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_GE(spare, 0);
  close(spare);  // the lowest free number: the client's below; the server finds none after it
  rlimit old{};
  getrlimit(RLIMIT_NOFILE, &old);
  rlimit tight = old;
  tight.rlim_cur = static_cast<rlim_t>(spare) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  HttpClient starved(server.port(), 10'000);
  EXPECT_TRUE(starved.connected());  // by the kernel
  ASSERT_TRUE(starved.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  while (server.on_loop([&] { return server.listener().rests(); }) == 0) {
  }
  ASSERT_TRUE(before.request("GET", "/"));  // the server is up all the while
  EXPECT_EQ(server.requests, 3);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  auto answer = starved.receive();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

}  // namespace
}  // namespace hourwheel::listener_test
