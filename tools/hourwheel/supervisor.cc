#include "tools/hourwheel/supervisor.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <ctime>

namespace hourwheel {
namespace {

std::optional<int64_t> positive_number(std::string_view text) {
  int64_t value = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || value <= 0) return std::nullopt;
  return value;
}

// Half of the time it would wait, so that one that is late is none that is missing.
std::optional<Duration> watchdog_period(const ServiceVariables& variables, int64_t pid) {
  const auto usec = positive_number(variables.watchdog_usec);
  if (!usec) return std::nullopt;
  if (!variables.watchdog_pid.empty() && positive_number(variables.watchdog_pid) != pid) {
    return std::nullopt;
  }
  return Duration{std::max<int64_t>(1, *usec / 2'000)};
}

// Empty: it is no address of a socket here.
std::string kernel_address(const std::string& text) {
  if (text.size() < 2 || text.size() >= sizeof(sockaddr_un::sun_path)) return "";
  if (text.front() == '/') return text;
  return text.front() == '@' ? std::string(1, '\0') + text.substr(1) : "";
}

std::string status_line(std::string_view status) {
  return "STATUS=" + std::string(status.substr(0, status.find('\n')));
}

}  // namespace

Supervisor::Supervisor(const ServiceVariables& variables, int64_t pid)
    : address_(kernel_address(variables.notify_socket)) {
  if (address_.empty()) return;
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ >= 0) each_ = watchdog_period(variables, pid);
}

Supervisor::~Supervisor() {
  if (socket_ >= 0) close(socket_);
}

void Supervisor::say_ready(std::string_view status) {
  say("READY=1\n" + status_line(status));
}

void Supervisor::say_reloading(int64_t monotonic_usec) {
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_usec));
}

void Supervisor::say_reloaded() {
  say("READY=1");
}

void Supervisor::say_stopping(std::string_view status) {
  say("STOPPING=1\n" + status_line(status));
}

void Supervisor::say_alive() {
  static_cast<void>(send("WATCHDOG=1"));
}

void Supervisor::say_again() {
  if (!unsaid_.empty()) say(std::move(unsaid_));
}

void Supervisor::say(std::string state) {
  const bool said = send(state);
  unsaid_ = said ? "" : std::move(state);
}

int64_t monotonic_usec() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

// Not connected: a supervisor that starts anew makes its socket anew (NS1).
bool Supervisor::send(const std::string& lines) const {
  if (socket_ < 0) return true;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, address_.data(), address_.size());
  // An abstract name is as long as is said; a path ends with NUL.
  const size_t end = address_.front() == '\0' ? 0 : 1;
  const size_t length = offsetof(sockaddr_un, sun_path) + address_.size() + end;
  const ssize_t sent =
      sendto(socket_, lines.data(), lines.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(length));
  return sent >= 0 || (errno != EAGAIN && errno != ENOBUFS);
}

}  // namespace hourwheel
