// Requests to a server's API, blocking: what the command line uses (libcurl).
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "engine/base/result.h"

namespace hourwheel {

struct ApiRequest {
  std::string method;
  std::string url;
  std::string body;
  std::string type = "application/json";  // of the body
};

struct ApiAnswer {
  long status = 0;
  long retry_after_s = 0;  // 0: the server said nothing of the kind
  std::string body;        // followed by 64 readable bytes
  std::string broken;      // of what was fetched into a file: why it is not whole
};

// Requests one after the other over a connection that is kept. With the API key in HOURWHEEL_TOKEN,
// or in the file that HOURWHEEL_TOKEN_FILE names, if any: a key does not belong on a command line,
// which others may read.
class ApiClient {
 public:
  ApiClient();
  ~ApiClient();
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  // kIo when there was no answer; the detail names the server.
  Result<ApiAnswer> call(const ApiRequest& request);
  // GET. What a 200 brings goes to the file as it comes.
  Result<ApiAnswer> fetch(const std::string& url, std::FILE* into);

 private:
  struct Curl;
  std::unique_ptr<Curl> curl_;
};

// One request on a connection of its own.
Result<ApiAnswer> call_api(const std::string& method, const std::string& url,
                           const std::string& body);

}  // namespace hourwheel
