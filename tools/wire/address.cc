#include "tools/wire/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace hourwheel {
namespace {

// "[::1]" and "127.0.0.1" without their port; "localhost" is the one name we know.
std::string host_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    return std::string(text.substr(1, text.size() - 2));
  }
  return text == "localhost" ? "127.0.0.1" : std::string(text);
}

}  // namespace

Result<SocketAddress> parse_address(const std::string& text) {
  size_t colon = std::min(text.rfind(':'), text.size());
  std::string host = host_of(std::string_view(text).substr(0, colon));
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const char* digits = text.data() + std::min(colon + 1, text.size());
  auto [rest, error] = std::from_chars(digits, end, port);
  bool numeric = error == std::errc() && rest == end;

  SocketAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage_);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage_);
  if (numeric && inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size_ = sizeof *v4;
  } else if (numeric && inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size_ = sizeof *v6;
  } else {
    return failure(ErrorCode::kValidationFailed, "address",
                   "'" + text + "' is not ADDRESS:PORT with a numeric address");
  }
  return address;
}

std::string local_address_text(evutil_socket_t socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size);
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, host.data(), host.size());
    return "[" + std::string(host.data()) + "]:" + std::to_string(ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  inet_ntop(AF_INET, &v4->sin_addr, host.data(), host.size());
  return std::string(host.data()) + ":" + std::to_string(ntohs(v4->sin_port));
}

}  // namespace hourwheel
