#include "engine/timing_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/base/random.h"

namespace hourwheel::timing_wheel_test {
namespace {

constexpr Instant kStart{1'700'000'000'000};
constexpr long long kYear = 365LL * 86'400'000;

WheelEntry entry(uint32_t slot, Instant due) {
  return {slot, 1, due};
}

// Everything due at `now`, asked for in pieces of `piece`.
std::vector<WheelEntry> take_all(TimingWheel& wheel, Instant now, size_t piece = 64) {
  std::vector<WheelEntry> all;
  std::vector<WheelEntry> out(piece);
  for (;;) {
    const auto [count, more] = wheel.advance(now, out);
    all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
    if (!more) {
      return all;
    }
  }
}

TEST(TimingWheel, NothingComesOutBeforeItsDueInstantAndAllAtIt) {
  for (const int64_t ahead : {1LL, 255LL, 256LL, 257LL, 65'535LL, 65'536LL, 65'537LL, 1LL << 24,
                              (1LL << 24) + 1, 1LL << 32, 1LL << 40, 5LL * kYear, 7000LL * kYear}) {
    TimingWheel wheel(kStart);
    const Instant due = kStart + milliseconds(ahead);
    wheel.schedule(entry(7, due));
    wheel.verify();
    EXPECT_TRUE(take_all(wheel, due - milliseconds(1)).empty()) << ahead;
    wheel.verify();
    EXPECT_EQ(take_all(wheel, due), std::vector<WheelEntry>{entry(7, due)}) << ahead;
    EXPECT_EQ(wheel.size(), 0U);
  }
}

TEST(TimingWheel, EveryTickAroundLevelBoundariesComesOutAtItsOwnTick) {
  for (const int64_t boundary : {512LL, 65'536LL, 1LL << 24, 1LL << 32, 1LL << 40, 1LL << 47}) {
    TimingWheel wheel(Instant{boundary - 300});
    for (int64_t t = boundary - 299; t <= boundary + 300; ++t) {
      wheel.schedule(entry(static_cast<uint32_t>(t - boundary + 300), Instant{t}));
    }
    for (int64_t t = boundary - 299; t <= boundary + 300; ++t) {
      const std::vector<WheelEntry> out = take_all(wheel, Instant{t});
      ASSERT_EQ(out.size(), 1U) << t;
      EXPECT_EQ(out[0].due.ms, t);
      wheel.verify();
    }
  }
}

TEST(TimingWheel, WhatIsAlreadyDueComesOutAtTheNextAdvance) {
  TimingWheel wheel(kStart);
  wheel.schedule(entry(1, kStart));
  wheel.schedule(entry(2, kStart - hours(1)));
  wheel.schedule(entry(3, Instant{-5}));
  EXPECT_EQ(wheel.next_wake(), kStart);
  EXPECT_EQ(take_all(wheel, kStart).size(), 3U);
  EXPECT_EQ(wheel.next_wake(), std::nullopt);
}

TEST(TimingWheel, ABackwardNowMovesNothing) {
  TimingWheel wheel(kStart);
  (void)take_all(wheel, kStart + seconds(10));
  wheel.schedule(entry(1, kStart + seconds(5)));
  EXPECT_TRUE(take_all(wheel, kStart + seconds(6)).empty());
  EXPECT_EQ(take_all(wheel, kStart + seconds(10)).size(), 1U);
}

TEST(TimingWheel, AMillionDueAtOneTickComeOutInSlicesInOrder) {
  constexpr uint32_t kCount = 1'000'000;
  TimingWheel wheel(kStart);
  const Instant due = kStart + hours(30);
  for (uint32_t i = 0; i < kCount; ++i) {
    wheel.schedule(entry(i, due));
  }
  EXPECT_LT(wheel.bytes(), 20U << 20);
  const size_t bytes = wheel.bytes();
  std::vector<WheelEntry> out(1000);
  uint32_t expected = 0;
  size_t calls = 0;
  for (bool more = true; more; ++calls) {
    const auto advanced = wheel.advance(due, out);
    for (size_t i = 0; i < advanced.count; ++i) {
      ASSERT_EQ(out[i].slot, expected++);
    }
    more = advanced.more;
  }
  EXPECT_EQ(expected, kCount);
  EXPECT_GE(calls, kCount / out.size() + kCount / (TimingWheel::kCascadeBudget + 63));
  // The chunks were given back: as many again need no more memory than the spare of a cascade.
  for (uint32_t i = 0; i < kCount; ++i) {
    wheel.schedule(entry(i, due + hours(30)));
  }
  EXPECT_LE(wheel.bytes(), bytes + (size_t{256} << 10));
}

TEST(TimingWheel, AJumpOfYearsCostsNothingPerTick) {
  TimingWheel wheel(Instant{0});
  for (uint32_t i = 0; i < 1000; ++i) {
    wheel.schedule(entry(i, Instant{static_cast<int64_t>(i) * 8 * kYear + 1}));
  }
  const std::vector<WheelEntry> out = take_all(wheel, kLastInstant);
  ASSERT_EQ(out.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(out.begin(), out.end(),
                             [](const auto& a, const auto& b) { return a.due < b.due; }));
}

// The naive sorted list next to the wheel, with stale entries.
class Model {
 public:
  explicit Model(uint64_t seed)
      : random_(seed), now_{kStart.ms + int64_t(random_.below(1 << 20))}, wheel_(now_) {}

  void step() {
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        schedule();
        break;
      case 3:
        cancel();
        break;
      case 4:
        compact();
        break;
      default:
        advance();
    }
    const std::optional<Instant> wake = wheel_.next_wake();
    ASSERT_EQ(wake.has_value(), wheel_.size() > 0);
    if (!due_.empty()) {
      ASSERT_LE(wake->ms, std::max(due_.begin()->first, now_.ms)) << "late wake";
    }
  }
  void finish() {
    now_ = Instant{(int64_t{1} << 48) - 1};
    while (take(97)) {
    }
    EXPECT_TRUE(due_.empty());
    EXPECT_EQ(wheel_.size(), 0U);
    EXPECT_EQ(wheel_.stale(), 0U);
  }
  void verify() const {
    wheel_.verify();
    ASSERT_EQ(wheel_.size(), due_.size() + stale_.size());
    ASSERT_EQ(wheel_.stale(), stale_.size());
  }

 private:
  int64_t far() { return static_cast<int64_t>(random_.below(uint64_t{1} << random_.below(43))); }
  void schedule() {
    for (uint64_t n = random_.below(100); n > 0; --n) {
      const Instant due = now_ + milliseconds(far() - static_cast<int64_t>(random_.below(3)));
      wheel_.schedule(entry(next_, due));
      due_.emplace(std::max(due.ms, cursor_), next_++);
    }
  }
  void cancel() {
    for (uint64_t n = random_.below(60); n > 0 && !due_.empty(); --n) {
      auto at = due_.begin();
      std::advance(at,
                   static_cast<std::ptrdiff_t>(random_.below(std::min<size_t>(due_.size(), 50))));
      stale_.insert(at->second);
      due_.erase(at);
      wheel_.note_stale();
    }
  }
  void compact() {
    const size_t before = stale_.size();
    const size_t dropped = wheel_.compact(
        [this](const WheelEntry& e) { return stale_.erase(e.slot) == 1; }, random_.below(2000));
    ASSERT_EQ(before - stale_.size(), dropped);
  }
  void advance() {
    now_ = now_ + milliseconds(far() >> random_.below(20));
    for (uint64_t n = 1 + random_.below(20); n > 0 && take(1 + random_.below(40)); --n) {
    }
  }
  bool take(size_t budget) {
    std::vector<WheelEntry> out(budget);
    const auto [count, more] = wheel_.advance(now_, out);
    for (size_t i = 0; i < count; ++i) {
      EXPECT_LE(out[i].due, now_);
      if (stale_.erase(out[i].slot) == 1) {
        wheel_.note_stale_came_out();
        continue;
      }
      const auto first = due_.begin();
      EXPECT_NE(first, due_.end());
      const auto [low, high] = due_.equal_range(std::max(out[i].due.ms, first->first));
      const auto at = std::find_if(low, high, [&](auto& d) { return d.second == out[i].slot; });
      EXPECT_NE(at, high) << "an entry of a later tick came out first";
      if (at == high) {
        return false;
      }
      cursor_ = std::max(cursor_, at->first);
      due_.erase(at);
    }
    if (!more) {
      EXPECT_TRUE(due_.empty() || due_.begin()->first > now_.ms) << "left behind";
      cursor_ = now_.ms;
    }
    return more;
  }

  Random random_;
  Instant now_;
  int64_t cursor_ = 0;
  TimingWheel wheel_;
  uint32_t next_ = 0;
  std::multimap<int64_t, uint32_t> due_;
  std::set<uint32_t> stale_;
};

TEST(TimingWheel, AgreesWithASortedListForEverySeed) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    Model model(seed);
    for (int i = 0; i < 150; ++i) {
      model.step();
      if (i % 10 == 0) {
        model.verify();
      }
      if (::testing::Test::HasFailure()) {
        return;
      }
    }
    model.finish();
  }
}

TEST(TimingWheel, WantsCompactionWhenStaleOnesOutnumberLiveOnesAndASweepDropsThem) {
  constexpr uint32_t kCount = 200'000;
  TimingWheel wheel(kStart);
  Random random(5);
  for (uint32_t i = 0; i < kCount; ++i) {
    wheel.schedule(
        entry(i, kStart + milliseconds(1 + static_cast<int64_t>(random.below(1 << 30)))));
  }
  for (uint32_t i = 0; i < kCount / 2; ++i) {
    wheel.note_stale();
  }
  EXPECT_FALSE(wheel.wants_compaction());
  wheel.note_stale();
  EXPECT_TRUE(wheel.wants_compaction());
  size_t dropped = 0;
  while (wheel.wants_compaction()) {
    size_t looked_at = 0;
    dropped += wheel.compact(
        [&](const WheelEntry& e) {
          ++looked_at;
          return e.slot <= kCount / 2;
        },
        1000);
    ASSERT_LE(looked_at, 1000U + 63U);
  }
  EXPECT_GT(dropped, 0U);
  for (int i = 0; i < 1000; ++i) {
    dropped += wheel.compact([](const WheelEntry& e) { return e.slot <= kCount / 2; }, 1000);
  }
  EXPECT_EQ(dropped, kCount / 2 + 1);
  EXPECT_EQ(wheel.stale(), 0U);
  wheel.verify();
}

TEST(TimingWheel, ARestartKeepsWhatIsInside) {
  TimingWheel wheel(kStart);
  for (uint32_t i = 0; i < 300; ++i) wheel.schedule(entry(i, kStart + milliseconds(i % 3)));
  for (uint32_t i = 300; i < 600; ++i) wheel.schedule(entry(i, kStart + minutes(i)));
  wheel.note_stale();
  std::array<WheelEntry, 100> out;
  ASSERT_EQ(wheel.advance(kStart + milliseconds(5), out).count, 100U);  // the rest is ready
  wheel.restart(kStart - hours(24));
  EXPECT_EQ(wheel.size(), 500U);
  EXPECT_EQ(wheel.stale(), 1U);
  wheel.verify();
  EXPECT_EQ(wheel.advance(kStart - milliseconds(1), out).count, 0U);
  size_t came_out = 0;
  for (bool more = true; more;) {
    const auto advanced = wheel.advance(kStart + minutes(600), out);
    came_out += advanced.count;
    more = advanced.more;
  }
  EXPECT_EQ(came_out, 500U);
}

TEST(TimingWheelDeathTest, DroppingWhatWasNotNotedIsABug) {
  TimingWheel wheel(kStart);
  wheel.schedule(entry(1, kStart + seconds(1)));
  EXPECT_DEATH((void)wheel.compact([](const WheelEntry&) { return true; }, 100), "W5");
  EXPECT_DEATH(wheel.note_stale_came_out(), "W5");
  EXPECT_DEATH(wheel.schedule(entry(1, Instant{int64_t{1} << 48})), "W4");
}

}  // namespace
}  // namespace hourwheel::timing_wheel_test
