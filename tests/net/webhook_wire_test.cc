// What the dispatcher notes of attempts on the wire (engine/attempt_wire.h).
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "engine/limits.h"
#include "net/webhook_dispatcher.h"
#include "tests/net/loop_fixture.h"
#include "tools/wire/certificate.h"

namespace hourwheel::webhook_wire_test {
namespace {

using test::DeadPort;
using test::Target;

constexpr Now kStart{Instant{1'716'478'200'123}, Monotonic{50'000}};

Address address_of(const AttemptWire& wire) {
  const bool v4 = wire.remote == RemoteKind::kV4;
  return {v4 ? AddressFamily::kV4 : AddressFamily::kV6, wire.port, wire.address};
}
// Of a connection that was tried and came to nothing.
AttemptWire only(const Address& address) {
  AttemptWire wire;
  wire.remote = address.family == AddressFamily::kV4 ? RemoteKind::kV4 : RemoteKind::kV6;
  wire.port = address.port;
  wire.address = address.bytes;
  return wire;
}

TaskSpec spec_for(const std::string& scheme, const std::string& host_and_port) {
  TaskSpec spec;
  spec.id = "t1";
  spec.target.kind = TargetKind::kHttp;
  spec.target.url = scheme + "://" + host_and_port + "/hook";
  spec.payload_kind = PayloadKind::kJson;
  spec.payload = "{\"a\":1}";
  spec.content_type = "application/json";
  return spec;
}
AttemptStart start_of(const TaskSpec& spec, uint32_t slot, Instant now) {
  return {.token = {1, slot, 7},
          .spec = spec,
          .task = task_key(spec.id),
          .run = {{3}, Trigger::kSchedule, now.ms},
          .task_version = {5},
          .due = now,
          .now = now};
}

// Over sockets, to targets on the same loop.
class WebhookWire : public testing::TestWithParam<IoBackend> {
 protected:
  WebhookWire() {
    dispatcher_.emplace(loop_.io(), *resolver_, policy_, *signer_, *tls_);
    dispatcher_->set_now(now_);
  }
  TaskSpec spec_of(const std::string& scheme, const Address& address) const {
    TaskSpec spec = spec_for(scheme, to_text(address));
    spec.target.tls.ca = authority_.pem;
    return spec;
  }
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
  void start(const TaskSpec& spec) {
    ended_.clear();
    dispatcher_->start(start_of(spec, 0, now_.utc));
  }
  AttemptOutcome end() {
    run_until([this] { return !ended_.empty(); });
    return ended_.empty() ? AttemptOutcome{} : ended_[0].outcome;
  }
  AttemptOutcome send_one(const TaskSpec& spec) {
    start(spec);
    return end();
  }
  void pass(Duration time) { now_ = {now_.utc + time, now_.mono + time}; }
  static void answer(Target::Peer& peer) {
    if (peer.received.find("\r\n\r\n{\"a\":1}") == std::string::npos) return;
    peer.received.clear();
    peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }
  Certificate certificate(std::vector<std::string> hosts, const Certificate* by = nullptr) const {
    return make_certificate({std::move(hosts), now_.utc - hours(1), now_.utc + hours(24)}, by);
  }

  test::Loop loop_{GetParam()};
  EgressPolicy policy_{EgressMode::kDevelopment, {}};
  std::unique_ptr<Resolver> resolver_ = *Resolver::create(loop_.base(), {});
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  std::optional<WebhookDispatcher> dispatcher_;
  Now now_ = kStart;
  std::vector<AttemptEnded> ended_;
  Certificate authority_ = certificate({});
  Certificate own_ = certificate({"127.0.0.1"}, &authority_);
  TlsServer server_{own_};
};

TEST_P(WebhookWire, ANewConnectionHasItsAddressAndTheTimeItTook) {
  Target target(loop_.base(), [](Target::Peer&) {});
  start(spec_of("http", target.address()));
  pass(milliseconds(5));
  run_until([&] { return target.accepted() == 1 && !target.peer(0).received.empty(); });
  pass(milliseconds(10));
  target.peer(0).say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  const AttemptWire wire = end().wire;
  EXPECT_EQ(address_of(wire), target.address());
  EXPECT_FALSE(wire.reused);
  EXPECT_EQ(wire.connect.took(), milliseconds(5));
  EXPECT_EQ(wire.tls.took(), std::nullopt) << "there was none";
  EXPECT_EQ(wire.first_byte.took(), milliseconds(10)) << "from the request on";
}

TEST_P(WebhookWire, AKeptConnectionWasNeitherMadeNorSecuredAgain) {  // AW1
  for (const std::string scheme : {"http", "https"}) {
    const bool secure = scheme == "https";
    Target target(loop_.base(), answer, secure ? &server_ : nullptr);
    const TaskSpec spec = spec_of(scheme, target.address());
    const AttemptOutcome first = send_one(spec);
    EXPECT_FALSE(first.wire.reused);
    EXPECT_EQ(first.wire.connect.took(), milliseconds(0)) << scheme;
    EXPECT_EQ(first.wire.tls.took().has_value(), secure);
    const AttemptOutcome second = send_one(spec);
    ASSERT_EQ(second.status, 200) << second.detail;
    AttemptWire expected = only(target.address());
    expected.reused = true;
    expected.first_byte = PhaseTime(milliseconds(0));
    EXPECT_EQ(second.wire, expected) << scheme;
    EXPECT_EQ(target.accepted(), 1U);
  }
}

TEST_P(WebhookWire, AHandshakeHasATimeOfItsOwn) {
  Target target(loop_.base(), answer, &server_);
  TaskSpec spec = spec_of("https", target.address());
  spec.target.tls_timeout = seconds(3);
  start(spec);
  pass(milliseconds(5));
  // It is connected, and nothing of the handshake has come yet.
  run_until([&] { return dispatcher_->next_deadline() == now_.mono + seconds(3); });
  pass(milliseconds(7));
  const AttemptOutcome outcome = end();
  ASSERT_EQ(outcome.status, 200) << outcome.detail;
  EXPECT_EQ(outcome.wire.connect.took(), milliseconds(5));
  EXPECT_EQ(outcome.wire.tls.took(), milliseconds(7));
  EXPECT_EQ(outcome.wire.first_byte.took(), milliseconds(0)) << "no byte of the handshake counts";
}

TEST_P(WebhookWire, OneThatFailsHasNoTime) {
  Target target(loop_.base(), [](Target::Peer& peer) { peer.hang_up(); });
  const AttemptOutcome outcome = send_one(spec_of("https", target.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kTlsFailed);
  AttemptWire expected = only(target.address());
  expected.connect = PhaseTime(milliseconds(0));
  EXPECT_EQ(outcome.wire, expected);
}

TEST_P(WebhookWire, ARefusedConnectionHasItsAddressAlone) {
  DeadPort dead;
  const AttemptOutcome outcome = send_one(spec_of("http", dead.address()));
  EXPECT_EQ(outcome.result, AttemptResult::kConnectFailed);
  EXPECT_EQ(outcome.wire, only(dead.address()));
}

TEST_P(WebhookWire, AKeptConnectionThatDiesHasNoFirstByte) {
  size_t requests = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) {
    if (peer.received.find("\r\n\r\n{\"a\":1}") == std::string::npos) return;
    if (++requests == 2) return peer.reset();
    answer(peer);
  });
  const TaskSpec spec = spec_of("http", target.address());
  EXPECT_EQ(send_one(spec).status, 200);
  const AttemptOutcome lost = send_one(spec);
  EXPECT_EQ(lost.result, AttemptResult::kConnectionLost);
  AttemptWire expected = only(target.address());
  expected.reused = true;
  EXPECT_EQ(lost.wire, expected);
}

TEST_P(WebhookWire, WhoeverIsNotConnectedToHasNoAddress) {  // AW2
  const EgressPolicy strict(EgressMode::kPublicOnly, {});
  WebhookDispatcher dispatcher(loop_.io(), *resolver_, strict, *signer_, *tls_);
  dispatcher.set_now(now_);
  TaskSpec secret = spec_for("http", "127.0.0.1:80");
  secret.target.auth = {AuthKind::kBearer, "crm"};
  const TaskSpec denied = spec_for("http", "127.0.0.1:80");
  dispatcher.start(start_of(denied, 0, now_.utc));
  dispatcher.start(start_of(secret, 1, now_.utc));
  dispatcher.take_ended(ended_);
  ASSERT_EQ(ended_.size(), 2U);
  EXPECT_EQ(ended_[0].outcome.result, AttemptResult::kAddressDenied);
  EXPECT_EQ(ended_[1].outcome.result, AttemptResult::kSecretMissing);
  for (const AttemptEnded& one : ended_) EXPECT_EQ(one.outcome.wire, AttemptWire{});
}

INSTANTIATE_TEST_SUITE_P(Backends, WebhookWire, testing::ValuesIn(test::available_backends()),
                         test::backend_name);

// Connects nowhere: the test says what happens to its connections.
class ScriptedIo final : public Io {
 public:
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] ConnectionId connect(const Address& address) override {
    connected.push_back(address);
    last = {static_cast<uint32_t>(connected.size() - 1), 1};
    return last;
  }
  void send(ConnectionId /*connection*/, std::string /*bytes*/) override {}
  [[nodiscard]] bool flushed(ConnectionId /*connection*/) override { return true; }
  void close(ConnectionId /*connection*/) override {}
  void submit() override {}
  size_t reap(IoListener& listener) override {
    const auto happened = std::exchange(happens, {});
    for (const auto& one : happened) one(listener);
    return happened.size();
  }
  [[nodiscard]] bool has_work() const override { return !happens.empty(); }
  [[nodiscard]] bool arm_wakeup() override { return has_work(); }
  void disarm_wakeup() override {}
  [[nodiscard]] int wake_fd() const override { return -1; }
  void on_readable() override {}

  // To the last connection.
  void accept() {
    happens.emplace_back([id = last](IoListener& listener) { listener.on_connected(id); });
  }
  void refuse() {
    happens.emplace_back(
        [id = last](IoListener& listener) { listener.on_closed(id, CloseReason::kRefused); });
  }
  void say(const std::string& bytes) {
    happens.emplace_back([id = last, bytes](IoListener& listener) {
      std::string piece = bytes;
      listener.on_bytes(id, piece);
    });
  }

  std::vector<Address> connected;
  ConnectionId last;
  std::deque<std::function<void(IoListener&)>> happens;
};

class ScriptedWire : public testing::Test {
 protected:
  void start(const std::string& host_and_port) {
    dispatcher_.set_now(now_);
    dispatcher_.start(start_of(spec_for("http", host_and_port), 0, now_.utc));
  }
  // What was said happens so much later.
  void after(Duration time) {
    now_ = {now_.utc + time, now_.mono + time};
    dispatcher_.set_now(now_);
    dispatcher_.reap();
    dispatcher_.take_ended(ended_);
  }

  test::BasePtr base_{event_base_new()};
  ScriptedIo io_;
  EgressPolicy policy_{EgressMode::kDevelopment, {}};
  std::unique_ptr<Resolver> resolver_ = *Resolver::create(base_.get(), {});
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  WebhookDispatcher dispatcher_{io_, *resolver_, policy_, *signer_, *tls_};
  Now now_ = kStart;
  std::vector<AttemptEnded> ended_;
};

TEST_F(ScriptedWire, TheAddressIsTheLastOneAndTheTimeThatOfAll) {
  start("localhost:8080");  // 127.0.0.1 and ::1
  ASSERT_EQ(io_.connected.size(), 1U);
  io_.refuse();
  after(milliseconds(4));
  ASSERT_EQ(io_.connected.size(), 2U);
  io_.accept();
  after(milliseconds(3));
  io_.say("HTTP/1.1 204 No Content\r\n\r\n");
  after(milliseconds(1));
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(address_of(ended_[0].outcome.wire), io_.connected[1]);
  EXPECT_EQ(ended_[0].outcome.wire.connect.took(), milliseconds(7));
}

TEST_F(ScriptedWire, OfAResponseInPiecesTheFirstCounts) {
  start("[::1]:8080");
  io_.accept();
  after(milliseconds(2));
  io_.say("HTTP/1.1 204 No Content\r\n");
  after(milliseconds(4));
  io_.say("\r\n");
  after(milliseconds(6));
  ASSERT_EQ(ended_.size(), 1U);
  const AttemptOutcome& outcome = ended_[0].outcome;
  EXPECT_EQ(outcome.wire.remote, RemoteKind::kV6);
  EXPECT_EQ(to_text(address_of(outcome.wire)), "[::1]:8080");
  EXPECT_EQ(outcome.wire.first_byte.took(), milliseconds(4));
  EXPECT_EQ(outcome.ended - outcome.started, milliseconds(10));
}

// A backward step is the wall clock's alone.
TEST_F(ScriptedWire, TimesFollowTheMonotonicClock) {  // C-20
  start("127.0.0.1:8080");
  now_.utc = now_.utc - hours(1);
  io_.accept();
  after(milliseconds(2));
  now_.utc = now_.utc - hours(1);
  io_.say("HTTP/1.1 204 No Content\r\n\r\n");
  after(milliseconds(3));
  ASSERT_EQ(ended_.size(), 1U);
  EXPECT_EQ(ended_[0].outcome.wire.connect.took(), milliseconds(2));
  EXPECT_EQ(ended_[0].outcome.wire.first_byte.took(), milliseconds(3));
}

}  // namespace
}  // namespace hourwheel::webhook_wire_test
