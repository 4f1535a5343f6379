// The Idempotency-Key of a request (C-2; draft-ietf-httpapi-idempotency-key-header-06): under which
// the answer is kept, so that the request can be sent again when nothing is known of the first
// time.
//
//   IK1  A key is about one request: its scope is a hash of who asks, the method, the route, the id
//        it names, the key, and, of a batch, which entry it is.
//   IK2  A create without an id gets one that follows from the key, so that the shard that decides
//        it the second time is the one that decided it the first time.
// Cost: a SHA-256 of the body and one of the scope. Thread: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/answer.h"
#include "engine/base/result.h"
#include "net/http.h"

namespace hourwheel {

class Calls;
struct Call;
struct Command;

struct RequestKey {
  std::string text;
  BodyDigest body{};  // of the whole request
};

// nullopt: there is none. kBadRequest: it is neither a string of RFC 8941 nor a bare token, or not
// 1 to 255 characters long, or there are two.
Result<std::optional<RequestKey>> read_request_key(const HttpRequest& request);

// IK2. The entries of a batch count from 1, all else is 0.
// Requires: the call has a key.
std::string task_id_of(const Call& call, size_t entry = 0);

// Of a create that came without an id: IK2, or a new one.
void give_id(Calls& calls, const Call& call, Command& command, size_t entry = 0);

// IK1. Requires: the call is of a route and has a key.
IdempotencyKey key_about(const Call& call, std::string_view id, size_t entry = 0);

// IK1. Requires: the call is of a route. Nothing happens to a call without a key.
void give_key(const Call& call, Command& command, size_t entry = 0);

}  // namespace hourwheel
