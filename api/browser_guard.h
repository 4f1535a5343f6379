// Keeps pages of other sites from using this server through a browser that has them open: on
// loopback neither by a name that was bound anew to 127.0.0.1 nor by a form or script, and anywhere
// not by a session's cookie. Thread: pure functions.
#pragma once

#include <string_view>

#include "api/routes.h"
#include "engine/base/result.h"
#include "net/http.h"

namespace hourwheel {

// Where targets report (engine/completion.h): what follows is a link's token.
inline constexpr std::string_view kCompletionsPath = "/v1/completions/";

// kForbidden: the Host is not a name of loopback, nor `public_authority` where targets report; or
// the request comes from another site.
Status check_browser(const HttpRequest& request, std::string_view public_authority);

// kForbidden: the request comes from a page of another origin (Fetch Metadata).
Status check_origin(const HttpRequest& request);

// RFC 7396; what a PATCH takes besides application/json, which means the same there.
inline constexpr std::string_view kMergePatch = "application/merge-patch+json";

// kUnsupportedMediaType: a body that is not declared as JSON or, of that form, as lines of it
// (which no form of another site can send without being asked first). Without a body nothing needs
// to be declared, as by curl -X POST; but what is declared must be that all the same, because a
// form without fields sends an empty body as one of a form. A script can leave the declaration out:
// its Origin and Sec-Fetch-Site, which it cannot, have been looked at before.
Status check_content_type(const HttpRequest& request, BodyForm form);

}  // namespace hourwheel
