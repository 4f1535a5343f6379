// The sink of `bench`, and what is fired at it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <string>
#include <utility>

#include "engine/schedule/time_text.h"
#include "store/descriptor.h"
#include "tests/tools/virtual_terminal.h"
#include "tools/hourwheel/bench_sink.h"
#include "tools/hourwheel/fire_load.h"
#include "tools/wire/clock.h"

namespace hourwheel::bench_sink_test {
namespace {

// A sender that has said all it has to say; what it is answered waits.
class Sender {
 public:
  Sender(const BenchSink& sink, const std::string& fields)
      : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress address = to_socket_address(sink.address());
    constexpr timeval kDeadline{10, 0};
    EXPECT_EQ(0, setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &kDeadline, sizeof kDeadline));
    EXPECT_EQ(0, connect(socket_.get(), &address.any, address.length));
    const std::string request =
        "POST / HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: 2\r\n\r\n{}";
    EXPECT_EQ(static_cast<ssize_t>(request.size()),
              send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL));
  }
  // "HTTP/1.1 200"
  [[nodiscard]] std::string answered() const {
    std::array<char, 12> begin{};
    const ssize_t got = recv(socket_.get(), begin.data(), begin.size(), MSG_WAITALL);
    return {begin.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))};
  }

 private:
  Descriptor socket_;
};

std::string run(const std::string& id, Instant due) {
  return "webhook-id: " + id + "\r\nHourwheel-Attempt: 1\r\nHourwheel-Due: " + to_text(due) +
         "\r\n";
}

class BenchSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    auto listening = BenchSink::listen("127.0.0.1:0");
    ASSERT_TRUE(listening) << listening.error().detail;
    sink_ = std::move(*listening);
  }

  Interrupt interrupt_;
  std::unique_ptr<BenchSink> sink_;
};

TEST_F(BenchSinkTest, TellsRunsFromRepeatsAndAnswersEach) {
  const Instant due{wall_us() / 1000 - 2'000};
  const Sender first(*sink_, run("a", due));
  const Sender again(*sink_, run("a", due));
  const Sender other(*sink_, run("b", due));
  const Sender stranger(*sink_, "");
  sink_->serve(3, milliseconds(500), interrupt_);
  EXPECT_EQ(sink_->ledger().distinct(), 2U);
  EXPECT_EQ(sink_->ledger().repeats(), 1U);
  EXPECT_EQ(sink_->ledger().early(), 0U);
  EXPECT_EQ(sink_->ledger().lateness().count(), 2U) << "of first arrivals";
  EXPECT_GE(sink_->ledger().lateness().max(), 2'000'000);
  EXPECT_LT(sink_->ledger().lateness().max(), 60'000'000);
  for (const Sender* sender : {&first, &again, &other}) {
    EXPECT_EQ(sender->answered(), "HTTP/1.1 200");
  }
  EXPECT_EQ(stranger.answered(), "HTTP/1.1 404");
}

TEST_F(BenchSinkTest, EndsWithTheLastRunOnceItIsAnswered) {
  const Sender sender(*sink_, run("a", {0}));
  sink_->serve(1, hours(1), interrupt_);
  EXPECT_EQ(sink_->ledger().distinct(), 1U);
  EXPECT_EQ(sender.answered(), "HTTP/1.1 200") << "while nobody serves";
  sink_->serve(1, hours(1), interrupt_);
}

TEST_F(BenchSinkTest, EndsWithASignal) {
  raise(SIGINT);
  sink_->serve(1, hours(1), interrupt_);
  EXPECT_TRUE(interrupt_.came());
}

TEST_F(BenchSinkTest, SaysWhereItIs) {
  EXPECT_TRUE(is_loopback(sink_->address()));
  EXPECT_NE(sink_->address().port, 0);
  EXPECT_FALSE(BenchSink::listen(to_text(sink_->address()))) << "it is taken";
  for (const char* wrong : {"", "here", "example.org:80", "127.0.0.1:x"}) {
    EXPECT_FALSE(BenchSink::listen(wrong)) << wrong;
  }
}

TEST_F(BenchSinkTest, WhatIsNotThereWhenTheFirstIsDueIsNotMeasured) {
  const ServerAccess nobody{"http://127.0.0.1:1", ""};
  VirtualTerminal clock;
  const LoadSite site{nobody, clock, interrupt_};
  FirePlan plan;
  plan.lead = seconds(2);
  FireLoad fire(plan, site, *sink_);
  FirePart part;
  clock.pass_at_each_look(seconds(1));
  EXPECT_EQ(fire.run(part), 1);
  EXPECT_EQ(part.made.lost, 1U);
}

TEST(FiringTask, IsTriedOnceAndCarriesItsLabels) {
  FirePlan plan;
  plan.target = "http://h.example/\"";
  plan.labels = R"({"bench":"1"})";
  EXPECT_EQ(firing_task(plan, R"("2030-01-01T00:00:00Z")"),
            R"({"type":"one-time","schedule":"2030-01-01T00:00:00Z","retry":{"max_attempts":1},)"
            R"("target":{"kind":"http","url":"http://h.example/\""},"labels":{"bench":"1"}})");
}

}  // namespace
}  // namespace hourwheel::bench_sink_test
