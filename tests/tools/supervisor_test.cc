// What a supervisor is told, as it arrives at a socket of its own.
#include "tools/hourwheel/supervisor.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/support/supervisor_socket.h"

namespace hourwheel::supervisor_test {
namespace {

constexpr int64_t kPid = 4242;

std::string path_of_test() {
  return testing::TempDir() + "hourwheel-supervisor-" + std::to_string(getpid());
}

void hears_all(const std::string& name) {
  const SupervisorSocket socket(name);
  ASSERT_TRUE(socket.bound()) << name;
  Supervisor supervisor({name, "", ""}, kPid);
  supervisor.say_ready("Serving 127.0.0.1:8080\nREADY=0");
  EXPECT_EQ(socket.next(), "READY=1\nSTATUS=Serving 127.0.0.1:8080");
  supervisor.say_reloading(1'234'567);
  EXPECT_EQ(socket.next(), "RELOADING=1\nMONOTONIC_USEC=1234567");
  supervisor.say_reloaded();
  EXPECT_EQ(socket.next(), "READY=1");
  supervisor.say_stopping("Waiting");
  EXPECT_EQ(socket.next(), "STOPPING=1\nSTATUS=Waiting");
  supervisor.say_alive();
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
  EXPECT_EQ(socket.next(), "nothing");
}

TEST(Supervisor, HearsAtAPath) {
  hears_all(path_of_test());
}

TEST(Supervisor, HearsAtAnAbstractName) {
  hears_all("@hourwheel-supervisor-" + std::to_string(getpid()));
}

TEST(Supervisor, IsHeardAgainByOneThatWasStartedAnew) {
  Supervisor supervisor({path_of_test(), "", ""}, kPid);
  supervisor.say_ready("nobody is there yet");
  const SupervisorSocket socket(path_of_test());
  ASSERT_TRUE(socket.bound());
  supervisor.say_alive();
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

// NS1: the loop that speaks would stand still otherwise, and this test with it.
TEST(Supervisor, OneThatDoesNotListenHoldsNobodyUp) {
  const SupervisorSocket socket(path_of_test());
  ASSERT_TRUE(socket.bound());
  Supervisor supervisor({path_of_test(), "", ""}, kPid);
  for (int i = 0; i < 100'000; ++i) supervisor.say_alive();
  EXPECT_EQ(socket.next(), "WATCHDOG=1");
}

// NS1: a server that is ready and not known to be is killed by who waits for it.
TEST(Supervisor, OneThatDidNotListenIsToldTheLastStateAgain) {
  const SupervisorSocket socket(path_of_test());
  ASSERT_TRUE(socket.bound());
  Supervisor supervisor({path_of_test(), "", ""}, kPid);
  for (int i = 0; i < 100'000; ++i) supervisor.say_alive();
  supervisor.say_reloading(1);
  supervisor.say_ready("Serving");
  supervisor.say_again();
  while (socket.next() == "WATCHDOG=1") {
  }
  supervisor.say_again();
  EXPECT_EQ(socket.next(), "READY=1\nSTATUS=Serving");
  supervisor.say_again();
  EXPECT_EQ(socket.next(), "nothing");
}

TEST(Supervisor, NothingIsSaidWithoutAnAddress) {
  for (const std::string& name :
       {std::string(), std::string("relative"), std::string("@"), "/" + std::string(200, 'a')}) {
    Supervisor supervisor({name, "1000000", ""}, kPid);
    EXPECT_EQ(supervisor.sign_of_life_each(), std::nullopt) << name;
    supervisor.say_ready("nobody hears");
  }
}

TEST(Supervisor, WantsASignOfLifeTwiceInItsTime) {
  auto each = [](const std::string& usec, const std::string& pid) {
    return Supervisor({"/nowhere", usec, pid}, kPid).sign_of_life_each();
  };
  EXPECT_EQ(each("30000000", ""), seconds(15));
  EXPECT_EQ(each("30000000", "4242"), seconds(15));
  EXPECT_EQ(each("30000000", "1"), std::nullopt) << "it is meant for another process";
  EXPECT_EQ(each("1", ""), Duration{1}) << "never a loop without a pause";
  for (const char* none : {"", "0", "-5", "30s", "99999999999999999999"}) {
    EXPECT_EQ(each(none, ""), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace hourwheel::supervisor_test
