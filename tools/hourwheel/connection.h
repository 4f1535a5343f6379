// Which server a command asks, and with which key: what flags say comes before the environment,
// that before the current context (context_file.h), and that before what is built in.
//
// A key goes only to the server it was meant for: that of a context is not sent to a server that a
// flag or the environment names.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "tools/hourwheel/client_tls.h"

namespace hourwheel {

inline constexpr const char* kDefaultServer = "http://127.0.0.1:8080";

// What the command line says; empty: nothing.
struct ServerChoice {
  std::string url;
  std::string context = {};
  ClientTls tls = {};
  bool verbose = false;
};

struct ServerAccess {
  std::string url;          // without a slash at its end
  std::string token;        // an API key; empty: none is sent
  std::string source = {};  // what named the server, for people
  ClientTls tls = {};
  bool verbose = false;  // whoever asks is told when a request is sent again
};

// With the API key in HOURWHEEL_TOKEN, or in the file that HOURWHEEL_TOKEN_FILE names, else that of
// the context: a key does not belong on a command line, which others may read. The files of
// TLS come likewise, but from flags first: HOURWHEEL_CA, HOURWHEEL_CLIENT_CERTIFICATE and
// HOURWHEEL_CLIENT_KEY.
Result<ServerAccess> find_access(const ServerChoice& choice);

// The URL as it may be shown: without user:password@.
std::string without_password(std::string url);

}  // namespace hourwheel
