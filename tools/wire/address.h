// Socket addresses as text: "127.0.0.1:9000", "[::1]:9000". Numbers only: tools resolve no names
// except localhost.
#pragma once

#include <event2/util.h>
#include <sys/socket.h>

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

class SocketAddress {
 public:
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  // libevent takes it writable, and does not write.
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage_); }
  [[nodiscard]] int size() const { return size_; }

 private:
  friend Result<SocketAddress> parse_address(const std::string& text);
  sockaddr_storage storage_{};
  int size_ = 0;
};

Result<SocketAddress> parse_address(const std::string& text);

// Where a bound socket really is: "127.0.0.1:41234" when port 0 was asked for.
std::string local_address_text(evutil_socket_t socket);

}  // namespace hourwheel
