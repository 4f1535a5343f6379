#include "tools/hourwheel/bench_sink.h"

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "net/listener.h"
#include "tools/wire/clock.h"

namespace hourwheel {
namespace {

constexpr ev_ssize_t kMostHead = 64 * 1024;
constexpr ev_ssize_t kMostBody = 1024 * 1024;
constexpr int kSilentConnectionSeconds = 300;
constexpr int kWaitingConnections = 4096;
// So long after the last run that was awaited its answer, too, is out.
constexpr timeval kAnswersOut{0, 20'000};

timeval timeval_of(Duration time) {
  return {time.ms / 1000, time.ms % 1000 * 1000};
}

void end_loop(evutil_socket_t, short, void* base) {
  event_base_loopbreak(static_cast<event_base*>(base));
}

uint32_t attempt_of(std::string_view text) {
  uint32_t number = 1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void BenchSink::Free::operator()(event_base* base) const {
  event_base_free(base);
}
void BenchSink::Free::operator()(evhttp* http) const {
  evhttp_free(http);
}
void BenchSink::Free::operator()(event* registered) const {
  event_free(registered);
}

BenchSink::BenchSink() : base_(event_base_new()) {
  HW_CHECK(base_ != nullptr, "libevent made no loop");
  http_.reset(evhttp_new(base_.get()));
  end_.reset(event_new(base_.get(), -1, 0, end_loop, base_.get()));
  HW_CHECK(http_ != nullptr && end_ != nullptr, "libevent made no server");
  evhttp_set_max_headers_size(http_.get(), kMostHead);
  evhttp_set_max_body_size(http_.get(), kMostBody);
  evhttp_set_timeout(http_.get(), kSilentConnectionSeconds);
  evhttp_set_gencb(
      http_.get(),
      [](evhttp_request* request, void* self) { static_cast<BenchSink*>(self)->take(*request); },
      this);
}

BenchSink::~BenchSink() = default;

Result<std::unique_ptr<BenchSink>> BenchSink::listen(const std::string& where) {
  auto wanted = parse_listen_address(where);
  if (!wanted) return failure(std::move(wanted.error()));
  const SocketAddress address = to_socket_address(*wanted);
  auto sink = std::make_unique<BenchSink>();
  evconnlistener* listener =
      evconnlistener_new_bind(sink->base_.get(), nullptr, nullptr,
                              LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                              kWaitingConnections, &address.any, static_cast<int>(address.length));
  if (listener == nullptr) {
    return failure(ErrorCode::kIo, "", "cannot listen on " + where + ": " + std::strerror(errno));
  }
  HW_CHECK(evhttp_bind_listener(sink->http_.get(), listener) != nullptr,
           "the server takes the listener");
  SocketAddress bound;
  bound.length = sizeof bound.v6;
  getsockname(evconnlistener_get_fd(listener), &bound.any, &bound.length);
  sink->address_ = from_sockaddr(bound.any).value_or(*wanted);
  return sink;
}

void BenchSink::serve(uint64_t runs, Duration longest, const Interrupt& interrupt) {
  if (ledger_.distinct() >= runs) return;
  awaited_ = runs;
  const std::unique_ptr<event, Free> signal(
      event_new(base_.get(), interrupt.fd(), EV_READ, end_loop, base_.get()));
  HW_CHECK(signal != nullptr, "libevent watches for signals");
  const timeval time = timeval_of(longest);
  event_add(signal.get(), nullptr);
  event_add(end_.get(), &time);
  event_base_loop(base_.get(), 0);
  event_del(end_.get());
}

void BenchSink::take(evhttp_request& request) {
  const evkeyvalq* fields = evhttp_request_get_input_headers(&request);
  auto field = [fields](const char* name) -> std::string_view {
    const char* value = evhttp_find_header(fields, name);
    return value == nullptr ? "" : value;
  };
  Arrival arrival;
  arrival.at_us = wall_us();
  arrival.run_id = field("webhook-id");
  if (arrival.run_id.empty()) {
    evhttp_send_reply(&request, HTTP_NOTFOUND, "Not Found", nullptr);
    return;
  }
  arrival.attempt = attempt_of(field("hourwheel-attempt"));
  if (const auto due = parse_instant(field("hourwheel-due"))) arrival.due = *due;
  arrival.possible_duplicate = field("hourwheel-possible-duplicate") == "true";
  ledger_.record(arrival);
  evhttp_send_reply(&request, HTTP_OK, "OK", nullptr);
  if (ledger_.distinct() == awaited_) event_add(end_.get(), &kAnswersOut);
}

}  // namespace hourwheel
