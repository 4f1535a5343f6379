// The requests about stored secrets: each change goes to the one desk that makes them, and is
// answered when every reactor sends by it. No answer has a value (SE1).
#include <algorithm>
#include <utility>

#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/secret_json.h"

namespace hourwheel {
namespace {

// Of an answer that nobody on the way may keep.
HttpResponse answer_about(const StoredSecret& secret, Instant now) {
  HttpResponse response;
  response.fields.emplace_back("cache-control", "no-store");
  response.fields.emplace_back("etag", etag_of(secret.value.version));
  JsonWriter json(response.body);
  write_secret(json, secret, now);
  return response;
}

class SecretAnswer : public Answer {
 public:
  void on_part(Calls& calls, Call& call, Reply reply) override {
    auto& answer = std::get<Result<QueryAnswer>>(reply.body);
    if (!answer) return calls.refuse(call, std::move(answer.error()));
    const auto& changed = std::get<SecretChanged>(*answer);
    HttpResponse response = answer_about(changed.secret, calls.now());
    if (changed.made) {
      response.status = 201;
      response.fields.emplace_back("location", "/v1/secrets/" + changed.secret.name);
    }
    calls.respond(call, std::move(response));
  }
};

void post_secret(Calls& calls, Call& call, const HttpRequest& request, SecretRequest change) {
  auto conditions = read_preconditions(request);
  if (!conditions) return calls.refuse(call, std::move(conditions.error()));
  if (conditions->if_none_match_any && change.action == SecretAction::kDelete) {
    return calls.refuse(call, ErrorCode::kBadRequest,
                        "If-None-Match: * goes with a PUT that creates");
  }
  change.name = call.id;
  change.if_match = conditions->if_match;
  if (conditions->if_match_any) change.existence = Existence::kMustExist;
  if (conditions->if_none_match_any) change.existence = Existence::kMustNotExist;
  call.answer = std::make_unique<SecretAnswer>();
  if (!calls.post(call, std::move(change))) {
    calls.refuse(call, ErrorCode::kOverloaded, "too many changes of secrets are under way");
  }
}

}  // namespace

void put_secret(Calls& calls, Call& call, const HttpRequest& request) {
  if (!is_secret_name(call.id)) {
    return calls.refuse(call, ErrorCode::kBadRequest,
                        "a secret's name has 1 to 63 characters of a-z, 0-9, \".\", \"_\" and "
                        "\"-\", and begins with a letter or digit");
  }
  auto body = calls.read_body(call, request);
  if (!body) return;
  FieldErrors errors;
  SecretRequest change;
  read_secret(*body, change, errors);
  if (!errors.empty()) return calls.refuse(call, problem_of(std::move(errors)));
  post_secret(calls, call, request, std::move(change));
}

void list_secrets(Calls& calls, Call& call, const HttpRequest& /*request*/) {
  HttpResponse response;
  response.fields.emplace_back("cache-control", "no-store");
  JsonWriter json(response.body);
  json.begin_object();
  json.name("secrets");
  json.begin_array();
  for (const StoredSecret& secret : calls.secrets()) write_secret(json, secret, calls.now());
  json.end_array();
  json.end_object();
  calls.respond(call, std::move(response));
}

void get_secret(Calls& calls, Call& call, const HttpRequest& request) {
  const auto& all = calls.secrets();
  const auto found = std::find_if(all.begin(), all.end(), [&call](const StoredSecret& secret) {
    return secret.name == call.id;
  });
  if (found == all.end()) {
    return calls.refuse(call, ErrorCode::kNotFound, "no secret has this name");
  }
  HttpResponse response = answer_about(*found, calls.now());
  if (client_has(field_of(request, "if-none-match"), found->value.version)) {
    response.status = 304;
    response.content_type.clear();
    response.body.clear();
  }
  calls.respond(call, std::move(response));
}

void delete_secret(Calls& calls, Call& call, const HttpRequest& request) {
  SecretRequest change;
  change.action = SecretAction::kDelete;
  post_secret(calls, call, request, std::move(change));
}

}  // namespace hourwheel
