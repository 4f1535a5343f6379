#include "net/resolver.h"

#include <gtest/gtest.h>

#include "engine/limits.h"
#include "tests/net/fake_name_server.h"
#include "tests/net/loop_fixture.h"

namespace hourwheel::resolver_test {
namespace {

using test::FakeNameServer;
using test::ip;

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() {
    auto made = Resolver::create(loop_.base(), {{server_.address()}});
    EXPECT_TRUE(made) << made.error().detail;
    resolver_ = *std::move(made);
  }
  // Turns until the look-up of each name has ended; returns how many names were told of.
  std::vector<std::string> wait(size_t count) {
    std::vector<std::string> hosts;
    loop_.run_until([&] { resolver_->take_resolved(hosts, now_); },
                    [&] { return hosts.size() >= count; });
    return hosts;
  }
  Addresses look_up(const std::string& host) {
    const Addresses* found = resolver_->resolve(host, now_);
    if (found == nullptr) {
      EXPECT_EQ(wait(1), std::vector<std::string>{host});
      found = resolver_->resolve(host, now_);
    }
    EXPECT_NE(found, nullptr);
    return found == nullptr ? Addresses{} : *found;
  }
  test::Loop loop_{IoBackend::kLibevent};
  FakeNameServer server_{loop_.base()};
  std::unique_ptr<Resolver> resolver_;
  Monotonic now_{1'000};
};

TEST_F(ResolverTest, LiteralsAndLocalhostNeedNoServer) {
  EXPECT_EQ(look_up("127.0.0.1"), Addresses{ip("127.0.0.1")});
  EXPECT_EQ(look_up("2001:db8::1"), Addresses{ip("2001:db8::1")});
  EXPECT_EQ(look_up("localhost"), (Addresses{ip("127.0.0.1"), ip("::1")}));
  EXPECT_EQ(look_up("x.localhost"), (Addresses{ip("127.0.0.1"), ip("::1")}));
  EXPECT_EQ(server_.queries, 0U);
}

TEST_F(ResolverTest, AllAddressesComeBack) {
  server_.names["many.example"] = {ip("1.2.3.4"), ip("127.0.0.1"), ip("10.0.0.1")};
  Addresses found = look_up("many.example");
  ASSERT_GE(found.size(), 3U);
  for (const char* expected : {"1.2.3.4", "127.0.0.1", "10.0.0.1"}) {
    EXPECT_NE(std::find(found.begin(), found.end(), ip(expected)), found.end()) << expected;
  }
}

TEST_F(ResolverTest, AnAnswerIsKeptForItsTimeAndThenAskedForAgain) {
  server_.names["a.example"] = {ip("1.2.3.4")};
  look_up("a.example");
  const size_t asked = server_.queries;
  now_ = now_ + (kResolverKeepFound - milliseconds(1));
  look_up("a.example");
  EXPECT_EQ(server_.queries, asked);
  server_.names["a.example"] = {ip("5.6.7.8")};
  now_ = now_ + milliseconds(1);
  EXPECT_EQ(look_up("a.example"), Addresses{ip("5.6.7.8")});
  EXPECT_GT(server_.queries, asked);
}

TEST_F(ResolverTest, ANameWithoutAddressIsAskedForAgainSoon) {
  EXPECT_TRUE(look_up("none.example").empty());
  const size_t asked = server_.queries;
  EXPECT_TRUE(look_up("none.example").empty());
  EXPECT_EQ(server_.queries, asked);
  server_.names["none.example"] = {ip("1.2.3.4")};
  now_ = now_ + kResolverKeepFailed;
  EXPECT_EQ(look_up("none.example"), Addresses{ip("1.2.3.4")});
}

TEST_F(ResolverTest, WhoeverAsksMeanwhileSharesTheLookUp) {
  server_.names["shared.example"] = {ip("1.2.3.4")};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(resolver_->resolve("shared.example", now_), nullptr);
  }
  EXPECT_EQ(wait(1).size(), 1U);
  EXPECT_LE(server_.queries, 2U);  // one for each family
  EXPECT_FALSE(resolver_->has_resolved());
}

TEST_F(ResolverTest, AFullCacheDropsWhatIsOldAndRefusesWhenNothingIs) {
  for (size_t i = 0; i < kMaxResolverNames; ++i) {
    ASSERT_EQ(resolver_->resolve("n" + std::to_string(i) + ".example", now_), nullptr);
  }
  const Addresses* refused = resolver_->resolve("one-more.example", now_);
  ASSERT_NE(refused, nullptr);
  EXPECT_TRUE(refused->empty());
  wait(kMaxResolverNames);
  now_ = now_ + kResolverKeepFailed;
  server_.names["one-more.example"] = {ip("1.2.3.4")};
  EXPECT_EQ(look_up("one-more.example"), Addresses{ip("1.2.3.4")});
}

TEST_F(ResolverTest, ASilentServerEndsInNoAddress) {
  server_.silent = true;
  EXPECT_TRUE(look_up("silent.example").empty());
}

TEST_F(ResolverTest, LookUpsUnderWayMayBeDroppedAtTheEnd) {
  server_.silent = true;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(resolver_->resolve("n" + std::to_string(i) + ".example", now_), nullptr);
  }
  resolver_.reset();
}

}  // namespace
}  // namespace hourwheel::resolver_test
