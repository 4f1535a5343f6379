// A real HttpServer behind a real Listener, on a loop of its own thread. Its handler is a script;
// its clock stands still until the test moves it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "net/connections.h"
#include "net/event_loop.h"
#include "net/http_server.h"
#include "net/listener.h"
#include "net/mailbox.h"

namespace hourwheel {

struct LoopbackLimits {
  ConnectionLimits connections;
  uint32_t requests = kMaxRequestsInFlight;
  std::optional<int> passed{};  // a socket that listens, instead of an own one
};

class LoopbackServer final : public HttpHandler, public FdWatcher, public Sleeper {
 public:
  using Script = std::function<void(HttpServer&, HttpToken, const HttpRequest&)>;
  using Writable = std::function<void(HttpServer&, HttpToken)>;

  // Runs `step` on the loop's thread, between two waits, and returns what it returns.
  template <class Step>
  auto on_loop(Step step) {
    std::packaged_task<decltype(step())()> task(std::move(step));
    auto done = task.get_future();
    // One test thread: the next step is posted only after this one is done, so one place is enough.
    HW_CHECK(steps_.push([&task] { task(); }), "one step at a time");
    bell_->ring();
    return done.get();
  }

  explicit LoopbackServer(Script script, Writable writable = nullptr, LoopbackLimits limits = {})
      : script_(std::move(script)), writable_(std::move(writable)), limits_(limits) {
    std::signal(SIGPIPE, SIG_IGN);
    std::promise<uint16_t> bound;
    std::future<uint16_t> port = bound.get_future();
    thread_ = std::thread([this, &bound] { run(bound); });
    port_ = port.get();
  }
  ~LoopbackServer() override {
    on_loop([this] { stop_ = true; });
    thread_.join();
  }

  [[nodiscard]] uint16_t port() const { return port_; }

  // Moves the server's clock and lets it expire what is due.
  void advance(Duration by) {
    on_loop([this, by] { now_ = now_ + by; });
    on_loop([] {});  // a turn with the new time has passed
  }
  HttpServer& server() { return *server_; }
  Connections& connections() { return *connections_; }
  Listener& listener() { return *listener_; }
  void close_listener() { listener_.reset(); }  // on the loop
  std::vector<HttpToken> closed;                // on the loop
  std::vector<std::string> refused;             // paths; on the loop
  uint32_t most_opened = 0;                     // connections, in one wait; on the loop
  std::atomic<int> requests{0};

 private:
  void run(std::promise<uint16_t>& bound) {
    std::unique_ptr<EventLoop> loop = std::move(*EventLoop::create());
    connections_ = std::make_unique<Connections>(limits_.connections);
    server_ = std::make_unique<HttpServer>(*loop, *connections_, *this, limits_.requests);
    const Listener::Destination to{*connections_, *server_};
    const ListenPlace place{*parse_listen_address("127.0.0.1:0"), limits_.passed};
    listener_ =
        std::move(place.passed ? *Listener::share(*loop, place, to)
                               : *Listener::open(*loop, place.address, PortUse::kAlone, to));
    loop->add_sleeper(*this);
    EXPECT_TRUE(loop->watch(bell_->fd(), *this));
    bound.set_value(listener_->address().port);
    while (!stop_) {
      const uint32_t before = connections_->open();
      loop->wait({.utc = std::nullopt, .mono = std::nullopt});
      most_opened = std::max(most_opened, std::max(before, connections_->open()) - before);
      server_->expire(now_);
      if (auto step = steps_.pop()) (*step)();  // one a turn, so that a step follows an expire()
    }
    listener_.reset();
    server_.reset();
    connections_.reset();
  }

  void on_request(HttpToken token, const HttpRequest& request) override {
    ++requests;
    script_(*server_, token, request);
  }
  void on_writable(HttpToken token) override {
    if (writable_) writable_(*server_, token);
  }
  void on_closed(HttpToken token) override { closed.push_back(token); }
  // What the API would say, in one line: which refusal it was.
  [[nodiscard]] HttpResponse refusal(const Error& why, std::string_view path) override {
    refused.emplace_back(path);
    using enum ErrorCode;
    int status = why.code == kPayloadTooLarge ? 413 : why.code == kHeadTooLarge ? 431 : 400;
    if (why.code == kInternal) status = 500;
    if (why.code == kOverloaded || why.code == kTimedOut || why.code == kDraining) status = 503;
    return {.status = status,
            .content_type = "application/problem+json",
            .fields = {},
            .body = why.detail};
  }
  void on_readable() override {}  // disarm_wakeup() clears the bell
  [[nodiscard]] bool has_work() const override { return !steps_.empty(); }
  [[nodiscard]] bool arm_wakeup() override {
    bell_->prepare_sleep();
    return !steps_.empty();
  }
  void disarm_wakeup() override { bell_->end_sleep(); }

  Script script_;
  Writable writable_;
  LoopbackLimits limits_;
  SpscRing<std::function<void()>> steps_{4};
  std::unique_ptr<Doorbell> bell_ = std::move(*Doorbell::create());
  std::unique_ptr<Connections> connections_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Listener> listener_;
  Monotonic now_{1'000'000};
  bool stop_ = false;
  uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace hourwheel
