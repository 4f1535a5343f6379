#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace hourwheel {

std::optional<Address> parse_address(std::string_view ip, uint16_t port) {
  std::string text(ip);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Address address;
  address.port = port;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
  address.family = AddressFamily::kV6;
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

SocketAddress to_socket_address(const Address& address) {
  SocketAddress out;
  if (address.family == AddressFamily::kV4) {
    out.v4 = sockaddr_in{};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(address.port);
    std::memcpy(&out.v4.sin_addr, address.bytes.data(), 4);
    out.length = sizeof out.v4;
  } else {
    out.v6 = sockaddr_in6{};
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(address.port);
    std::memcpy(&out.v6.sin6_addr, address.bytes.data(), 16);
    out.length = sizeof out.v6;
  }
  return out;
}

std::optional<Address> from_sockaddr(const sockaddr& address) {
  Address out;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    out.port = ntohs(v4.sin_port);
    std::memcpy(out.bytes.data(), &v4.sin_addr, 4);
    return out;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    out.family = AddressFamily::kV6;
    out.port = ntohs(v6.sin6_port);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, 16);
    return out;
  }
  return std::nullopt;
}

std::string to_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  const bool v4 = address.family == AddressFamily::kV4;
  ::inet_ntop(v4 ? AF_INET : AF_INET6, address.bytes.data(), text, sizeof text);
  std::string out = v4 ? std::string(text) : "[" + std::string(text) + "]";
  return out.append(":").append(std::to_string(address.port));
}

bool is_loopback(const Address& address) {
  if (address.family == AddressFamily::kV4) return address.bytes[0] == 127;
  constexpr std::array<uint8_t, 16> kLoopback = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  constexpr std::array<uint8_t, 13> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  return address.bytes == kLoopback ||
         std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
}

bool is_wildcard(const Address& address) {
  return std::all_of(address.bytes.begin(), address.bytes.end(), [](uint8_t b) { return b == 0; });
}

}  // namespace hourwheel
