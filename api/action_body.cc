#include "api/action_body.h"

namespace hourwheel {

bool read_action_body(Calls& calls, Call& call, const HttpRequest& request,
                      std::optional<JsonValue>& body) {
  if (request.body.empty()) return true;
  body = calls.read_body(call, request);
  return body.has_value();
}

bool refuse_members(Calls& calls, Call& call, const std::optional<JsonValue>& body) {
  if (!body || body->size() == 0) return false;
  auto first = body->first();
  FieldErrors errors;
  errors.add({ErrorCode::kUnknownField, first->pointer(), "unknown-field",
              "this action takes no field \"" + std::string(first->name()) + "\""});
  calls.refuse(call, problem_of(std::move(errors)));
  return true;
}

}  // namespace hourwheel
