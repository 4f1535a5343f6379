// The requests about API keys: each change goes to the one desk that makes them, and is answered
// when every reactor goes by it.
#include <utility>

#include "api/handlers.h"
#include "api/key_json.h"
#include "api/key_text.h"
#include "engine/base/check.h"

namespace hourwheel {
namespace {

// Of an answer that nobody on the way may keep.
HttpResponse private_answer() {
  HttpResponse response;
  response.fields.emplace_back("cache-control", "no-store");
  return response;
}

// By what it comes to in the long run.
bool within(const std::optional<RateLimit>& made, const std::optional<RateLimit>& makers) {
  if (!makers) return true;
  return made && int64_t{made->count} * makers->per.ms <= int64_t{makers->count} * made->per.ms;
}

class KeyAnswer : public Answer {
 public:
  // `text`: of a key that is made; it leaves the server here and nowhere else.
  explicit KeyAnswer(std::string text) : text_(std::move(text)) {}

  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& keys = std::get<KeysChanged>(*answer).keys;
    HW_CHECK(keys.size() == 1, "one key was made or revoked");
    // Nobody else has its text yet.
    if (!text_.empty()) calls.limits().forget(keys.front().place);
    HttpResponse response = private_answer();
    JsonWriter json(response.body);
    json.begin_object();
    write_key_members(json, keys.front(), calls.quotas().taken(keys.front().id));
    if (!text_.empty()) {
      json.name("key");
      json.string(text_);
      response.status = 201;
      response.fields.emplace_back("location", "/v1/keys/" + keys.front().id);
    }
    json.end_object();
    calls.respond(call, std::move(response));
  }

 private:
  std::string text_;
};

void post_key(Calls& calls, Call& call, KeyAction action, ApiKey key, std::string text) {
  call.answer = std::make_unique<KeyAnswer>(std::move(text));
  if (!calls.post(call, action, std::move(key))) {
    calls.refuse(call, ErrorCode::kOverloaded, "too many changes of keys are under way");
  }
}

}  // namespace

void create_key(Calls& calls, Call& call, const HttpRequest& request) {
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  ApiKey key = read_api_key(*body, calls.now(), errors);
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  if (!key.rights.within(call.caller.rights)) {
    return calls.refuse(call, ErrorCode::kForbidden,
                        "a key cannot have scopes that the key which makes it lacks");
  }
  if (!within(key.rate_limit, call.caller.rate_limit)) {
    return calls.refuse(call, ErrorCode::kForbidden,
                        "a key with a rate limit makes none with a higher one, or without");
  }
  const auto& max_tasks = call.caller.max_tasks;
  if (max_tasks && key.max_tasks.value_or(UINT32_MAX) > *max_tasks) {
    return calls.refuse(call, ErrorCode::kForbidden,
                        "a key with a quota of tasks makes none with a higher one, or without");
  }
  auto text = make_secret(key);
  if (!text) return calls.refuse(call, std::move(text.error()));
  key.created_by = call.caller.key;
  post_key(calls, call, KeyAction::kAdd, std::move(key), std::move(*text));
}

void list_keys(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  HttpResponse response = private_answer();
  JsonWriter json(response.body);
  json.begin_object();
  json.name("keys");
  json.begin_array();
  for (const ApiKey& key : calls.keys()) write_api_key(json, key, calls.quotas().taken(key.id));
  json.end_array();
  json.end_object();
  calls.respond(call, std::move(response));
}

void get_key(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  const ApiKey* found = find_key(calls.keys(), call.id);
  if (found == nullptr) return calls.refuse(call, ErrorCode::kNotFound, "no key has this id");
  HttpResponse response = private_answer();
  JsonWriter json(response.body);
  write_api_key(json, *found, calls.quotas().taken(found->id));
  calls.respond(call, std::move(response));
}

void revoke_key(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  const ApiKey* known = find_key(calls.keys(), call.id);
  if (known != nullptr && !known->rights.within(call.caller.rights)) {
    return calls.refuse(call, ErrorCode::kForbidden,
                        "the key has scopes that the key which would revoke it lacks");
  }
  ApiKey key;
  key.id = call.id;
  post_key(calls, call, KeyAction::kRevoke, std::move(key), "");
}

}  // namespace hourwheel
