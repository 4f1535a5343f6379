#include "net/event_loop.h"

#include <dirent.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "net/mailbox.h"
#include "net/system_clock.h"

namespace hourwheel::event_loop_test {
namespace {

std::unique_ptr<EventLoop> make_loop() {
  Result<std::unique_ptr<EventLoop>> loop = EventLoop::create();
  EXPECT_TRUE(loop.has_value());
  return std::move(*loop);
}

int open_descriptors() {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// A bell as a reactor's mailbox uses it, with a script for what is found at the last look.
class BellSleeper : public Sleeper, public FdWatcher {
 public:
  [[nodiscard]] bool has_work() const override {
    return work || (ring != nullptr && !ring->empty());
  }
  [[nodiscard]] bool arm_wakeup() override {
    ++armed;
    bell->prepare_sleep();
    if (ring_when_armed) bell->ring();
    return work_at_last_look || has_work();
  }
  void disarm_wakeup() override {
    ++disarmed;
    bell->end_sleep();
  }
  void on_readable() override { ++woken; }

  std::unique_ptr<Doorbell> bell = std::move(*Doorbell::create());
  SpscRing<int>* ring = nullptr;
  bool work = false;
  bool work_at_last_look = false;
  bool ring_when_armed = false;
  int armed = 0;
  int disarmed = 0;
  int woken = 0;
};

TEST(EventLoop, WakesAtAnInstantAndNeverBefore) {
  auto loop = make_loop();
  SystemClock clock;
  for (int i = 0; i < 20; ++i) {
    Instant wake = clock.now().utc + milliseconds(3);
    loop->wait({.utc = wake, .mono = std::nullopt});
    EXPECT_GE(clock.now().utc, wake);
  }
}

TEST(EventLoop, WakesAtAMonotonicDeadlineAndNeverBefore) {
  auto loop = make_loop();
  SystemClock clock;
  Monotonic wake = clock.now().mono + milliseconds(3);
  loop->wait({.utc = std::nullopt, .mono = wake});
  EXPECT_GE(clock.now().mono, wake);
}

TEST(EventLoop, TheEarlierOfTwoDeadlinesWakes) {
  auto loop = make_loop();
  SystemClock clock;
  Now now = clock.now();
  loop->wait({.utc = now.utc + hours(1), .mono = now.mono + milliseconds(2)});
  now = clock.now();
  loop->wait({.utc = now.utc + milliseconds(2), .mono = now.mono + hours(1)});
}

TEST(EventLoop, ADeadlineInThePastOnlyPolls) {
  auto loop = make_loop();
  loop->wait({.utc = Instant{0}, .mono = std::nullopt});
  loop->wait({.utc = Instant{0}, .mono = Monotonic{-5}});
  loop->wait({.utc = Instant{1}, .mono = std::nullopt});
}

TEST(EventLoop, ARingEndsTheWait) {
  auto loop = make_loop();
  BellSleeper sleeper;
  sleeper.ring_when_armed = true;  // in the gap between the last look and the block
  loop->add_sleeper(sleeper);
  ASSERT_TRUE(loop->watch(sleeper.bell->fd(), sleeper));
  loop->wait({.utc = std::nullopt, .mono = std::nullopt});
  EXPECT_EQ(sleeper.woken, 1);
  EXPECT_EQ(sleeper.disarmed, 1);
}

TEST(EventLoop, DoesNotBlockWhileASleeperHasWork) {
  auto loop = make_loop();
  BellSleeper sleeper;
  sleeper.work = true;
  loop->add_sleeper(sleeper);
  loop->wait({.utc = std::nullopt, .mono = std::nullopt});
  EXPECT_EQ(sleeper.armed, 0);
}

TEST(EventLoop, DoesNotBlockWhenTheLastLookFindsWork) {
  auto loop = make_loop();
  BellSleeper first;
  BellSleeper second;
  BellSleeper third;
  second.work_at_last_look = true;
  for (BellSleeper* sleeper : {&first, &second, &third}) loop->add_sleeper(*sleeper);
  loop->wait({.utc = std::nullopt, .mono = std::nullopt});
  EXPECT_EQ(first.disarmed, 1);
  EXPECT_EQ(second.disarmed, 1);
  EXPECT_EQ(third.armed, 0);
  EXPECT_EQ(third.disarmed, 0);
}

TEST(EventLoop, AnotherThreadWakesItEachTime) {
  constexpr int kRounds = 5'000;
  auto loop = make_loop();
  SpscRing<int> ring(1);
  BellSleeper sleeper;
  sleeper.ring = &ring;
  loop->add_sleeper(sleeper);
  ASSERT_TRUE(loop->watch(sleeper.bell->fd(), sleeper));
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      while (!ring.push(int{i})) std::this_thread::yield();
      sleeper.bell->ring();
    }
  });
  for (int expected = 0; expected < kRounds;) {
    loop->wait({.utc = std::nullopt, .mono = std::nullopt});
    while (std::optional<int> value = ring.pop()) EXPECT_EQ(*value, expected++);
  }
  other.join();
}

TEST(EventLoop, UnwatchEndsTheCalls) {
  auto loop = make_loop();
  BellSleeper sleeper;
  ASSERT_TRUE(loop->watch(sleeper.bell->fd(), sleeper));
  sleeper.bell->prepare_sleep();
  sleeper.bell->ring();
  loop->unwatch(sleeper.bell->fd());
  loop->wait({.utc = Instant{0}, .mono = std::nullopt});
  EXPECT_EQ(sleeper.woken, 0);
}

TEST(EventLoop, ManyThreadsMakeTheirsAtOnceAndLeaveNoDescriptor) {
  make_loop();  // whatever the libraries open once for all
  int before = open_descriptors();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([] {
      for (int round = 0; round < 10; ++round) {
        auto loop = make_loop();
        loop->wait({.utc = Instant{0}, .mono = std::nullopt});
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace hourwheel::event_loop_test
