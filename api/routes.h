// The one table of what the server answers: method, path, the right a caller needs, how far it
// reaches, who answers.
// Also drives 404, 405 with Allow, the route label of the metrics, and the test that compares it
// with openapi.yaml. A route without a right or a reach does not compile.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "api/overload_gate.h"
#include "api/reach.h"
#include "api/shape.h"
#include "engine/api_key.h"
#include "net/http.h"

namespace hourwheel {

class Calls;
struct Call;

// What a body is declared as.
enum class BodyForm : uint8_t { kJson, kLines };

// Answers the request, now or through call.answer. The request lives only during the call.
using Handler = void (*)(Calls& calls, Call& call, const HttpRequest& request);

struct Route {
  std::string_view method;
  std::string_view path;  // with at most one "{id}", which stands for one segment
  Right right;
  Reach reach;
  Demand demand;  // what is urgent only at times (a batch's entries) is judged by the handler
  Handler handler;
  Shape shape = Shape::kV1;
  BodyForm body = BodyForm::kJson;
};

std::span<const Route> routes();

// Whether a second request like it may do a second time what was meant once.
bool repeats_badly(const Route& route);
// Whether an Idempotency-Key keeps that from happening: what is kept under it is in one commit with
// each change.
bool takes_key(const Route& route);
// Why a route that changes something and repeats badly takes none: whoever sends one is refused
// with it, so that nobody relies on what is not kept. Empty: it takes one, or needs none.
std::string_view why_no_key(const Route& route);

struct RouteMatch {
  const Route* route = nullptr;  // null: 404, or 405 if `allow` is not empty
  std::string_view id;           // the segment that stands for {id}, still encoded
  std::string allow;             // the methods the path has
};
RouteMatch find_route(std::string_view method, std::string_view path);

}  // namespace hourwheel
