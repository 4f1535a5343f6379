#include "tests/support/server_process.h"

#include <gtest/gtest.h>

#include <csignal>

namespace hourwheel::server_process_test {
namespace {

ServerProcess::Program shell(const std::string& script, Duration deadline = seconds(10)) {
  return {"/bin/sh", {"-c", script}, deadline};
}

TEST(ServerProcess, TellsWhereTheProgramListens) {
  auto process = ServerProcess::start(shell("echo listening on 127.0.0.1:4711; exec sleep 60"));
  ASSERT_TRUE(process) << process.error().detail;
  EXPECT_EQ("127.0.0.1:4711", (*process)->address());
  EXPECT_EQ(4711, (*process)->port());
}

TEST(ServerProcess, RefusesAProgramThatEndsAtOnce) {
  auto process = ServerProcess::start(shell("echo no such folder; exit 3"));
  ASSERT_FALSE(process);
  EXPECT_NE(std::string::npos, process.error().detail.find("no such folder"));
}

TEST(ServerProcess, RefusesAProgramThatIsNotThere) {
  EXPECT_FALSE(ServerProcess::start({"/no/such/program", {}, seconds(10)}));
}

TEST(ServerProcess, RefusesAProgramThatSaysNothing) {
  EXPECT_FALSE(ServerProcess::start(shell("exec sleep 60", milliseconds(50))));
}

TEST(ServerProcess, ReportsTheExitCode) {
  auto process =
      ServerProcess::start(shell("trap 'echo bye; exit 5' TERM; echo listening on 127.0.0.1:1; "
                                 "while :; do :; done"));
  ASSERT_TRUE(process) << process.error().detail;
  (*process)->send_signal(SIGTERM);
  auto exit = (*process)->wait_for_exit(seconds(10));
  ASSERT_TRUE(exit);
  EXPECT_EQ(5, exit->code);
  EXPECT_NE(std::string::npos, (*process)->output().find("bye"));
}

TEST(ServerProcess, ReportsTheSignalOfAKilledProgram) {
  auto process = ServerProcess::start(shell("echo listening on 127.0.0.1:1; exec sleep 60"));
  ASSERT_TRUE(process);
  EXPECT_FALSE((*process)->wait_for_exit(milliseconds(1)));
  (*process)->kill();
  EXPECT_EQ(SIGKILL, (*process)->wait_for_exit(seconds(1))->signal);
}

}  // namespace
}  // namespace hourwheel::server_process_test
