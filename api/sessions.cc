// The requests of a browser that signs in with a key, asks who it is, and signs out.
#include <algorithm>
#include <utility>

#include "api/browser_guard.h"
#include "api/handlers.h"
#include "api/key_json.h"
#include "api/members.h"
#include "api/session.h"

namespace hourwheel {
namespace {

struct SignIn {
  FieldErrors& errors;
  std::string key{};
};

constexpr Member<SignIn> kSignInMembers[] = {{"key", [](SignIn& reading, const JsonValue& value) {
                                                read_text(value, kMaxKeyName, reading.key,
                                                          reading.errors);
                                              }}};

HttpResponse session_answer(bool asks_for_keys, const ApiKey* key, Rights rights) {
  HttpResponse response;
  response.fields.emplace_back("cache-control", "no-store");
  JsonWriter json(response.body);
  json.begin_object();
  json.name("keys_required");
  json.boolean(asks_for_keys);
  if (key != nullptr) {
    json.name("key");
    write_api_key(json, *key, std::nullopt);
  }
  json.name("scopes");
  write_rights(json, rights);
  json.end_object();
  return response;
}

}  // namespace

void sign_in(Calls& calls, Call& call, const HttpRequest& request) {
  // A page of another site could sign its visitor in as somebody else.
  if (auto good = check_origin(request); !good) return calls.refuse(call, std::move(good.error()));
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  SignIn reading{errors};
  std::span<const Member<SignIn>> members = kSignInMembers;
  read_members(*body, members, Unknown::kRefuse, reading);
  if (errors.empty() && reading.key.empty()) {
    errors.add({ErrorCode::kValidationFailed, "/key", "required", "the key is missing"});
  }
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  auto key = calls.access().open(reading.key, request.peer, calls.clock());
  if (!key) return calls.refuse_unauthorized(call, std::move(key.error()), Right::kOpen);
  const Instant ends =
      std::min((*key)->expires.value_or(kLastInstant), calls.now() + kSessionLasts);
  HttpResponse response = session_answer(calls.access().asks_for_keys(), *key, (*key)->rights);
  response.fields.emplace_back(
      "set-cookie", session_cookie(request, **key, ends, calls.facts().session_secret()));
  calls.respond(call, std::move(response));
}

void show_session(Calls& calls, Call& call, const HttpRequest& request) {
  const bool asks = calls.access().asks_for_keys();
  if (!asks) return calls.respond(call, session_answer(asks, nullptr, Rights::all()));
  auto caller = calls.access().identify(request, calls.clock());
  if (!caller) return calls.refuse_unauthorized(call, std::move(caller.error()), Right::kOpen);
  calls.respond(call, session_answer(asks, find_key(calls.keys(), caller->key), caller->rights));
}

void sign_out(Calls& calls, Call& call, const HttpRequest& request) {
  if (auto good = check_origin(request); !good) return calls.refuse(call, std::move(good.error()));
  HttpResponse response = session_answer(calls.access().asks_for_keys(), nullptr, Rights());
  response.fields.emplace_back("set-cookie", no_session_cookie(request));
  calls.respond(call, std::move(response));
}

}  // namespace hourwheel
