#include "net/io.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/net/loop_fixture.h"

namespace hourwheel::io_test {
namespace {

using test::DeadPort;
using test::HangingPort;
using test::Loop;
using test::Target;

struct Seen {
  bool connected = false;
  std::string bytes;
  bool closed = false;
  CloseReason reason = CloseReason::kReset;
};

class Recorder : public IoListener {
 public:
  explicit Recorder(Io& io) : io_(io) {}
  Seen& of(ConnectionId id) { return seen_[{id.slot, id.generation}]; }
  void on_connected(ConnectionId id) override {
    EXPECT_FALSE(of(id).closed);
    of(id).connected = true;
    if (!greeting_.empty()) io_.send(id, greeting_);
  }
  void on_bytes(ConnectionId id, std::span<char> bytes) override {
    EXPECT_TRUE(of(id).connected && !of(id).closed);
    of(id).bytes.append(bytes.data(), bytes.size());
    total_ += bytes.size();
    if (close_on_bytes_) {
      io_.close(id);
      of(id).closed = true;
    }
  }
  void on_closed(ConnectionId id, CloseReason reason) override {
    EXPECT_FALSE(of(id).closed);
    of(id).closed = true;
    of(id).reason = reason;
    ++closed_;
  }
  std::string greeting_;
  bool close_on_bytes_ = false;
  size_t total_ = 0;
  size_t closed_ = 0;

 private:
  Io& io_;
  std::map<std::pair<uint32_t, uint32_t>, Seen> seen_;
};

class IoTest : public testing::TestWithParam<IoBackend> {
 protected:
  template <class Done>
  void run_until(Done done) {
    loop_.run_until([this] { io_.reap(seen_); }, done);
  }
  Loop loop_{GetParam()};
  Io& io_ = loop_.io();
  Recorder seen_{io_};
};

void echo(Target::Peer& peer) {
  peer.say(peer.received);
  peer.received.clear();
}

TEST_P(IoTest, BytesGoThereAndComeBack) {
  Target target(loop_.base(), echo);
  seen_.greeting_ = "hello";
  ConnectionId id = io_.connect(target.address());
  run_until([&] { return seen_.of(id).bytes.size() == 5; });
  EXPECT_EQ(seen_.of(id).bytes, "hello");
  EXPECT_TRUE(io_.flushed(id));
  io_.send(id, "again");
  io_.send(id, " and again");
  run_until([&] { return seen_.of(id).bytes.size() == 20; });
  EXPECT_EQ(seen_.of(id).bytes, "helloagain and again");
}

TEST_P(IoTest, MegabytesArriveInOrder) {
  Target target(loop_.base(), echo);
  std::string big;
  while (big.size() < 4'000'000) big += std::to_string(big.size()) + ",";
  seen_.greeting_ = big;
  ConnectionId id = io_.connect(target.address());
  run_until([&] { return seen_.of(id).bytes.size() >= big.size(); });
  EXPECT_EQ(seen_.of(id).bytes, big);
}

TEST_P(IoTest, MoreBytesAtOnceThanThereAreBuffersAllArrive) {
  constexpr size_t kConnections = 300;
  constexpr size_t kAnswer = 20'000;  // 6 MB in all, the buffer ring has 2
  size_t asked = 0;
  Target target(loop_.base(), [&](Target::Peer& peer) {
    if (++asked < kConnections) return;
    for (size_t i = 0; i < kConnections; ++i) {
      peer.target->peer(i).say(std::string(kAnswer, 'x'));
    }
  });
  seen_.greeting_ = "?";
  std::vector<ConnectionId> ids;
  for (size_t i = 0; i < kConnections; ++i) ids.push_back(io_.connect(target.address()));
  run_until([&] { return asked == kConnections; });
  // Turns that do not reap: the kernel fills all the buffers and then has none.
  int turns = 0;
  loop_.run_until([] {}, [&] { return ++turns > 300; });
  run_until([&] { return seen_.total_ == kConnections * kAnswer; });
  for (ConnectionId id : ids) EXPECT_EQ(seen_.of(id).bytes.size(), kAnswer);
}

TEST_P(IoTest, ARefusedConnectIsTold) {
  DeadPort dead;
  ConnectionId id = io_.connect(dead.address());
  run_until([&] { return seen_.of(id).closed; });
  EXPECT_FALSE(seen_.of(id).connected);
  EXPECT_EQ(seen_.of(id).reason, CloseReason::kRefused);
}

TEST_P(IoTest, NothingIsToldBeforeReap) {
  DeadPort dead;
  ConnectionId id = io_.connect(dead.address());
  io_.submit();
  EXPECT_FALSE(seen_.of(id).closed);
  run_until([&] { return seen_.of(id).closed; });
}

TEST_P(IoTest, AnOrderlyEndAndAResetDiffer) {
  Target target(loop_.base(), [](Target::Peer& peer) {
    if (peer.received == "end") peer.hang_up();
    if (peer.received == "reset") peer.reset();
  });
  seen_.greeting_ = "end";
  ConnectionId ended = io_.connect(target.address());
  run_until([&] { return seen_.of(ended).closed; });
  EXPECT_EQ(seen_.of(ended).reason, CloseReason::kEndOfStream);
  seen_.greeting_ = "reset";
  ConnectionId reset = io_.connect(target.address());
  run_until([&] { return seen_.of(reset).closed; });
  EXPECT_EQ(seen_.of(reset).reason, CloseReason::kReset);
}

TEST_P(IoTest, LastWordsOfATargetAreReadBeforeItsEnd) {
  Target target(loop_.base(), [](Target::Peer& peer) { peer.received.clear(); });
  seen_.greeting_ = "x";
  ConnectionId id = io_.connect(target.address());
  run_until([&] { return target.accepted() == 1 && seen_.of(id).connected; });
  bufferevent_disable(target.peer(0).stream, EV_READ);
  // Written and closed behind bufferevent's back, so that both are there at once.
  const std::string last = "last words";
  int fd = bufferevent_getfd(target.peer(0).stream);
  ASSERT_EQ(::send(fd, last.data(), last.size(), 0), static_cast<ssize_t>(last.size()));
  target.peer(0).hang_up();
  run_until([&] { return seen_.of(id).closed; });
  EXPECT_EQ(seen_.of(id).bytes, last);
}

TEST_P(IoTest, AConnectThatHangsIsEndedByClose) {
  HangingPort hanging;
  ConnectionId id = io_.connect(hanging.address());
  Target target(loop_.base(), echo);
  ConnectionId other = io_.connect(target.address());
  run_until([&] { return seen_.of(other).connected; });
  EXPECT_FALSE(seen_.of(id).connected || seen_.of(id).closed);
  io_.close(id);
  io_.send(other, "still works");
  run_until([&] { return seen_.of(other).bytes == "still works"; });
  EXPECT_FALSE(seen_.of(id).connected || seen_.of(id).closed);
}

TEST_P(IoTest, AClosedConnectionIsNeverSpokenOfAgain) {
  Target target(loop_.base(), [](Target::Peer& peer) { peer.say("answer"); });
  seen_.greeting_ = "x";
  seen_.close_on_bytes_ = true;
  std::vector<ConnectionId> ids;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) ids.push_back(io_.connect(target.address()));
    for (int i = 0; i < 25; ++i) io_.close(ids[ids.size() - 1 - static_cast<size_t>(i)]);
    size_t expected = static_cast<size_t>(round + 1) * 25 * 6;
    run_until([&] { return seen_.total_ >= expected; });
  }
  for (ConnectionId id : ids) {
    io_.close(id);  // of what is gone: nothing
    io_.send(id, "nobody");
    EXPECT_FALSE(io_.flushed(id));
  }
  run_until([&] { return target.open() == 0; });
  EXPECT_EQ(seen_.closed_, 0U);
}

TEST_P(IoTest, ATargetThatClosesWhileWeSendIsNoCrash) {
  Target target(loop_.base(), [](Target::Peer& peer) { peer.reset(); });
  seen_.greeting_ = std::string(8'000'000, 'x');
  ConnectionId id = io_.connect(target.address());
  run_until([&] { return seen_.of(id).closed; });
  // Whether the send or the receive meets the reset first is the kernel's choice.
  EXPECT_NE(seen_.of(id).reason, CloseReason::kRefused);
}

TEST_P(IoTest, EverythingInFlightMayBeDroppedAtTheEnd) {
  Target target(loop_.base(), echo);
  HangingPort hanging;
  seen_.greeting_ = std::string(100'000, 'x');
  ConnectionId id = io_.connect(target.address());
  for (int i = 0; i < 10; ++i) {
    [[maybe_unused]] ConnectionId hangs = io_.connect(hanging.address());
  }
  run_until([&] { return seen_.of(id).connected; });
}

INSTANTIATE_TEST_SUITE_P(Backends, IoTest, testing::ValuesIn(test::available_backends()),
                         test::backend_name);

TEST(MakeIo, SaysWhatWasChosen) {
  test::BasePtr base(event_base_new());
  auto libevent = make_io(IoBackend::kLibevent, base.get());
  ASSERT_TRUE(libevent);
  EXPECT_EQ(libevent->io->name(), "libevent");
  auto any = make_io(IoBackend::kAuto, base.get());
  ASSERT_TRUE(any);
  EXPECT_NE(any->reason.find(any->io->name()), std::string::npos) << any->reason;
}

}  // namespace
}  // namespace hourwheel::io_test
