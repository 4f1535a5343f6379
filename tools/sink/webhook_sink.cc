#include "tools/sink/webhook_sink.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "tools/wire/address.h"
#include "tools/wire/certificate.h"
#include "tools/wire/clock.h"

namespace hourwheel {
namespace {

constexpr std::string_view kGarbage = "\x16\x03\x01 no HTTP here \xff\xfe\r\n\r\n";

std::string http_answer(int status, std::string_view body) {
  std::string answer = "HTTP/1.1 " + std::to_string(status) + " -\r\n";
  if (!body.empty()) {
    answer += "Content-Type: application/json\r\n";
  }
  answer += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  answer += body;
  return answer;
}

int64_t number_or(std::string_view text, int64_t otherwise) {
  int64_t number = 0;
  auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && rest == text.data() + text.size() ? number : otherwise;
}

Arrival arrival_of(const WireMessage& message, int64_t now_us) {
  Arrival arrival;
  arrival.at_us = now_us;
  arrival.run_id = message.field("webhook-id");
  arrival.task_id = message.field("hourwheel-task-id");
  arrival.attempt = static_cast<uint32_t>(number_or(message.field("hourwheel-attempt"), 1));
  std::string_view due = message.field("hourwheel-due");
  if (!due.empty()) {
    if (auto instant = parse_instant(due)) {
      arrival.due = *instant;
    }
  }
  arrival.possible_duplicate = message.field("hourwheel-possible-duplicate") == "true";
  return arrival;
}

}  // namespace

WebhookSink::WebhookSink(event_base* base, const SinkOptions& options)
    : base_(base), behaviour_(options.behaviour) {}

Result<std::unique_ptr<WebhookSink>> WebhookSink::listen(event_base* base,
                                                         const SinkOptions& options) {
  auto sink = std::make_unique<WebhookSink>(base, options);
  if (Status opened = sink->open_log(options.log_file); !opened) {
    return failure(opened.error());
  }
  if (Status opened = sink->open_listener(options.listen, sink->listener_, sink->address_);
      !opened) {
    return failure(opened.error());
  }
  if (Status opened = sink->open_tls(options); !opened) {
    return failure(opened.error());
  }
  sink->delay_timer_ = event_new(
      base, -1, 0,
      [](evutil_socket_t, short, void* self) {
        static_cast<WebhookSink*>(self)->release_answers();
      },
      sink.get());
  HW_CHECK(sink->delay_timer_ != nullptr, "no memory for the sink's timer");
  return sink;
}

WebhookSink::~WebhookSink() {
  connections_.clear();
  for (const Listener* listener : {&listener_, &tls_listener_}) {
    if (listener->events != nullptr) {
      evconnlistener_free(listener->events);
    }
  }
  if (delay_timer_ != nullptr) {
    event_free(delay_timer_);
  }
  if (log_ >= 0) {
    ::close(log_);
  }
}

Status WebhookSink::open_log(const std::string& file) {
  if (file.empty()) {
    return {};
  }
  log_ = open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_ < 0) {
    return failure(ErrorCode::kIo, "log", "cannot open " + file + ": " + std::strerror(errno));
  }
  return {};
}

// Made anew each time, for as long as anybody may leave a sink running.
Status WebhookSink::open_tls(const SinkOptions& options) {
  if (options.tls.empty()) {
    return {};
  }
  std::string host = options.tls.substr(0, options.tls.rfind(':'));
  std::erase_if(host, [](char c) { return c == '[' || c == ']'; });
  const Instant now{wall_us() / 1000};
  const Certificate certificate = make_certificate(
      {{"localhost", "127.0.0.1", "::1", host}, now - hours(1), now + hours(24 * 30)});
  tls_ = std::make_unique<TlsServer>(certificate);
  std::ofstream file(options.tls_certificate);
  file << certificate.pem;
  if (!file.flush()) {
    return failure(ErrorCode::kIo, "tls-certificate", "cannot write " + options.tls_certificate);
  }
  tls_listener_.tls = tls_.get();
  return open_listener(options.tls, tls_listener_, tls_address_);
}

Status WebhookSink::open_listener(const std::string& where, Listener& listener,
                                  std::string& bound) {
  auto address = parse_address(where);
  if (!address) {
    return failure(address.error());
  }
  unsigned flags = LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE;
  if (behaviour_.mode == SinkMode::kDead) {
    flags |= LEV_OPT_DISABLED;
  }
  listener.sink = this;
  listener.events = evconnlistener_new_bind(
      base_,
      [](evconnlistener*, evutil_socket_t socket, sockaddr*, int, void* one) {
        const auto* on = static_cast<Listener*>(one);
        on->sink->accept_connection(socket, on->tls);
      },
      &listener, flags, 4096, address->get(), address->size());
  if (listener.events == nullptr) {
    return failure(ErrorCode::kIo, "listen",
                   "cannot listen on " + where + ": " + std::strerror(errno));
  }
  bound = local_address_text(evconnlistener_get_fd(listener.events));
  return {};
}

void WebhookSink::accept_connection(evutil_socket_t socket, TlsServer* tls) {
  if (connections_.size() >= kMaxConnections) {
    ::close(socket);
    return;
  }
  ConnectionNumber number = next_connection_++;
  auto connection = std::make_unique<WireConnection>(base_, socket, *this, tls);
  numbers_.emplace(connection.get(), number);
  connections_.emplace(number, std::move(connection));
}

size_t WebhookSink::on_bytes(WireConnection& connection, std::string_view bytes) {
  now_us_ = wall_us();
  size_t taken = 0;
  WireMessage message;
  while (taken < bytes.size()) {
    WireReading reading = read_wire_request(bytes.substr(taken), message);
    if (reading == WireReading::kIncomplete) {
      break;
    }
    if (reading == WireReading::kBroken) {
      connection.send(http_answer(400, {}));
      connection.close();
      break;
    }
    taken += message.size;
    if (message.field("webhook-id").empty()) {
      answer_control(connection, message);
    } else {
      answer_attempt(connection, message);
    }
  }
  return taken;
}

void WebhookSink::on_closed(WireConnection& connection, int) {
  auto found = numbers_.find(&connection);
  HW_CHECK(found != numbers_.end(), "N1 a connection ends once");
  ConnectionNumber number = found->second;
  numbers_.erase(found);
  connections_.erase(number);
}

void WebhookSink::answer_attempt(WireConnection& connection, const WireMessage& message) {
  if (behaviour_.mode == SinkMode::kReset) {
    connection.reset();
    return;
  }
  record(message);
  switch (behaviour_.mode) {
    case SinkMode::kHang:
    case SinkMode::kDead:
    case SinkMode::kReset:
      return;
    case SinkMode::kResetAfter:
      connection.reset();
      return;
    case SinkMode::kGarbage:
      connection.send(kGarbage);
      connection.close();
      return;
    case SinkMode::kFlaky:
      if (random_.chance(behaviour_.flaky_percent)) {
        send_or_delay(connection, http_answer(503, {}));
        return;
      }
      break;
    case SinkMode::kOk:
    case SinkMode::kSlow:
      break;
  }
  send_or_delay(connection, http_answer(behaviour_.status, {}));
}

void WebhookSink::record(const WireMessage& message) {
  Arrival arrival = arrival_of(message, now_us_);
  ledger_.record(arrival);
  if (log_ < 0) {
    return;
  }
  // One line an arrival: ms, run id, attempt, due in ms (0: none), duplicate flag, task id.
  log_lines_ += std::to_string(arrival.at_us / 1000) + ' ';
  log_lines_ += arrival.run_id;
  log_lines_ += ' ' + std::to_string(arrival.attempt) + ' ' +
                std::to_string(arrival.due ? arrival.due->ms : 0) +
                (arrival.possible_duplicate ? " 1 " : " 0 ");
  log_lines_ += arrival.task_id;
  log_lines_ += '\n';
  write_log();
}

void WebhookSink::write_log() {
  ssize_t put = ::write(log_, log_lines_.data(), log_lines_.size());
  HW_CHECK(put == static_cast<ssize_t>(log_lines_.size()), "W2 the log file takes every arrival");
  log_lines_.clear();
}

void WebhookSink::send_or_delay(WireConnection& connection, std::string bytes) {
  bool at_once = behaviour_.delay == Duration{} && waiting_.empty();
  if (at_once || waiting_.size() >= kMaxAnswersWaiting) {
    connection.send(bytes);
    return;
  }
  int64_t leaves_at_us = monotonic_us() + behaviour_.delay.ms * 1000;
  waiting_.push_back({leaves_at_us, numbers_.at(&connection), std::move(bytes)});
  if (waiting_.size() == 1) {
    release_answers();
  }
}

void WebhookSink::release_answers() {
  int64_t now_us = monotonic_us();
  while (!waiting_.empty() && waiting_.front().leaves_at_us <= now_us) {
    auto found = connections_.find(waiting_.front().connection);
    if (found != connections_.end()) {
      found->second->send(waiting_.front().bytes);
    }
    waiting_.pop_front();
  }
  if (!waiting_.empty()) {
    int64_t left_us = waiting_.front().leaves_at_us - now_us;
    timeval wait{left_us / 1'000'000, left_us % 1'000'000};
    event_add(delay_timer_, &wait);
  }
}

void WebhookSink::answer_control(WireConnection& connection, const WireMessage& message) {
  std::string_view path = message.path.substr(0, message.path.find('?'));
  if (message.method == "GET" && path == "/stats") {
    connection.send(http_answer(200, ledger_.to_json()));
  } else if (message.method == "GET" && path == "/seen") {
    auto seen = ledger_.seen(query_value(message.path, "id"));
    connection.send(
        seen ? http_answer(200,
                           "{\"arrivals\":" + std::to_string(seen->arrivals) +
                               ",\"highest_attempt\":" + std::to_string(seen->highest_attempt) +
                               ",\"first_at_ms\":" + std::to_string(seen->first_at_us / 1000) +
                               ",\"last_at_ms\":" + std::to_string(seen->last_at_us / 1000) + "}")
             : http_answer(404, {}));
  } else if (message.method == "POST" && path == "/reset") {
    ledger_.clear(static_cast<size_t>(number_or(query_value(message.path, "expect"), 0)));
    connection.send(http_answer(200, {}));
  } else if (message.method == "POST" && path == "/lap") {
    ledger_.begin_lap();
    connection.send(http_answer(200, {}));
  } else if (message.method == "POST" && path == "/mode") {
    connection.send(http_answer(set_mode(message.path) ? 200 : 422, {}));
  } else {
    connection.send(http_answer(404, {}));
  }
}

Status WebhookSink::set_mode(std::string_view path) {
  SinkBehaviour wanted;
  wanted.status = static_cast<int>(number_or(query_value(path, "status"), 200));
  wanted.delay = milliseconds(number_or(query_value(path, "delay"), 0));
  if (Status applied = apply_mode(query_value(path, "set"), wanted); !applied) {
    return applied;
  }
  bool in_range = wanted.status >= 200 && wanted.status <= 599 && wanted.delay >= Duration{} &&
                  wanted.delay <= hours(1);
  if (!in_range || wanted.mode == SinkMode::kDead) {
    return failure(ErrorCode::kValidationFailed, "mode", "a dead sink could not be woken again");
  }
  behaviour_ = wanted;
  return {};
}

}  // namespace hourwheel
