// The server is down for a while, and many recurring tasks of every misfire policy miss their
// instants. What arrives afterwards is what the policy says (C-11), every due instant has exactly
// one fate in the run log (C-4), and the server can say which one and why.
#include <algorithm>
#include <map>

#include "tests/e2e/crowd.h"
#include "tests/e2e/fixture.h"

namespace hourwheel::outage_test {
namespace {

struct Outage {
  size_t tasks;  // of each policy
  Duration period;
  Duration misfire_after;
  Duration down;
};

constexpr Duration kPace = milliseconds(500);  // of fire_all: two a second

// What the run log says of one due instant.
struct Fate {
  std::string state;
  std::string reason;
  Instant started;
  uint32_t missed_count = 0;
};
using Fates = std::map<Instant, Fate>;

class OutageTest : public testing::Test {
 protected:
  void live_through(const Outage& outage);
  void check_task(const std::string& id, const std::string& policy);

 private:
  // Another server's clock says when it is over.
  void let_pass(Instant instant) {
    Node metronome;
    ASSERT_TRUE(metronome.start());
    metronome.call("POST", "/v1/tasks",
                   R"({"id":"beat","schedule":")" + to_text(instant) +
                       R"(","target":{"kind":"http","url":")" + target_.url() + R"(/beat"}})");
    ASSERT_TRUE(target_.await_path("/beat", 1, outage_.down + kPatience));
  }
  void create_tasks(const std::string& policy, const std::string& misfire) {
    create_crowd(node_, {policy, outage_.tasks, R"({"every":")" + to_text(outage_.period) + R"("})",
                         R"(,"misfire":)" + misfire + R"(,"misfire_after":")" +
                             to_text(outage_.misfire_after) +
                             R"(","overlap":"allow","target":{"kind":"http","url":")" +
                             target_.url() + "/" + policy + R"("})"});
  }
  HttpAnswer get(const std::string& path) {
    auto answer = client_->request("GET", path);
    EXPECT_TRUE(answer && answer->status == 200) << path;
    return answer.value_or(HttpAnswer{});
  }
  // The dues that the outage swallowed for good: nobody could have seen them in time.
  [[nodiscard]] bool is_missed(Instant due) const {
    return due < up_again_ - outage_.misfire_after;
  }
  std::vector<ReceivedAttempt> received_of(const std::string& id) const {
    auto found = by_task_.find(id);
    return found == by_task_.end() ? std::vector<ReceivedAttempt>{} : found->second;
  }
  void gather() {
    for (const ReceivedAttempt& attempt : target_.received()) {
      by_task_[attempt.task_id].push_back(attempt);
    }
  }
  void await_the_end();
  void check_fresh_first();
  Fates fates_of(const std::string& id);
  void check_run_for_missed(const Fates& fates, Instant last_before);
  void check_why(const std::string& id, Instant due, const Fate& fate);

  Outage outage_{};
  RecordingTarget target_;
  Node node_;
  std::unique_ptr<HttpClient> client_;
  Instant down_since_;
  Instant up_again_;
  std::map<std::string, std::vector<ReceivedAttempt>> by_task_;
};

// Until each task has had an instant of the new life, and what was owed has come.
void OutageTest::await_the_end() {
  const Duration patience = outage_.period + kPatience;
  for (const char* policy : {"once", "skip", "all"}) {
    std::map<std::string, std::pair<bool, bool>> seen;
    size_t done = 0;
    auto is_last = [&](const ReceivedAttempt& attempt) {
      auto& [fresh, owed] = seen[attempt.task_id];
      const bool was_done = fresh && owed;
      const bool swallowed = attempt.due > down_since_ && is_missed(attempt.due);
      fresh |= attempt.due > up_again_;
      owed |= std::string_view(policy) != "all" ||
              (swallowed && !is_missed(attempt.due + outage_.period));
      if (!was_done && fresh && owed) ++done;
      return done == outage_.tasks;
    };
    ASSERT_TRUE(target_.await_one("/" + std::string(policy), is_last, patience)) << policy;
  }
}

void OutageTest::live_through(const Outage& outage) {
  outage_ = outage;
  ASSERT_TRUE(node_.start());
  create_tasks("once", R"("fire_once")");
  create_tasks("skip", R"("skip")");
  create_tasks("all", R"({"policy":"fire_all","rate":2})");
  for (const char* path : {"/once", "/skip", "/all"}) {
    ASSERT_TRUE(target_.await_path(path, outage.tasks, outage.period + kPatience));
  }
  create_crowd(node_, {"fresh", 20, in_quotes(to_text(in(outage.down + milliseconds(300)))),
                       R"(,"target":{"kind":"http","url":")" + target_.url() + R"(/fresh"})"});
  auto exit = node_.stop();
  ASSERT_TRUE(exit && exit->code == 0);
  down_since_ = in({});
  let_pass(down_since_ + outage.down);
  up_again_ = in({});
  ASSERT_TRUE(node_.start());
  await_the_end();
  check_fresh_first();
  // After a clean stop all results are stored: no need to wait for them by the clock.
  exit = node_.stop();
  ASSERT_TRUE(exit && exit->code == 0);
  ASSERT_TRUE(node_.start());
  client_ = std::make_unique<HttpClient>(node_.port(), 30'000);
  gather();
  for (const char* policy : {"once", "skip", "all"}) {
    for (size_t i = 0; i < outage.tasks && !HasFailure(); ++i) {
      check_task(policy + ("-" + std::to_string(i)), policy);
    }
  }
}

// What is due now does not wait until all that was owed has been sent.
void OutageTest::check_fresh_first() {
  ASSERT_TRUE(target_.await_path("/fresh", 20, kPatience));
  uint64_t last_owed = 0;
  for (const ReceivedAttempt& attempt : target_.received_at("/all")) {
    if (attempt.due > down_since_ && is_missed(attempt.due)) last_owed = attempt.order;
  }
  for (const ReceivedAttempt& attempt : target_.received_at("/fresh")) {
    EXPECT_LT(attempt.order, last_owed);
  }
}

Fates OutageTest::fates_of(const std::string& id) {
  Fates fates;
  const std::string page = get("/v1/tasks/" + id + "/runs?page_size=200").body;
  for (const std::string& run : elements(member(page, "runs"))) {
    Fate fate{member(run, "state"), member(run, "skip_reason"), {}, 0};
    if (auto started = parse_instant(member(run, "started_at"))) fate.started = *started;
    fate.missed_count = static_cast<uint32_t>(number_member(run, "missed_count"));
    Instant due = *parse_instant(member(run, "due_at"));
    for (int64_t count = number_member(run, "count"); count > 0; --count) {
      EXPECT_TRUE(fates.emplace(due, fate).second) << "C-4 two fates: " << run;
      due = due + outage_.period;
    }
  }
  return fates;
}

void OutageTest::check_why(const std::string& id, Instant due, const Fate& fate) {
  const std::string why = get("/v1/tasks/" + id + "/why?at=" + to_text(due)).body;
  EXPECT_EQ(fate.state == "succeeded" ? "fired" : fate.state, member(why, "answer")) << why;
  EXPECT_EQ(fate.reason, member(why, "reason")) << why;
  const std::string between = to_text(due + milliseconds(1));
  EXPECT_EQ("not_due", member(get("/v1/tasks/" + id + "/why?at=" + between).body, "answer"));
}

void OutageTest::check_task(const std::string& id, const std::string& policy) {
  SCOPED_TRACE(id);
  const auto received = received_of(id);
  ASSERT_FALSE(received.empty());
  const Fates fates = fates_of(id);
  Instant last_before = received.front().due;
  std::vector<Instant> starts;  // of what was owed
  for (Instant due = received.front().due; due <= up_again_; due = due + outage_.period) {
    auto found = fates.find(due);
    ASSERT_TRUE(found != fates.end()) << "C-4 no fate: " << to_text(due);
    const Fate& fate = found->second;
    check_why(id, due, fate);
    if (fate.state == "succeeded" && fate.started < down_since_) last_before = due;
    if (due <= down_since_ || !is_missed(due)) continue;
    if (policy == "all") {
      EXPECT_EQ("succeeded", fate.state) << to_text(due);
      starts.push_back(fate.started);
    } else if (policy == "skip" || is_missed(due + outage_.period)) {
      EXPECT_EQ("skipped", fate.state) << to_text(due);
      EXPECT_EQ("misfire", fate.reason);
    }
  }
  // Paced, oldest first.
  for (size_t i = 0; i < starts.size(); ++i) {
    EXPECT_GE(starts[i], up_again_ + kPace * static_cast<int64_t>(i));
    EXPECT_GE(starts[i], starts[i == 0 ? 0 : i - 1]);
  }
  EXPECT_TRUE(policy != "all" || starts.size() >= 2) << "too short an outage to see a pace";
  if (policy == "once") check_run_for_missed(fates, last_before);
  // What the log says was sent has been sent, and nothing else: each once.
  std::map<Instant, size_t> arrived;
  for (const ReceivedAttempt& attempt : received) {
    EXPECT_EQ(1U, ++arrived[attempt.due]);
    auto found = fates.find(attempt.due);
    EXPECT_TRUE(found != fates.end() && found->second.state == "succeeded");
  }
  for (const auto& [due, fate] : fates) {
    if (due > up_again_ || fate.state != "succeeded") continue;
    EXPECT_TRUE(arrived.contains(due)) << "the log has it, the target not: " << to_text(due);
  }
}

// The one run for what was missed stands for the newest, and counts the others.
void OutageTest::check_run_for_missed(const Fates& fates, Instant last_before) {
  auto first = std::find_if(fates.begin(), fates.end(), [this](const auto& entry) {
    return entry.second.state == "succeeded" && entry.second.started >= up_again_;
  });
  ASSERT_TRUE(first != fates.end());
  const auto& [due, fate] = *first;
  EXPECT_FALSE(is_missed(due + outage_.period)) << "a newer one was missed";
  EXPECT_EQ((due - last_before).ms / outage_.period.ms - 1, fate.missed_count);
}

TEST_F(OutageTest, WhatArrivesAfterwardsIsWhatThePolicySays) {
  live_through({20, seconds(1), milliseconds(300), milliseconds(3'500)});
}

using FullOutageTest = OutageTest;
TEST_F(FullOutageTest, AThousandMinuteTasksAreDownForThreeMinutes) {
  live_through({334, minutes(1), seconds(5), seconds(185)});
}

}  // namespace
}  // namespace hourwheel::outage_test
