#include "tests/e2e/recording_target.h"

#include <event2/event.h>
#include <event2/listener.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <chrono>

#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "net/system_clock.h"
#include "tools/wire/address.h"

namespace hourwheel {
namespace {

uint32_t number_in(std::string_view text) {
  uint32_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string_view ReceivedAttempt::field(std::string_view name) const {
  for (const auto& [field_name, value] : fields) {
    if (field_name == name) return value;
  }
  return {};
}

RecordingTarget::RecordingTarget(Script script, Keep keep)
    : RecordingTarget(std::move(script), keep, {}) {}
RecordingTarget::RecordingTarget(Duration answer_time)
    : RecordingTarget(nullptr, Keep::kAll, answer_time) {}
RecordingTarget::RecordingTarget(const Certificate& certificate,
                                 const Certificate* client_authority)
    : RecordingTarget(
          nullptr, Keep::kAll, {},
          std::make_unique<TlsServer>(certificate, TlsVersions::kAll, client_authority)) {}

RecordingTarget::RecordingTarget(Script script, Keep keep, Duration answer_time,
                                 std::unique_ptr<TlsServer> tls)
    : script_(std::move(script)),
      keep_(keep),
      answer_time_(answer_time),
      tls_(std::move(tls)),
      bell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      base_(event_base_new()) {
  HW_CHECK(bell_ >= 0 && base_ != nullptr, "a target needs a loop");
  auto any_port = parse_address("127.0.0.1:0");
  listener_ = evconnlistener_new_bind(
      base_,
      [](evconnlistener*, evutil_socket_t socket, sockaddr*, int, void* self) {
        static_cast<RecordingTarget*>(self)->accept_connection(socket);
      },
      this, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 4096, any_port->get(), any_port->size());
  HW_CHECK(listener_ != nullptr, "a target needs a port");
  url_ = (tls_ ? "https://" : "http://") + local_address_text(evconnlistener_get_fd(listener_));
  bell_event_ = event_new(
      base_, bell_, EV_READ | EV_PERSIST,
      [](evutil_socket_t, short, void* self) { static_cast<RecordingTarget*>(self)->on_bell(); },
      this);
  event_add(bell_event_, nullptr);
  late_event_ = event_new(
      base_, -1, 0,
      [](evutil_socket_t, short, void* self) {
        static_cast<RecordingTarget*>(self)->answer_late();
      },
      this);
  thread_ = std::thread([this] { event_base_dispatch(base_); });
}

RecordingTarget::~RecordingTarget() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(bell_, 1);
  thread_.join();
  connections_.clear();
  evconnlistener_free(listener_);
  event_free(bell_event_);
  event_free(late_event_);
  event_base_free(base_);
  ::close(bell_);
}

void RecordingTarget::release(int status) {
  {
    std::lock_guard lock(mutex_);
    release_status_ = status;
  }
  eventfd_write(bell_, 1);
}

void RecordingTarget::on_bell() {
  eventfd_t rings = 0;
  eventfd_read(bell_, &rings);
  std::unique_lock lock(mutex_);
  if (stopping_) {
    event_base_loopbreak(base_);
  }
  if (release_status_ == kHold) return;
  held_status_ = release_status_;
  lock.unlock();
  holds_ = false;
  for (WireConnection* held : std::exchange(held_, {})) answer(*held, held_status_);
}

void RecordingTarget::accept_connection(evutil_socket_t socket) {
  auto connection = std::make_unique<WireConnection>(base_, socket, *this, tls_.get());
  numbers_.emplace(connection.get(), next_number_);
  connections_.emplace(next_number_++, std::move(connection));
  std::lock_guard lock(mutex_);
  ++open_connections_;
  ++all_connections_;
  changed_.notify_all();
}

void RecordingTarget::on_closed(WireConnection& connection, int) {
  std::erase(held_, &connection);
  const uint64_t number = numbers_.at(&connection);
  numbers_.erase(&connection);
  connections_.erase(number);
  std::lock_guard lock(mutex_);
  --open_connections_;
  changed_.notify_all();
}

size_t RecordingTarget::on_bytes(WireConnection& connection, std::string_view bytes) {
  bytes_ += bytes.size();
  WireMessage message;
  switch (read_wire_request(bytes, message)) {
    case WireReading::kIncomplete:
      return 0;
    case WireReading::kBroken:
      answer(connection, 400);
      connection.close();
      return bytes.size();
    case WireReading::kComplete:
      break;
  }
  ReceivedAttempt attempt = read_attempt(message);
  const int64_t attempt_at_us = attempt.at_us;
  const Answer scripted = script_ ? script_(attempt) : Answer(200);
  int status = scripted.status;
  {
    std::lock_guard lock(mutex_);
    attempt.order = stamp();
    by_path_[attempt.path].push_back(received_.size());
    received_.push_back(std::move(attempt));
    changed_.notify_all();
  }
  if (status == kHold && holds_) {
    held_.push_back(&connection);
    return message.size;
  }
  if (status == kHold) status = held_status_;
  if (answer_time_ == Duration{}) {
    Answer with = scripted;
    with.status = status;
    answer(connection, with);
  } else {
    late_.push_back({attempt_at_us + answer_time_.ms * 1000, numbers_.at(&connection), status});
    if (late_.size() == 1) answer_late();
  }
  return message.size;
}

// All answers take the same time, so they leave in the order of arrival.
void RecordingTarget::answer_late() {
  const int64_t now_us = SystemClock().precise_us();
  while (!late_.empty() && late_.front().leaves_at_us <= now_us) {
    auto found = connections_.find(late_.front().connection);
    if (found != connections_.end()) answer(*found->second, late_.front().status);
    late_.pop_front();
  }
  if (late_.empty()) return;
  const int64_t left_us = late_.front().leaves_at_us - now_us;
  timeval wait{left_us / 1'000'000, left_us % 1'000'000};
  event_add(late_event_, &wait);
}

ReceivedAttempt RecordingTarget::read_attempt(const WireMessage& message) {
  ReceivedAttempt attempt;
  attempt.at_us = SystemClock().precise_us();
  attempt.method = message.method;
  attempt.path = message.path;
  attempt.run_id = message.field("webhook-id");
  attempt.task_id = message.field("hourwheel-task-id");
  attempt.attempt = number_in(message.field("hourwheel-attempt"));
  attempt.missed_count = number_in(message.field("hourwheel-missed-count"));
  attempt.possible_duplicate = message.field("hourwheel-possible-duplicate") == "true";
  if (auto due = parse_instant(message.field("hourwheel-due"))) attempt.due = *due;
  if (keep_ == Keep::kIdentity) return attempt;
  for (size_t i = 0; i < message.field_count; ++i) {
    attempt.fields.emplace_back(message.fields[i].name, message.fields[i].value);
  }
  attempt.body = message.body;
  return attempt;
}

void RecordingTarget::answer(WireConnection& connection, const Answer& with) {
  std::string head = "HTTP/1.1 " + std::to_string(with.status) + " -\r\nContent-Length: 0\r\n";
  if (with.is_deferred) head += "Hourwheel-Completion: deferred\r\n";
  if (!with.retry_after.empty()) head += "Retry-After: " + with.retry_after + "\r\n";
  connection.send(head + "\r\n");
}

template <class Reached>
bool RecordingTarget::wait_until(Duration deadline, Reached reached) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(deadline.ms), reached);
}

bool RecordingTarget::await(size_t attempts, Duration deadline) {
  return wait_until(deadline, [&] { return received_.size() >= attempts; });
}

bool RecordingTarget::await_path(std::string_view path, size_t attempts, Duration deadline) {
  const std::string key(path);
  return wait_until(deadline, [&] {
    auto found = by_path_.find(key);
    return found != by_path_.end() && found->second.size() >= attempts;
  });
}

bool RecordingTarget::await_one(std::string_view path,
                                const std::function<bool(const ReceivedAttempt&)>& wanted,
                                Duration deadline) {
  const std::string key(path);
  size_t looked_at = 0;
  return wait_until(deadline, [&] {
    auto found = by_path_.find(key);
    if (found == by_path_.end()) return false;
    while (looked_at < found->second.size()) {
      if (wanted(received_[found->second[looked_at++]])) return true;
    }
    return false;
  });
}

bool RecordingTarget::await_connections(size_t connections, Duration deadline) {
  return wait_until(deadline, [&] { return all_connections_ >= connections; });
}

bool RecordingTarget::await_no_connections(Duration deadline) {
  return wait_until(deadline, [&] { return open_connections_ == 0; });
}

std::vector<ReceivedAttempt> RecordingTarget::received() const {
  std::lock_guard lock(mutex_);
  return received_;
}

std::vector<ReceivedAttempt> RecordingTarget::received_at(std::string_view path) const {
  std::lock_guard lock(mutex_);
  std::vector<ReceivedAttempt> found;
  auto places = by_path_.find(std::string(path));
  if (places == by_path_.end()) return found;
  for (size_t place : places->second) found.push_back(received_[place]);
  return found;
}

size_t RecordingTarget::count() const {
  std::lock_guard lock(mutex_);
  return received_.size();
}

}  // namespace hourwheel
