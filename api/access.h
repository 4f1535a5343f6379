// Who may do what: finds the key behind a request and whether it carries the right of the route.
//
//   AC1  A bearer's key that is unknown, wrong, expired or from another network is refused in the
//        same words and after the same work, so that nobody learns which ids there are.
//   AC2  Only a secret opens: what is stored is its digest, compared in constant time.
//   AC3  A session cookie is as good as the key it was made from, as long as that key is there, and
//        of use only to pages of this server (CSRF): what it may change must be asked from here.
//   AC4  Whether keys are asked for at all: on loopback, and where clients prove themselves by
//        certificates, as soon as there is one, elsewhere always (ServerFacts::key_policy).
// Sources: RFC 6750 (bearer tokens), RFC 6265 (cookies), Fetch Metadata.
// Cost: one SHA-256 of 43 bytes and a binary search. Thread: the reactor's own.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/reach.h"
#include "api/server_facts.h"
#include "engine/api_key.h"
#include "engine/base/result.h"
#include "engine/ports.h"
#include "net/http.h"

namespace hourwheel {

// Who asks, as far as it was proved.
struct Caller {
  std::string key;  // the id; empty: no key was asked for
  Rights rights = Rights::all();
  std::optional<RateLimit> rate_limit{};  // of the key
  uint16_t place = 0;                     // where its use is counted
  std::optional<uint32_t> max_tasks{};    // of the key
  Selection selection{};                  // of the key

  [[nodiscard]] bool narrowed() const { return !selection.empty(); }
};

// Requests whose key was refused, by address: more than kRefusedKeysAMinute are answered
// with 429.
class RefusedKeys {
 public:
  // Counts one; true: there were too many lately.
  bool count(const Address& from, Monotonic now);

 private:
  // A bucket of tries that fills again. Addresses share one when their hashes meet, and all
  // addresses of an IPv6 network do.
  struct Bucket {
    double tries = 0;  // spent
    Monotonic as_of{};
  };
  std::vector<Bucket> buckets_;
};

// null: there is none of this id. `keys` are by id.
const ApiKey* find_key(const std::vector<ApiKey>& keys, std::string_view id);

// kForbidden, for a narrowed key that asks for what is not of some tasks alone.
Status check_reach(const Caller& caller, Reach reach);

// kForbidden, for who asks for a part of a request that needs a further right.
Status check_right(const Caller& caller, Right needed);

class Access {
 public:
  Access(const ServerFacts& facts, SystemDoor& system, uint32_t reactor);

  [[nodiscard]] bool asks_for_keys() const;
  // kUnauthorized, kForbidden; kRateLimited: too many that were unauthorized.
  Result<Caller> admit(const HttpRequest& request, Right needed, Now now);
  // Who asks, if it can be proved.
  Result<Caller> identify(const HttpRequest& request, Now now);
  // The key of this text, of one who signs in. Errors as of admit.
  Result<const ApiKey*> open(std::string_view text, const Address& from, Now now);

 private:
  [[nodiscard]] const ApiKey* opened_by(std::string_view text, const Address& from,
                                        Instant now) const;
  [[nodiscard]] const ApiKey* of_session(const HttpRequest& request, Instant now) const;
  Error refuse(const Address& from, Monotonic now);
  void note_use(const ApiKey& key, Instant now);

  const ServerFacts& facts_;
  SystemDoor& system_;
  const uint32_t reactor_;
  RefusedKeys refused_;
  std::map<std::string, Instant> noted_;  // uses that were told to the desk lately
};

}  // namespace hourwheel
