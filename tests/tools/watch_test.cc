// `--watch`: what is drawn when, with a clock that only the test moves.
#include "tools/hourwheel/watch.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "tests/tools/asked_program.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/answer_text.h"

namespace hourwheel {
namespace {

struct Watched {
  std::vector<int64_t> drawn_at_ms;
  int code = 0;
};

// Each frame ends with the next of these codes.
Watched watch_frames(const std::vector<int>& codes) {
  VirtualTerminal terminal({}, static_cast<int>(codes.size()) - 1);
  PolledChanges changes(terminal, seconds(2));
  Watched watched;
  auto draw = [&] {
    watched.drawn_at_ms.push_back(terminal.now().ms);
    return codes.at(watched.drawn_at_ms.size() - 1);
  };
  watched.code = watch(draw, changes, terminal);
  return watched;
}

TEST(Watch, AFrameIsDrawnAtOnceAndAfterEachInterval) {
  const Watched watched = watch_frames({kOk, kOk, kOk});
  EXPECT_EQ(watched.drawn_at_ms, (std::vector<int64_t>{0, 2000, 4000}));
  EXPECT_EQ(watched.code, kOk);
}

TEST(Watch, AServerThatIsAwayIsWaitedForOnceThereWasAFrame) {
  EXPECT_EQ(watch_frames({kOk, kUnreachable, kOk}).drawn_at_ms.size(), 3U);
  const Watched never = watch_frames({kUnreachable, kOk});
  EXPECT_EQ(never.drawn_at_ms.size(), 1U);
  EXPECT_EQ(never.code, kUnreachable);
}

TEST(Watch, WhatIsGoneEndsItWithItsCode) {
  const Watched watched = watch_frames({kOk, kNotFound, kOk});
  EXPECT_EQ(watched.drawn_at_ms.size(), 2U);
  EXPECT_EQ(watched.code, kNotFound);
}

TEST(Watch, AnInterruptEndsTheProgramWithItsOwnCode) {
  CannedServer server;
  std::string path = program("hourwheel");
  std::vector<std::string> words = {path,         "task", "list",     "-w",
                                    "--interval", "3600", "--server", server.url()};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, path.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  EXPECT_EQ(server.answer(200, R"({"tasks":[]})"),
            "GET /v1/tasks?view=basic&page_size=50 HTTP/1.1\n");
  kill(child, SIGINT);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
}

}  // namespace
}  // namespace hourwheel
