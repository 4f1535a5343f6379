// Which server a command asks, and with which key: what flags say comes before the environment, and
// that before what is built in.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

inline constexpr const char* kDefaultServer = "http://127.0.0.1:8080";

// What the command line says; empty: nothing.
struct ServerChoice {
  std::string url;
};

struct ServerAccess {
  std::string url;    // without a slash at its end
  std::string token;  // an API key; empty: none is sent
};

// With the API key in HOURWHEEL_TOKEN, or in the file that HOURWHEEL_TOKEN_FILE names, if any: a
// key does not belong on a command line, which others may read.
Result<ServerAccess> find_connection(const ServerChoice& choice);

}  // namespace hourwheel
