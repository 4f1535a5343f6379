// A dispatcher of webhooks on a loop of its own, with targets on loopback and a clock that stands
// until a test moves it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "net/webhook_dispatcher.h"
#include "tests/net/loop_fixture.h"
#include "tests/support/plain_sealer.h"

namespace hourwheel::dispatcher_test {

inline const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

// How many whole requests the peer has received, taken out of its input.
inline size_t take_requests(test::Target::Peer& peer) {
  size_t count = 0;
  while (true) {
    size_t head = peer.received.find("\r\n\r\n");
    if (head == std::string::npos) return count;
    size_t length = 0;
    size_t at = peer.received.find("Content-Length: ");
    if (at < head) length = std::stoul(peer.received.substr(at + 16));
    if (peer.received.size() < head + 4 + length) return count;
    peer.received.erase(0, head + 4 + length);
    ++count;
  }
}
inline void answer_ok(test::Target::Peer& peer) {
  for (size_t i = take_requests(peer); i > 0; --i) peer.say(kOk);
}

inline TaskSpec spec_for(const Address& address) {
  TaskSpec spec;
  spec.id = "t1";
  spec.target.kind = TargetKind::kHttp;
  spec.target.url = "http://" + to_text(address) + "/hook?x=1";
  spec.payload_kind = PayloadKind::kJson;
  spec.payload = "{\"a\":1}";
  spec.content_type = "application/json";
  return spec;
}

class DispatcherTest : public testing::TestWithParam<IoBackend> {
 protected:
  DispatcherTest() {
    resolver_ = *Resolver::create(loop_.base(), {});
    dispatcher_.emplace(loop_.io(), *resolver_, policy_, *signer_, *tls_);
    dispatcher_->set_now(now_);
  }
  AttemptStart start_of(const TaskSpec& spec, uint32_t slot) {
    return {.token = {1, slot, 7},
            .spec = spec,
            .task = task_key(spec.id),
            .run = {{3}, Trigger::kSchedule, now_.utc.ms},
            .task_version = {5},
            .due = now_.utc,
            .now = now_.utc};
  }
  void start(const TaskSpec& spec, uint32_t slot = 0) { dispatcher_->start(start_of(spec, slot)); }
  void turn() {
    dispatcher_->set_now(now_);
    dispatcher_->reap();
    dispatcher_->expire();
    dispatcher_->take_ended(ended_);
  }
  template <class Done>
  void run_until(Done done) {
    loop_.run_until([this] { turn(); }, done);
  }
  void run_until_ended(size_t count) {
    run_until([&] { return ended_.size() >= count; });
    ASSERT_EQ(ended_.size(), count);
  }
  AttemptOutcome send_one(const TaskSpec& spec) {
    ended_.clear();
    start(spec);
    run_until_ended(1);
    return ended_.empty() ? AttemptOutcome{} : ended_[0].outcome;
  }
  void pass(Duration time) { now_ = {now_.utc + time, now_.mono + time}; }

  test::Loop loop_{GetParam()};
  EgressPolicy policy_{EgressMode::kDevelopment, {}};
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  std::optional<WebhookDispatcher> dispatcher_;
  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
  std::vector<AttemptEnded> ended_;
};

}  // namespace hourwheel::dispatcher_test
