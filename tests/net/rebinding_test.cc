// Names that lead to one address when a task is made and to another one when it fires (DNS
// rebinding): nothing is ever connected to an address that is denied, whatever a name server says
// and when it says so.
#include <gtest/gtest.h>

#include <deque>

#include "engine/base/random.h"
#include "engine/limits.h"
#include "net/webhook_dispatcher.h"
#include "tests/net/fake_name_server.h"
#include "tests/net/loop_fixture.h"

namespace hourwheel::rebinding_test {
namespace {

using test::FakeNameServer;
using test::ip;

constexpr const char* kOk = "HTTP/1.1 204 No Content\r\n\r\n";

// Connects nowhere: it notes where to it was asked to. Whoever is connected to answers at once.
class NotingIo : public Io {
 public:
  [[nodiscard]] std::string_view name() const override { return "noting"; }
  [[nodiscard]] ConnectionId connect(const Address& address) override {
    connected.push_back(address);
    const ConnectionId id{next_++, 1};
    todo_.push_back({id, Kind::kConnected});
    return id;
  }
  void send(ConnectionId connection, std::string /*bytes*/) override {
    ++sent;
    todo_.push_back({connection, Kind::kAnswer});
  }
  [[nodiscard]] bool flushed(ConnectionId /*connection*/) override { return true; }
  void close(ConnectionId connection) override {
    std::erase_if(todo_, [connection](const Todo& one) { return one.id == connection; });
  }
  void submit() override {}
  size_t reap(IoListener& listener) override {
    size_t count = 0;
    for (; !todo_.empty(); ++count) {
      const Todo one = todo_.front();
      todo_.pop_front();
      if (one.kind == Kind::kConnected) {
        listener.on_connected(one.id);
      } else {
        std::string answer = kOk;
        listener.on_bytes(one.id, answer);
      }
    }
    return count;
  }
  [[nodiscard]] bool has_work() const override { return !todo_.empty(); }
  [[nodiscard]] bool arm_wakeup() override { return has_work(); }
  void disarm_wakeup() override {}
  [[nodiscard]] int wake_fd() const override { return -1; }
  void on_readable() override {}

  std::vector<Address> connected;
  size_t sent = 0;

 private:
  enum class Kind : uint8_t { kConnected, kAnswer };
  struct Todo {
    ConnectionId id;
    Kind kind;
  };
  std::deque<Todo> todo_;
  uint32_t next_ = 0;
};

class RebindingTest : public testing::Test {
 protected:
  RebindingTest() {
    resolver_ = *Resolver::create(loop_.base(), {{server_.address()}});
    dispatcher_.emplace(io_, *resolver_, policy_, *signer_, *tls_);
  }
  // Whether a request was sent; the time of what is known of names passes first.
  bool fire(const std::string& host) {
    now_ = {now_.utc + kResolverKeepFound, now_.mono + kResolverKeepFound};
    dispatcher_->set_now(now_);
    TaskSpec spec;
    spec.id = "t1";
    spec.target.kind = TargetKind::kHttp;
    spec.target.url = "http://" + host + ":8080/hook";
    const size_t sent = io_.sent;
    dispatcher_->start({.token = {0, 0, ++generation_},
                        .spec = spec,
                        .task = task_key(spec.id),
                        .run = {{3}, Trigger::kSchedule, now_.utc.ms},
                        .task_version = {5},
                        .due = now_.utc,
                        .now = now_.utc});
    std::vector<AttemptEnded> ended;
    loop_.run_until(
        [&] {
          dispatcher_->reap();
          dispatcher_->take_ended(ended);
        },
        [&] { return !ended.empty() || io_.has_work(); });
    while (ended.empty()) {
      dispatcher_->reap();
      dispatcher_->take_ended(ended);
    }
    return io_.sent > sent;
  }
  // Of all that was ever connected to.
  size_t denied() const {
    return static_cast<size_t>(
        std::count_if(io_.connected.begin(), io_.connected.end(),
                      [this](const Address& address) { return !policy_.allows(address); }));
  }

  test::Loop loop_{IoBackend::kLibevent};
  FakeNameServer server_{loop_.base()};
  NotingIo io_;
  EgressPolicy policy_{EgressMode::kPublicOnly, {*parse_address("93.184.216.34", 8080)}};
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<Signer> signer_ = *Signer::create({});
  std::unique_ptr<TlsClient> tls_ = *TlsClient::create({});
  std::optional<WebhookDispatcher> dispatcher_;
  Now now_{Instant{1'716'478'200'123}, Monotonic{50'000}};
  uint32_t generation_ = 0;
};

TEST_F(RebindingTest, ANameThatIsPublicFirstAndLoopbackThenIsNotFollowed) {
  server_.names["a.example"] = {ip("93.184.216.35")};
  EXPECT_TRUE(fire("a.example"));
  server_.names["a.example"] = {ip("127.0.0.1")};
  EXPECT_FALSE(fire("a.example")) << "also not over the connection that was kept";
  EXPECT_EQ(io_.connected.size(), 1U);
  server_.names["a.example"] = {ip("93.184.216.35")};
  EXPECT_TRUE(fire("a.example"));
}

TEST_F(RebindingTest, OfMixedAddressesOnlyThoseThatAreAllowedAreUsed) {
  server_.names["a.example"] = {ip("127.0.0.1"), ip("93.184.216.35"), ip("::1")};
  EXPECT_TRUE(fire("a.example"));
  EXPECT_EQ(denied(), 0U);
}

TEST_F(RebindingTest, AnAliasIsJudgedByWhereItLeads) {
  server_.aliases["a.example"] = "b.example";
  server_.aliases["b.example"] = "metadata.internal";
  server_.names["metadata.internal"] = {ip("169.254.169.254")};
  EXPECT_FALSE(fire("a.example"));
  EXPECT_TRUE(io_.connected.empty());
  server_.names["metadata.internal"] = {ip("93.184.216.35")};
  EXPECT_TRUE(fire("a.example")) << "the chain is followed";
}

TEST_F(RebindingTest, TheServersOwnAddressIsNotATarget) {
  server_.names["a.example"] = {ip("93.184.216.34")};
  EXPECT_FALSE(fire("a.example"));
  EXPECT_TRUE(io_.connected.empty());
}

// The whole list of a network's own name server: a service, the metadata of the cloud, loopback.
TEST_F(RebindingTest, OfMixedAddressesOnlyThoseInAnOpenedRangeAreUsed) {
  policy_ = EgressPolicy(EgressMode::kPublicOnly, {}, {}, {{ip("10.1.0.0"), 16}});
  server_.names["a.example"] = {ip("10.2.0.1"),        ip("127.0.0.1"), ip("10.1.0.1"),
                                ip("169.254.169.254"), ip("fd00::1"),   ip("::ffff:10.1.0.2")};
  EXPECT_TRUE(fire("a.example"));
  EXPECT_EQ(denied(), 0U);
  EXPECT_FALSE(io_.connected.empty());
  server_.names["a.example"] = {ip("10.2.0.1"), ip("169.254.169.254")};
  EXPECT_FALSE(fire("a.example")) << "also not over the connection that was kept";
  EXPECT_EQ(denied(), 0U);
}

// T-07: a thousand tries, each with answers of its own.
TEST_F(RebindingTest, NothingIsConnectedToDeniedAddressesInAThousandTries) {
  constexpr const char* kDenied[] = {"127.0.0.1",
                                     "127.9.9.9",
                                     "0.0.0.0",
                                     "169.254.169.254",
                                     "10.0.0.1",
                                     "192.168.1.1",
                                     "100.64.0.1",
                                     "93.184.216.34",
                                     "::1",
                                     "::",
                                     "fe80::1",
                                     "fd00:ec2::254",
                                     "::ffff:127.0.0.1",
                                     "64:ff9b::7f00:1",
                                     "2002:7f00:1::",
                                     "64:ff9b::a9fe:a9fe",
                                     "ff02::1"};
  constexpr const char* kPublic[] = {"93.184.216.35", "1.1.1.1", "2606:4700::1111"};
  Random random(7);
  size_t sent = 0;
  size_t only_denied = 0;
  for (int i = 0; i < 1'000; ++i) {
    Addresses answer;
    for (uint64_t count = 1 + random.below(4); count > 0; --count) {
      answer.push_back(ip(kDenied[random.below(std::size(kDenied))]));
    }
    const bool has_public = random.chance(40);
    if (has_public) answer.push_back(ip(kPublic[random.below(std::size(kPublic))]));
    std::swap(answer[random.below(answer.size())], answer.back());
    const std::string host = "h" + std::to_string(random.below(5)) + ".example";
    server_.aliases.clear();
    if (random.chance(30)) server_.aliases[host] = "behind.example";
    server_.names = {{random.chance(1) ? "other.example" : host, answer},
                     {"behind.example", answer}};
    const bool went = fire(host);
    sent += went ? 1 : 0;
    if (!has_public) {
      ++only_denied;
      EXPECT_FALSE(went) << "try " << i;
    }
  }
  EXPECT_EQ(denied(), 0U);
  EXPECT_GT(sent, 200U) << "public addresses are connected to, or this would show nothing";
  EXPECT_GT(only_denied, 500U);
}

}  // namespace
}  // namespace hourwheel::rebinding_test
