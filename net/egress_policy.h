// Which addresses attempts may go to (SSRF): judged on the very address a connection is about to be
// made to, after the name was resolved, on each use.
//
// Denied always: unspecified, link-local, cloud metadata, multicast, broadcast, our own listen
// addresses. Denied by default: loopback, private networks. Denied as reserved: what IANA gave away
// for documentation, tests and the future. An IPv6 address that carries an IPv4 address is judged
// as that one. Development opens loopback and private networks, never our own addresses.
//
//   EP1  The operator may open ranges that lie wholly within loopback or within one private network
//        (may_be_opened). A wider one, as 0.0.0.0/0, is refused although it has such addresses in
//        it: nobody opens loopback without having named it.
//   EP2  An opened range opens loopback and private addresses only. What is always denied stays so
//        within it: 100.64.0.0/10 and fc00::/7 have metadata addresses of clouds in them, which no
//        list of the operator's is asked to leave out.
//   EP3  An IPv4 address is opened by an IPv4 range, however an IPv6 address carries it.
//
// Cost: a few dozen comparisons, and one for each opened range. Thread: immutable after
// construction, any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "net/address.h"

namespace hourwheel {

enum class EgressMode : uint8_t { kPublicOnly, kDevelopment };
enum class EgressVerdict : uint8_t { kAllowed, kNever, kPrivate, kReserved, kOwn };

// The addresses that begin as base does.
struct AddressRange {
  Address base;  // its port means nothing
  int bits = 0;  // that count
};
// EP1
bool may_be_opened(const AddressRange& range);

class EgressPolicy {
 public:
  // own: where this server listens. A wildcard listen address (0.0.0.0, ::) stands for its port on
  // every loopback address and on each of `interfaces`, the addresses of this host. opened: beyond
  // the mode. Requires: each of them may be opened.
  EgressPolicy(EgressMode mode, std::vector<Address> own, std::vector<Address> interfaces = {},
               std::vector<AddressRange> opened = {});

  [[nodiscard]] EgressVerdict judge(const Address& address) const;
  [[nodiscard]] bool allows(const Address& address) const {
    return judge(address) == EgressVerdict::kAllowed;
  }

 private:
  [[nodiscard]] bool is_own(const Address& address) const;
  [[nodiscard]] bool is_opened(const Address& address) const;

  EgressMode mode_;
  std::vector<Address> own_;
  std::vector<Address> interfaces_;
  std::vector<AddressRange> opened_;
};

}  // namespace hourwheel
