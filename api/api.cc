#include "api/api.h"

#include <algorithm>
#include <utility>

#include "api/audit_json.h"
#include "api/browser_guard.h"
#include "api/handlers.h"
#include "api/url_text.h"
#include "engine/limits.h"

namespace hourwheel {
namespace {

bool changes(const Route& route) {
  return route.right == Right::kTasksWrite || route.right == Right::kTasksTrigger;
}

// RFC 6585 section 3: of a change that could overwrite somebody else's without knowing of it.
bool lacks_version(const Route& route, const HttpRequest& request) {
  const bool overwrites = route.path == "/v1/tasks/{id}" && route.right == Right::kTasksWrite;
  const bool creates = route.method == "PUT" && !field_of(request, "if-none-match").empty();
  return overwrites && !creates && field_of(request, "if-match").empty();
}

// RFC 7240 section 4.4: where tasks and schedules are defined. Elsewhere a member that is not known
// may be a bound that is misspelt, without which more is changed or opened than was meant: the
// dry_run of a backfill, a part of a filter, the networks of a key, the hosts of a secret.
bool takes_lenience(const Route& route) {
  constexpr std::string_view kPaths[] = {"/tasks",           "/v1/tasks",
                                         "/v1/tasks/{id}",   "/v1/tasks:batch",
                                         "/v1/tasks:import", "/v1/schedules:preview"};
  constexpr std::string_view kMethods[] = {"POST", "PUT", "PATCH"};
  return std::count(std::begin(kPaths), std::end(kPaths), route.path) > 0 &&
         std::count(std::begin(kMethods), std::end(kMethods), route.method) > 0;
}

}  // namespace

void Api::on_request(HttpToken token, const HttpRequest& request) {
  Call& call = calls_.begin(token);
  call.prefers = read_preferences(request);
  call.path = is_valid_utf8(request.path) ? std::string(request.path) : std::string();
  if (!pass_browser_guard(call, request) || !pass_route(call, request) ||
      !pass_access(call, request) || !calls_.take_operations(call, 1) ||
      !pass_state(call, request) || !pass_gate(call, request) || !pass_key(call, request)) {
    return;
  }
  call.trace =
      read_trace(field_of(request, "traceparent"), field_of(request, "tracestate"), calls_.now());
  call.route->handler(calls_, call, request);
}

std::optional<Monotonic> Api::next_deadline() const {
  const auto refusal = calls_.next_refusal();
  const auto tick = calls_.next_tick();
  return refusal && tick ? std::min(*refusal, *tick) : (refusal ? refusal : tick);
}

HttpResponse Api::refusal(const Error& why, std::string_view path) {
  Problem problem = problem_of(why);
  if (why.code == ErrorCode::kPayloadTooLarge && path == "/v1/tasks:import") {
    problem.detail += " " + import_limits();
  }
  std::string request_id = calls_.new_request_id();
  return problem_response(problem, {Shape::kV1, "", request_id, calls_.new_retry_after()});
}

bool Api::pass_browser_guard(Call& call, const HttpRequest& request) {
  if (!calls_.facts().on_loopback()) return true;
  auto good = check_browser(request, calls_.facts().public_authority());
  if (!good) calls_.refuse(call, std::move(good.error()));
  return good.has_value();
}

bool Api::pass_route(Call& call, const HttpRequest& request) {
  RouteMatch match = find_route(request.method, request.path);
  if (match.route == nullptr) {
    if (match.allow.empty()) {
      calls_.refuse(call, ErrorCode::kNotFound, "there is nothing under this path");
      return false;
    }
    const Problem problem{ErrorCode::kMethodNotAllowed, "this path takes " + match.allow, {}};
    calls_.refuse(call, problem, "allow", std::move(match.allow));
    return false;
  }
  call.route = match.route;
  if (call.prefers.lenient && !request.body.empty() && takes_lenience(*call.route)) {
    call.unknown = Unknown::kIgnore;
  }
  if (match.id.empty()) return true;
  auto id = percent_decode(match.id);
  if (!id || id->empty() || id->size() > kMaxTaskId) {
    calls_.refuse(call, ErrorCode::kBadRequest,
                  "the id in the path is not percent-encoded UTF-8 of at most 255 bytes");
    return false;
  }
  call.id = std::move(*id);
  return true;
}

bool Api::pass_access(Call& call, const HttpRequest& request) {
  auto caller = calls_.access().admit(request, call.route->right, calls_.clock());
  if (!caller) {
    calls_.refuse_unauthorized(call, std::move(caller.error()), call.route->right);
    return false;
  }
  call.caller = std::move(*caller);
  call.actor = {call.caller.key, actor_address(request.peer)};
  auto good = check_reach(call.caller, call.route->reach);
  if (!good) calls_.refuse(call, std::move(good.error()));
  return good.has_value();
}

bool Api::pass_state(Call& call, const HttpRequest& request) {
  const ServerFacts& facts = calls_.facts();
  const Right right = call.route->right;
  const bool reads_open = right == Right::kOpen && request.body.empty();
  if (reads_open || right == Right::kMetricsRead) return true;
  if (auto good = check_content_type(request, call.route->body); !good) {
    refuse_content_type(call, std::move(good.error()));
    return false;
  }
  if (facts.require_if_match() && lacks_version(*call.route, request)) {
    calls_.refuse(call, ErrorCode::kPreconditionRequired,
                  "this server wants an If-Match with this request; a PUT that creates may have "
                  "If-None-Match: *");
    return false;
  }
  if (facts.draining() && changes(*call.route)) {
    calls_.refuse(call, ErrorCode::kDraining, "the server is stopping");
    return false;
  }
  if (!facts.ready() && !facts.draining()) {
    calls_.refuse(call, ErrorCode::kOverloaded, "the server is not ready yet");
    return false;
  }
  return true;
}

// Other methods are safe to repeat as they are, and what changes nothing is, too.
bool Api::pass_key(Call& call, const HttpRequest& request) {
  const std::string_view why = why_no_key(*call.route);
  if (!takes_key(*call.route) && why.empty()) return true;
  auto key = read_request_key(request);
  if (key && *key && !why.empty()) {
    key = failure(ErrorCode::kBadRequest, "",
                  "this request takes no Idempotency-Key: " + std::string(why));
  }
  if (!key) {
    calls_.refuse(call, std::move(key.error()));
    return false;
  }
  call.key = std::move(*key);
  return true;
}

// RFC 5789 section 2.2: whoever sends a patch that is not understood is told what would be.
void Api::refuse_content_type(Call& call, Error why) {
  if (call.route->method != "PATCH") return calls_.refuse(call, std::move(why));
  calls_.refuse(call, problem_of(std::move(why)), "accept-patch", std::string(kMergePatch));
}

// C-25. Before the body is read: a refusal must cost little.
bool Api::pass_gate(Call& call, const HttpRequest& request) {
  const Demand demand = call.route->demand;
  if (auto strain = calls_.gate().refuses(demand)) {
    calls_.shed(call, demand, *strain);
    return false;
  }
  if (demand == Demand::kList) {
    calls_.count_in(call, {.lists = 1});
  } else {
    calls_.count_in(call, {.bytes = request.body.size()});
  }
  return true;
}

}  // namespace hourwheel
