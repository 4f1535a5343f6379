// A libevent base with a target and the parts of an outbound reactor on it, all in one thread.
// Waiting is for descriptors, never for time; a test in which nothing happens any more is ended by
// a watchdog.
#pragma once

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/io.h"
#include "tools/wire/tls_server.h"

namespace hourwheel::test {

struct FreeBase {
  void operator()(event_base* base) const { event_base_free(base); }
};
using BasePtr = std::unique_ptr<event_base, FreeBase>;
struct FreeEvent {
  void operator()(event* one) const { event_free(one); }
};
using EventPtr = std::unique_ptr<event, FreeEvent>;

// The implementations this kernel has. io_uring is left out, loudly, where it is refused.
inline std::vector<IoBackend> available_backends() {
  std::vector<IoBackend> backends = {IoBackend::kLibevent};
  auto ring = make_io(IoBackend::kUring, nullptr);
  if (ring) {
    backends.push_back(IoBackend::kUring);
  } else {
    std::cout << "only libevent is tested: " << ring.error().detail << "\n";
  }
  return backends;
}
inline std::string backend_name(const testing::TestParamInfo<IoBackend>& info) {
  return info.param == IoBackend::kUring ? "Uring" : "Libevent";
}

// A TCP server on a loopback port of its own, scripted by a callback per piece of input; with a
// TlsServer the pieces are what was said through TLS.
class Target {
 public:
  struct Peer {
    Target* target = nullptr;
    bufferevent* stream = nullptr;
    size_t number = 0;     // 0, 1, … in order of acceptance
    std::string received;  // since the script last cleared it
    bool open = true;
    std::unique_ptr<TlsServerStream> tls;

    void say(const std::string& bytes) {
      if (tls) {
        tls->write(bytes);
        say_as_is(tls->take_output());
      } else {
        say_as_is(bytes);
      }
    }
    void say_as_is(const std::string& bytes) {
      bufferevent_write(stream, bytes.data(), bytes.size());
    }
    // The end of what is said through TLS; the connection stays.
    void end_tls() {
      tls->end();
      say_as_is(tls->take_output());
    }
    void hang_up() { target->drop(*this); }
    // Closes with a reset instead of an orderly end.
    void reset() {
      linger hard{1, 0};
      setsockopt(bufferevent_getfd(stream), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
      target->drop(*this);
    }
  };
  using Script = std::function<void(Peer&)>;

  Target(event_base* base, Script script, TlsServer* tls = nullptr)
      : script_(std::move(script)), tls_(tls) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener_ = evconnlistener_new_bind(base, &on_accept, this, LEV_OPT_CLOSE_ON_FREE, 1024,
                                        reinterpret_cast<sockaddr*>(&any), sizeof any);
    EXPECT_NE(listener_, nullptr);
    SocketAddress bound{};
    bound.length = sizeof bound.v6;
    getsockname(evconnlistener_get_fd(listener_), &bound.any, &bound.length);
    address_ = *from_sockaddr(bound.any);
  }
  ~Target() {
    for (auto& peer : peers_) {
      if (peer->open) drop(*peer);
    }
    if (listener_ != nullptr) evconnlistener_free(listener_);
  }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  void stop_listening() {
    evconnlistener_free(listener_);
    listener_ = nullptr;
  }
  [[nodiscard]] const Address& address() const { return address_; }
  [[nodiscard]] size_t accepted() const { return peers_.size(); }
  [[nodiscard]] size_t open() const {
    size_t count = 0;
    for (const auto& peer : peers_) count += peer->open ? 1 : 0;
    return count;
  }
  Peer& peer(size_t number) { return *peers_.at(number); }

 private:
  static void on_accept(evconnlistener* listener, evutil_socket_t fd, sockaddr*, int, void* self) {
    auto* target = static_cast<Target*>(self);
    auto peer = std::make_unique<Peer>();
    peer->target = target;
    peer->number = target->peers_.size();
    if (target->tls_ != nullptr) peer->tls = std::make_unique<TlsServerStream>(*target->tls_);
    peer->stream = bufferevent_socket_new(evconnlistener_get_base(listener), fd,
                                          BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    bufferevent_setcb(peer->stream, &on_read, nullptr, &on_end, peer.get());
    bufferevent_enable(peer->stream, EV_READ | EV_WRITE);
    target->peers_.push_back(std::move(peer));
  }
  static void on_read(bufferevent* stream, void* argument) {
    auto* peer = static_cast<Peer*>(argument);
    evbuffer* input = bufferevent_get_input(stream);
    std::string piece(evbuffer_get_length(input), '\0');
    evbuffer_remove(input, piece.data(), piece.size());
    if (peer->tls) {
      const bool good = peer->tls->receive(piece, peer->received);
      peer->say_as_is(peer->tls->take_output());
      if (!good) return peer->target->drop(*peer);
      if (peer->received.empty()) return;
    } else {
      peer->received += piece;
    }
    peer->target->script_(*peer);
  }
  static void on_end(bufferevent*, short, void* argument) {
    auto* peer = static_cast<Peer*>(argument);
    if (peer->open) peer->target->drop(*peer);
  }
  void drop(Peer& peer) {
    peer.open = false;
    bufferevent_free(peer.stream);
  }

  Script script_;
  TlsServer* tls_;
  evconnlistener* listener_ = nullptr;
  Address address_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

// The base, the io on it, and how to wait.
class Loop {
 public:
  explicit Loop(IoBackend backend) : base_(event_base_new()) {
    auto chosen = make_io(backend, base_.get());
    EXPECT_TRUE(chosen) << chosen.error().detail;
    io_ = std::move(chosen->io);
    if (io_->wake_fd() >= 0) {
      wake_.reset(
          event_new(base_.get(), io_->wake_fd(), EV_READ | EV_PERSIST, &on_wake, io_.get()));
      event_add(wake_.get(), nullptr);
    }
    watchdog_.reset(event_new(base_.get(), -1, 0, &on_watchdog, this));
    timeval limit{30, 0};
    event_add(watchdog_.get(), &limit);
  }
  event_base* base() { return base_.get(); }
  Io& io() { return *io_; }

  // Turns until done() holds. turn() is what a reactor does between two waits.
  template <class Turn, class Done>
  void run_until(Turn turn, Done done) {
    while (true) {
      turn();
      io_->submit();
      if (done()) return;
      if (bitten_) {
        ADD_FAILURE() << "nothing happens any more";
        return;
      }
      const bool busy = io_->has_work() || io_->arm_wakeup();
      event_base_loop(base_.get(), busy ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
      io_->disarm_wakeup();
    }
  }

 private:
  static void on_wake(evutil_socket_t, short, void* io) { static_cast<Io*>(io)->on_readable(); }
  static void on_watchdog(evutil_socket_t, short, void* self) {
    static_cast<Loop*>(self)->bitten_ = true;
  }

  BasePtr base_;
  std::unique_ptr<Io> io_;
  EventPtr wake_;
  EventPtr watchdog_;
  bool bitten_ = false;
};

// A loopback port that nobody listens on: bound, never listening.
class DeadPort {
 public:
  DeadPort() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    SocketAddress bound{};
    bound.length = sizeof bound.v6;
    ::getsockname(fd_, &bound.any, &bound.length);
    address_ = *from_sockaddr(bound.any);
  }
  ~DeadPort() { evutil_closesocket(fd_); }
  DeadPort(const DeadPort&) = delete;
  DeadPort& operator=(const DeadPort&) = delete;
  [[nodiscard]] const Address& address() const { return address_; }

 protected:
  int fd_;
  Address address_;
};

// A port whose backlog is full: a connect to it neither succeeds nor fails.
class HangingPort : public DeadPort {
 public:
  HangingPort() {
    EXPECT_EQ(::listen(fd_, 0), 0);
    SocketAddress to = to_socket_address(address_);
    // One fits into a backlog of 0; the second is for kernels that round up.
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      [[maybe_unused]] int rc = ::connect(filler, &to.any, to.length);
    }
  }
  ~HangingPort() {
    for (int filler : fillers_) evutil_closesocket(filler);
  }

 private:
  int fillers_[2] = {-1, -1};
};

}  // namespace hourwheel::test
