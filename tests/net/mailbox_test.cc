#include "net/mailbox.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <string>
#include <thread>

namespace hourwheel::mailbox_test {
namespace {

std::unique_ptr<Doorbell> make_bell() {
  Result<std::unique_ptr<Doorbell>> bell = Doorbell::create();
  EXPECT_TRUE(bell.has_value());
  return std::move(*bell);
}

bool readable(int fd) {
  pollfd one{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&one, 1, 0) == 1;
}

TEST(SpscRing, GivesBackInOrder) {
  SpscRing<int> ring(4);
  for (int round = 0; round < 10; ++round) {  // past the wrap
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(ring.push(round * 10 + i));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ring.pop(), round * 10 + i);
  }
  EXPECT_EQ(ring.pop(), std::nullopt);
}

TEST(SpscRing, RefusesAtItsCapacityAndLeavesTheValue) {
  SpscRing<std::unique_ptr<int>> ring(2);
  ASSERT_TRUE(ring.push(std::make_unique<int>(1)));
  ASSERT_TRUE(ring.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(ring.push(std::move(third)));
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(**ring.pop(), 1);
  EXPECT_TRUE(ring.push(std::move(third)));
  EXPECT_EQ(ring.size(), 2u);
}

TEST(SpscRing, DestroysWhatIsLeftInIt) {
  auto alive = std::make_shared<int>(0);
  {
    SpscRing<std::shared_ptr<int>> ring(8);
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(ring.push(std::shared_ptr<int>(alive)));
    EXPECT_EQ(alive.use_count(), 6);
    ring.pop().reset();
    EXPECT_EQ(alive.use_count(), 5);
  }
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(SpscRingDeathTest, DemandsAPowerOfTwo) {
  EXPECT_DEATH(SpscRing<int>(6), "M1");
}

TEST(Doorbell, IsSilentForAConsumerThatIsAwake) {
  auto bell = make_bell();
  bell->ring();
  EXPECT_FALSE(readable(bell->fd()));
}

TEST(Doorbell, WakesASleeperOnceForManyRings) {
  auto bell = make_bell();
  bell->prepare_sleep();
  bell->ring();
  bell->ring();
  EXPECT_TRUE(readable(bell->fd()));
  bell->end_sleep();
  EXPECT_FALSE(readable(bell->fd()));
  bell->ring();
  EXPECT_FALSE(readable(bell->fd()));
}

TEST(Doorbell, WaitTellsTheTimeOutFromARing) {
  auto bell = make_bell();
  bell->prepare_sleep();
  EXPECT_EQ(bell->wait(milliseconds(0)), Doorbell::Woken::kTimedOut);
  bell->prepare_sleep();
  bell->ring();
  EXPECT_EQ(bell->wait(std::nullopt), Doorbell::Woken::kRung);
}

// Two threads play ball with rings of one place, so that nearly every message finds the other side
// at the brink of sleeping. A lost wake-up hangs the test; a lost or torn message fails it.
TEST(Doorbell, LosesNoWakeUpBetweenTwoThreads) {
  constexpr int kRallies = 20'000;
  SpscRing<std::unique_ptr<std::string>> there(1);
  SpscRing<std::unique_ptr<std::string>> back(1);
  auto there_bell = make_bell();
  auto back_bell = make_bell();
  auto next = [](auto& ring, Doorbell& bell) {
    for (;;) {
      if (auto value = ring.pop()) return std::move(*value);
      bell.prepare_sleep();
      if (ring.empty()) {
        bell.wait(std::nullopt);
      } else {
        bell.end_sleep();
      }
    }
  };
  std::thread other([&] {
    for (int i = 0; i < kRallies; ++i) {
      auto ball = next(there, *there_bell);
      *ball += "!";
      ASSERT_TRUE(back.push(std::move(ball)));
      back_bell->ring();
    }
  });
  for (int i = 0; i < kRallies; ++i) {
    ASSERT_TRUE(there.push(std::make_unique<std::string>(std::to_string(i))));
    there_bell->ring();
    ASSERT_EQ(*next(back, *back_bell), std::to_string(i) + "!");
  }
  other.join();
}

TEST(SpscRing, CarriesEverythingBetweenTwoThreads) {
  constexpr uint64_t kCount = 200'000;
  SpscRing<uint64_t> ring(64);
  auto bell = make_bell();
  std::thread producer([&] {
    for (uint64_t i = 0; i < kCount; ++i) {
      while (!ring.push(uint64_t{i})) std::this_thread::yield();
      if (i % 16 == 15 || i + 1 == kCount) bell->ring();
    }
  });
  for (uint64_t expected = 0; expected < kCount;) {
    if (std::optional<uint64_t> value = ring.pop()) {
      ASSERT_EQ(*value, expected++);
      continue;
    }
    bell->prepare_sleep();
    if (ring.empty()) {
      // The producer rings each 16: a short ring must not wait for one that never comes.
      bell->wait(expected % 16 == 0 ? std::optional<Duration>() : milliseconds(0));
    } else {
      bell->end_sleep();
    }
  }
  producer.join();
}

TEST(Credits, AreRefusedWhenAllAreOut) {
  Credits credits(2);
  EXPECT_TRUE(credits.take());
  EXPECT_TRUE(credits.take());
  EXPECT_FALSE(credits.take());
  credits.give();
  EXPECT_EQ(credits.free(), 1u);
  EXPECT_TRUE(credits.take());
}

TEST(Credits, SomeCanBeKeptForOthers) {
  Credits credits(3);
  EXPECT_TRUE(credits.take(2));
  EXPECT_FALSE(credits.take(2));
  EXPECT_TRUE(credits.take());
  EXPECT_TRUE(credits.take());
  EXPECT_FALSE(credits.take());
}

TEST(CreditsDeathTest, AreGivenBackOnce) {
  Credits credits(1);
  EXPECT_DEATH(credits.give(), "M3");
}

}  // namespace
}  // namespace hourwheel::mailbox_test
