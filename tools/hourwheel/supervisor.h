// What a supervisor (systemd, Type=notify) is told of this server: that it serves, that it
// reads files again, that it stops, what it is doing, and, where it wants to know, that its loop
// turns. The protocol of sd_notify(3): a datagram of lines NAME=VALUE to the socket in
// NOTIFY_SOCKET.
//
//   NS1  Nobody waits for the supervisor: what does not fit into its socket is dropped. The last of
//        what tells of a state (all but signs of life) is kept and said again, by say_again().
//   NS2  A sign of life comes from the control loop alone, twice in WATCHDOG_USEC, as a chore among
//        its others: one that hangs gives none. It says nothing of the reactors, whose turns this
//        loop does not see.
// Without NOTIFY_SOCKET, or with one that cannot be reached, nothing is said.
// Thread: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"
#include "tools/hourwheel/environment.h"

namespace hourwheel {

// As the environment has it; empty: not there.
struct ServiceVariables {
  std::string notify_socket;  // a path, or "@name" of the abstract ones
  std::string watchdog_usec;
  std::string watchdog_pid;  // whom the watchdog is meant for

  static ServiceVariables of_environment() {
    return {environment("NOTIFY_SOCKET"), environment("WATCHDOG_USEC"),
            environment("WATCHDOG_PID")};
  }
};

class Supervisor {
 public:
  // `pid`: of this process.
  Supervisor(const ServiceVariables& variables, int64_t pid);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // `status` is a line for people: a line break ends it.
  void say_ready(std::string_view status);
  // Between both, files are read again. The first asks for the time of CLOCK_MONOTONIC.
  void say_reloading(int64_t monotonic_usec);
  void say_reloaded();
  void say_stopping(std::string_view status);
  void say_alive();  // NS2
  void say_again();  // what did not fit, if nothing else was said since

  // Whether there is anybody to tell.
  [[nodiscard]] bool listens() const { return socket_ >= 0; }
  // How often it wants a sign of life; none: it does not.
  [[nodiscard]] std::optional<Duration> sign_of_life_each() const { return each_; }

 private:
  void say(std::string state);
  // False: it did not fit.
  [[nodiscard]] bool send(const std::string& lines) const;

  std::string address_;  // as the kernel wants it: an abstract name begins with NUL
  int socket_ = -1;
  std::string unsaid_;
  std::optional<Duration> each_;
};

// Of CLOCK_MONOTONIC, which the supervisor asks for, and which does not count a suspend.
int64_t monotonic_usec();

}  // namespace hourwheel
