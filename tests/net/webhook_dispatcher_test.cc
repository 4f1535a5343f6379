#include "net/webhook_dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/dispatcher_fixture.h"

namespace hourwheel::webhook_dispatcher_test {
namespace {

using namespace dispatcher_test;
using test::DeadPort;
using test::HangingPort;
using test::Target;
using testing::HasSubstr;

class WebhookDispatcherTest : public DispatcherTest {};

TEST_P(WebhookDispatcherTest, AResponseEndsTheAttempt) {
  Target target(loop_.base(), answer_ok);
  AttemptOutcome outcome = send_one(spec_for(target.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kResponded);
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, "ok");
  EXPECT_TRUE(outcome.sent);
  EXPECT_EQ(outcome.started, now_.utc);
  EXPECT_EQ(outcome.ended, now_.utc);
  EXPECT_EQ(ended_[0].token.generation, 7U);
  EXPECT_EQ(dispatcher_->counters().ended[static_cast<size_t>(AttemptResult::kResponded)], 1U);
}

TEST_P(WebhookDispatcherTest, ASecretThatIsNotThereSendsNothing) {
  Target target(loop_.base(), answer_ok);
  TaskSpec spec = spec_for(target.address());
  spec.target.auth = {AuthKind::kBearer, "crm"};
  AttemptOutcome outcome = send_one(spec);
  EXPECT_EQ(outcome.result, AttemptResult::kSecretMissing);
  EXPECT_FALSE(outcome.sent);
  EXPECT_EQ(dispatcher_->counters().connections_opened, 0U);

  const PlainSealer sealer;
  StoredSecret secret;
  secret.name = "crm";
  secret.value = {{1}, *sealer.seal({"crm", {1}}, SecretText("t0ken"))};
  dispatcher_->set_secrets(SecretTable::open({secret}, sealer));
  std::string request;
  Target seeing(loop_.base(), [&](Target::Peer& peer) {
    request += peer.received;
    answer_ok(peer);
  });
  spec.target.url = "http://" + to_text(seeing.address()) + "/";
  EXPECT_EQ(send_one(spec).status, 200) << "it was made meanwhile";
  EXPECT_THAT(request, HasSubstr("\r\nAuthorization: Bearer t0ken\r\n"));
}

TEST_P(WebhookDispatcherTest, StartedIsWhenTheRequestIsHandedOver) {
  std::string request;
  Target target(loop_.base(), [&](Target::Peer& peer) { request = peer.received; });
  TaskSpec spec = spec_for(target.address());
  const Instant asked = now_.utc;
  start(spec);
  pass(milliseconds(5));  // the connection is made within these
  run_until([&] { return !request.empty(); });
  pass(milliseconds(10));
  target.peer(0).say(kOk);
  run_until_ended(1);
  EXPECT_EQ(ended_[0].outcome.started, asked + milliseconds(5));
  EXPECT_EQ(ended_[0].outcome.ended, asked + milliseconds(15));
}

TEST_P(WebhookDispatcherTest, WhatTheTargetAsksForIsReported) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    peer.say("HTTP/1.1 503 Later\r\nRetry-After: 17\r\nX-No-Retry: 1\r\nContent-Length: 0\r\n\r\n");
  });
  AttemptOutcome outcome = send_one(spec_for(target.address()));
  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(outcome.retry_after, seconds(17));
  EXPECT_TRUE(outcome.no_retry);
}

TEST_P(WebhookDispatcherTest, ABodyMayEndWithItsConnection) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    if (take_requests(peer) == 0) return;
    // Through the socket itself: the close below must not overtake it.
    const std::string answer = "HTTP/1.1 202 OK\r\n\r\nuntil the end";
    ::send(bufferevent_getfd(peer.stream), answer.data(), answer.size(), 0);
    peer.hang_up();
  });
  AttemptOutcome outcome = send_one(spec_for(target.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kResponded);
  EXPECT_EQ(outcome.status, 202);
  EXPECT_EQ(outcome.body, "until the end");
}

TEST_P(WebhookDispatcherTest, AChunkedBodyInPiecesIsRead) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    if (take_requests(peer) > 0) {
      peer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
      peer.say("1\r\nc\r\n0\r\n\r\n");
    }
  });
  TaskSpec spec = spec_for(target.address());
  EXPECT_EQ(send_one(spec).body, "abc");
  EXPECT_EQ(send_one(spec).body, "abc");
  EXPECT_EQ(target.accepted(), 1U);
}

TEST_P(WebhookDispatcherTest, ALostConnectionBeforeTheAnswerIsReportedAsSent) {
  Target hangs_up(loop_.base(), [](Target::Peer& peer) { peer.hang_up(); });
  AttemptOutcome outcome = send_one(spec_for(hangs_up.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kConnectionLost);
  EXPECT_TRUE(outcome.sent);
  Target in_the_middle(loop_.base(), [](Target::Peer& peer) {
    const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    ::send(bufferevent_getfd(peer.stream), half.data(), half.size(), 0);
    peer.hang_up();
  });
  EXPECT_EQ(send_one(spec_for(in_the_middle.address())).result, AttemptResult::kConnectionLost);
}

TEST_P(WebhookDispatcherTest, GarbageAndHugeHeadsAreBadResponses) {
  for (const std::string& answer :
       {std::string("SSH-2.0-x\r\n"), std::string("\0\0\0\0", 4),
        "HTTP/1.1 200 OK\r\nX: " + std::string(2 * kMaxResponseHead, 'x')}) {
    Target target(loop_.base(), [&](Target::Peer& peer) { peer.say(answer); });
    AttemptOutcome outcome = send_one(spec_for(target.address()));
    EXPECT_EQ(outcome.result, AttemptResult::kBadResponse);
    EXPECT_FALSE(outcome.detail.empty());
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
  }
}

TEST_P(WebhookDispatcherTest, SomeFieldsOfTheResponseAreTold) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    if (take_requests(peer) > 0) {
      peer.say(
          "HTTP/1.1 503 Busy\r\nX-Request-Id: 7f3a\r\nSet-Cookie: a=b\r\n"
          "Content-Length: 0\r\n\r\n");
    }
  });
  AttemptOutcome outcome = send_one(spec_for(target.address()));
  EXPECT_EQ(outcome.kept_fields, "X-Request-Id: 7f3a\nContent-Length: 0\n");
}

TEST_P(WebhookDispatcherTest, AnEndlessBodyIsCutOffAndStillCounts) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    if (take_requests(peer) > 0) {
      peer.say("HTTP/1.1 200 OK\r\n\r\n" + std::string(3 * kMaxResponseBody, 'x'));
    }
  });
  AttemptOutcome outcome = send_one(spec_for(target.address()));
  EXPECT_EQ(outcome.status, 200);
  EXPECT_EQ(outcome.body, std::string(kMaxStoredBody, 'x'));
  EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
}

TEST_P(WebhookDispatcherTest, ARefusedConnectionFailsUnsent) {
  DeadPort dead;
  AttemptOutcome outcome = send_one(spec_for(dead.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kConnectFailed);
  EXPECT_FALSE(outcome.sent);
  EXPECT_EQ(outcome.started, now_.utc);
}

TEST_P(WebhookDispatcherTest, AHangingConnectEndsAtItsTimeOut) {
  HangingPort hanging;
  TaskSpec spec = spec_for(hanging.address());
  start(spec);
  EXPECT_EQ(dispatcher_->next_deadline(), now_.mono + kConnectTimeout);
  pass(kConnectTimeout - milliseconds(1));
  turn();
  EXPECT_TRUE(ended_.empty());
  pass(milliseconds(1));
  turn();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kConnectTimedOut);
  EXPECT_FALSE(ended_[0].outcome.sent);
  EXPECT_EQ(dispatcher_->next_deadline(), std::nullopt);
}

TEST_P(WebhookDispatcherTest, ASilentTargetEndsAtTheAttemptsTimeOut) {
  size_t requests = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) { requests += take_requests(peer); });
  TaskSpec spec = spec_for(target.address());
  start(spec);
  run_until([&] { return requests == 1; });
  EXPECT_EQ(dispatcher_->next_deadline(), now_.mono + kAttemptTimeout);
  pass(kAttemptTimeout);
  run_until_ended(1);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kTimedOut);
  EXPECT_TRUE(ended_[0].outcome.sent);
  run_until([&] { return target.open() == 0; });  // the connection is not kept
}

// C-12 cancel_running: it is told of like every other end, once.
TEST_P(WebhookDispatcherTest, ACanceledAttemptEndsAsStopped) {
  size_t requests = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) { requests += take_requests(peer); });
  TaskSpec spec = spec_for(target.address());
  start(spec, 3);
  run_until([&] { return requests == 1; });
  dispatcher_->cancel({1, 3, 8});  // another one
  dispatcher_->cancel({1, 4, 7});
  turn();
  EXPECT_TRUE(ended_.empty());
  dispatcher_->cancel({1, 3, 7});
  dispatcher_->cancel({1, 3, 7});
  run_until_ended(1);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kStopped);
  EXPECT_TRUE(ended_[0].outcome.sent);
  EXPECT_EQ(ended_[0].token.slot, 3U);
  run_until([&] { return target.open() == 0; });  // the connection is not kept
  EXPECT_EQ(dispatcher_->in_flight(), 0U);
}

TEST_P(WebhookDispatcherTest, AnAttemptIsCanceledBeforeItHasAConnection) {
  HangingPort hanging;
  TaskSpec spec = spec_for(hanging.address());
  start(spec, 5);
  dispatcher_->cancel({1, 5, 7});
  turn();
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kStopped);
  EXPECT_FALSE(ended_[0].outcome.sent);
  EXPECT_EQ(dispatcher_->next_deadline(), std::nullopt);
}

TEST_P(WebhookDispatcherTest, ATricklingTargetDoesNotMoveTheTimeOut) {
  Target target(loop_.base(), [&](Target::Peer& peer) { peer.say("HTTP/1.1 200 OK\r\n"); });
  TaskSpec spec = spec_for(target.address());
  start(spec);
  run_until([&] { return target.accepted() == 1 && !target.peer(0).received.empty(); });
  pass(kAttemptTimeout - milliseconds(1));
  target.peer(0).say("X: y\r\n");
  turn();
  EXPECT_TRUE(ended_.empty());
  pass(milliseconds(1));
  run_until_ended(1);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kTimedOut);
}

TEST_P(WebhookDispatcherTest, TheNextAddressIsTriedWithinTheConnectTimeOut) {
  // localhost is 127.0.0.1 and ::1; the target listens on the first, so both orders are met.
  Target target(loop_.base(), answer_ok);
  TaskSpec spec = spec_for(target.address());
  spec.target.url = "http://localhost:" + std::to_string(target.address().port) + "/";
  EXPECT_EQ(send_one(spec).status, 200);
  HangingPort hanging;
  spec.target.url = "http://localhost:" + std::to_string(hanging.address().port) + "/";
  ended_.clear();
  start(spec);
  EXPECT_EQ(dispatcher_->next_deadline(), now_.mono + Duration{kConnectTimeout.ms / 2});
  pass(Duration{kConnectTimeout.ms / 2});
  run_until_ended(1);  // ::1 refuses at once
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kConnectFailed);
  EXPECT_EQ(dispatcher_->counters().connections_opened, 3U);
}

TEST_P(WebhookDispatcherTest, DeniedAddressesGetNoConnection) {
  Target target(loop_.base(), answer_ok);
  EgressPolicy strict(EgressMode::kPublicOnly, {});
  WebhookDispatcher dispatcher(loop_.io(), *resolver_, strict, *signer_, *tls_);
  dispatcher.set_now(now_);
  const std::string port = ":" + std::to_string(target.address().port) + "/";
  uint32_t slot = 0;
  for (const char* host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]",
                           "169.254.169.254", "10.0.0.1", "0.0.0.0"}) {
    TaskSpec spec = spec_for(target.address());
    spec.target.url = "http://" + std::string(host) + port;
    dispatcher.start(start_of(spec, slot++));
  }
  dispatcher.take_ended(ended_);
  ASSERT_EQ(ended_.size(), slot);
  for (const AttemptEnded& one : ended_) {
    EXPECT_EQ(one.outcome.result, AttemptResult::kAddressDenied);
    EXPECT_FALSE(one.outcome.sent);
  }
  EXPECT_EQ(dispatcher.counters().connections_opened, 0U);
}

TEST_P(WebhookDispatcherTest, StopEndsEverythingOnce) {
  HangingPort hanging;
  size_t requests = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) { requests += take_requests(peer); });
  TaskSpec silent = spec_for(target.address());
  TaskSpec stuck = spec_for(hanging.address());
  for (uint32_t i = 0; i < 5; ++i) start(silent, i);
  for (uint32_t i = 5; i < 10; ++i) start(stuck, i);
  run_until([&] { return requests == 5; });
  dispatcher_->stop();
  start(silent, 10);
  turn();
  ASSERT_EQ(ended_.size(), 11U);
  for (const AttemptEnded& one : ended_) {
    EXPECT_EQ(one.outcome.result, AttemptResult::kStopped);
    EXPECT_EQ(one.outcome.sent, one.token.slot < 5);
  }
  EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
  run_until([&] { return target.open() == 0; });
  EXPECT_EQ(ended_.size(), 11U);
}

INSTANTIATE_TEST_SUITE_P(Backends, WebhookDispatcherTest,
                         testing::ValuesIn(test::available_backends()), test::backend_name);

}  // namespace
}  // namespace hourwheel::webhook_dispatcher_test
