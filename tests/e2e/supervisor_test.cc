// The real server under a supervisor: what it says over its life.
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "net/listener.h"
#include "tests/e2e/fixture.h"
#include "tests/support/http_client.h"
#include "tests/support/supervisor_socket.h"

namespace hourwheel::supervisor_test {
namespace {

// Signs of life come between.
std::string next_but_alive(const SupervisorSocket& supervisor) {
  std::string heard = supervisor.await();
  while (heard == "WATCHDOG=1") heard = supervisor.await();
  return heard;
}

TEST(UnderASupervisor, ItSaysWhenItServesReadsAgainAndStops) {
  Node node;
  const SupervisorSocket supervisor(node.folder() + ".notify");
  ASSERT_TRUE(supervisor.bound());
  node.set_environment({"NOTIFY_SOCKET=" + node.folder() + ".notify"});
  ASSERT_TRUE(node.start());
  EXPECT_EQ(supervisor.await(), "READY=1\nSTATUS=Serving 127.0.0.1:" + std::to_string(node.port()));
  EXPECT_EQ(node.call("GET", "/readyz").status, 200);
  node.server().send_signal(SIGHUP);
  const std::string reloading = supervisor.await();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
  EXPECT_GT(std::stoll(reloading.substr(reloading.rfind('=') + 1)), 0);
  EXPECT_EQ(supervisor.await(), "READY=1");
  const auto exit = node.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_EQ(supervisor.await(), "STOPPING=1\nSTATUS=Waiting for what is in flight");
  EXPECT_EQ(supervisor.next(), "nothing");
}

TEST(UnderASupervisor, ItGivesSignsOfLifeWhereTheyAreWanted) {
  Node node;
  const SupervisorSocket supervisor("@" + node.folder());
  ASSERT_TRUE(supervisor.bound());
  node.set_environment({"NOTIFY_SOCKET=@" + node.folder(), "WATCHDOG_USEC=100000"});
  ASSERT_TRUE(node.start());
  EXPECT_TRUE(supervisor.await().starts_with("READY=1\n"));
  EXPECT_EQ(supervisor.await(), "WATCHDOG=1");
  EXPECT_EQ(supervisor.await(), "WATCHDOG=1");
  const auto exit = node.stop();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0);
  EXPECT_TRUE(next_but_alive(supervisor).starts_with("STOPPING=1\n"));
}

// A listening socket as a supervisor keeps it over the lives of a server.
class KeptSocket {
 public:
  KeptSocket() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    SocketAddress own = to_socket_address(*parse_listen_address("127.0.0.1:0"));
    sockaddr_storage bound{};
    socklen_t size = sizeof bound;
    if (bind(socket_, &own.any, own.length) != 0 || listen(socket_, 64) != 0) return;
    if (getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return;
    port_ = from_sockaddr(reinterpret_cast<const sockaddr&>(bound))->port;
  }
  ~KeptSocket() { close(socket_); }
  KeptSocket(const KeptSocket&) = delete;
  KeptSocket& operator=(const KeptSocket&) = delete;

  [[nodiscard]] uint16_t port() const { return port_; }  // 0: it could not be made
  // The shell becomes the server: it is the process that LISTEN_PID names.
  [[nodiscard]] Result<std::unique_ptr<ServerProcess>> serve(const Node& node) const {
    ServerProcess::Program program{"/bin/bash", {"-c"}};
    program.arguments.push_back("exec 3<&" + std::to_string(socket_) +
                                "; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" \"$@\"");
    program.arguments.emplace_back(HW_SERVER);
    for (std::string& argument : node.arguments("192.0.2.1:1")) {
      program.arguments.push_back(std::move(argument));
    }
    return ServerProcess::start(program);
  }

 private:
  int socket_;
  uint16_t port_ = 0;
};

TEST(UnderASupervisor, ItListensOnASocketThatIsPassedAndNobodyIsTurnedAwayMeanwhile) {
  const Node node;
  const KeptSocket kept;
  ASSERT_NE(kept.port(), 0);
  {
    auto first = kept.serve(node);
    ASSERT_TRUE(first) << first.error().detail;
    EXPECT_EQ((*first)->port(), kept.port()) << "not where --listen says";
    for (int i = 0; i < 32; ++i) {
      EXPECT_TRUE(HttpClient(kept.port()).request("GET", "/livez")) << i;
    }
    (*first)->send_signal(SIGTERM);
    const auto exit = (*first)->wait_for_exit(kPatience);
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 0);
  }
  HttpClient waiting(kept.port(), 10'000);
  ASSERT_TRUE(waiting.connected()) << "by the kernel";
  auto second = kept.serve(node);
  ASSERT_TRUE(second) << second.error().detail;
  const auto answer = waiting.request("GET", "/livez");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
}

}  // namespace
}  // namespace hourwheel::supervisor_test
