// One request to a server's API, blocking: what the command line uses (libcurl).
#pragma once

#include <string>

#include "engine/base/result.h"

namespace hourwheel {

struct ApiAnswer {
  long status = 0;
  std::string body;  // followed by 64 readable bytes
};

// kIo when there was no answer; the detail names the server.
Result<ApiAnswer> call_api(const std::string& method, const std::string& url,
                           const std::string& body);

}  // namespace hourwheel
