// The requests for documents that never change while the server runs.
#include "api/documents.h"

#include <utility>

#include "api/handlers.h"
#include "api/preconditions.h"

namespace hourwheel {
namespace {

// A page loads its style from here, and nothing else from anywhere.
constexpr const char* kPolicy =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// Kept by the client, and asked for again with its tag: another server may be there by then.
void respond_document(Calls& calls, Call& call, const HttpRequest& request, std::string_view type,
                      const Document& document) {
  HttpResponse response;
  response.content_type = type;
  response.fields.emplace_back("etag", std::string(document.etag));
  response.fields.emplace_back("cache-control", "no-cache");
  response.fields.emplace_back("x-content-type-options", "nosniff");
  response.fields.emplace_back("content-security-policy", kPolicy);
  if (client_has(field_of(request, "if-none-match"), document.etag)) {
    response.status = 304;
  } else {
    response.body = document.text;
  }
  calls.respond(call, std::move(response));
}

}  // namespace

void show_openapi_yaml(Calls& calls, Call& call, const HttpRequest& request) {
  respond_document(calls, call, request, "application/yaml", openapi_yaml());
}

void show_openapi_json(Calls& calls, Call& call, const HttpRequest& request) {
  respond_document(calls, call, request, "application/json", openapi_json());
}

void show_docs(Calls& calls, Call& call, const HttpRequest& request) {
  respond_document(calls, call, request, "text/html; charset=utf-8", docs_page());
}

void show_docs_style(Calls& calls, Call& call, const HttpRequest& request) {
  respond_document(calls, call, request, "text/css; charset=utf-8", docs_style());
}

}  // namespace hourwheel
