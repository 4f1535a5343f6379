// The requests for the UI's files. The page names the others with a digest, so that a browser keeps
// each for good and still never has one of another build.
#include "api/ui_files.h"

#include <string>

#include "api/documents.h"
#include "api/handlers.h"
#include "api/preconditions.h"
#include "api/ui_tags.h"
#include "engine/base/check.h"

// api/ui_bytes.S
extern "C" {
extern const char hw_ui_page[], hw_ui_page_end[], hw_ui_page_gz[], hw_ui_page_gz_end[];
extern const char hw_ui_script[], hw_ui_script_end[], hw_ui_script_gz[], hw_ui_script_gz_end[];
extern const char hw_ui_style[], hw_ui_style_end[], hw_ui_style_gz[], hw_ui_style_gz_end[];
extern const char hw_ui_icon[], hw_ui_icon_end[], hw_ui_icon_gz[], hw_ui_icon_gz_end[];
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

bool takes_gzip(const HttpRequest& request) {
  const std::string_view takes = field_of(request, "accept-encoding");
  return takes.find("gzip") != std::string_view::npos &&
         takes.find("gzip;q=0") == std::string_view::npos;
}

void respond_ui(Calls& calls, Call& call, const HttpRequest& request, UiName name) {
  const UiFile file = ui_file(name);
  HttpResponse response;
  response.content_type = file.type;
  response.fields.emplace_back("etag", std::string(file.etag));
  const bool versioned = request.query.starts_with("v=");
  response.fields.emplace_back("cache-control",
                               versioned ? "public, max-age=31536000, immutable" : "no-cache");
  response.fields.emplace_back("vary", "accept-encoding");
  response.fields.emplace_back("x-content-type-options", "nosniff");
  response.fields.emplace_back("referrer-policy", "no-referrer");
  response.fields.emplace_back("content-security-policy", kUiPolicy);
  if (client_has(field_of(request, "if-none-match"), file.etag)) {
    response.status = 304;
  } else if (takes_gzip(request)) {
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
      return {between(hw_ui_page, hw_ui_page_end), between(hw_ui_page_gz, hw_ui_page_gz_end),
              kUiPageTag, "text/html; charset=utf-8"};
    case UiName::kScript:
      return {between(hw_ui_script, hw_ui_script_end),
              between(hw_ui_script_gz, hw_ui_script_gz_end), kUiScriptTag,
              "text/javascript; charset=utf-8"};
    case UiName::kStyle:
      return {between(hw_ui_style, hw_ui_style_end), between(hw_ui_style_gz, hw_ui_style_gz_end),
              kUiStyleTag, "text/css; charset=utf-8"};
    case UiName::kIcon:
      return {between(hw_ui_icon, hw_ui_icon_end), between(hw_ui_icon_gz, hw_ui_icon_gz_end),
              kUiIconTag, "image/svg+xml"};
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
