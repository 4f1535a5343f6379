// `--watch`: what is drawn when, with a clock that only the test moves.
#include "tools/hourwheel/watch.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/asked_program.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/seen_rows.h"

namespace hourwheel::watch_test {
namespace {

// What a feed says next, and so long after it was asked.
struct Said {
  FeedState state = FeedState::kQuiet;
  Duration after;
};

// Behind what is written down it is quiet, or absent if there is nothing at all.
class WrittenFeed final : public EventFeed {
 public:
  WrittenFeed(VirtualTerminal& terminal, std::deque<Said> said)
      : terminal_(terminal), absent_(said.empty()), said_(std::move(said)) {}

  FeedState wait(Duration longest) override {
    if (absent_) return FeedState::kAbsent;
    if (said_.empty() || said_.front().after > longest) {
      if (!said_.empty()) said_.front().after = said_.front().after - longest;
      terminal_.pass(longest);
      return FeedState::kQuiet;
    }
    terminal_.pass(said_.front().after);
    const FeedState state = said_.front().state;
    said_.pop_front();
    return state;
  }

 private:
  VirtualTerminal& terminal_;
  bool absent_;
  std::deque<Said> said_;
};

struct Watched {
  std::vector<int64_t> drawn_at_ms;
  int code = 0;
};

struct Scene {
  std::vector<int> codes;  // each frame ends with the next of these
  std::deque<Said> said = {};
  Duration drawing = {};  // so long takes a frame
};

Watched watch_frames(const Scene& scene) {
  constexpr int kEnough = 100;
  VirtualTerminal terminal({}, kEnough);
  WrittenFeed feed(terminal, scene.said);
  FollowedChanges changes(terminal, feed, seconds(2));
  Watched watched;
  auto draw = [&] {
    watched.drawn_at_ms.push_back(terminal.now().ms);
    terminal.pass(scene.drawing);
    return scene.codes.at(watched.drawn_at_ms.size() - 1);
  };
  watched.code = watch(draw, changes, terminal);
  return watched;
}

using Instants = std::vector<int64_t>;

TEST(Watch, AFrameIsDrawnAtOnceAndAfterEachInterval) {
  const Watched watched = watch_frames({{kOk, kOk, kNotFound}});
  EXPECT_EQ(watched.drawn_at_ms, (Instants{0, 2000, 4000}));
  EXPECT_EQ(watched.code, kNotFound);
}

TEST(Watch, AnEventBringsAFrameAtOnceAndAQuietTimeOneAfterTheInterval) {  // WA2
  const Watched watched =
      watch_frames({{kOk, kOk, kOk, kNotFound}, {{FeedState::kChanged, milliseconds(700)}}});
  EXPECT_EQ(watched.drawn_at_ms, (Instants{0, 950, 2950, 4950}));
}

TEST(Watch, HoweverMuchHappensThereIsARestBetweenFrames) {  // WA1
  const std::deque<Said> storm(10, Said{FeedState::kChanged, {}});
  EXPECT_EQ(watch_frames({{kOk, kOk, kOk, kNotFound}, storm}).drawn_at_ms,
            (Instants{0, 250, 500, 750}));
  EXPECT_EQ(watch_frames({{kOk, kOk, kNotFound}, storm, seconds(3)}).drawn_at_ms,
            (Instants{0, 6000, 12000}));
}

TEST(Watch, WithEventsThatBreakOffTheIntervalStays) {  // WA2
  const Watched watched =
      watch_frames({{kOk, kOk, kNotFound}, {{FeedState::kAbsent, milliseconds(1000)}}});
  EXPECT_EQ(watched.drawn_at_ms, (Instants{0, 2000, 4000}));
}

TEST(Watch, WhoeverDoesNotWaitAnyLongerEndsIt) {
  VirtualTerminal terminal({}, 1);  // one rest
  WrittenFeed feed(terminal, {{FeedState::kChanged, {}}});
  FollowedChanges changes(terminal, feed, seconds(2));
  int frames = 0;
  EXPECT_EQ(watch([&frames] { return ++frames > 0 ? kOk : kFailure; }, changes, terminal), kOk);
  EXPECT_EQ(frames, 2);
}

TEST(Watch, AServerThatIsAwayIsWaitedForOnceThereWasAFrame) {
  EXPECT_EQ(watch_frames({{kOk, kUnreachable, kNotFound}}).drawn_at_ms.size(), 3U);
  const Watched never = watch_frames({{kUnreachable, kOk}});
  EXPECT_EQ(never.drawn_at_ms.size(), 1U);
  EXPECT_EQ(never.code, kUnreachable);
}

TEST(Watch, WhatIsGoneEndsItWithItsCode) {
  const Watched watched = watch_frames({{kOk, kNotFound, kOk}});
  EXPECT_EQ(watched.drawn_at_ms.size(), 2U);
  EXPECT_EQ(watched.code, kNotFound);
}

TEST(Watch, OfAFrameThatBrokeOffNoRowIsNewTwice) {  // SR1
  SeenRows seen;
  EXPECT_TRUE(seen.is_new("a"));
  seen.end_frame(true);
  EXPECT_FALSE(seen.is_new("a"));
  EXPECT_TRUE(seen.is_new("b"));
  seen.end_frame(false);
  EXPECT_FALSE(seen.is_new("b"));
  seen.end_frame(true);
  EXPECT_TRUE(seen.is_new("a")) << "it was not in the frame before";
}

// --- before a server ---

constexpr const char* kEvent = "event: run.ended\ndata: {}\n\n";

TEST(WatchOption, EventsBringFramesAndLinesOfJsonOnlyWhatChanged) {
  const std::string before = R"({"id":"t1","version":1})";
  const std::string after = R"({"id":"t1","version":2})";
  Asked asked = ask_all("task get t1 --watch --interval 3600 -o ndjson", {{200, before},
                                                                          {200, kEvent},
                                                                          {200, before},
                                                                          {200, kEvent},
                                                                          {200, after},
                                                                          {200, kEvent},
                                                                          {404, ""}});
  EXPECT_EQ(asked.requests[1], "GET /v1/changes?task_id=t1 HTTP/1.1\n");
  EXPECT_EQ(asked.requests[2], "GET /v1/tasks/t1 HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, before + "\n" + after + "\nhourwheel: the server answered 404\n");
  EXPECT_EQ(asked.client.code, kNotFound);
}

TEST(WatchOption, OfAListOnlyTheRowsThatChangedAreLines) {
  const std::string one = R"({"id":"run-1","attempt":1})";
  const std::string two = R"({"id":"run-2","attempt":1})";
  Asked asked = ask_all("run list --task t1 --watch --interval 3600 -o ndjson",
                        {{200, R"({"runs":[)" + one + "]}"},
                         {200, kEvent},
                         {200, R"({"runs":[)" + two + "," + one + "]}"},
                         {200, kEvent},
                         {401, ""}});
  EXPECT_EQ(asked.requests[1],
            "GET /v1/changes?types=run.retrying%2Crun.ended&task_id=t1 HTTP/1.1\n");
  EXPECT_EQ(asked.client.output, one + "\n" + two + "\nhourwheel: the server answered 401\n");
}

// --- and where it tells no events ---

TEST(WatchOption, AServerThatRefusesItsEventsIsAskedForThemOnce) {  // SW2
  auto stats = [](const char* at, const char* runs) {
    return std::string(R"({"at":")") + at + R"(","now":{"runs_in_flight":)" + runs +
           R"(},"since_start":{},"series":[]})";
  };
  Asked asked = ask_all("stats --watch --interval 1 -o ndjson", {{200, stats("1", "0")},
                                                                 {403, "{}"},
                                                                 {200, stats("2", "0")},
                                                                 {200, stats("3", "1")},
                                                                 {401, ""}});
  EXPECT_EQ(asked.requests[1], "GET /v1/changes HTTP/1.1\n");
  for (const size_t i : {2U, 3U, 4U}) EXPECT_EQ(asked.requests[i], "GET /v1/stats HTTP/1.1\n");
  EXPECT_EQ(asked.client.output,
            stats("1", "0") + "\n" + stats("3", "1") + "\nhourwheel: the server answered 401\n");
  EXPECT_EQ(asked.client.code, kRefused);
}

TEST(WatchOption, AServerThatCannotTellNowIsAskedAgain) {  // SW2
  Asked asked = ask_all(
      "task runs t1 --watch --interval 1 -o name",
      {{200, R"({"runs":[]})"}, {503, "{}"}, {200, R"({"runs":[]})"}, {404, "{}"}, {401, ""}});
  EXPECT_EQ(asked.requests[1], "GET /v1/changes?task_id=t1 HTTP/1.1\n");
  EXPECT_EQ(asked.requests[3], "GET /v1/changes?task_id=t1 HTTP/1.1\n");
  EXPECT_EQ(asked.client.code, kRefused);
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
}  // namespace hourwheel::watch_test
