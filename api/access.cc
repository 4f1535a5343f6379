#include "api/access.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "api/browser_guard.h"
#include "api/calls.h"
#include "api/key_text.h"
#include "api/network.h"
#include "api/session.h"
#include "api/text.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

constexpr const char* kNoKey =
    "an API key is needed, as Authorization: Bearer hw_…; hourwheel key create makes one";
constexpr const char* kRefusedKey = "the API key is unknown, wrong, expired or not for here";

// Of a request that nobody waits for: its answer is dropped.
constexpr uint32_t kNobodysSlot = UINT32_MAX;

bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

bool may_come_from(const ApiKey& key, const Address& peer) {
  return key.networks.empty() ||
         std::any_of(key.networks.begin(), key.networks.end(), [&](const std::string& text) {
           const auto network = parse_network(text);
           return network && network->contains(peer);
         });
}

bool holds(const ApiKey& key, const Address& peer, Instant now) {
  return !key.expired(now) && may_come_from(key, peer);
}

// Where no key is asked for and others than the machine itself may ask: all but to administer.
Caller anybody() {
  Caller caller;
  caller.rights = Rights();
  for (Right right : {Right::kTasksRead, Right::kTasksWrite, Right::kTasksTrigger, Right::kRunsRead,
                      Right::kMetricsRead}) {
    caller.rights.add(right);
  }
  return caller;
}

// RFC 6750 section 2.1.
std::optional<std::string_view> bearer_of(const HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view field = field_of(request, "authorization");
  if (lower_case(field.substr(0, kScheme.size())) != kScheme) return std::nullopt;
  return trim(field.substr(kScheme.size()));
}

// Of an IPv6 address, the network that one customer has.
uint64_t hash_of(const Address& from) {
  const Address address = unmapped(from);
  uint64_t hash = 1469598103934665603U;
  const size_t bytes = address.family == AddressFamily::kV4 ? 4 : 8;
  for (size_t i = 0; i < bytes; ++i) hash = (hash ^ address.bytes[i]) * 1099511628211U;
  return hash;
}

}  // namespace

namespace {

// An id's letters (key_text has ten of them) as numbers that are in the order of ids.
struct IdLetters {
  uint64_t first = 0;
  uint64_t more = 0;
};
IdLetters letters_of(std::string_view id) {
  std::array<uint64_t, 2> words{};
  std::memcpy(words.data(), id.data(), std::min(id.size(), sizeof words));
  return {__builtin_bswap64(words[0]), __builtin_bswap64(words[1])};
}
bool is_less(const IdLetters& a, const IdLetters& b) {
  const bool first = a.first < b.first;
  const bool same = a.first == b.first;
  const bool more = a.more < b.more;
  return first | (same & more);
}

// The key of that id, or one beside where it would be; none: there are no keys. Without a branch on
// what is found: a look-up that guesses wrong takes longer where an id is known (AC1).
const ApiKey* nearest_key(const std::vector<ApiKey>& keys, std::string_view id) {
  if (keys.empty()) return nullptr;
  const IdLetters wanted = letters_of(id);
  size_t at = 0;
  for (size_t left = keys.size(); left > 1; left -= left / 2) {
    const size_t half = left / 2;
    at += half * static_cast<size_t>(!is_less(wanted, letters_of(keys[at + half].id)));
  }
  return &keys[at];
}

}  // namespace

const ApiKey* find_key(const std::vector<ApiKey>& keys, std::string_view id) {
  const ApiKey* nearest = nearest_key(keys, id);
  return nearest != nullptr && nearest->id == id ? nearest : nullptr;
}

Status check_right(const Caller& caller, Right needed) {
  if (caller.rights.has(needed)) return {};
  return failure(ErrorCode::kForbidden, "",
                 "the API key lacks the scope " + std::string(word_of(needed)));
}

Status check_reach(const Caller& caller, Reach reach) {
  if (reach != Reach::kServer || !caller.narrowed()) return {};
  return failure(ErrorCode::kForbidden, "",
                 "the API key is narrowed to a selection of tasks, and this request is about more");
}

bool RefusedKeys::count(const Address& from, Monotonic now) {
  buckets_.resize(kRefusedKeyBuckets);
  Bucket& bucket = buckets_[hash_of(from) % buckets_.size()];
  const auto passed = static_cast<double>((now - std::exchange(bucket.as_of, now)).ms);
  const double refill = passed * kRefusedKeysAMinute / 60'000;
  bucket.tries = std::max(0.0, bucket.tries - refill);
  if (bucket.tries + 1 > kRefusedKeysAMinute) return true;
  bucket.tries += 1;
  return false;
}

Access::Access(const ServerFacts& facts, SystemDoor& system, uint32_t reactor)
    : facts_(facts), system_(system), reactor_(reactor) {}

bool Access::asks_for_keys() const {
  const KeyPolicy policy = facts_.key_policy();
  return policy == KeyPolicy::kAlways ||
         (policy == KeyPolicy::kOnceMade && !system_.keys().empty());
}

// AC1: an id that is unknown costs a comparison with some key's digest, too.
const ApiKey* Access::opened_by(std::string_view text, const Address& from, Instant now) const {
  const auto parsed = parse_key_text(text);
  if (!parsed) return nullptr;
  const ApiKey* nearest = nearest_key(system_.keys(), parsed->id);
  if (nearest == nullptr) return nullptr;
  const bool opens = same_digest(digest_of(*parsed), nearest->digest);
  return opens && nearest->id == parsed->id && holds(*nearest, from, now) ? nearest : nullptr;
}

const ApiKey* Access::of_session(const HttpRequest& request, Instant now) const {
  const auto session = session_of(request);
  if (!session || session->ends <= now) return nullptr;
  const ApiKey* key = find_key(system_.keys(), session->key);
  const bool good = key != nullptr && is_signed(*session, *key, facts_.session_secret()) &&
                    holds(*key, request.peer, now);
  return good ? key : nullptr;
}

Result<Caller> Access::identify(const HttpRequest& request, Now now) {
  const auto bearer = bearer_of(request);
  const ApiKey* key =
      bearer ? opened_by(*bearer, request.peer, now.utc) : of_session(request, now.utc);
  if (key == nullptr) {
    // A session that is over is none: pages go on asking with it.
    if (!bearer) return failure(ErrorCode::kUnauthorized, "", kNoKey);
    return failure(refuse(request.peer, now.mono));
  }
  if (!bearer && !is_safe(request.method)) {
    if (auto good = check_origin(request); !good) return failure(std::move(good.error()));
  }
  note_use(*key, now.utc);
  return Caller{key->id, key->rights, key->rate_limit, key->place, key->max_tasks, key->selection};
}

Result<const ApiKey*> Access::open(std::string_view text, const Address& from, Now now) {
  const ApiKey* key = opened_by(text, from, now.utc);
  if (key == nullptr) return failure(refuse(from, now.mono));
  note_use(*key, now.utc);
  return key;
}

Error Access::refuse(const Address& from, Monotonic now) {
  if (refused_.count(from, now)) {
    return {ErrorCode::kRateLimited, "", "too many requests with keys that were refused"};
  }
  return {ErrorCode::kUnauthorized, "", kRefusedKey};
}

Result<Caller> Access::admit(const HttpRequest& request, Right needed, Now now) {
  if (needed == Right::kOpen) return Caller{};
  if (!asks_for_keys()) {
    // Whoever is in front may know a browser by its cookie, which comes with other sites' requests.
    if (!is_safe(request.method)) {
      if (auto good = check_origin(request); !good) return failure(std::move(good.error()));
    }
    if (facts_.dev_mode() || facts_.on_loopback() || facts_.clients_certified()) return Caller{};
    if (Caller caller = anybody(); caller.rights.has(needed)) return caller;
    return failure(ErrorCode::kForbidden, "",
                   "only a server on loopback, with --dev or with --tls-client-ca takes this "
                   "request without a key");
  }
  auto caller = identify(request, now);
  if (!caller) return caller;
  if (auto good = check_right(*caller, needed); !good) return failure(std::move(good.error()));
  return caller;
}

// A use that is noted twice, or lost with the server, does no harm: what is told of it is coarse.
void Access::note_use(const ApiKey& key, Instant now) {
  if (key.last_used && now - *key.last_used < kKeyUseNoted) return;
  Instant& noted = noted_[key.id];
  if (now - noted < kKeyUseNoted) return;
  KeyRequest request;
  request.token = {reactor_, kNobodysSlot, 0, 0};
  request.action = KeyAction::kNoteUse;
  request.key.id = key.id;
  request.key.last_used = now;
  if (!system_.post(std::move(request))) return;
  if (noted_.size() > kMaxApiKeys) noted_.clear();  // of many that are gone
  noted_[key.id] = now;
}

}  // namespace hourwheel
