// Networks of IP addresses, as "10.0.0.0/8" or "2001:db8::/32"; a single address is one, too.
// Thread: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace hourwheel {

struct Network {
  Address base;         // its port means nothing
  unsigned prefix = 0;  // bits

  // An IPv4 address mapped into IPv6 is the IPv4 address.
  [[nodiscard]] bool contains(const Address& address) const;
};

// nullopt: it is neither an address nor a network, or has bits behind the prefix.
std::optional<Network> parse_network(std::string_view text);

// An IPv4 address mapped into IPv6 as itself.
Address unmapped(const Address& address);
// The address without its port.
std::string ip_text(const Address& address);

}  // namespace hourwheel
