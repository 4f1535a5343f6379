#include "api/browser_guard.h"

#include <algorithm>
#include <string>

#include "api/calls.h"
#include "api/text.h"

namespace hourwheel {
namespace {

bool is_port(std::string_view text) {
  return text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_loopback_name(std::string_view authority) {
  std::string host = lower_case(authority);
  for (std::string_view name : {"localhost", "127.0.0.1", "[::1]"}) {
    if (!std::string_view(host).starts_with(name)) continue;
    std::string_view rest = std::string_view(host).substr(name.size());
    if (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)))) return true;
  }
  return false;
}

// By the public name, as through a proxy that keeps it, come requests from anywhere: it is good for
// what a link allows and no more.
bool is_report(const HttpRequest& request, std::string_view public_authority) {
  return !public_authority.empty() && request.path.starts_with(kCompletionsPath) &&
         lower_case(request.authority) == public_authority;
}

Status refuse(std::string detail) {
  return failure(ErrorCode::kForbidden, "", std::move(detail));
}

bool names_other_origin(const HttpRequest& request) {
  const std::string origin = lower_case(field_of(request, "origin"));
  const std::string host = lower_case(request.authority);
  if (origin.empty() || origin == "https://" + host) return false;
  // A proxy in front may be spoken to by TLS, or not be there; behind TLS of our own there is none.
  return request.over_tls || origin != "http://" + host;
}

}  // namespace

Status check_origin(const HttpRequest& request) {
  const std::string site = lower_case(field_of(request, "sec-fetch-site"));
  if (!site.empty() && site != "same-origin" && site != "none") {
    return refuse("a session is of use to pages of this server only");
  }
  if (names_other_origin(request)) return refuse("the Origin is another site's");
  return {};
}

Status check_browser(const HttpRequest& request, std::string_view public_authority) {
  if (!is_loopback_name(request.authority) && !is_report(request, public_authority)) {
    return refuse("the Host must be localhost, 127.0.0.1 or [::1] on a server bound to loopback");
  }
  if (lower_case(field_of(request, "sec-fetch-site")) == "cross-site") {
    return refuse("requests from other sites are refused");
  }
  if (names_other_origin(request)) return refuse("the Origin is another site's");
  return {};
}

Status check_content_type(const HttpRequest& request, BodyForm form) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  const std::string_view field = field_of(request, "content-type");
  if (request.body.empty() && field.empty()) return {};
  const std::string type = lower_case(trim(field.substr(0, field.find(';'))));
  const std::string_view wanted =
      form == BodyForm::kLines ? "application/x-ndjson" : "application/json";
  if (type == wanted) return {};
  if (request.method != "PATCH") {
    return failure(ErrorCode::kUnsupportedMediaType, "",
                   "a body needs Content-Type: " + std::string(wanted));
  }
  if (type == kMergePatch) return {};
  return failure(ErrorCode::kUnsupportedMediaType, "",
                 "a patch needs Content-Type: " + std::string(kMergePatch));
}

}  // namespace hourwheel
