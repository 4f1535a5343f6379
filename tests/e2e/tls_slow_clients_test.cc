// Clients of the TLS port that take their time: each is closed within 11 s of its connection, its
// handshake included, and meanwhile others are served.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/e2e/fixture.h"
#include "tests/support/tls_http_client.h"
#include "tools/wire/certificate.h"

namespace hourwheel::tls_slow_clients_test {
namespace {

constexpr int64_t kAllowedUs = 11'000'000;
// Beyond what is allowed, so that a client that is never closed is seen as such.
constexpr int64_t kGivenUpUs = 20'000'000;
constexpr int64_t kLateUs = 6'000'000;
constexpr int kStepMs = 200;  // between two bytes of a trickle

// Speaks TLS from `secured_at_us` on, and then HTTP; before that its trickle goes as it is.
struct SlowTlsClient {
  const char* name;
  std::string first;
  std::string trickle;
  int64_t secured_at_us = -1;  // never
  std::unique_ptr<TlsHttpClient> client = nullptr;
  size_t sent = 0;
  int64_t closed_us = 0;

  void step(int64_t now_us) {
    if (secured_at_us >= 0 && !client->secured() && now_us >= secured_at_us) {
      EXPECT_TRUE(client->shake_hands()) << name;
      EXPECT_TRUE(first.empty() || client->send(first)) << name;
    }
    if (sent >= trickle.size()) return;
    const std::string_view byte(&trickle[sent], 1);
    if (client->secured()) {
      client->send(byte);
    } else if (secured_at_us < 0) {
      ::send(client->fd(), byte.data(), 1, MSG_NOSIGNAL);
    } else {
      return;
    }
    ++sent;
  }
};

TEST(TlsSlowClients, EachIsClosedWithinElevenSecondsWhileOthersAreServed) {
  const Instant now = in({});
  const Certificate own = make_certificate({{"localhost"}, now - hours(1), now + hours(1)});
  Node node;
  const std::string folder = node.folder() + ".tls";
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "/pem") << own.pem;
  std::ofstream(folder + "/key") << own.key_pem;
  chmod((folder + "/key").c_str(), 0600);
  node.add_arguments({"--tls-certificate", folder + "/pem", "--tls-key", folder + "/key"});
  ASSERT_TRUE(node.start());

  const std::string host = "Host: localhost\r\n";
  std::vector<SlowTlsClient> slow;
  slow.push_back({"silent", "", ""});
  slow.push_back({"hello byte by byte", "",
                  std::string("\x16\x03\x01\x01\xff", 5) + std::string(500, '\x01')});
  slow.push_back({"secured and silent", "", "", 0});
  slow.push_back({"head byte by byte", "GET /livez HTTP/1.1\r\n" + host,
                  "X-Slow: " + std::string(500, 'x'), 0});
  slow.push_back({"body in a trickle",
                  "POST /v1/tasks HTTP/1.1\r\n" + host + std::string(kJsonFields) +
                      "Content-Length: 1000\r\n\r\n",
                  std::string(500, ' '), 0});
  // Each part within its ten seconds, but not both together.
  slow.push_back({"late handshake, slow head", "GET /livez HTTP/1.1\r\n" + host,
                  "X-Slow: " + std::string(500, 'x'), kLateUs});
  const SystemClock clock;
  const int64_t since_us = clock.precise_us();
  for (SlowTlsClient& one : slow) {
    TlsClientPlan plan;
    plan.later = true;
    one.client = std::make_unique<TlsHttpClient>(node.port(), plan);
    ASSERT_TRUE(one.client->connected());
  }
  TlsHttpClient other(node.port());
  auto all_closed = [&slow] {
    return std::all_of(slow.begin(), slow.end(),
                       [](const SlowTlsClient& one) { return one.closed_us != 0; });
  };
  while (!all_closed() && clock.precise_us() - since_us < kGivenUpUs) {
    pollfd first{slow.front().client->fd(), POLLRDHUP, 0};
    poll(&first, slow.front().closed_us == 0 ? 1 : 0, kStepMs);
    const int64_t now_us = clock.precise_us() - since_us;
    for (SlowTlsClient& one : slow) {
      if (one.closed_us != 0) continue;
      pollfd end{one.client->fd(), POLLRDHUP, 0};
      if (poll(&end, 1, 0) > 0 && (end.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
        one.closed_us = std::max<int64_t>(1, now_us);
      } else {
        one.step(now_us);
      }
    }
    const auto answer = other.request("GET", "/livez");
    ASSERT_TRUE(answer) << "another client waits for the slow ones";
    EXPECT_EQ(answer->status, 200);
  }
  for (const SlowTlsClient& one : slow) {
    EXPECT_GT(one.closed_us, 0) << one.name << " was never closed";
    EXPECT_LT(one.closed_us, kAllowedUs) << one.name;
    std::printf("%s: closed after %.1f s\n", one.name, static_cast<double>(one.closed_us) / 1e6);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace hourwheel::tls_slow_clients_test
