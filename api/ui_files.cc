// The requests for the UI's files. The page names the others with a digest, so that a browser keeps
// each for good and still never has one of another build.
#include "api/ui_files.h"

#include <algorithm>
#include <string>

#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/text.h"
#include "api/ui_digests.h"
#include "engine/base/check.h"

// api/ui_bytes.S
extern "C" {
extern const char kUiPage[], kUiPageEnd[], kUiPageGzip[], kUiPageGzipEnd[];
extern const char kUiScript[], kUiScriptEnd[], kUiScriptGzip[], kUiScriptGzipEnd[];
extern const char kUiStyle[], kUiStyleEnd[], kUiStyleGzip[], kUiStyleGzipEnd[];
extern const char kUiIcon[], kUiIconEnd[], kUiIconGzip[], kUiIconGzipEnd[];
}

namespace hourwheel {
namespace {

// Scripts, styles and requests of this server alone; nothing inline, and in no frame.
constexpr const char* kUiPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

// Of Accept-Encoding (RFC 9110, 12.5.3).
bool takes_gzip(std::string_view accepted) {
  while (!accepted.empty()) {
    const size_t end = std::min(accepted.find(','), accepted.size());
    const std::string one = lower_case(accepted.substr(0, end));
    accepted.remove_prefix(std::min(end + 1, accepted.size()));
    const size_t semicolon = std::min(one.find(';'), one.size());
    if (trim(std::string_view(one).substr(0, semicolon)) != "gzip") continue;
    const size_t weight = one.find("q=", semicolon);
    return weight == std::string::npos ||
           one.find_first_of("123456789", weight) != std::string::npos;
  }
  return false;
}

// Whether the page asked for it by the digest of these bytes: another build's has another.
bool is_named(const HttpRequest& request, const UiFile& file) {
  return request.query.starts_with("v=") && request.query.substr(2) == file.digest;
}

void respond_ui(Calls& calls, Call& call, const HttpRequest& request, UiName name) {
  const UiFile file = ui_file(name);
  HttpResponse response;
  response.content_type = file.type;
  // Weak: it stands for the compressed bytes as well.
  const std::string quoted = '"' + std::string(file.digest) + '"';
  response.fields.emplace_back("etag", "W/" + quoted);
  const bool named = name != UiName::kPage && is_named(request, file);
  response.fields.emplace_back("cache-control",
                               named ? "public, max-age=31536000, immutable" : "no-cache");
  response.fields.emplace_back("vary", "accept-encoding");
  response.fields.emplace_back("x-content-type-options", "nosniff");
  response.fields.emplace_back("referrer-policy", "no-referrer");
  response.fields.emplace_back("content-security-policy", kUiPolicy);
  if (client_has(field_of(request, "if-none-match"), quoted)) {
    response.status = 304;
  } else if (takes_gzip(field_of(request, "accept-encoding"))) {
    response.fields.emplace_back("content-encoding", "gzip");
    response.body = file.gzip;
  } else {
    response.body = file.bytes;
  }
  calls.respond(call, std::move(response));
}

}  // namespace

UiFile ui_file(UiName name) {
  switch (name) {
    case UiName::kPage:
      return {between(kUiPage, kUiPageEnd), between(kUiPageGzip, kUiPageGzipEnd), kUiPageDigest,
              "text/html; charset=utf-8"};
    case UiName::kScript:
      return {between(kUiScript, kUiScriptEnd), between(kUiScriptGzip, kUiScriptGzipEnd),
              kUiScriptDigest, "text/javascript; charset=utf-8"};
    case UiName::kStyle:
      return {between(kUiStyle, kUiStyleEnd), between(kUiStyleGzip, kUiStyleGzipEnd),
              kUiStyleDigest, "text/css; charset=utf-8"};
    case UiName::kIcon:
      return {between(kUiIcon, kUiIconEnd), between(kUiIconGzip, kUiIconGzipEnd), kUiIconDigest,
              "image/svg+xml"};
  }
  HW_CHECK(false, "every file has its case");
}

void show_ui(Calls& calls, Call& call, const HttpRequest& request) {
  respond_ui(calls, call, request, UiName::kPage);
}
void show_ui_script(Calls& calls, Call& call, const HttpRequest& request) {
  respond_ui(calls, call, request, UiName::kScript);
}
void show_ui_style(Calls& calls, Call& call, const HttpRequest& request) {
  respond_ui(calls, call, request, UiName::kStyle);
}
void show_ui_icon(Calls& calls, Call& call, const HttpRequest& request) {
  respond_ui(calls, call, request, UiName::kIcon);
}

}  // namespace hourwheel
