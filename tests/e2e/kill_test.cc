// kill -9 under mixed load, again and again, on one data folder: nothing acknowledged is lost,
// nothing fires after an acknowledged delete, pause or replacement, and what arrives twice says so.
// HOURWHEEL_KILL_SEED=N repeats the requests and the kill points of a failure; the interleaving is
// the machine's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "engine/base/random.h"
#include "tests/e2e/fixture.h"
#include "tests/e2e/mixed_load.h"

namespace hourwheel {
namespace {

constexpr int kClients = 4;
// Long enough that deletes, pauses and kills meet runs in flight.
constexpr Duration kAnswerTime = milliseconds(10);
constexpr uint64_t kDefaultSeed = 20261124;

uint64_t seed_from_environment() {
  const char* text = std::getenv("HOURWHEEL_KILL_SEED");
  return text == nullptr ? kDefaultSeed : std::strtoull(text, nullptr, 10);
}

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
  uint64_t count() {
    std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t count_ = 0;
};

class KillLoop {
 public:
  KillLoop(Backend backend, uint64_t seed) : random_(seed), node_(backend) {
    for (int client = 0; client < kClients; ++client) {
      loads_.push_back(
          std::make_unique<MixedLoad>("c" + std::to_string(client), random_.next(), target_));
    }
  }

  void run(int kills) {
    ASSERT_TRUE(node_.start());
    for (kills_ = 0; kills_ < kills && !testing::Test::HasFailure(); ++kills_) {
      // One in five dies while it still recovers what the one before it left behind.
      uint64_t acknowledgements = random_.chance(20) ? random_.below(20) : 20 + random_.below(500);
      kill_under_load(acknowledgements);
      // Whatever the dead server had sent has been read now: the order of arrivals is the truth.
      ASSERT_TRUE(target_.await_no_connections(kPatience));
      ASSERT_TRUE(node_.start());
      compare(MixedLoad::Scope::kSinceLast);
    }
    const uint64_t last_start = target_.stamp();
    await_required();
    for (const auto& load : loads_) {
      for (const std::string& path : load->recurring_paths()) {
        EXPECT_TRUE(target_.await_one(
            path, [&](const ReceivedAttempt& attempt) { return attempt.order > last_start; },
            kPatience))
            << "stopped recurring: " << path;
      }
    }
    compare(MixedLoad::Scope::kEverything);
    check_run_logs();
    check_arrivals();
  }

  void print(const char* backend) const {
    uint64_t requests = 0;
    uint64_t acknowledged = 0;
    for (const auto& load : loads_) {
      requests += load->requests();
      acknowledged += load->acknowledged();
    }
    std::printf(
        "kills=%d io=%s requests=%llu acknowledged=%llu required=%zu attempts=%zu "
        "repeats=%zu lost=%zu after_stop=%zu unflagged=%zu early=%zu\n",
        kills_, backend, static_cast<unsigned long long>(requests),
        static_cast<unsigned long long>(acknowledged), required_, target_.count(), repeats_, lost_,
        after_stop_, unflagged_, early_);
  }

 private:
  void kill_under_load(uint64_t acknowledgements) {
    Tally tally;
    std::vector<std::thread> clients;
    for (const auto& load : loads_) {
      clients.emplace_back([&tally, &load = *load, port = node_.port()] {
        HttpClient client(port);
        while (client.connected() && load.change_something(client)) tally.add();
      });
    }
    EXPECT_TRUE(tally.await(acknowledgements, kPatience)) << "the server came to a halt";
    node_.kill();
    for (std::thread& client : clients) client.join();
  }

  void compare(MixedLoad::Scope scope) {
    HttpClient client(node_.port(), 20'000);
    for (const auto& load : loads_) load->compare(client, scope);
  }

  void await_required() {
    for (const auto& load : loads_) {
      for (const Required& required : load->required()) {
        ++required_;
        bool arrived = target_.await_one(
            required.path,
            [&](const ReceivedAttempt& attempt) {
              return required.run_id.empty() ? attempt.due == required.due
                                             : attempt.run_id == required.run_id;
            },
            lost_ == 0 ? kPatience : milliseconds(1));
        if (arrived) continue;
        ++lost_;
        ADD_FAILURE() << "never arrived: " << required.path << " due " << to_text(required.due)
                      << " " << required.run_id;
      }
    }
  }

  // C-4: in the log of a task that recurs every 200 ms no instant is missing, and what the log
  // calls succeeded has arrived.
  void check_run_logs() {
    for (const auto& load : loads_) {
      for (const std::string& path : load->recurring_paths()) {
        const std::string id = path.substr(1, path.find('/', 1) - 1);
        check_run_log(id, path, all_runs(id));
      }
    }
  }

  // Pages are in the order of the log, not of the due instants: the edge of one is no edge of time.
  std::vector<std::string> all_runs(const std::string& id) {
    std::vector<std::string> runs;
    std::string token;
    do {
      const std::string page = token.empty() ? "" : "&page_token=" + token;
      HttpAnswer answer = node_.call("GET", "/v1/tasks/" + id + "/runs?page_size=1000" + page);
      for (std::string& run : elements(member(answer.body, "runs"))) runs.push_back(std::move(run));
      token = member(answer.body, "next_page_token");
    } while (!token.empty());
    return runs;
  }

  void check_run_log(const std::string& id, const std::string& path,
                     const std::vector<std::string>& runs) {
    std::map<int64_t, int64_t> covered;  // from first to last instant
    for (const std::string& run : runs) {
      Instant due = parse_instant(member(run, "due_at")).value_or(Instant{});
      std::string last = member(run, "last_due_at");
      covered[due.ms] = last.empty() ? due.ms : parse_instant(last).value_or(Instant{}).ms;
      if (member(run, "state") != "succeeded") continue;
      const std::string run_id = member(run, "id");
      EXPECT_TRUE(target_.await_one(
          path, [&](const ReceivedAttempt& attempt) { return attempt.run_id == run_id; },
          milliseconds(1)))
          << "said to have succeeded, but never arrived: " << run_id;
    }
    ASSERT_FALSE(covered.empty()) << id;
    // The newest may still be under way beside later ones that are already recorded.
    const int64_t settled = covered.rbegin()->first - 5'000;
    for (auto at = covered.begin(); std::next(at) != covered.end() && at->first < settled; ++at) {
      const Instant wanted{at->second + 200};
      EXPECT_EQ(wanted.ms, std::next(at)->first)
          << "not in the run log of " << id << ": "
          << node_.call("GET", "/v1/tasks/" + id + "/why?at=" + to_text(wanted)).body;
    }
  }

  void check_arrivals() {
    std::map<std::string, std::vector<const ReceivedAttempt*>> by_task;
    std::map<std::string, uint32_t> highest;  // attempt number of each run so far
    const std::vector<ReceivedAttempt> received = target_.received();
    for (const ReceivedAttempt& attempt : received) {
      by_task[attempt.task_id].push_back(&attempt);
      if (attempt.at_us / 1000 < attempt.due.ms) ++early_;
      auto [seen, first] = highest.emplace(attempt.run_id, attempt.attempt);
      if (first) continue;
      ++repeats_;
      if (!attempt.possible_duplicate && attempt.attempt <= seen->second) {
        ++unflagged_;
        ADD_FAILURE() << "a repeat that does not say so: " << attempt.path << " " << attempt.run_id
                      << " attempt " << attempt.attempt;
      }
      seen->second = std::max(seen->second, attempt.attempt);
    }
    EXPECT_EQ(0U, early_);
    for (const auto& load : loads_) {
      for (const Stop& stop : load->stops()) check_stop(stop, by_task[stop.task]);
      for (const std::string& id : load->never_were()) {
        EXPECT_TRUE(by_task[id].empty()) << "fired, but does not exist: " << id;
      }
    }
  }

  void check_stop(const Stop& stop, const std::vector<const ReceivedAttempt*>& attempts) {
    uint64_t after = 0;
    for (const ReceivedAttempt* attempt : attempts) {
      auto number = std::strtoul(attempt->path.c_str() + attempt->path.rfind('/') + 1, nullptr, 10);
      if (number <= stop.definition && attempt->order > stop.order) ++after;
    }
    if (after <= stop.in_flight) return;
    ++after_stop_;
    ADD_FAILURE() << after << " attempts of " << stop.task << " by its definition "
                  << stop.definition << " or before came after it was stopped with "
                  << stop.in_flight << " in flight";
  }

  Random random_;
  RecordingTarget target_{kAnswerTime};
  Node node_;
  std::vector<std::unique_ptr<MixedLoad>> loads_;
  int kills_ = 0;
  size_t required_ = 0;
  size_t lost_ = 0;
  size_t repeats_ = 0;
  size_t unflagged_ = 0;
  size_t early_ = 0;
  size_t after_stop_ = 0;
};

void kill_again_and_again(const Backend& backend, int kills) {
  const uint64_t seed = seed_from_environment();
  SCOPED_TRACE("HOURWHEEL_KILL_SEED=" + std::to_string(seed));
  KillLoop loop(backend, seed);
  loop.run(kills);
  loop.print(name_of(backend).c_str());
}

class KillNine : public testing::TestWithParam<Backend> {};

TEST_P(KillNine, NothingAcknowledgedIsLost) {
  kill_again_and_again(GetParam(), 6);
}

class FullKillNine : public testing::TestWithParam<Backend> {};

TEST_P(FullKillNine, NothingAcknowledgedIsLostInFiftyKills) {
  kill_again_and_again(GetParam(), 50);
}

INSTANTIATE_TEST_SUITE_P(Each, KillNine, testing::ValuesIn(backends()), backend_name);
INSTANTIATE_TEST_SUITE_P(Each, FullKillNine, testing::ValuesIn(backends()), backend_name);

}  // namespace
}  // namespace hourwheel
