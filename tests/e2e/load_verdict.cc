#include "tests/e2e/load_verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

namespace hourwheel {

void LoadVerdict::judge() {
  await_required();
  await_recurring();
  check_run_logs();
  check_arrivals();
}

void LoadVerdict::await_required() {
  for (const auto& load : loads_) {
    for (const Required& required : load->required()) {
      ++findings_.required;
      bool arrived = target_.await_one(
          required.path,
          [&](const ReceivedAttempt& attempt) {
            return required.run_id.empty() ? attempt.due == required.due
                                           : attempt.run_id == required.run_id;
          },
          findings_.lost == 0 ? patience_ : milliseconds(1));
      if (arrived) continue;
      ++findings_.lost;
      ADD_FAILURE() << "never arrived: " << required.path << " due " << to_text(required.due) << " "
                    << required.run_id;
    }
  }
}

void LoadVerdict::await_recurring() {
  const uint64_t last_start = lives_.back();
  for (const auto& load : loads_) {
    for (const std::string& path : load->recurring_paths()) {
      bool goes_on = target_.await_one(
          path, [&](const ReceivedAttempt& attempt) { return attempt.order > last_start; },
          findings_.lost == 0 ? patience_ : milliseconds(1));
      if (goes_on) continue;
      ++findings_.lost;
      ADD_FAILURE() << "stopped recurring: " << path;
    }
  }
}

// C-4: in the log of a task that recurs every 200 ms no instant is missing, and what the log calls
// succeeded has arrived.
void LoadVerdict::check_run_logs() {
  for (const auto& load : loads_) {
    for (const std::string& path : load->recurring_paths()) {
      const std::string id = path.substr(1, path.find('/', 1) - 1);
      check_run_log(id, path, all_runs(id));
    }
  }
}

// Pages are in the order of the log, not of the due instants: the edge of one is no edge of time.
std::vector<std::string> LoadVerdict::all_runs(const std::string& id) {
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

void LoadVerdict::check_run_log(const std::string& id, const std::string& path,
                                const std::vector<std::string>& runs) {
  std::map<int64_t, int64_t> covered;  // from first to last instant
  std::set<std::string> arrived;
  for (const ReceivedAttempt& attempt : target_.received_at(path)) arrived.insert(attempt.run_id);
  for (const std::string& run : runs) {
    Instant due = parse_instant(member(run, "due_at")).value_or(Instant{});
    std::string last = member(run, "last_due_at");
    covered[due.ms] = last.empty() ? due.ms : parse_instant(last).value_or(Instant{}).ms;
    if (member(run, "state") != "succeeded") continue;
    const std::string run_id = member(run, "id");
    const bool came =
        arrived.contains(run_id) ||
        target_.await_one(
            path, [&](const ReceivedAttempt& attempt) { return attempt.run_id == run_id; },
            milliseconds(1));
    EXPECT_TRUE(came) << "said to have succeeded, but never arrived: " << run_id;
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

size_t LoadVerdict::life_of(uint64_t order) const {
  return static_cast<size_t>(std::upper_bound(lives_.begin(), lives_.end(), order) -
                             lives_.begin());
}

void LoadVerdict::check_arrivals() {
  std::map<std::string, std::vector<const ReceivedAttempt*>> by_task;
  std::map<std::string, uint32_t> highest;  // attempt number of each run so far
  std::set<std::tuple<std::string, uint32_t, size_t>> in_life;
  const std::vector<ReceivedAttempt> received = target_.received();
  for (const ReceivedAttempt& attempt : received) {
    by_task[attempt.task_id].push_back(&attempt);
    if (attempt.at_us / 1000 < attempt.due.ms) ++findings_.early;
    if (!in_life.emplace(attempt.run_id, attempt.attempt, life_of(attempt.order)).second) {
      ++findings_.doubled;
      ADD_FAILURE() << "C-8 twice without a fault: " << attempt.path << " " << attempt.run_id;
    }
    auto [seen, first] = highest.emplace(attempt.run_id, attempt.attempt);
    if (first) continue;
    check_repeat(attempt, seen->second);
    seen->second = std::max(seen->second, attempt.attempt);
  }
  EXPECT_EQ(0U, findings_.early);
  for (const auto& load : loads_) {
    for (const Stop& stop : load->stops()) check_stop(stop, by_task[stop.task]);
    for (const std::string& id : load->never_were()) {
      EXPECT_TRUE(by_task[id].empty()) << "fired, but does not exist: " << id;
    }
  }
}

void LoadVerdict::check_repeat(const ReceivedAttempt& attempt, uint32_t highest) {
  ++findings_.repeats;
  if (attempt.possible_duplicate || attempt.attempt > highest) return;
  ++findings_.unflagged;
  ADD_FAILURE() << "a repeat that does not say so: " << attempt.path << " " << attempt.run_id
                << " attempt " << attempt.attempt;
}

void LoadVerdict::check_stop(const Stop& stop,
                             const std::vector<const ReceivedAttempt*>& attempts) {
  uint64_t after = 0;
  for (const ReceivedAttempt* attempt : attempts) {
    auto number = std::strtoul(attempt->path.c_str() + attempt->path.rfind('/') + 1, nullptr, 10);
    if (number <= stop.definition && attempt->order > stop.order) ++after;
  }
  if (after <= stop.in_flight) return;
  ++findings_.after_stop;
  ADD_FAILURE() << after << " attempts of " << stop.task << " by its definition " << stop.definition
                << " or before came after it was stopped with " << stop.in_flight << " in flight";
}

}  // namespace hourwheel
