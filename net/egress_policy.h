// Which addresses attempts may go to (SSRF): judged on the very address a connection is about to be
// made to, after the name was resolved, on each use.
//
// Denied always: unspecified, loopback, link-local, cloud metadata, multicast, broadcast, our own
// listen addresses. Denied by default: private networks. Denied as reserved: what IANA gave away
// for documentation, tests and the future. An IPv6 address that carries an IPv4 address is judged
// as that one. Development opens loopback and private networks, never our own addresses.
//
// Cost: a few dozen comparisons. Thread: immutable after construction, any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "net/address.h"

namespace hourwheel {

enum class EgressMode : uint8_t { kPublicOnly, kDevelopment };
enum class EgressVerdict : uint8_t { kAllowed, kNever, kPrivate, kReserved, kOwn };

class EgressPolicy {
 public:
  // own: where this server listens. A wildcard listen address (0.0.0.0, ::) stands for its port on
  // every loopback address and on each of `interfaces`, the addresses of this host.
  EgressPolicy(EgressMode mode, std::vector<Address> own, std::vector<Address> interfaces = {});

  [[nodiscard]] EgressVerdict judge(const Address& address) const;
  [[nodiscard]] bool allows(const Address& address) const {
    return judge(address) == EgressVerdict::kAllowed;
  }

 private:
  [[nodiscard]] bool is_own(const Address& address) const;

  EgressMode mode_;
  std::vector<Address> own_;
  std::vector<Address> interfaces_;
};

}  // namespace hourwheel
