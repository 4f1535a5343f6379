#include "net/egress_policy.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "engine/base/check.h"

namespace hourwheel {
namespace {

enum class Kind : uint8_t { kLoopback, kNever, kPrivate, kReserved };

struct Prefix {
  std::array<uint8_t, 16> bytes{};
  int bits = 0;
};
struct Range {
  Prefix prefix;
  Kind kind;
};

constexpr Prefix v4(std::array<uint8_t, 4> bytes, int bits) {
  Prefix prefix{{}, bits};
  std::copy(bytes.begin(), bytes.end(), prefix.bytes.begin());
  return prefix;
}
// The first four groups, and the last two: no range of ours needs those between.
constexpr Prefix v6(std::array<uint16_t, 4> groups, uint32_t last, int bits) {
  Prefix prefix{{}, bits};
  for (size_t i = 0; i < groups.size(); ++i) {
    prefix.bytes[2 * i] = static_cast<uint8_t>(groups[i] >> 8);
    prefix.bytes[2 * i + 1] = static_cast<uint8_t>(groups[i]);
  }
  prefix.bytes[12] = static_cast<uint8_t>(last >> 24);
  prefix.bytes[13] = static_cast<uint8_t>(last >> 16);
  prefix.bytes[14] = static_cast<uint8_t>(last >> 8);
  prefix.bytes[15] = static_cast<uint8_t>(last);
  return prefix;
}

// The first match counts: single addresses stand before the ranges around them.
constexpr std::array kRangesV4 = {
    Range{v4({0, 0, 0, 0}, 8), Kind::kNever},           // "this host"
    Range{v4({127, 0, 0, 0}, 8), Kind::kLoopback},      //
    Range{v4({169, 254, 0, 0}, 16), Kind::kNever},      // link-local, and most clouds' metadata
    Range{v4({168, 63, 129, 16}, 32), Kind::kNever},    // Azure's metadata, in a public range
    Range{v4({100, 100, 100, 200}, 32), Kind::kNever},  // Alibaba's metadata
    Range{v4({192, 0, 0, 192}, 32), Kind::kNever},      // Oracle's metadata
    Range{v4({255, 255, 255, 255}, 32), Kind::kNever},  // broadcast
    Range{v4({224, 0, 0, 0}, 4), Kind::kNever},         // multicast
    Range{v4({10, 0, 0, 0}, 8), Kind::kPrivate},        //
    Range{v4({172, 16, 0, 0}, 12), Kind::kPrivate},     //
    Range{v4({192, 168, 0, 0}, 16), Kind::kPrivate},    //
    Range{v4({100, 64, 0, 0}, 10), Kind::kPrivate},     // carriers' shared space
    Range{v4({192, 0, 0, 0}, 24), Kind::kReserved},     // protocol assignments
    Range{v4({192, 0, 2, 0}, 24), Kind::kReserved},     // documentation
    Range{v4({192, 88, 99, 0}, 24), Kind::kReserved},   // 6to4 relays, gone
    Range{v4({198, 18, 0, 0}, 15), Kind::kReserved},    // benchmarks
    Range{v4({198, 51, 100, 0}, 24), Kind::kReserved},  // documentation
    Range{v4({203, 0, 113, 0}, 24), Kind::kReserved},   // documentation
    Range{v4({240, 0, 0, 0}, 4), Kind::kReserved},      // the future
};

constexpr std::array kRangesV6 = {
    Range{v6({0, 0, 0, 0}, 0, 128), Kind::kNever},                   //
    Range{v6({0, 0, 0, 0}, 0x1, 128), Kind::kLoopback},              //
    Range{v6({0xfe80, 0, 0, 0}, 0, 10), Kind::kNever},               // link-local
    Range{v6({0xfd00, 0xec2, 0, 0}, 0x254, 128), Kind::kNever},      // Amazon's metadata
    Range{v6({0xfd00, 0xec2, 0, 0}, 0x23, 128), Kind::kNever},       // ... of its containers
    Range{v6({0xfd20, 0xce, 0, 0}, 0x254, 128), Kind::kNever},       // Google's metadata
    Range{v6({0xfd00, 0xc1, 0, 0}, 0xa9fea9fe, 128), Kind::kNever},  // Oracle's metadata
    Range{v6({0xff00, 0, 0, 0}, 0, 8), Kind::kNever},                // multicast
    Range{v6({0xfc00, 0, 0, 0}, 0, 7), Kind::kPrivate},              // unique local
    Range{v6({0xfec0, 0, 0, 0}, 0, 10), Kind::kReserved},            // site-local, gone
    Range{v6({0x100, 0, 0, 0}, 0, 64), Kind::kReserved},             // discard
    Range{v6({0x2001, 0, 0, 0}, 0, 23),
          Kind::kReserved},  // protocol assignments, Teredo among them
    Range{v6({0x2001, 0xdb8, 0, 0}, 0, 32), Kind::kReserved},  // documentation
    Range{v6({0x3fff, 0, 0, 0}, 0, 20), Kind::kReserved},      // documentation
    Range{v6({0x5f00, 0, 0, 0}, 0, 16), Kind::kReserved},      // segment routing
};

constexpr Prefix kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};  // ::ffff:0:0/96
constexpr Prefix kNat64 = v6({0x64, 0xff9b, 0, 0}, 0, 96);
constexpr Prefix kLocalNat64 = v6({0x64, 0xff9b, 1, 0}, 0, 48);
constexpr Prefix k6to4 = v6({0x2002, 0, 0, 0}, 0, 16);
constexpr Prefix kCompatible = v6({0, 0, 0, 0}, 0, 96);
constexpr Prefix kUnspecifiedOrLoopback = v6({0, 0, 0, 0}, 0, 127);

bool within(const Address& address, const Prefix& prefix) {
  for (int bit = 0; bit < prefix.bits; bit += 8) {
    const auto i = static_cast<size_t>(bit / 8);
    const int here = std::min(8, prefix.bits - bit);
    const auto mask = static_cast<uint8_t>(0xff << (8 - here));
    if ((address.bytes[i] & mask) != (prefix.bytes[i] & mask)) return false;
  }
  return true;
}

std::span<const Range> ranges_of(AddressFamily family) {
  if (family == AddressFamily::kV4) return kRangesV4;
  return kRangesV6;
}

std::optional<Kind> kind_of(const Address& address) {
  for (const Range& range : ranges_of(address.family)) {
    if (within(address, range.prefix)) return range.kind;
  }
  return std::nullopt;
}

Address v4_at(const Address& v6, size_t offset) {
  Address v4;
  v4.port = v6.port;
  std::copy_n(v6.bytes.begin() + static_cast<std::ptrdiff_t>(offset), 4, v4.bytes.begin());
  return v4;
}

// The IPv4 address that packets to this IPv6 address would reach, where there is one.
std::optional<Address> embedded_v4(const Address& address) {
  if (address.family == AddressFamily::kV4) return std::nullopt;
  if (within(address, kMapped)) return v4_at(address, 12);  // mapped
  if (within(address, kNat64)) return v4_at(address, 12);   // NAT64
  if (within(address, k6to4)) return v4_at(address, 2);     // 6to4
  // IPv4-compatible, long gone; :: and ::1 are themselves.
  if (within(address, kCompatible) && !within(address, kUnspecifiedOrLoopback)) {
    return v4_at(address, 12);
  }
  return std::nullopt;
}

bool same_host(const Address& a, const Address& b) {
  return a.family == b.family && a.bytes == b.bytes;
}

}  // namespace

// The first range that has all of it decides, as the first one that has an address does.
bool may_be_opened(const AddressRange& opened) {
  for (const Range& range : ranges_of(opened.base.family)) {
    if (range.prefix.bits > opened.bits || !within(opened.base, range.prefix)) continue;
    return range.kind == Kind::kLoopback || range.kind == Kind::kPrivate;
  }
  return false;
}

EgressPolicy::EgressPolicy(EgressMode mode, std::vector<Address> own,
                           std::vector<Address> interfaces, std::vector<AddressRange> opened)
    : mode_(mode),
      own_(std::move(own)),
      interfaces_(std::move(interfaces)),
      opened_(std::move(opened)) {
  HW_CHECK(std::all_of(opened_.begin(), opened_.end(), may_be_opened),
           "EP1 only what lies within loopback or a private network is opened");
}

EgressVerdict EgressPolicy::judge(const Address& given) const {
  // Local-use NAT64 (RFC 8215): where in the address the IPv4 part stands is each operator's
  // choice, so nothing can be judged.
  if (given.family == AddressFamily::kV6 && within(given, kLocalNat64)) {
    return EgressVerdict::kReserved;
  }
  const Address address = embedded_v4(given).value_or(given);
  if (is_own(address)) return EgressVerdict::kOwn;
  auto kind = kind_of(address);
  if (!kind) return EgressVerdict::kAllowed;
  switch (*kind) {
    case Kind::kLoopback:
      return is_opened(address) ? EgressVerdict::kAllowed : EgressVerdict::kNever;
    case Kind::kPrivate:
      return is_opened(address) ? EgressVerdict::kAllowed : EgressVerdict::kPrivate;
    case Kind::kNever:
      return EgressVerdict::kNever;
    case Kind::kReserved:
      return EgressVerdict::kReserved;
  }
  return EgressVerdict::kNever;
}

// Of a loopback or a private address (EP2).
bool EgressPolicy::is_opened(const Address& address) const {
  if (mode_ == EgressMode::kDevelopment) return true;
  return std::any_of(opened_.begin(), opened_.end(), [&address](const AddressRange& range) {
    return range.base.family == address.family && within(address, {range.base.bytes, range.bits});
  });
}

bool EgressPolicy::is_own(const Address& address) const {
  for (const Address& own : own_) {
    if (own.port != address.port) continue;
    if (same_host(embedded_v4(own).value_or(own), address)) return true;
    if (!is_wildcard(own)) continue;
    if (kind_of(address) == Kind::kLoopback) return true;
    for (const Address& here : interfaces_) {
      if (same_host(here, address)) return true;
    }
  }
  return false;
}

}  // namespace hourwheel
