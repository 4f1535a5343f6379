// The end of a supervisor: hears what a server says in the protocol of sd_notify(3).
#pragma once

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

namespace hourwheel {

class SupervisorSocket {
 public:
  // `name`: a path, or "@name" of the abstract ones.
  explicit SupervisorSocket(const std::string& name)
      : name_(name), socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un own{};
    own.sun_family = AF_UNIX;
    std::memcpy(own.sun_path, name.data(), name.size());
    const bool abstract = name.front() == '@';
    if (abstract) own.sun_path[0] = '\0';
    const size_t length = offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1);
    bound_ =
        bind(socket_, reinterpret_cast<const sockaddr*>(&own), static_cast<socklen_t>(length)) == 0;
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~SupervisorSocket() {
    close(socket_);
    if (name_.front() == '/') unlink(name_.c_str());
  }
  SupervisorSocket(const SupervisorSocket&) = delete;
  SupervisorSocket& operator=(const SupervisorSocket&) = delete;

  [[nodiscard]] bool bound() const { return bound_; }
  // The next datagram; "nothing": there is none.
  [[nodiscard]] std::string next() const { return receive(MSG_DONTWAIT); }
  // "nothing": none came in 20 s.
  [[nodiscard]] std::string await() const { return receive(0); }

 private:
  [[nodiscard]] std::string receive(int flags) const {
    std::array<char, 512> bytes{};
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), flags);
    return got < 0 ? "nothing" : std::string(bytes.data(), static_cast<size_t>(got));
  }

  std::string name_;
  int socket_;
  bool bound_ = false;
};

}  // namespace hourwheel
