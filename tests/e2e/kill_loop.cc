#include "tests/e2e/kill_loop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>

#include "tests/e2e/fixture.h"

namespace hourwheel {
namespace {

constexpr int kClients = 4;
// Long enough that deletes, pauses and kills meet runs in flight.
constexpr Duration kAnswerTime = milliseconds(10);
// Where findings are wanted.
constexpr Duration kLittlePatience = seconds(2);
// A named point that the load does not reach in this time is given up.
constexpr Duration kPointPatience = seconds(5);

// Of a point, up to which pass it kills: so that they take about as long to reach.
constexpr std::array<uint64_t, kKillPoints> kPassesOfPoint{0,   200, 200, 200, 20, 20,
                                                           100, 100, 40,  40,  40};
// About what a disk takes.
constexpr int64_t kFlushUs = 2'000;
// The lock's process id is never flushed.
constexpr uint64_t kSector = 512;
// A start writes and flushes about so often.
constexpr uint64_t kWritesOfStart = 60;
constexpr uint64_t kFlushesOfStart = 20;

// Counts acknowledgements across the clients, so that a kill waits for a number of them.
class Tally {
 public:
  void add() {
    std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool await(uint64_t count, Duration deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(deadline.ms),
                             [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t count_ = 0;
};

bool is_of_the_disk(KillPoint point) {
  return point >= KillPoint::kBeforeWrite && point <= KillPoint::kAfterFlush;
}

}  // namespace

KillLoop::KillLoop(const Backend& backend, uint64_t seed, Disk disk)
    : random_(seed),
      backend_(backend),
      kind_of_disk_(disk),
      target_(kAnswerTime),
      node_(backend),
      disk_(node_.folder()),
      verdict_(target_, node_, loads_) {
  node_.set_environment(disk_.environment());
  node_.add_arguments(kSmallReserve);
  disk_.slow_flushes(kFlushUs);
  for (int client = 0; client < kClients; ++client) {
    loads_.push_back(
        std::make_unique<MixedLoad>("c" + std::to_string(client), random_.next(), target_));
  }
  if (disk == Disk::kLies) patience_ = kLittlePatience;
  verdict_.set_patience(patience_);
}

void KillLoop::run(int kills) {
  for (kills_ = 0; kills_ < kills && !testing::Test::HasFailure(); ++kills_) {
    // A disk that lies does so from the second life on: the folder itself is there.
    disk_.lie(kind_of_disk_ == Disk::kLies && kills_ > 0);
    if (!live_and_die(draw_kill())) return;
  }
  verdict_.life_began();
  if (!node_.start() || !compare(MixedLoad::Scope::kEverything)) return;
  verdict_.judge();
}

KillLoop::Kill KillLoop::draw_kill() {
  // One in five dies while it still recovers what the one before it left behind.
  Kill kill;
  kill.acknowledgements = random_.chance(20) ? random_.below(20) : 20 + random_.below(400);
  kill.cuts_power = kills_ % 2 == 0 || kind_of_disk_ == Disk::kLies;
  if (random_.chance(30)) return kill;
  // What io_uring sends and receives for the process passes no function of the C library.
  const bool sees_attempts = std::string_view(backend_.expected) == "libevent";
  const auto last = sees_attempts ? KillPoint::kBeforeResult : KillPoint::kAfterAnswer;
  const uint64_t drawn = 1 + random_.below(static_cast<uint64_t>(last));
  kill.point = static_cast<KillPoint>(drawn);
  kill.at_start = kills_ > 0 && is_of_the_disk(kill.point) && random_.chance(40);
  const bool flushes = kill.point >= KillPoint::kBeforeFlush;
  const uint64_t passes = !kill.at_start ? kPassesOfPoint[drawn]
                          : flushes      ? kFlushesOfStart
                                         : kWritesOfStart;
  kill.nth = static_cast<int64_t>(1 + random_.below(passes));
  return kill;
}

// False when there is no point in going on.
bool KillLoop::live_and_die(const Kill& kill) {
  verdict_.life_began();
  if (start(kill)) {
    if (!compare(MixedLoad::Scope::kSinceLast)) return false;
    kill_under_load(kill);
  }
  if (disk_.died_at() == KillPoint::kNone && testing::Test::HasFailure()) return false;
  ++died_at_[static_cast<size_t>(disk_.died_at())];
  end_process();
  if (kill.cuts_power) cut_power();
  return true;
}

void KillLoop::cut_power() {
  ++cuts_;
  if (disk_.disk().unflushed_bytes() > kSector) ++cuts_that_took_;
  if (kind_of_disk_ == Disk::kHonest) {
    disk_.cut_power(random_);
    return;
  }
  // What such a disk tears apart is found damaged. What it forgets as a whole nobody can see but
  // the clients.
  disk_.cut_power({Survival::kNothing, 0}, random_);
}

// False when it did not come up: killed, or with a failure.
bool KillLoop::start(const Kill& kill) {
  if (kill.at_start) disk_.arm(kill.point, kill.nth);
  Status started = node_.try_start();
  const bool killed = !started && disk_.died_at() != KillPoint::kNone;
  EXPECT_TRUE(started || killed) << started.error().detail;
  // What it has not reached while it started it would reach while it answers about its tasks.
  if (started) disk_.disarm();
  return started.has_value();
}

void KillLoop::kill_under_load(const Kill& kill) {
  Tally tally;
  std::vector<std::thread> clients;
  for (const auto& load : loads_) {
    clients.emplace_back([&tally, &load = *load, port = node_.port()] {
      HttpClient client(port);
      while (client.connected() && load.change_something(client)) tally.add();
    });
  }
  EXPECT_TRUE(tally.await(kill.acknowledgements, patience_)) << "the server came to a halt";
  if (kill.point != KillPoint::kNone && !kill.at_start) {
    disk_.arm(kill.point, kill.nth);
    node_.server().wait_for_exit(kPointPatience);
  }
  node_.kill();
  for (std::thread& client : clients) client.join();
  auto exit = node_.server().wait_for_exit(kPatience);
  EXPECT_TRUE(exit && exit->signal == SIGKILL) << "it ended by itself: " << node_.server().output();
}

void KillLoop::end_process() {
  // Whatever the dead server had sent has been read now: the order of arrivals is the truth.
  EXPECT_TRUE(target_.await_no_connections(kPatience));
  Status seen = disk_.process_ended();
  EXPECT_TRUE(seen) << seen.error().detail;
}

bool KillLoop::compare(MixedLoad::Scope scope) {
  HttpClient client(node_.port(), 20'000);
  for (const auto& load : loads_) {
    if (!load->compare(client, scope)) return false;
  }
  return true;
}

void KillLoop::print() const {
  uint64_t requests = 0;
  uint64_t acknowledged = 0;
  for (const auto& load : loads_) {
    requests += load->requests();
    acknowledged += load->acknowledged();
  }
  const Findings& found = verdict_.findings();
  std::printf(
      "kills=%d power_cuts=%d (%d of more than a sector) io=%s requests=%llu acknowledged=%llu "
      "required=%zu attempts=%zu "
      "repeats=%zu lost=%zu after_stop=%zu unflagged=%zu early=%zu doubled=%zu; kill points:",
      kills_, cuts_, cuts_that_took_, name_of(backend_).c_str(),
      static_cast<unsigned long long>(requests), static_cast<unsigned long long>(acknowledged),
      found.required, target_.count(), found.repeats, found.lost, found.after_stop, found.unflagged,
      found.early, found.doubled);
  for (size_t point = 0; point < kKillPoints; ++point) {
    std::printf(" %s=%d", kKillPointNames[point], died_at_[point]);
  }
  std::printf("\n");
}

}  // namespace hourwheel
