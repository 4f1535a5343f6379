// Sessions: what a browser holds instead of a key, so that no script can read it (RFC 6265).
//
//   SE1  A session names its key and when it ends, and is signed with a secret of this life of the
//        server and the key's digest: it ends with either.
//   SE2  Nothing is remembered of a session; one ends before its time when its key is revoked, or
//        with the server.
// Cost: an HMAC. Thread: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/api_key.h"
#include "net/http.h"

namespace hourwheel {

inline constexpr Duration kSessionLasts = hours(12);

struct SessionText {
  std::string key;  // id
  Instant ends;
  std::string signature;
};
// The session that came with the request; nullopt: none of ours.
std::optional<SessionText> session_of(const HttpRequest& request);
[[nodiscard]] bool is_signed(const SessionText& session, const ApiKey& key,
                             std::string_view secret);

// The values of Set-Cookie that begin a session and end it, in answer to `request`: what came over
// TLS is never sent in the clear.
std::string session_cookie(const HttpRequest& request, const ApiKey& key, Instant ends,
                           std::string_view secret);
std::string no_session_cookie(const HttpRequest& request);

}  // namespace hourwheel
