// Clients that take their time, and very many that do nothing: each slow one is closed within 11 s,
// and meanwhile others are served and tasks fire.
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "engine/limits.h"
#include "tests/e2e/fixture.h"

namespace hourwheel::slow_clients_test {
namespace {

constexpr int64_t kAllowedUs = 11'000'000;
// Beyond what is allowed, so that a client that is never closed is seen as such.
constexpr int64_t kGivenUpUs = 20'000'000;
constexpr int kStepMs = 200;  // between two bytes of a trickle

// The connections as the kernel has them. A client that does not look sees nothing of its end.
std::string connection_table() {
  std::ostringstream table;
  table << std::ifstream("/proc/net/tcp").rdbuf();
  return std::move(table).str();
}

// Whether the server's end of a connection is open.
bool server_holds(const std::string& table, const HttpClient& client, uint16_t server_port) {
  sockaddr_in own{};
  socklen_t size = sizeof(own);
  EXPECT_EQ(0, getsockname(client.fd(), reinterpret_cast<sockaddr*>(&own), &size));
  std::array<char, 64> ends{};
  std::snprintf(ends.data(), ends.size(), "0100007F:%04X 0100007F:%04X 01", server_port,
                ntohs(own.sin_port));
  return table.find(ends.data()) != std::string::npos;
}

// Asks for a long document until neither side's buffers take more; from then on the server waits.
size_t ask_until_nothing_fits(const HttpClient& client) {
  const std::string request = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += request;
  size_t bytes = 0;
  pollfd writable{client.fd(), POLLOUT, 0};
  while (poll(&writable, 1, 500) > 0 && (writable.revents & POLLOUT) != 0) {
    const ssize_t sent =
        ::send(client.fd(), requests.data(), requests.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) break;
    bytes += static_cast<size_t>(sent);
  }
  return bytes / request.size();
}

struct SlowClient {
  const char* name;
  std::string first;    // sent at once
  std::string trickle;  // one byte a step
  HttpClient client;
  size_t sent = 0;
  int64_t closed_us = 0;
};

class SlowClients : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(node_.start());
    HttpAnswer answer = node_.call("POST", "/v1/tasks",
                                   R"({"id":"beat","schedule":{"every":"100ms"},"target":)"
                                   R"({"kind":"http","url":")" +
                                       target_.url() + R"(/beat"}})");
    ASSERT_EQ(201, answer.status) << answer.body;
  }

  void add(const char* name, const std::string& first, const std::string& trickle) {
    slow_.push_back({name, first, trickle, HttpClient(node_.port())});
    ASSERT_TRUE(slow_.back().client.connected()) << name;
    ASSERT_TRUE(slow_.back().client.send(first)) << name;
  }

  // One step of them all, paced by a wait that only an end of the first one cuts short.
  void step(int64_t since_us) {
    pollfd first{slow_.front().client.fd(), POLLRDHUP, 0};
    poll(&first, slow_.front().closed_us == 0 ? 1 : 0, kStepMs);
    const std::string table = connection_table();
    for (SlowClient& slow : slow_) {
      if (slow.closed_us != 0) continue;
      if (!server_holds(table, slow.client, node_.port())) {
        slow.closed_us = std::max<int64_t>(1, clock_.precise_us() - since_us);
      } else if (slow.sent < slow.trickle.size()) {
        ::send(slow.client.fd(), &slow.trickle[slow.sent++], 1, MSG_NOSIGNAL);
      }
    }
  }
  [[nodiscard]] bool all_closed() const {
    return std::all_of(slow_.begin(), slow_.end(),
                       [](const SlowClient& slow) { return slow.closed_us != 0; });
  }

  SystemClock clock_;
  RecordingTarget target_;
  Node node_;
  std::vector<SlowClient> slow_;
};

TEST_F(SlowClients, EachIsClosedWithinElevenSecondsWhileOthersAreServed) {
  const std::string host = "Host: localhost\r\n";
  const std::string post = "POST /v1/tasks HTTP/1.1\r\n" + host + std::string(kJsonFields);
  add("never reading", "", "");
  ASSERT_GT(ask_until_nothing_fits(slow_.back().client), 10U);
  const int64_t since_us = clock_.precise_us();
  add("silent", "", "");
  add("head byte by byte", "GET /livez HTTP/1.1\r\n" + host, "X-Slow: " + std::string(500, 'x'));
  add("request line byte by byte", "", "GET /" + std::string(500, 'x'));
  add("body in a trickle", post + "Content-Length: 1000\r\n\r\n", std::string(500, ' '));
  std::string chunks;
  for (int i = 0; i < 100; ++i) chunks += "1\r\n \r\n";
  add("chunks in a trickle", post + "Transfer-Encoding: chunked\r\n\r\n", chunks);
  add("silent after an answer", "GET /livez HTTP/1.1\r\n" + host + "\r\n", "");
  HttpClient other(node_.port());
  uint64_t served = 0;
  while (!all_closed() && clock_.precise_us() - since_us < kGivenUpUs) {
    step(since_us);
    auto answer = other.request("GET", "/v1/tasks/beat");
    ASSERT_TRUE(answer) << "another client waits for the slow ones";
    EXPECT_EQ(200, answer->status);
    ++served;
  }
  for (const SlowClient& slow : slow_) {
    EXPECT_GT(slow.closed_us, 0) << slow.name << " was never closed";
    EXPECT_LT(slow.closed_us, kAllowedUs) << slow.name;
    std::printf("%s: closed after %.1f s\n", slow.name, static_cast<double>(slow.closed_us) / 1e6);
  }
  EXPECT_GT(served, 20U);
  EXPECT_GT(target_.count(), 50U);
}

// --- crowds ---

class Crowds : public SlowClients {
 protected:
  // So many idle connections as the limits of this process and of the server allow, up to `wanted`.
  std::vector<HttpClient> connect_idle(size_t wanted) {
    std::vector<HttpClient> idle;
    for (size_t i = 0; i < wanted; ++i) {
      idle.emplace_back(node_.port());
      if (idle.back().connected()) continue;
      idle.pop_back();
      break;
    }
    return idle;
  }
  static size_t open_among(const std::vector<HttpClient>& idle) {
    return static_cast<size_t>(std::count_if(
        idle.begin(), idle.end(), [](const HttpClient& one) { return !one.closed_by_peer_now(); }));
  }
  void expect_served_and_firing(HttpClient& early) {
    auto answer = early.request("GET", "/v1/tasks/beat");
    ASSERT_TRUE(answer) << "not served beside the idle";
    EXPECT_EQ(200, answer->status);
    EXPECT_TRUE(target_.await(target_.count() + 5, kPatience));
  }
};

TEST_F(Crowds, AThousandIdleConnectionsDoNotDisturb) {
  std::vector<HttpClient> idle = connect_idle(1'000);
  HttpClient late(node_.port());
  expect_served_and_firing(late);
  EXPECT_EQ(1'000U, open_among(idle));
}

// The server may have more descriptors than this process and the other way round.
class FullCrowds : public Crowds {
 protected:
  void SetUp() override {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit wanted{kDescriptors, kDescriptors};
    if (setrlimit(RLIMIT_NOFILE, &wanted) != 0) {
      wanted = {before_.rlim_max, before_.rlim_max};
      setrlimit(RLIMIT_NOFILE, &wanted);
    }
    allowed_ = wanted.rlim_cur;
    Crowds::SetUp();
  }
  void TearDown() override { setrlimit(RLIMIT_NOFILE, &before_); }

  static constexpr rlim_t kDescriptors = 40'000;
  rlimit before_{};
  rlim_t allowed_ = 0;
};

TEST_F(FullCrowds, TenThousandIdleConnectionsDoNotDisturbAndMoreAreTurnedAway) {
  // What the server keeps for its targets is as much as its clients get.
  const size_t most = std::min<size_t>(kMaxConnections, (allowed_ - 512) / 2);
  HttpClient early(node_.port());
  ASSERT_EQ(200, early.request("GET", "/livez")->status);
  const int64_t since_us = clock_.precise_us();
  std::vector<HttpClient> idle = connect_idle(most - most / 50);
  {
    // Two reactors share them by chance, each up to its half: a few may have been turned away.
    HttpClient late(node_.port());
    expect_served_and_firing(early);
  }
  const size_t open = open_among(idle);
  const double seconds = static_cast<double>(clock_.precise_us() - since_us) / 1e6;
  std::printf("idle=%zu of %zu open=%zu after %.1f s, descriptors allowed=%llu\n", idle.size(),
              most, open, seconds, static_cast<unsigned long long>(allowed_));
  EXPECT_GT(open, most * 9 / 10);

  std::vector<HttpClient> more = connect_idle(most / 10);
  expect_served_and_firing(early);
  const size_t turned_away = idle.size() + more.size() - open_among(idle) - open_among(more);
  std::printf("turned away=%zu\n", turned_away);
  EXPECT_GT(turned_away, most / 50);
  idle.clear();
  more.clear();
  EXPECT_EQ(200, node_.call("GET", "/readyz").status);
}

}  // namespace
}  // namespace hourwheel::slow_clients_test
