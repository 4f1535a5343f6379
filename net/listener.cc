#include "net/listener.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr int kBacklog = 4096;
// Bounds what a client that floods us without reading makes the kernel hold for it.
constexpr int kReceiveBuffer = 256 * 1024;
constexpr unsigned kUserTimeoutMs = 10'000;  // unacknowledged data: the peer is gone
constexpr timeval kOneTurn{.tv_sec = 0, .tv_usec = 0};
constexpr timeval kRest{.tv_sec = 0, .tv_usec = 100'000};  // after EMFILE, or while full

tl::unexpected<Error> bad_address(std::string_view text, std::string_view why) {
  return failure(ErrorCode::kValidationFailed, "listen",
                 "\"" + std::string(text) + "\": " + std::string(why));
}

PeerAddress peer_of(const sockaddr* address) {
  PeerAddress peer;
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    peer.bytes[10] = peer.bytes[11] = 0xff;
    std::memcpy(peer.bytes.data() + 12, &v4->sin_addr, 4);
  } else {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    std::memcpy(peer.bytes.data(), &v6->sin6_addr, 16);
  }
  return peer;
}

bool set_option(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

uint16_t bound_port(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  HW_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size) == 0,
           "a bound socket has a name");
  in_port_t port = bound.ss_family == AF_INET ? reinterpret_cast<sockaddr_in*>(&bound)->sin_port
                                              : reinterpret_cast<sockaddr_in6*>(&bound)->sin6_port;
  return ntohs(port);
}

// A bound socket, or -1 with errno set. Only a socket that shares its port can be joined.
enum class Share : int { kNo = 0, kYes = 1 };
int bind_socket(const Address& address, Share share) {
  SocketAddress where = to_socket_address(address);
  int fd = socket(where.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
      set_option(fd, SOL_SOCKET, SO_REUSEPORT, static_cast<int>(share)) &&
      set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer) &&
      bind(fd, &where.any, where.length) == 0) {
    return fd;
  }
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

}  // namespace

Result<Address> parse_listen_address(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text, "a port is missing (HOST:PORT)");
  std::string host(text.substr(0, colon));
  std::string_view port = text.substr(colon + 1);
  Address address;
  auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    return bad_address(text, "the port is not a number from 0 to 65535");
  }
  if (host == "localhost") host = "127.0.0.1";
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    address.family = AddressFamily::kV6;
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return bad_address(text, "an IPv6 address stands in brackets, as in [::1]:8080");
  }
  int family = address.family == AddressFamily::kV4 ? AF_INET : AF_INET6;
  if (inet_pton(family, host.c_str(), address.bytes.data()) != 1) {
    return bad_address(text, "the host is not an IP address or \"localhost\"");
  }
  return address;
}

void Listener::ListenerDeleter::operator()(evconnlistener* listener) const {
  evconnlistener_free(listener);
}
void Listener::TimerDeleter::operator()(event* timer) const {
  event_free(timer);
}

Result<std::unique_ptr<Listener>> Listener::open(EventLoop& loop, const Address& address,
                                                 PortUse use, Destination to) {
  int fd = -1;
  if (use == PortUse::kAlone && address.port != 0) {
    // Whoever holds the port, sharing or not, refuses a socket that does not share.
    fd = bind_socket(address, Share::kNo);
    if (fd >= 0) close(fd);
  }
  if (fd >= 0 || use == PortUse::kJoin || address.port == 0) fd = bind_socket(address, Share::kYes);
  if (fd < 0) {
    return failure(ErrorCode::kIo, "listen",
                   "cannot listen on " + to_text(address) + ": " + strerror(errno));
  }
  std::unique_ptr<Listener> listener(new Listener(address, Queue::kOwn, to));
  if (Status s = listener->start(loop, fd); !s) return failure(std::move(s.error()));
  return listener;
}

Result<Address> listening_address(int socket) {
  auto refused = [](const char* why) {
    return failure(ErrorCode::kValidationFailed, "listen",
                   std::string("the socket that was passed ") + why);
  };
  int listens = 0;
  int type = 0;
  socklen_t size = sizeof listens;
  if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) {
    return refused("is none");
  }
  size = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) {
    return refused("is not one of streams");
  }
  sockaddr_storage bound{};
  size = sizeof bound;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return refused("has no address");
  }
  auto address = from_sockaddr(reinterpret_cast<const sockaddr&>(bound));
  if (!address) return refused("is not one of TCP");
  if (listens == 0) return refused("does not listen");
  return *address;
}

Result<std::unique_ptr<Listener>> Listener::share(EventLoop& loop, const ListenPlace& place,
                                                  Destination to) {
  HW_CHECK(place.passed, "a socket is shared that was passed");
  const int fd = fcntl(*place.passed, F_DUPFD_CLOEXEC, 0);
  // Of all duplicates: accept() must not wait for a connection that another one has taken.
  if (fd < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
      !set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer)) {
    const int error = errno;
    if (fd >= 0) close(fd);
    return failure(ErrorCode::kIo, "listen",
                   "cannot share the socket of " + to_text(place.address) + ": " + strerror(error));
  }
  std::unique_ptr<Listener> listener(new Listener(place.address, Queue::kShared, to));
  if (Status s = listener->start(loop, fd); !s) return failure(std::move(s.error()));
  return listener;
}

Status Listener::start(EventLoop& loop, int fd) {
  address_.port = bound_port(fd);
  auto accepted = [](evconnlistener*, evutil_socket_t connection, sockaddr* peer, int, void* self) {
    static_cast<Listener*>(self)->on_accept(connection, peer_of(peer));
  };
  auto failed = [](evconnlistener*, void* self) { static_cast<Listener*>(self)->rest(); };
  auto rested = [](evutil_socket_t, short, void* self) { static_cast<Listener*>(self)->go_on(); };
  rest_timer_.reset(evtimer_new(loop.base(), rested, this));
  listener_.reset(evconnlistener_new(loop.base(), accepted, this,
                                     LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, kBacklog, fd));
  if (!listener_ || !rest_timer_) {
    int error = errno;
    if (!listener_) close(fd);
    return failure(ErrorCode::kIo, "listen",
                   "cannot listen on " + to_text(address_) + ": " + strerror(error));
  }
  evconnlistener_set_error_cb(listener_.get(), failed);
  return {};
}

Listener::~Listener() = default;

void Listener::on_accept(int fd, const PeerAddress& peer) {
  const bool tls = to_.server.speaks_tls();
  if (++accepted_ >= (tls ? kMaxTlsAcceptsPerTurn : kMaxAcceptsPerTurn)) stand_aside();
  std::optional<uint32_t> connection = to_.connections.admit(fd, peer);
  if (!connection) {
    close(fd);
    return;
  }
  // A peer that is already gone fails these; the first read tells.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kUserTimeoutMs));
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  to_.server.accept(fd, *connection);
  if (leaves_it_to_others()) rest();
}

bool Listener::leaves_it_to_others() const {
  return queue_ == Queue::kShared && to_.connections.full();
}

void Listener::stand_aside() {
  accepted_ = 0;
  evconnlistener_disable(listener_.get());  // which also ends libevent's loop over accept()
  evtimer_add(rest_timer_.get(), &kOneTurn);
}

void Listener::rest() {
  ++rests_;
  evconnlistener_disable(listener_.get());
  evtimer_add(rest_timer_.get(), &kRest);
}

void Listener::go_on() {
  if (leaves_it_to_others()) return rest();
  evconnlistener_enable(listener_.get());
}

}  // namespace hourwheel
