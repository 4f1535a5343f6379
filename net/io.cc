#include "net/io.h"

#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>

#include "net/io_libevent.h"
#include "net/io_uring.h"

namespace hourwheel {

Result<ChosenIo> make_io(IoBackend backend, event_base* base) {
  if (backend == IoBackend::kLibevent) {
    return ChosenIo{std::make_unique<LibeventIo>(base), "attempts use libevent, as asked"};
  }
  auto ring = UringIo::create();
  if (ring) {
    std::string reason = "attempts use io_uring (" + std::string((*ring)->mode()) + ")";
    return ChosenIo{*std::move(ring), std::move(reason)};
  }
  if (backend == IoBackend::kUring) return failure(std::move(ring).error());
  return ChosenIo{std::make_unique<LibeventIo>(base),
                  "attempts use libevent: " + ring.error().detail};
}

int open_socket(const Address& address, int type_flags) {
  const int family = address.family == AddressFamily::kV4 ? AF_INET : AF_INET6;
  int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | type_flags, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
    int error = errno;
    ::close(fd);
    return -error;
  }
  return fd;
}

bool is_connected_to(int fd, const Address& address) {
  SocketAddress peer{};
  SocketAddress self{};
  peer.length = self.length = sizeof(sockaddr_in6);
  if (::getpeername(fd, &peer.any, &peer.length) != 0) return false;
  if (::getsockname(fd, &self.any, &self.length) != 0) return false;
  auto there = from_sockaddr(peer.any);
  return there && *there == address && from_sockaddr(self.any) != there;
}

}  // namespace hourwheel
