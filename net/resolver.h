// Finds the addresses of target names: literals and localhost at once, the rest through libevent's
// evdns (hosts file, search list and name servers as /etc/resolv.conf says). All addresses come
// back, unjudged: the policy is asked at each connect.
//
// Invariants
//   N1  One look-up of a name is under way at a time, whoever asks meanwhile waits for it.
//   N2  An answer is kept for kResolverKeepFound or kResolverKeepFailed, at most kMaxResolverNames
//       of them; no more look-ups are begun beyond that.
//   N3  Every look-up that is begun ends in take_resolved(), with an answer or without.
// Cost: a cached answer is one hash look-up. Thread: the event_base's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "net/address.h"

struct evdns_base;
struct evdns_getaddrinfo_request;
struct event_base;
struct addrinfo;

namespace hourwheel {

struct ResolverOptions {
  // Empty: those of /etc/resolv.conf.
  std::vector<Address> name_servers;
};

// Port 0 in each address; no address: the name has none, or nobody could tell.
using Addresses = std::vector<Address>;

class Resolver {
 public:
  static Result<std::unique_ptr<Resolver>> create(event_base* base, const ResolverOptions& options);
  // Runs the loop's due callbacks (never blocking) until evdns has let go of every look-up.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // nullptr: a look-up is under way; the host will be in take_resolved(). The answer is the
  // resolver's, and stays valid until the next call of either function.
  const Addresses* resolve(const std::string& host, Monotonic now);
  // Appends the hosts whose look-up has ended since the last call; resolve() now answers at once.
  void take_resolved(std::vector<std::string>& hosts, Monotonic now);
  [[nodiscard]] bool has_resolved() const { return !ended_.empty(); }

 private:
  struct Entry {
    Addresses addresses;
    evdns_getaddrinfo_request* request = nullptr;  // under way
    bool pending = false;
    Monotonic expires;
  };
  // evdns calls back with this, once for each look-up; it owns itself until then.
  struct LookUp {
    Resolver* resolver;
    std::string host;
  };
  struct BaseDeleter {
    void operator()(evdns_base* base) const;
  };

  explicit Resolver(event_base* base) : base_(base) {}
  static void on_answer(int result, addrinfo* answer, void* argument);
  void begin(const std::string& host, Entry& entry);
  bool make_room(Monotonic now);

  event_base* base_;
  std::unique_ptr<evdns_base, BaseDeleter> dns_;
  std::unordered_map<std::string, Entry> entries_;
  std::vector<std::string> ended_;
  Addresses literal_;  // the answer to a literal, or to a name there was no room for
  size_t pending_ = 0;
};

}  // namespace hourwheel
