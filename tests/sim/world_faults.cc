// What goes wrong in a world's safety phase, but for what targets and disks do by themselves.
#include <algorithm>

#include "tests/sim/world.h"

namespace hourwheel {
namespace {

// Due instants of one task that a step of the clock passes over: all of them may be made up for.
constexpr int64_t kMostOwed = 20'000;
constexpr uint64_t kLeastRoom = 60'000;  // bytes that a disk still takes before it is full

}  // namespace

void World::crash() {
  crash_wanted_ = false;
  full_until_.reset();
  const auto how = random_.chance(40) ? Disk::Crash::kKilled : Disk::Crash::kPowerCut;
  ++(how == Disk::Crash::kKilled ? totals_.kills : totals_.power_cuts);
  trace_.note(how == Disk::Crash::kKilled ? "kill" : "power cut");
  for (auto& node : nodes_) {
    end_life(*node);
    const Batch* cut = node->store->cut();
    if (node->disk->crash(cut, how)) node->ledger.apply(*cut);
    node->store.reset();
    node->targets.reset();
    node->deliveries.stopped(Deliveries::Stop::kCrash);
  }
  clients_.crashed();
  answer_times_.crashed();
  pauses_.crashed();
  // Down for a moment, or for long.
  now_ = now_ + milliseconds(
                    static_cast<int64_t>(random_.below(random_.chance(80) ? 5'000 : 100'000'000)));
  if (random_.chance(20)) now_ = now_ + features_.pause_between * 100;
  trace_.at(now_);
  client_due_ = now_;
  boot();
  audit();
}

// After a request, by the seed.
void World::break_something() {
  if (random_.chance(features_.clock_step_percent)) step_clock();
  if (random_.chance(features_.full_disk_percent)) fill_a_disk();
  if (random_.chance(features_.freeze_percent)) freeze();
  if (random_.chance(features_.crash_percent)) crash_wanted_ = random_.chance(50);
  if (!crash_wanted_ && random_.chance(features_.crash_percent) && features_.crash_inside_store) {
    nodes_[random_.below(nodes_.size())]->disk->arm_fault(random_);
  }
}

// C-21: for some minutes nothing more goes onto one of the disks, or little is left on it.
void World::fill_a_disk() {
  if (full_until_) return;
  Node& node = *nodes_[random_.below(nodes_.size())];
  if (random_.chance(30)) {
    trace_.note("a disk is nearly full");
    node.store->show(StorageState::kLow, now_);
  } else {
    trace_.note("a disk fills up");
    node.disk->limit_space(random_.below(kLeastRoom));
  }
  full_until_ = now_ + milliseconds(static_cast<int64_t>(random_.below(600'000)));
  ++totals_.full_disks;
}

void World::make_room() {
  if (!full_until_) return;
  full_until_.reset();
  for (auto& node : nodes_) {
    node->disk->limit_space(std::nullopt);
    node->store->show(StorageState::kOk, now_);
  }
}

// SIGSTOP, or a machine that sleeps: time goes on, targets answer, and nobody listens.
void World::freeze() {
  const Duration time{static_cast<int64_t>(random_.below(random_.chance(80) ? 3'000 : 300'000))};
  now_ = now_ + time;
  stopped_ = stopped_ + time;
  trace_.note("frozen until now");
  trace_.at(now_);
  ++totals_.clock_faults;
}

// The wall clock gains on the monotonic one, or loses.
void World::slew(Duration passed) {
  slewed_ += passed.ms * features_.slew_ppm;
  mono_zero_ = mono_zero_ + milliseconds(slewed_ / 1'000'000);
  slewed_ %= 1'000'000;
}

// C-20: somebody sets the wall clock; no time passes, and what goes on elsewhere goes on.
void World::step_clock() {
  const Duration far = std::min(seconds(40'000), features_.shortest_interval() * kMostOwed);
  const Duration reach = random_.chance(70) ? minutes(2) : far;
  Duration step{static_cast<int64_t>(random_.below(static_cast<uint64_t>(reach.ms)))};
  if (features_.clock_steps_back && random_.chance(50)) step = step * -1;
  ++totals_.clock_faults;
  pauses_.saw(now_);
  trace_.note("clock step %lld", static_cast<long long>(step.ms));
  now_ = now_ + step;
  clients_.clock_set(now_ - step, now_);
  if (full_until_) full_until_ = *full_until_ + step;
  mono_zero_ = mono_zero_ + step;
  client_due_ = client_due_ + step;
  trace_.at(now_);
  for (auto& node : nodes_) {
    node->turned_at = Instant{-1};
    node->told_at = node->told_at + step;
    node->memory.look_soon();
    node->store->clock_stepped(step);
    node->targets->clock_stepped(step);
    node->hungry = true;  // the loop's wait ends at once
  }
}

}  // namespace hourwheel
