// An IP address with a port, as a value: what the resolver finds, the policy judges and a
// connection goes to. Thread: pure functions, any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hourwheel {

enum class AddressFamily : uint8_t { kV4 = 4, kV6 = 6 };

struct Address {
  AddressFamily family = AddressFamily::kV4;
  uint16_t port = 0;                // host byte order
  std::array<uint8_t, 16> bytes{};  // network order; IPv4 uses the first four
  friend bool operator==(const Address&, const Address&) = default;
};

// A sockaddr of either family, ready for the kernel.
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  socklen_t length = 0;
};

// Canonical dotted IPv4, or IPv6 without brackets and zone id.
std::optional<Address> parse_address(std::string_view ip, uint16_t port);
SocketAddress to_socket_address(const Address& address);
// nullopt: neither IPv4 nor IPv6.
std::optional<Address> from_sockaddr(const sockaddr& address);
// "127.0.0.1:8080", "[::1]:8080"
std::string to_text(const Address& address);
// 127.0.0.0/8, ::1, and the former mapped into IPv6.
bool is_loopback(const Address& address);
// 0.0.0.0 and ::, which stand for all addresses of the machine.
bool is_wildcard(const Address& address);

}  // namespace hourwheel
