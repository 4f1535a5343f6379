#include "net/control_loop.h"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <string>
#include <thread>

#include "net/mailbox.h"

namespace hourwheel::control_loop_test {
namespace {

class Recorder : public ControlHandler {
 public:
  void on_stop_requested() override {
    seen += "stop ";
    std::raise(SIGINT);
  }
  void on_stop_now() override {
    seen += "now ";
    loop->stop();
  }
  void on_reload() override {
    seen += "reload ";
    std::raise(SIGTERM);
  }
  std::string seen;
  ControlLoop* loop = nullptr;
};

TEST(ControlLoop, TakesEachSignalForWhatItAsks) {
  Recorder recorder;
  auto loop = std::move(*ControlLoop::create(recorder));
  recorder.loop = loop.get();
  std::raise(SIGHUP);
  loop->run();
  EXPECT_EQ(recorder.seen, "reload stop now ");
}

TEST(ControlLoop, IgnoresBrokenPipes) {
  Recorder recorder;
  auto loop = std::move(*ControlLoop::create(recorder));
  std::raise(SIGPIPE);  // would end the process
}

TEST(ControlLoop, RunsAChoreAgainAndAgain) {
  Recorder recorder;
  auto loop = std::move(*ControlLoop::create(recorder));
  int runs = 0;
  ASSERT_TRUE(loop->every(milliseconds(1), [&] {
    if (++runs == 3) loop->stop();
  }));
  loop->run();
  EXPECT_EQ(runs, 3);
}

TEST(ControlLoop, HearsAnotherThread) {
  struct Watcher : FdWatcher {
    void on_readable() override { loop->stop(); }
    ControlLoop* loop = nullptr;
  } watcher;
  Recorder recorder;
  auto loop = std::move(*ControlLoop::create(recorder));
  watcher.loop = loop.get();
  auto bell = std::move(*Doorbell::create());
  bell->prepare_sleep();
  ASSERT_TRUE(loop->watch(bell->fd(), watcher));
  std::thread other([&] { bell->ring(); });
  loop->run();
  other.join();
}

}  // namespace
}  // namespace hourwheel::control_loop_test
