// Connections to targets: kept, shared, bounded.
#include "net/webhook_dispatcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/net/dispatcher_fixture.h"

namespace hourwheel::webhook_connections_test {
namespace {

using namespace dispatcher_test;
using test::HangingPort;
using test::Target;

class WebhookConnectionsTest : public DispatcherTest {};

TEST_P(WebhookConnectionsTest, ConnectionsAreKeptAndUsedAgain) {
  Target target(loop_.base(), answer_ok);
  TaskSpec spec = spec_for(target.address());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 1U);
  EXPECT_EQ(dispatcher_->counters().connections_reused, 9U);
  EXPECT_EQ(dispatcher_->counters().connections_idle, 1U);
}

TEST_P(WebhookConnectionsTest, AConnectionTheTargetClosesIsNotKept) {
  for (const std::string& answer :
       {std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        std::string("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"), kOk + "HTTP/1.1 200 OK\r\n"}) {
    Target target(loop_.base(), [&](Target::Peer& peer) {
      if (take_requests(peer) > 0) peer.say(answer);
    });
    TaskSpec spec = spec_for(target.address());
    EXPECT_EQ(send_one(spec).status, 200);
    EXPECT_EQ(send_one(spec).status, 200);
    EXPECT_EQ(target.accepted(), 2U) << answer;
  }
}

TEST_P(WebhookConnectionsTest, ADeadKeptConnectionIsNeverResentOnSilently) {
  size_t requests = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) {
    if (take_requests(peer) == 0) return;
    if (++requests == 2) {
      peer.reset();
    } else {
      peer.say(kOk);
    }
  });
  TaskSpec spec = spec_for(target.address());
  EXPECT_EQ(send_one(spec).status, 200);
  AttemptOutcome lost = send_one(spec);
  EXPECT_EQ(lost.result, AttemptResult::kConnectionLost);
  EXPECT_TRUE(lost.sent);
  EXPECT_FALSE(lost.detail.empty());
  EXPECT_EQ(requests, 2U);
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 2U);
}

TEST_P(WebhookConnectionsTest, AKeptConnectionThatDiesInTheMeantimeIsLeftAlone) {
  Target target(loop_.base(), answer_ok);
  TaskSpec spec = spec_for(target.address());
  EXPECT_EQ(send_one(spec).status, 200);
  target.peer(0).hang_up();
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
  EXPECT_EQ(send_one(spec).status, 200);
  EXPECT_EQ(target.accepted(), 2U);
}

TEST_P(WebhookConnectionsTest, BytesNobodyAskedForEndAKeptConnection) {
  Target target(loop_.base(), answer_ok);
  EXPECT_EQ(send_one(spec_for(target.address())).status, 200);
  target.peer(0).say(kOk);
  run_until([&] { return dispatcher_->counters().connections_open == 0; });
  EXPECT_EQ(dispatcher_->counters().connections_idle, 0U);
}

TEST_P(WebhookConnectionsTest, AThousandAttemptsShareTheAllowedConnections) {
  constexpr size_t kAttempts = 1000;
  size_t most_open = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) {
    most_open = std::max(most_open, peer.target->open());
    answer_ok(peer);
  });
  TaskSpec spec = spec_for(target.address());
  for (uint32_t i = 0; i < kAttempts; ++i) start(spec, i);
  EXPECT_EQ(dispatcher_->in_flight(), kAttempts);
  run_until_ended(kAttempts);
  std::map<uint32_t, int> ends;
  for (const AttemptEnded& one : ended_) {
    EXPECT_EQ(one.outcome.status, 200);
    ++ends[one.token.slot];
  }
  EXPECT_EQ(ends.size(), kAttempts);
  EXPECT_LE(most_open, kMaxConnectionsPerDestination);
  EXPECT_LE(target.accepted(), kMaxConnectionsPerDestination);
  EXPECT_EQ(dispatcher_->in_flight(), 0U);
}

TEST_P(WebhookConnectionsTest, AttemptsThatFindNoConnectionInTimeEndUnsent) {
  HangingPort hanging;
  TaskSpec spec = spec_for(hanging.address());
  spec.target.connect_timeout = seconds(60);
  for (uint32_t i = 0; i < kMaxConnectionsPerDestination + 10; ++i) start(spec, i);
  pass(kAttemptTimeout);
  turn();
  ASSERT_EQ(ended_.size(), kMaxConnectionsPerDestination + 10);
  for (const AttemptEnded& one : ended_) {
    EXPECT_EQ(one.outcome.result, AttemptResult::kTimedOut);
    EXPECT_FALSE(one.outcome.sent);
  }
}

TEST_P(WebhookConnectionsTest, OneDestinationDoesNotHoldUpAnother) {
  HangingPort hanging;
  Target target(loop_.base(), answer_ok);
  TaskSpec stuck = spec_for(hanging.address());
  for (uint32_t i = 0; i < 500; ++i) start(stuck, i);
  start(spec_for(target.address()), 999);
  run_until_ended(1);
  EXPECT_EQ(ended_[0].token.slot, 999U);
}

TEST_P(WebhookConnectionsTest, KeptConnectionsGrowOldAndAreClosed) {
  Target target(loop_.base(), answer_ok);
  EXPECT_EQ(send_one(spec_for(target.address())).status, 200);
  EXPECT_EQ(dispatcher_->next_deadline(), now_.mono + kMaxIdleAge);
  pass(kMaxIdleAge);
  run_until([&] { return target.open() == 0; });
  EXPECT_EQ(dispatcher_->counters().connections_open, 0U);
  EXPECT_EQ(dispatcher_->next_deadline(), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Backends, WebhookConnectionsTest,
                         testing::ValuesIn(test::available_backends()), test::backend_name);

}  // namespace
}  // namespace hourwheel::webhook_connections_test
