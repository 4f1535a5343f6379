// T-13: https targets of the real server. One that proves itself is called; of one that does not,
// the attempt fails, and nothing of the request is ever sent.
#include <cstdio>
#include <fstream>

#include "tests/e2e/fixture.h"
#include "tools/wire/certificate.h"

namespace hourwheel::https_test {
namespace {

class Https : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    std::ofstream(file_) << authority_.pem;
    node_.add_arguments({"--trusted-certificates", file_});
    ASSERT_TRUE(node_.start());
  }
  void TearDown() override { std::remove(file_.c_str()); }
  static CertificatePlan plan(std::vector<std::string> hosts, Instant to = in(hours(1))) {
    return {std::move(hosts), in({}) - hours(2), to};
  }
  void create(const RecordingTarget& target, const std::string& id, const std::string& tls = "{}") {
    const HttpAnswer answer = node_.call(
        "POST", "/v1/tasks",
        R"({"id":")" + id + R"(","schedule":")" + to_text(in(milliseconds(100))) +
            R"(","payload":{"secret":1},"target":{"kind":"http","url":")" + target.url() + "/" +
            id + R"(","tls":)" + tls +
            R"(},"retry":{"max_attempts":2,"min_backoff":"PT0.1S","max_backoff":"PT0.1S"}})");
    ASSERT_EQ(201, answer.status) << answer.body;
  }
  static std::string in_json(std::string pem) {
    for (size_t at = 0; (at = pem.find('\n', at)) != std::string::npos;) pem.replace(at, 1, "\\n");
    return "\"" + pem + "\"";
  }
  // The attempts of the task's only run, once the server has stopped and started.
  std::vector<std::string> attempts_of(const std::string& id) {
    auto exit = node_.stop();
    EXPECT_TRUE(exit && exit->code == 0);
    EXPECT_TRUE(node_.start());
    const auto runs = elements(member(node_.call("GET", "/v1/tasks/" + id + "/runs").body, "runs"));
    if (runs.empty()) return {};
    return elements(member(
        node_.call("GET", "/v1/runs/" + member(runs[0], "id") + "/attempts").body, "attempts"));
  }
  void expect_refused(const Certificate& certificate, const std::string& why) {
    RecordingTarget target(certificate);
    create(target, "refused");
    EXPECT_TRUE(target.await_connections(2, kPatience));
    EXPECT_TRUE(target.await_no_connections(kPatience));
    const auto attempts = attempts_of("refused");
    ASSERT_EQ(attempts.size(), 2U);
    for (const std::string& attempt : attempts) {
      EXPECT_EQ(member(attempt, "outcome"), "tls_failed") << attempt;
      EXPECT_NE(member(attempt, "error").find(why), std::string::npos) << attempt;
    }
    EXPECT_EQ(target.count(), 0U);
    EXPECT_EQ(target.bytes(), 0U);
  }

  Certificate authority_ = make_certificate(plan({}));
  Node node_{GetParam()};
  // Beside the data folder: what is within it is the server's.
  const std::string file_ = node_.folder() + ".pem";
};

TEST_P(Https, ATargetThatProvesItselfIsCalled) {
  RecordingTarget target(make_certificate(plan({"127.0.0.1"}), &authority_));
  create(target, "proved");
  ASSERT_TRUE(target.await(1, kPatience));
  const ReceivedAttempt attempt = target.received()[0];
  EXPECT_EQ(attempt.path, "/proved");
  EXPECT_EQ(attempt.body, R"({"secret":1})");
  EXPECT_EQ(target.url(), "https://" + std::string(attempt.field("Host")));
  const auto attempts = attempts_of("proved");
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(member(attempts[0], "outcome"), "responded");
  EXPECT_EQ("https://" + member(attempts[0], "remote_addr"), target.url());
  EXPECT_EQ(member(attempts[0], "connection_reused"), "false");
  for (const char* phase : {"connect_ms", "tls_ms", "ttfb_ms"}) {
    EXPECT_NE(member(attempts[0], phase), "") << phase << " " << attempts[0];
  }
}

TEST_P(Https, AnExpiredCertificateFailsTheAttempt) {
  expect_refused(make_certificate(plan({"127.0.0.1"}, in({}) - hours(1)), &authority_),
                 "has expired");
}

TEST_P(Https, ASelfSignedCertificateFailsTheAttempt) {
  expect_refused(make_certificate(plan({"127.0.0.1"})), "is not trusted");
}

TEST_P(Https, ACertificateOfAnotherHostFailsTheAttempt) {
  expect_refused(make_certificate(plan({"localhost", "127.0.0.2"}), &authority_),
                 "is for another host");
}

// Of a task: its own certificates in place of the server's, and a key that must be the target's.
TEST_P(Https, ATaskSaysItselfWhomItTrusts) {
  const Certificate own = make_certificate(plan({"127.0.0.1"}));
  RecordingTarget target(own);
  const std::string pem = in_json(own.pem);
  create(target, "named", R"({"ca":)" + pem + "}");
  ASSERT_TRUE(target.await_path("/named", 1, kPatience));
  create(target, "pinned", R"({"ca":)" + pem + R"(,"pin":")" + own.pin + R"("})");
  ASSERT_TRUE(target.await_path("/pinned", 1, kPatience));
  create(target, "unverified", R"({"insecure_skip_verify":true})");
  ASSERT_TRUE(target.await_path("/unverified", 1, kPatience));
  EXPECT_EQ(member(member(member(node_.call("GET", "/v1/tasks/unverified").body, "target"), "tls"),
                   "insecure_skip_verify"),
            "true");
  const size_t before = target.bytes();
  create(target, "other", R"({"ca":)" + pem + R"(,"pin":")" + authority_.pin + R"("})");
  EXPECT_TRUE(target.await_connections(5, kPatience));  // of three tasks, and twice of this one
  const auto attempts = attempts_of("other");
  ASSERT_EQ(attempts.size(), 2U);
  for (const std::string& attempt : attempts) {
    EXPECT_EQ(member(attempt, "outcome"), "tls_failed") << attempt;
    EXPECT_NE(member(attempt, "error").find("pinned"), std::string::npos) << attempt;
  }
  EXPECT_EQ(target.bytes(), before);
}

// The value of a secret, changed while the server runs.
TEST_P(Https, ATargetThatAsksIsShownTheCertificateOfNow) {
  const Certificate clients = make_certificate(plan({}));
  RecordingTarget target(make_certificate(plan({"127.0.0.1"}), &authority_), &clients);
  const auto keep = [this](const Certificate& own) {
    const std::string value = in_json(own.key_pem + own.pem);
    const HttpAnswer answer = node_.call("PUT", "/v1/secrets/me", R"({"value":)" + value + "}");
    EXPECT_EQ(answer.status / 100, 2) << answer.body;
  };
  const std::string shown = R"({"client_certificate":"me"})";
  keep(make_certificate(plan({"stranger"})));
  create(target, "stranger", shown);
  ASSERT_TRUE(target.await_connections(2, kPatience));
  keep(make_certificate(plan({"client"}), &clients));
  create(target, "client", shown);
  ASSERT_TRUE(target.await_path("/client", 1, kPatience));
  const auto attempts = attempts_of("stranger");
  ASSERT_EQ(attempts.size(), 2U);
  // With TLS 1.3 a client is done with the handshake before it is refused.
  for (const std::string& attempt : attempts) {
    EXPECT_EQ(member(attempt, "outcome"), "connection_lost") << attempt;
  }
  EXPECT_EQ(target.count(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Each, Https, testing::ValuesIn(backends()), backend_name);

TEST(HttpsStart, AFileWithoutCertificatesIsRefused) {
  const std::string file = testing::TempDir() + "no-certificates.pem";
  std::ofstream(file) << "nothing";
  for (const std::string& named : {file, std::string("/nowhere/at-all.pem")}) {
    Node node;
    node.add_arguments({"--trusted-certificates", named});
    const Status started = node.try_start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().detail.find(named), std::string::npos) << started.error().detail;
  }
  std::remove(file.c_str());
}

}  // namespace
}  // namespace hourwheel::https_test
