#include "api/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace hourwheel {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

constexpr unsigned bits_of(AddressFamily family) {
  return family == AddressFamily::kV4 ? 32 : 128;
}

std::optional<Address> parse_ip(std::string_view ip) {
  const std::string text(ip);
  Address address;
  if (text.find('\0') != std::string::npos) return std::nullopt;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) return address;
  address.family = AddressFamily::kV6;
  if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) return address;
  return std::nullopt;
}

bool bit_at(const Address& address, unsigned bit) {
  return (address.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

}  // namespace

Address unmapped(const Address& address) {
  const bool mapped = address.family == AddressFamily::kV6 &&
                      std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
  if (!mapped) return address;
  Address v4;
  std::copy_n(address.bytes.begin() + kMapped.size(), 4, v4.bytes.begin());
  return v4;
}

bool Network::contains(const Address& address) const {
  const Address plain = unmapped(address);
  if (plain.family != base.family) return false;
  for (unsigned bit = 0; bit < prefix; ++bit) {
    if (bit_at(plain, bit) != bit_at(base, bit)) return false;
  }
  return true;
}

std::optional<Network> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  auto base = parse_ip(text.substr(0, slash));
  if (!base) return std::nullopt;
  Network network{*base, bits_of(base->family)};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const unsigned most = network.prefix;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), network.prefix);
  if (error != std::errc() || end != digits.data() + digits.size() || network.prefix > most) {
    return std::nullopt;
  }
  for (unsigned bit = network.prefix; bit < most; ++bit) {
    if (bit_at(*base, bit)) return std::nullopt;
  }
  return network;
}

std::string ip_text(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const Address plain = unmapped(address);
  ::inet_ntop(plain.family == AddressFamily::kV4 ? AF_INET : AF_INET6, plain.bytes.data(),
              text.data(), text.size());
  return text.data();
}

}  // namespace hourwheel
