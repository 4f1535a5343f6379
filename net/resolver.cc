#include "net/resolver.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include <netdb.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

Address loopback_v4() {
  Address address;
  address.bytes = {127, 0, 0, 1};
  return address;
}
Address loopback_v6() {
  Address address;
  address.family = AddressFamily::kV6;
  address.bytes[15] = 1;
  return address;
}

Status add_name_servers(evdns_base* dns, const ResolverOptions& options) {
  if (options.name_servers.empty()) {
    // Without any server names still resolve by the hosts file; others fail, which is retried.
    int rc = evdns_base_resolv_conf_parse(dns, DNS_OPTIONS_ALL, "/etc/resolv.conf");
    if (rc != 0 && rc != 6) {  // 6: no name server is named, evdns then asks this host
      return failure(ErrorCode::kIo, "",
                     "/etc/resolv.conf cannot be used (evdns says " + std::to_string(rc) + ")");
    }
    return {};
  }
  for (const Address& server : options.name_servers) {
    SocketAddress to = to_socket_address(server);
    if (evdns_base_nameserver_sockaddr_add(dns, &to.any, to.length, 0) != 0) {
      return failure(ErrorCode::kIo, "", "the name server " + to_text(server) + " cannot be used");
    }
  }
  return {};
}

}  // namespace

void Resolver::BaseDeleter::operator()(evdns_base* base) const {
  evdns_base_free(base, 0);
}

Result<std::unique_ptr<Resolver>> Resolver::create(event_base* base,
                                                   const ResolverOptions& options) {
  std::unique_ptr<Resolver> resolver(new Resolver(base));
  // DISABLE_WHEN_INACTIVE: no look-up under way, no reason to wake up.
  resolver->dns_.reset(evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE));
  evdns_base* dns = resolver->dns_.get();
  if (dns == nullptr) return failure(ErrorCode::kIo, "", "evdns did not start");
  if (Status added = add_name_servers(dns, options); !added) return failure(added.error());
  // A second of silence, twice: within the connect time-out of an attempt. A server counts as down
  // only after many time-outs, because while the only one is down every look-up fails at once.
  constexpr const char* kOptions[][2] = {{"timeout:", "1"},        {"attempts:", "2"},
                                         {"max-timeouts:", "16"},  {"initial-probe-timeout:", "1"},
                                         {"randomize-case:", "1"}, {"max-inflight:", "256"}};
  for (const auto& option : kOptions) {
    HW_CHECK(evdns_base_set_option(dns, option[0], option[1]) == 0, "evdns knows the option");
  }
  return resolver;
}

Resolver::~Resolver() {
  for (auto& [host, entry] : entries_) {
    if (entry.request != nullptr) evdns_getaddrinfo_cancel(entry.request);
  }
  // A cancelled look-up calls back from the loop, and frees what it holds only then.
  constexpr int kMaxTurns = 64;
  for (int turn = 0; pending_ > 0 && turn < kMaxTurns; ++turn) {
    event_base_loop(base_, EVLOOP_ONCE | EVLOOP_NONBLOCK);
  }
  HW_CHECK(pending_ == 0, "N3 evdns ends every look-up that was cancelled");
}

const Addresses* Resolver::resolve(const std::string& host, Monotonic now) {
  if (auto literal = parse_address(host, 0)) {
    literal_.assign(1, *literal);
    return &literal_;
  }
  // RFC 6761: localhost is never asked of a name server.
  if (host == "localhost" || host.ends_with(".localhost")) {
    literal_ = {loopback_v4(), loopback_v6()};
    return &literal_;
  }
  auto found = entries_.find(host);
  if (found != entries_.end()) {
    Entry& entry = found->second;
    if (entry.pending) return nullptr;
    if (now < entry.expires) return &entry.addresses;
  } else {
    if (entries_.size() >= kMaxResolverNames && !make_room(now)) {
      literal_.clear();
      return &literal_;
    }
    found = entries_.emplace(host, Entry{}).first;
  }
  begin(host, found->second);
  return nullptr;
}

void Resolver::begin(const std::string& host, Entry& entry) {
  entry.pending = true;
  entry.addresses.clear();
  ++pending_;
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = IPPROTO_TCP;
  hints.ai_flags = EVUTIL_AI_ADDRCONFIG;
  auto look_up = std::make_unique<LookUp>(LookUp{this, host});
  // May call back before it returns, and then returns nullptr; the entry stays where it is.
  auto* request = evdns_getaddrinfo(dns_.get(), host.c_str(), nullptr, &hints, &Resolver::on_answer,
                                    look_up.release());
  if (entry.pending && std::find(ended_.begin(), ended_.end(), host) == ended_.end()) {
    entry.request = request;
  }
}

void Resolver::on_answer(int /*result*/, addrinfo* answer, void* argument) {
  std::unique_ptr<LookUp> look_up(static_cast<LookUp*>(argument));
  Resolver& resolver = *look_up->resolver;
  --resolver.pending_;
  Entry& entry = resolver.entries_.at(look_up->host);
  entry.request = nullptr;
  for (const addrinfo* one = answer; one != nullptr; one = one->ai_next) {
    auto address = from_sockaddr(*one->ai_addr);
    if (address && entry.addresses.size() < kMaxResolverAddresses) {
      address->port = 0;
      entry.addresses.push_back(*address);
    }
  }
  if (answer != nullptr) evutil_freeaddrinfo(answer);
  resolver.ended_.push_back(std::move(look_up->host));
}

void Resolver::take_resolved(std::vector<std::string>& hosts, Monotonic now) {
  for (std::string& host : ended_) {
    Entry& entry = entries_.at(host);
    entry.pending = false;
    entry.expires = now + (entry.addresses.empty() ? kResolverKeepFailed : kResolverKeepFound);
    hosts.push_back(std::move(host));
  }
  ended_.clear();
}

bool Resolver::make_room(Monotonic now) {
  std::erase_if(entries_, [now](const auto& one) {
    return !one.second.pending && one.second.expires <= now;
  });
  return entries_.size() < kMaxResolverNames;
}

}  // namespace hourwheel
