// Attempts to https targets: what is sent when, what becomes of refusals, and which connections
// are used again. What a certificate must be like is in tls_client_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/limits.h"
#include "net/webhook_dispatcher.h"
#include "tests/net/loop_fixture.h"
#include "tests/support/plain_sealer.h"
#include "tools/wire/certificate.h"

namespace hourwheel::https_dispatcher_test {
namespace {

using test::Target;
using testing::HasSubstr;

class HttpsDispatcherTest : public testing::TestWithParam<IoBackend> {
 protected:
  HttpsDispatcherTest() {
    dispatcher_.emplace(loop_.io(), *resolver_, policy_, *signer_, *tls_);
    dispatcher_->set_now(now_);
  }
  CertificatePlan plan(std::vector<std::string> hosts) const {
    return {std::move(hosts), now_.utc - hours(1), now_.utc + hours(24)};
  }
  TaskSpec spec_for(const Target& target) const {
    TaskSpec spec;
    spec.id = "t1";
    spec.target.kind = TargetKind::kHttp;
    spec.target.url = "https://" + to_text(target.address()) + "/hook";
    spec.target.tls.ca = authority_.pem;
    spec.payload_kind = PayloadKind::kJson;
    spec.payload = "{\"a\":1}";
    spec.content_type = "application/json";
    return spec;
  }
  void start(const TaskSpec& spec, uint32_t slot = 0) {
    dispatcher_->start({.token = {1, slot, 7},
                        .spec = spec,
                        .task = task_key(spec.id),
                        .run = {{3}, Trigger::kSchedule, now_.utc.ms},
                        .task_version = {5},
                        .due = now_.utc,
                        .now = now_.utc});
  }
  template <class Done>
  void run_until(Done done) {
    loop_.run_until([this] { turn(); }, done);
  }
  void turn() {
    dispatcher_->set_now(now_);
    dispatcher_->reap();
    dispatcher_->expire();
    dispatcher_->take_ended(ended_);
  }
  AttemptOutcome send_one(const TaskSpec& spec) {
    ended_.clear();
    start(spec);
    run_until([&] { return !ended_.empty(); });
    return ended_.empty() ? AttemptOutcome{} : ended_[0].outcome;
  }
  void pass(Duration time) { now_ = {now_.utc + time, now_.mono + time}; }
  static void answer(Target::Peer& peer) {
    if (peer.received.find("\r\n\r\n{\"a\":1}") == std::string::npos) return;
    peer.received.clear();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }
  void expect_refused(const TaskSpec& spec, const std::string& why) {
    const AttemptOutcome outcome = send_one(spec);
    EXPECT_EQ(outcome.result, AttemptResult::kTlsFailed);
    EXPECT_THAT(outcome.detail, HasSubstr(why));
    EXPECT_FALSE(outcome.sent);
    EXPECT_EQ(dispatcher_->counters().connections_open, dispatcher_->counters().connections_idle);
    EXPECT_EQ(dispatcher_->in_flight(), 0U);
  }

  test::Loop loop_{GetParam()};
  EgressPolicy policy_{EgressMode::kDevelopment, {}};
  std::unique_ptr<Resolver> resolver_ = *Resolver::create(loop_.base(), {});
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  std::optional<WebhookDispatcher> dispatcher_;
  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
  std::vector<AttemptEnded> ended_;
  Certificate authority_ = make_certificate(plan({}));
  Certificate own_ = make_certificate(plan({"127.0.0.1", "localhost"}), &authority_);
  TlsServer server_{own_};
};

// Targets that ask for a certificate of ours.
class ClientCertificates : public HttpsDispatcherTest {
 protected:
  // The value of the one secret that there is; versions are never used again.
  void keep(uint64_t version, const std::string& value, std::vector<std::string> hosts = {}) {
    const PlainSealer sealer;
    StoredSecret secret;
    secret.name = "me";
    secret.value = {{version}, *sealer.seal({"me", {version}}, SecretText(value))};
    secret.hosts = std::move(hosts);
    dispatcher_->set_secrets(SecretTable::open({secret}, sealer));
  }
  std::string signed_for(const std::string& name) const {
    const Certificate made = make_certificate(plan({name}), &clients_);
    return made.pem + made.key_pem;
  }
  TaskSpec showing(const Target& target) const {
    TaskSpec spec = spec_for(target);
    spec.target.tls.client_certificate = "me";
    return spec;
  }

  Certificate clients_ = make_certificate(plan({}));
  TlsServer strict_{own_, TlsVersions::kAll, &clients_};
  TlsServer strict_12_{own_, TlsVersions::kOnly12, &clients_};
};

TEST_P(HttpsDispatcherTest, ATargetThatProvesItselfGetsTheRequest) {
  std::string request;
  Target target(
      loop_.base(),
      [&](Target::Peer& peer) {
        request = peer.received;
        answer(peer);
      },
      &server_);
  const AttemptOutcome outcome = send_one(spec_for(target));
  EXPECT_EQ(outcome.result, AttemptResult::kResponded) << outcome.detail;
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "ok");
  EXPECT_TRUE(outcome.sent);
  EXPECT_THAT(request, HasSubstr("POST /hook HTTP/1.1\r\nHost: " + to_text(target.address())));
  EXPECT_EQ(dispatcher_->counters().tls_handshakes.value(), 1U);
}

// The end comes with the answer, while others wait for the connection.
TEST_P(HttpsDispatcherTest, AStreamThatEndsWithItsAnswerIsNotUsedAgain) {
  Target target(
      loop_.base(),
      [](Target::Peer& peer) {
        if (peer.received.find("\r\n\r\n{\"a\":1}") == std::string::npos) return;
        peer.received.clear();
        peer.tls->write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        peer.tls->end();
        peer.say_as_is(peer.tls->take_output());
      },
      &server_);
  const TaskSpec spec = spec_for(target);
  constexpr uint32_t kAttempts = kMaxConnectionsPerDestination + 20;
  for (uint32_t slot = 0; slot < kAttempts; ++slot) start(spec, slot);
  run_until([&] { return ended_.size() == kAttempts; });
  for (const AttemptEnded& ended : ended_) {
    EXPECT_EQ(ended.outcome.result, AttemptResult::kResponded) << ended.outcome.detail;
  }
  EXPECT_EQ(dispatcher_->counters().connections_reused, 0U);
}

TEST_P(HttpsDispatcherTest, AConnectionIsNotUsedAgainOnceItsProofIsOld) {
  Target target(loop_.base(), answer, &server_);
  const TaskSpec spec = spec_for(target);
  for (Duration passed{}; passed < kMaxTlsSessionAge; passed = passed + seconds(50)) {
    EXPECT_EQ(send_one(spec).status, 200);
    pass(seconds(50));
    turn();
  }
  EXPECT_EQ(target.accepted(), 1U);
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 2U);
}

TEST_P(HttpsDispatcherTest, ANameIsAskedForAndProved) {
  Target target(loop_.base(), answer, &server_);
  TaskSpec spec = spec_for(target);
  spec.target.url = "https://localhost:" + std::to_string(target.address().port) + "/";
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.peer(0).tls->asked_for(), "localhost");
}

TEST_P(HttpsDispatcherTest, ALargeRequestAndAnAnswerInPiecesComeThrough) {
  std::string request;
  Target target(
      loop_.base(),
      [&](Target::Peer& peer) {
        request = peer.received;
        if (!request.ends_with("end")) return;
        peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
        peer.say("1\r\nc\r\n0\r\n\r\n");
      },
      &server_);
  TaskSpec spec = spec_for(target);
  spec.payload = std::string(kMaxPayload - 3, 'p') + "end";
  EXPECT_EQ(send_one(spec).body, "abc");
  EXPECT_THAT(request, HasSubstr(spec.payload));
}

TEST_P(HttpsDispatcherTest, ConnectionsAreKeptAndSessionsResumed) {
  Target target(loop_.base(), answer, &server_);
  const TaskSpec spec = spec_for(target);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 1U);
  EXPECT_EQ(dispatcher_->counters().connections_reused, 4U);
  EXPECT_EQ(dispatcher_->counters().tls_handshakes.value(), 1U);
  pass(kMaxIdleAge);
  run_until([&] { return target.open() == 0; });
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 2U);
  EXPECT_EQ(dispatcher_->counters().tls_handshakes.value(), 2U);
  EXPECT_EQ(dispatcher_->counters().tls_resumed.value(), 1U);
}

TEST_P(HttpsDispatcherTest, OtherSettingsGetAnotherConnection) {
  Target target(loop_.base(), answer, &server_);
  TaskSpec spec = spec_for(target);
  EXPECT_EQ(send_one(spec).status, 200);
  spec.target.tls.insecure_skip_verify = true;
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 2U);
  spec.target.tls = {};
  expect_refused(spec, "not trusted");
}

TEST_P(HttpsDispatcherTest, NoByteOfTheRequestGoesToWhoDoesNotProveItself) {
  size_t told = 0;
  const auto count = [&](Target::Peer& peer) { told += peer.received.size(); };
  const Certificate expired =
      make_certificate({{"127.0.0.1"}, now_.utc - hours(2), now_.utc - hours(1)}, &authority_);
  const Certificate self_signed = make_certificate(plan({"127.0.0.1"}));
  const Certificate other = make_certificate(plan({"a.example"}), &authority_);
  const std::pair<const Certificate*, const char*> cases[] = {
      {&expired, "expired"}, {&self_signed, "not trusted"}, {&other, "another host"}};
  for (const auto& [certificate, why] : cases) {
    for (TlsVersions versions : {TlsVersions::kAll, TlsVersions::kOnly12}) {
      TlsServer server(*certificate, versions);
      Target target(loop_.base(), count, &server);
      expect_refused(spec_for(target), why);
    }
  }
  Target target(loop_.base(), count, &server_);
  TaskSpec spec = spec_for(target);
  spec.target.tls.pin = self_signed.pin;
  expect_refused(spec, "pinned");
  EXPECT_EQ(told, 0U);
}

TEST_P(HttpsDispatcherTest, CertificatesThatCannotBeReadFailTheAttempt) {
  Target target(loop_.base(), answer, &server_);
  TaskSpec spec = spec_for(target);
  spec.target.tls.ca = "none";
  expect_refused(spec, "cannot be read");
  EXPECT_EQ(target.accepted(), 0U);
}

TEST_P(HttpsDispatcherTest, WhatIsNoTlsFailsTheHandshake) {
  Target plain(loop_.base(), [](Target::Peer& peer) {
    peer.say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  expect_refused(spec_for(plain), "handshake failed");
  Target closing(loop_.base(), [](Target::Peer& peer) { peer.hang_up(); });
  expect_refused(spec_for(closing), "closed in the TLS handshake");
  Target resetting(loop_.base(), [](Target::Peer& peer) { peer.reset(); });
  expect_refused(spec_for(resetting), "closed in the TLS handshake");
}

TEST_P(HttpsDispatcherTest, ASilentHandshakeEndsAtItsTimeOut) {
  std::string received;
  Target silent(loop_.base(), [&](Target::Peer& peer) { received = peer.received; });
  start(spec_for(silent));
  run_until([&] { return !received.empty(); });
  EXPECT_EQ(dispatcher_->next_deadline(), now_.mono + kTlsTimeout);
  pass(kTlsTimeout - milliseconds(1));
  turn();
  EXPECT_TRUE(ended_.empty());
  pass(milliseconds(1));
  turn();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kTlsTimedOut);
  EXPECT_FALSE(ended_[0].outcome.sent);
  EXPECT_THAT(received, Not(HasSubstr("hook")));
  EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
}

TEST_P(HttpsDispatcherTest, TheAttemptsOwnTimeOutComesBeforeThatOfTheHandshake) {
  std::string received;
  Target silent(loop_.base(), [&](Target::Peer& peer) { received = peer.received; });
  TaskSpec spec = spec_for(silent);
  spec.target.timeout = seconds(2);
  start(spec);
  run_until([&] { return !received.empty(); });
  pass(seconds(2));
  turn();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kTimedOut);
  EXPECT_FALSE(ended_[0].outcome.sent);
}

TEST_P(HttpsDispatcherTest, AnAttemptIsCanceledInItsHandshake) {
  std::string received;
  Target silent(loop_.base(), [&](Target::Peer& peer) { received = peer.received; });
  start(spec_for(silent), 3);
  run_until([&] { return !received.empty(); });
  dispatcher_->cancel({1, 3, 7});
  turn();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kStopped);
  EXPECT_FALSE(ended_[0].outcome.sent);
  EXPECT_EQ(dispatcher_->next_deadline(), std::nullopt);
}

// Without the word of the peer anybody could have cut the body short.
TEST_P(HttpsDispatcherTest, ABodyEndsWithItsConnectionOnlyWhenTlsSaysSo) {
  const std::string answer = "HTTP/1.1 202 OK\r\n\r\nuntil the end";
  Target in_order(
      loop_.base(),
      [&](Target::Peer& peer) {
        peer.say(answer);
        peer.end_tls();
      },
      &server_);
  const AttemptOutcome outcome = send_one(spec_for(in_order));
  EXPECT_EQ(outcome.status, 202);
  EXPECT_EQ(outcome.body, "until the end");
  EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
  Target cut(
      loop_.base(),
      [&](Target::Peer& peer) {
        // Through the socket itself: the close below must not overtake it.
        peer.tls->write(answer);
        const std::string bytes = peer.tls->take_output();
        ::send(bufferevent_getfd(peer.stream), bytes.data(), bytes.size(), 0);
        peer.hang_up();
      },
      &server_);
  const AttemptOutcome lost = send_one(spec_for(cut));
  EXPECT_EQ(lost.result, AttemptResult::kConnectionLost);
  EXPECT_TRUE(lost.sent);
}

TEST_P(HttpsDispatcherTest, AKeptConnectionEndsWithItsTls) {
  Target target(loop_.base(), answer, &server_);
  EXPECT_EQ(send_one(spec_for(target)).status, 200);
  target.peer(0).end_tls();
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
  EXPECT_EQ(send_one(spec_for(target)).status, 200);
  target.peer(1).say("HTTP/1.1 200 OK\r\n");
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
  EXPECT_EQ(send_one(spec_for(target)).status, 200);
  target.peer(2).say_as_is("no record");
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
  EXPECT_EQ(dispatcher_->counters().connections_idle, 0U);
}

TEST_P(HttpsDispatcherTest, ManyAttemptsShareTheAllowedConnections) {
  constexpr uint32_t kAttempts = 600;
  Target target(loop_.base(), answer, &server_);
  const TaskSpec spec = spec_for(target);
  for (uint32_t i = 0; i < kAttempts; ++i) start(spec, i);
  run_until([&] { return ended_.size() >= kAttempts; });
  for (const AttemptEnded& one : ended_) EXPECT_EQ(one.outcome.status, 200) << one.outcome.detail;
  EXPECT_LE(target.accepted(), kMaxConnectionsPerDestination);
  EXPECT_EQ(dispatcher_->in_flight(), 0U);
}

TEST_P(ClientCertificates, ATargetThatAsksIsShownOne) {
  keep(1, signed_for("me.example"), {"127.0.0.1"});
  for (TlsServer* server : {&strict_, &strict_12_}) {
    Target target(loop_.base(), answer, server);
    const AttemptOutcome outcome = send_one(showing(target));
    EXPECT_EQ(outcome.status, 200) << outcome.detail;
    EXPECT_EQ(target.peer(0).tls->client(), "me.example");
  }
}

TEST_P(ClientCertificates, ATargetThatDoesNotAskIsShownNone) {
  keep(1, signed_for("me.example"));
  Target target(loop_.base(), answer, &server_);
  EXPECT_EQ(send_one(showing(target)).status, 200);
  EXPECT_EQ(target.peer(0).tls->client(), "");
}

TEST_P(ClientCertificates, WithoutOneAStrictTargetTakesNoRequest) {
  size_t told = 0;
  const auto count = [&](Target::Peer& peer) { told += peer.received.size(); };
  Target old(loop_.base(), count, &strict_12_);
  EXPECT_EQ(send_one(spec_for(old)).result, AttemptResult::kTlsFailed);
  // With TLS 1.3 the client is done with the handshake before the target has looked.
  Target target(loop_.base(), count, &strict_);
  EXPECT_EQ(send_one(spec_for(target)).result, AttemptResult::kConnectionLost);
  EXPECT_EQ(told, 0U);
}

// D6: neither the connections of the value before, nor its sessions.
TEST_P(ClientCertificates, AnotherValueGetsAnotherConnection) {
  Target target(loop_.base(), answer, &strict_);
  const TaskSpec spec = showing(target);
  keep(1, signed_for("one.example"));
  EXPECT_EQ(send_one(spec).status, 200);
  pass(kMaxIdleAge);
  run_until([&] { return target.open() == 0; });
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(dispatcher_->counters().tls_resumed.value(), 1U);
  keep(2, signed_for("two.example"));
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(send_one(spec).status, 200);
  ASSERT_EQ(target.accepted(), 3U);
  EXPECT_EQ(target.peer(1).tls->client(), "one.example");
  EXPECT_EQ(target.peer(2).tls->client(), "two.example");
  EXPECT_EQ(dispatcher_->counters().tls_resumed.value(), 1U);
  pass(kMaxIdleAge);
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
}

// An attempt that is under way goes on with the value that it began with.
TEST_P(ClientCertificates, AChangeLeavesWhatIsUnderWayAlone) {
  Target target(loop_.base(), answer, &strict_);
  keep(1, signed_for("one.example"));
  start(showing(target), 0);
  keep(2, signed_for("two.example"));
  start(showing(target), 1);
  run_until([&] { return ended_.size() == 2; });
  std::vector<std::string> shown;
  for (size_t i = 0; i < target.accepted(); ++i) shown.push_back(target.peer(i).tls->client());
  EXPECT_THAT(shown, testing::UnorderedElementsAre("one.example", "two.example"));
}

TEST_P(ClientCertificates, WhatCannotBeShownEndsBeforeAnythingIsSent) {
  Target target(loop_.base(), answer, &strict_);
  const auto ends_as = [&](AttemptResult result) {
    const AttemptOutcome outcome = send_one(showing(target));
    EXPECT_EQ(outcome.result, result) << outcome.detail;
    EXPECT_FALSE(outcome.sent);
    EXPECT_THAT(outcome.detail, HasSubstr("the secret me "));
  };
  ends_as(AttemptResult::kSecretMissing);
  keep(1, signed_for("me.example"), {"localhost"});
  ends_as(AttemptResult::kSecretRefused);
  keep(2, clients_.pem + make_certificate(plan({"me.example"}), &clients_).key_pem);
  ends_as(AttemptResult::kSecretUnusable);
  EXPECT_EQ(target.accepted(), 0U);
  EXPECT_EQ(dispatcher_->in_flight(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Backends, ClientCertificates,
                         testing::ValuesIn(test::available_backends()), test::backend_name);
INSTANTIATE_TEST_SUITE_P(Backends, HttpsDispatcherTest,
                         testing::ValuesIn(test::available_backends()), test::backend_name);

}  // namespace
}  // namespace hourwheel::https_dispatcher_test
