// Targets that take longer: 202, on with the work, and a report by the link that came with the
// attempt.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/fixture.h"

namespace hourwheel::completion_test {
namespace {

constexpr const char* kSucceeded = R"({"result":"succeeded","detail":"12 pages"})";
constexpr const char* kPrefix = "/v1/completions/";

class Completion : public testing::Test {
 protected:
  // A task due at once, whose target may take half an hour.
  void create(const std::string& id) {
    HttpAnswer answer = node_.call(
        "POST", "/v1/tasks",
        R"({"id":")" + id + R"(","schedule":")" + to_text(in(milliseconds(100))) +
            R"(","target":{"kind":"http","url":")" + target_.url() + "/" + id +
            R"(","completion":{"timeout":"30m","heartbeat":"2m"}},"retry":{"min_backoff":"PT0.1S",)" +
            R"("max_backoff":"PT0.1S","jitter":"none"},"callbacks":{"on_success":{"url":")" +
            target_.url() + R"(/told"}}})");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  ReceivedAttempt await_attempt(const std::string& id, size_t number) {
    const std::string path = "/" + id;
    EXPECT_TRUE(target_.await_path(path, number, kPatience)) << number;
    auto received = target_.received_at(path);
    return received.size() < number ? ReceivedAttempt{} : received[number - 1];
  }
  // The path of the link; empty: none came.
  static std::string path_in(const ReceivedAttempt& attempt) {
    const std::string_view link = attempt.field("Hourwheel-Completion-Url");
    const size_t at = link.find(kPrefix);
    return at == std::string_view::npos ? "" : std::string(link.substr(at));
  }
  std::string show(const ReceivedAttempt& attempt) {
    return node_.call("GET", "/v1/runs/" + attempt.run_id).body;
  }
  // The ids of all runs that are running.
  std::vector<std::string> running() {
    std::vector<std::string> ids;
    const std::string page = node_.call("GET", "/v1/runs?state=running").body;
    for (const auto& run : elements(member(page, "runs"))) ids.emplace_back(member(run, "id"));
    return ids;
  }
  // The server has taken the 202, and says that the attempt is with its target.
  std::string await_with_target(const ReceivedAttempt& attempt) {
    const int64_t until_us = SystemClock().precise_us() + kPatience.ms * 1'000;
    while (SystemClock().precise_us() < until_us) {
      std::string run = show(attempt);
      const bool waits = !member(run, "completion").empty();
      if (waits && number_member(run, "attempt") == attempt.attempt) return run;
    }
    ADD_FAILURE() << "not with its target: " << show(attempt);
    return "";
  }
  void expect_report(const ReceivedAttempt& attempt, const std::string& body, int status,
                     const std::string& state) {
    const HttpAnswer answer = node_.call("POST", path_in(attempt), body);
    EXPECT_EQ(status, answer.status) << body << answer.body;
    if (status != 200) return;
    EXPECT_EQ(attempt.run_id, member(answer.body, "run_id"));
    EXPECT_EQ(attempt.attempt, number_member(answer.body, "attempt"));
    EXPECT_EQ(state, member(answer.body, "state")) << answer.body;
  }

  RecordingTarget target_{[](const ReceivedAttempt& attempt) {
    return attempt.path == "/told" ? RecordingTarget::Answer(200)
                                   : RecordingTarget::Answer::deferred();
  }};
  Node node_;
};

TEST_F(Completion, AReportEndsTheRunOnce) {
  ASSERT_TRUE(node_.start());
  create("slow");
  const ReceivedAttempt attempt = await_attempt("slow", 1);
  EXPECT_EQ("http://" + node_.server().address() + path_in(attempt),
            attempt.field("Hourwheel-Completion-Url"));
  const std::string run = await_with_target(attempt);
  EXPECT_EQ("running", member(run, "state"));
  EXPECT_LT(member(member(run, "completion"), "report_by"),
            member(member(run, "completion"), "until"));
  EXPECT_EQ(std::vector{attempt.run_id}, running());
  expect_report(attempt, R"({"result":"heartbeat"})", 200, "running");
  expect_report(attempt, kSucceeded, 200, "succeeded");
  EXPECT_EQ("succeeded", member(show(attempt), "state"));
  const auto others = running();
  EXPECT_EQ(0, std::count(others.begin(), others.end(), attempt.run_id));
  const std::string attempts =
      member(node_.call("GET", "/v1/runs/" + attempt.run_id + "/attempts").body, "attempts");
  EXPECT_EQ("reported_success", member(elements(attempts).at(0), "outcome")) << attempts;
  EXPECT_EQ("12 pages", member(elements(attempts).at(0), "report"));
  EXPECT_EQ(target_.url(), "http://" + member(elements(attempts).at(0), "remote_addr"));
  expect_report(attempt, kSucceeded, 409, "");
  ASSERT_TRUE(target_.await_path("/told", 1, kPatience));
  EXPECT_EQ(attempt.run_id, member(target_.received_at("/told")[0].body, "run_id"));
  EXPECT_EQ(1U, target_.received_at("/slow").size());
}

TEST_F(Completion, AFailureIsRetriedUnderALinkOfItsOwn) {
  ASSERT_TRUE(node_.start());
  create("failing");
  const ReceivedAttempt first = await_attempt("failing", 1);
  await_with_target(first);
  expect_report(first, R"({"result":"failed","detail":"no room"})", 200, "retrying");
  const ReceivedAttempt second = await_attempt("failing", 2);
  EXPECT_EQ(first.run_id, second.run_id);
  EXPECT_EQ(2U, second.attempt);
  EXPECT_NE(path_in(first), path_in(second));
  expect_report(first, kSucceeded, 409, "");
  await_with_target(second);
  expect_report(first, R"({"result":"heartbeat"})", 409, "");
  expect_report(second, R"({"result":"failed","retry":false})", 200, "dead");
  EXPECT_EQ("dead", member(show(second), "state"));
}

TEST_F(Completion, WhatWaitsOutlivesAKill) {
  ASSERT_TRUE(node_.start());
  create("slow");
  const ReceivedAttempt attempt = await_attempt("slow", 1);
  await_with_target(attempt);
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ(1, node_.metric("hourwheel_tasks{state=\"active\"}"));
  await_with_target(attempt);
  EXPECT_EQ(std::vector{attempt.run_id}, running());
  expect_report(attempt, kSucceeded, 200, "succeeded");
  node_.kill();
  ASSERT_TRUE(node_.start());
  EXPECT_EQ("succeeded", member(show(attempt), "state"));
  expect_report(attempt, kSucceeded, 409, "");
  EXPECT_EQ(1U, target_.received_at("/slow").size()) << "it was not sent again";
}

TEST_F(Completion, NobodyReportsByALinkThatWasChangedNorOnATaskThatIsGone) {
  ASSERT_TRUE(node_.start());
  create("slow");
  const ReceivedAttempt attempt = await_attempt("slow", 1);
  await_with_target(attempt);
  std::string other = path_in(attempt);
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(404, node_.call("POST", other, kSucceeded).status);
  EXPECT_EQ(404, node_.call("POST", "/v1/completions/guess", kSucceeded).status);
  EXPECT_EQ("running", member(show(attempt), "state"));
  EXPECT_EQ(200, node_.call("DELETE", "/v1/tasks/slow").status);
  expect_report(attempt, kSucceeded, 404, "");
}

TEST_F(Completion, LinksBeginWithThePublicUrlAndAreTakenByItsName) {
  node_.add_arguments({"--public-url", "https://h.example/wheel/"});
  ASSERT_TRUE(node_.start());
  create("slow");
  const ReceivedAttempt attempt = await_attempt("slow", 1);
  await_with_target(attempt);
  EXPECT_EQ("https://h.example/wheel" + path_in(attempt),
            attempt.field("Hourwheel-Completion-Url"));
  auto by_name = [this](const std::string& path) {
    HttpClient client(node_.port());
    auto answer = client.exchange(
        "POST " + path + " HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/json\r\n" +
        "Content-Length: " + std::to_string(std::string_view(kSucceeded).size()) + "\r\n\r\n" +
        kSucceeded);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(403, by_name("/v1/tasks"));
  EXPECT_EQ(200, by_name(path_in(attempt)));
}

}  // namespace
}  // namespace hourwheel::completion_test
