// Attempts a second against an echo server on another core, 64 in flight, each answered before the
// next: the dispatcher on both implementations of Io, beside a bare epoll client that sends the
// same bytes and only counts the answers' (the floor). Run with the server's core free:
//   build/bench/bench/microbench --benchmark_filter=Dispatch
#include <benchmark/benchmark.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "engine/base/check.h"
#include "net/attempt_request.h"
#include "net/system_clock.h"
#include "net/webhook_dispatcher.h"

#include <event2/event.h>

namespace hourwheel {
namespace {

constexpr uint32_t kInFlight = 64;
constexpr uint64_t kAttemptsPerRound = 20'000;
constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

int listen_on_loopback(Address& address) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address = *parse_address("127.0.0.1", 0);
  SocketAddress at = to_socket_address(address);
  HW_CHECK(::bind(fd, &at.any, at.length) == 0 && ::listen(fd, 1024) == 0, "a loopback port");
  HW_CHECK(::getsockname(fd, &at.any, &at.length) == 0, "a bound socket has a name");
  address = *from_sockaddr(at.any);
  return fd;
}

// Answers every piece of input, which is one request here, until its listener is shut down.
class EchoServer {
 public:
  EchoServer() : listener_(listen_on_loopback(address_)), thread_([this] { serve(); }) {}
  ~EchoServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  [[nodiscard]] const Address& address() const { return address_; }

 private:
  void serve() {
    int poll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(poll, listener_);
    std::array<epoll_event, 256> ready{};
    std::array<char, 16 * 1024> buffer{};
    while (true) {
      int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count; ++i) {
        int fd = ready[static_cast<size_t>(i)].data.fd;
        if (fd == listener_) {
          int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
          if (peer < 0) {
            ::close(poll);
            return;
          }
          watch(poll, peer);
        } else if (::recv(fd, buffer.data(), buffer.size(), 0) <= 0 ||
                   ::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) {
          ::close(fd);
        }
      }
    }
  }
  static void watch(int poll, int fd) {
    epoll_event one{};
    one.events = EPOLLIN;
    one.data.fd = fd;
    HW_CHECK(::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &one) == 0, "epoll takes a socket");
  }

  Address address_;
  int listener_;
  std::thread thread_;
};

TaskSpec spec_for(const Address& address) {
  TaskSpec spec;
  spec.id = "tsk_01j0000000000000000000000";
  spec.target.kind = TargetKind::kHttp;
  spec.target.url = "http://" + to_text(address) + "/hook";
  spec.payload_kind = PayloadKind::kJson;
  spec.payload = std::string(200, 'x');
  spec.content_type = "application/json";
  return spec;
}

AttemptStart start_of(const TaskSpec& spec, Now now, uint32_t slot) {
  return {.token = {0, slot, 1},
          .spec = spec,
          .task = {1, 2},
          .run = {{1}, Trigger::kSchedule, now.utc.ms},
          .task_version = {1},
          .due = now.utc,
          .now = now.utc};
}

// As a server has it: one secret.
std::unique_ptr<Signer> signer_of_one() {
  return *Signer::create({{std::string(32, 'k')}});
}

void wait(event_base* base, Io& io) {
  const bool busy = io.has_work() || io.arm_wakeup();
  if (!busy) event_base_loop(base, EVLOOP_ONCE);
  if (busy && io.wake_fd() < 0) event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
  io.disarm_wakeup();
}

void dispatch(benchmark::State& state, IoBackend backend) {
  EchoServer server;
  event_base* base = event_base_new();
  {
    auto chosen = make_io(backend, base);
    if (!chosen) {
      state.SkipWithError(chosen.error().detail.c_str());
      event_base_free(base);
      return;
    }
    Io& io = *chosen->io;
    event* wake = nullptr;
    if (io.wake_fd() >= 0) {
      wake = event_new(
          base, io.wake_fd(), EV_READ | EV_PERSIST,
          [](evutil_socket_t, short, void* self) { static_cast<Io*>(self)->on_readable(); }, &io);
      event_add(wake, nullptr);
    }
    auto resolver = Resolver::create(base, {});
    HW_CHECK(resolver.has_value(), "evdns starts");
    EgressPolicy policy(EgressMode::kDevelopment, {});
    const std::unique_ptr<Signer> signer = signer_of_one();
    const std::unique_ptr<TlsClient> tls = *TlsClient::create({});
    WebhookDispatcher dispatcher(io, **resolver, policy, *signer, *tls);
    SystemClock clock;
    const TaskSpec spec = spec_for(server.address());
    std::vector<AttemptEnded> ended;
    for (auto _ : state) {
      uint64_t started = 0;
      uint64_t done = 0;
      while (done < kAttemptsPerRound) {
        dispatcher.set_now(clock.now());
        dispatcher.reap();
        dispatcher.expire();
        ended.clear();
        dispatcher.take_ended(ended);
        for (const AttemptEnded& one : ended) HW_CHECK(one.outcome.status == 200, "answered");
        done += ended.size();
        for (; started < kAttemptsPerRound && started - done < kInFlight; ++started) {
          dispatcher.start(start_of(spec, clock.now(), static_cast<uint32_t>(started)));
        }
        io.submit();
        if (done < kAttemptsPerRound) wait(base, io);
      }
    }
    state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kAttemptsPerRound));
    dispatcher.stop();
    io.submit();
    if (wake != nullptr) event_free(wake);
  }
  event_base_free(base);
}

void DispatchOverUring(benchmark::State& state) {
  dispatch(state, IoBackend::kUring);
}
void DispatchOverLibevent(benchmark::State& state) {
  dispatch(state, IoBackend::kLibevent);
}

// The floor: the same bytes, no pool, no parser, no time-outs.
void DispatchFloorBareEpoll(benchmark::State& state) {
  EchoServer server;
  SystemClock clock;
  const TaskSpec spec = spec_for(server.address());
  const std::unique_ptr<Signer> signer = signer_of_one();
  const std::string request =
      attempt_request(start_of(spec, clock.now(), 0), *parse_url(spec.target.url), *signer);
  int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::array<int, kInFlight> peers{};
  SocketAddress to = to_socket_address(server.address());
  for (int& fd : peers) {
    fd = open_socket(server.address(), 0);
    HW_CHECK(::connect(fd, &to.any, to.length) == 0, "the server listens");
    epoll_event one{};
    one.events = EPOLLIN;
    one.data.fd = fd;
    HW_CHECK(::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &one) == 0, "epoll takes a socket");
  }
  auto send_request = [&](int fd) {
    ssize_t n = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    HW_CHECK(n == static_cast<ssize_t>(request.size()), "a request fits into a socket");
  };
  std::array<epoll_event, kInFlight> ready{};
  std::array<char, 4096> buffer{};
  for (auto _ : state) {
    uint64_t done = 0;
    for (int fd : peers) send_request(fd);
    uint64_t started = kInFlight;
    while (done < kAttemptsPerRound) {
      int count = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
      for (int i = 0; i < count; ++i) {
        int fd = ready[static_cast<size_t>(i)].data.fd;
        HW_CHECK(::recv(fd, buffer.data(), buffer.size(), 0) > 0, "answered");
        ++done;
        if (started < kAttemptsPerRound) {
          ++started;
          send_request(fd);
        }
      }
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * kAttemptsPerRound));
  for (int fd : peers) ::close(fd);
  ::close(poll);
}

BENCHMARK(DispatchFloorBareEpoll)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(DispatchOverUring)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(DispatchOverLibevent)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace hourwheel
