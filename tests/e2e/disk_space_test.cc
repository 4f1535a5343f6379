// A disk that is filled and freed again and again under load (C-21): nothing acknowledged is lost,
// the server goes on, says what it refuses and why, and resumes by itself.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <thread>

#include "tests/e2e/fixture.h"
#include "tests/e2e/load_verdict.h"
#include "tests/e2e/scarce_space.h"

namespace hourwheel::disk_space_test {
namespace {

constexpr int kClients = 4;
constexpr uint64_t kVolume = 64 << 20;
constexpr Duration kAnswerTime = milliseconds(10);
// What a client waits for after a refusal before it asks again.
constexpr Duration kBreath = milliseconds(20);

// What the clients have been told, for the test to wait for.
class Told {
 public:
  void acknowledged() { add(acknowledged_); }
  void refused() { add(refused_); }
  void over() { add(over_); }
  // More than there were when it is called.
  bool await_acknowledged(uint64_t more) { return await_more(acknowledged_, more); }
  bool await_refused(uint64_t more) { return await_more(refused_, more); }
  // Until the next of anything, or the time is over.
  void breathe() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::milliseconds(kBreath.ms), [&] { return over_ > 0; });
  }

 private:
  void add(uint64_t& count) {
    std::lock_guard lock(mutex_);
    ++count;
    changed_.notify_all();
  }
  bool await_more(const uint64_t& count, uint64_t more) {
    std::unique_lock lock(mutex_);
    const uint64_t wanted = count + more;
    return changed_.wait_for(lock, std::chrono::milliseconds(kPatience.ms),
                             [&] { return count >= wanted; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t acknowledged_ = 0;
  uint64_t refused_ = 0;
  uint64_t over_ = 0;
};

class FillLoop {
 public:
  enum class How : uint8_t { kBudget, kMounted };

  FillLoop(How how, uint64_t seed) : random_(seed), verdict_(target_, node_, loads_) {
    if (how == How::kMounted) space_ = MountedSpace::mount(node_.folder(), kVolume);
    if (space_ == nullptr) {
      if (how == How::kMounted) std::printf("nothing may be mounted here: a budget instead\n");
      disk_ = std::make_unique<PowerCut>(node_.folder());
      node_.set_environment(disk_->environment());
      space_ = std::make_unique<BudgetSpace>(*disk_, kVolume);
    }
    node_.add_arguments(kSmallReserve);
    for (int client = 0; client < kClients; ++client) {
      loads_.push_back(
          std::make_unique<MixedLoad>("c" + std::to_string(client), random_.next(), target_));
    }
  }

  void run(int fills) {
    verdict_.life_began();
    ASSERT_TRUE(node_.start());
    std::vector<std::thread> clients;
    for (const auto& load : loads_) clients.emplace_back([this, &load = *load] { ask(load); });
    for (; fills_ < fills && !testing::Test::HasFailure(); ++fills_) fill_and_free();
    over_ = true;
    told_.over();
    for (std::thread& client : clients) client.join();
    EXPECT_FALSE(node_.server().wait_for_exit(milliseconds(1))) << node_.server().output();
    if (testing::Test::HasFailure()) return;
    await_writable();
    compare();
    verdict_.judge();
    restart();
  }

  void print() const {
    const Findings& found = verdict_.findings();
    uint64_t acknowledged = 0;
    std::map<std::string, uint64_t> refusals;
    for (const auto& load : loads_) {
      acknowledged += load->acknowledged();
      for (const auto& [code, count] : load->refusals()) refusals[code] += count;
    }
    std::printf(
        "fills=%d full=%d acknowledged=%llu required=%zu attempts=%zu lost=%zu "
        "after_stop=%zu repeats=%zu early=%zu; refusals:",
        fills_, was_full_, static_cast<unsigned long long>(acknowledged), found.required,
        target_.count(), found.lost, found.after_stop, found.repeats, found.early);
    for (const auto& [code, count] : refusals) {
      std::printf(" %s=%llu", code.c_str(), static_cast<unsigned long long>(count));
      EXPECT_TRUE(code == "storage-low" || code == "storage-full") << code;
    }
    std::printf("\n");
  }

 private:
  void ask(MixedLoad& load) {
    HttpClient client(node_.port(), 30'000);
    while (!over_) {
      if (load.change_something(client)) {
        told_.acknowledged();
      } else {
        if (client.closed_by_peer_now()) return;  // it answers whatever there is no space for
        told_.refused();
        told_.breathe();
      }
    }
  }

  // Filled to a byte drawn at random, in the middle of the load.
  void fill_and_free() {
    ASSERT_TRUE(told_.await_acknowledged(20 + random_.below(100))) << "it came to a halt";
    space_->leave(draw_rest());
    EXPECT_TRUE(told_.await_refused(8)) << "nothing was refused on a full disk";
    // Reads are answered whatever the state.
    EXPECT_EQ(200, node_.call("GET", "/v1/server").status);
    if (node_.metric("hourwheel_storage_state") == 2) {
      ++was_full_;
      EXPECT_EQ(503, node_.call("GET", "/readyz").status);
    }
    space_->give_back();
    await_writable();
    // The recurring tasks of the load are due five times a second.
    EXPECT_TRUE(target_.await(target_.count() + 10, kPatience)) << "firing did not resume";
  }

  // Nothing; something that the load uses up; or so much that "low" is met on the way.
  uint64_t draw_rest() {
    const uint64_t drawn = random_.below(3);
    return drawn == 0 ? 0 : drawn == 1 ? random_.below(400'000) : 900'000;
  }

  // Creates are taken again, by each shard: they look at the volume about once a second. What
  // waited for space is stored before what is acknowledged now.
  void await_writable() {
    HttpClient client(node_.port(), 30'000);
    const int64_t until_us = SystemClock().precise_us() + kPatience.ms * 1'000;
    for (int taken = 0; taken < 20;) {
      auto answer = client.request("PUT", "/v1/tasks/last-" + std::to_string(taken),
                                   R"({"schedule":"2199-01-01T00:00:00Z"})", kJsonFields);
      ASSERT_TRUE(answer) << "no answer";
      if (answer->status != 503) {
        ASSERT_TRUE(answer->status == 201 || answer->status == 200) << answer->body;
        ++taken;
        continue;
      }
      ASSERT_LT(SystemClock().precise_us(), until_us) << "it did not resume: " << answer->body;
      told_.breathe();
    }
  }

  void compare() {
    HttpClient client(node_.port(), 30'000);
    for (const auto& load : loads_) load->compare(client, MixedLoad::Scope::kEverything);
  }

  void restart() {
    auto exit = node_.stop();
    EXPECT_TRUE(exit && exit->code == 0) << node_.server().output();
    ASSERT_TRUE(node_.start());
    compare();
  }

  Random random_;
  RecordingTarget target_{kAnswerTime};
  Node node_{backends().front()};
  std::unique_ptr<PowerCut> disk_;
  std::unique_ptr<ScarceSpace> space_;  // goes before the folder
  std::vector<std::unique_ptr<MixedLoad>> loads_;
  LoadVerdict verdict_;
  Told told_;
  std::atomic<bool> over_{false};
  int fills_ = 0;
  int was_full_ = 0;
};

void fill_again_and_again(FillLoop::How how, int fills) {
  FillLoop loop(how, 20261127);
  loop.run(fills);
  loop.print();
}

TEST(DiskWithoutSpace, FilledAndFreedUnderLoadLosesNothingAndResumes) {
  fill_again_and_again(FillLoop::How::kBudget, 3);
}

TEST(FullDiskWithoutSpace, FilledAndFreedFiftyTimesLosesNothingAndResumes) {
  fill_again_and_again(FillLoop::How::kBudget, 50);
}

TEST(FullDiskWithoutSpace, ARealVolumeOf64MiBFilledAndFreedLosesNothingAndResumes) {
  fill_again_and_again(FillLoop::How::kMounted, 10);
}

}  // namespace
}  // namespace hourwheel::disk_space_test
