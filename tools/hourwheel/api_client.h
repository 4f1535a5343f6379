// Requests to a server's API, blocking: what the command line uses (libcurl). What cannot double by
// it is sent again by itself (repeats.h).
#pragma once

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/repeats.h"

namespace hourwheel {

struct ApiRequest {
  std::string method;
  std::string path;  // with its query
  std::string body;
  std::string type = "application/json";  // of the body
  long timeout_s = 60;
  std::vector<std::string> fields{};  // of the head: "If-Match: \"17\""
  std::function<void()> meanwhile{};  // called about once a second until the answer is there
  Patience patience{};
};

struct ApiAnswer {
  long status = 0;
  long retry_after_s = 0;  // 0: the server said nothing of the kind
  std::string body;        // followed by 64 readable bytes
  std::string broken;      // of what was fetched into a file: why it is not whole
  std::string redirect;    // where it sends whoever asked; not followed, as a key would go along
  bool from_here = false;  // it came from an address of this machine

  // Of a proxy's page or a redirect nothing was done, so only these are an answer.
  [[nodiscard]] bool is_good() const { return status >= 200 && status < 300; }
};

// Requests one after the other over a connection that is kept.
class ApiClient {
 public:
  explicit ApiClient(ServerAccess to);
  ~ApiClient();
  ApiClient(ApiClient&&) noexcept;
  ApiClient& operator=(ApiClient&&) noexcept;

  using Taker = std::function<void(std::string_view bytes)>;
  // kIo when there was no answer; the detail names the server. Sends an Idempotency-Key where the
  // server takes one.
  Result<ApiAnswer> call(const ApiRequest& request);
  // GET. What a 200 brings goes to the file as it comes, and is shown to `seen`.
  Result<ApiAnswer> fetch(const std::string& path, std::FILE* into, const Taker& seen);
  // GET of what has no end: the bytes of a 200 as they come. Without a byte for so long as a server
  // never is silent it is taken for gone.
  Result<ApiAnswer> stream(const ApiRequest& request, const Taker& take);

 private:
  struct Curl;
  ServerAccess to_;
  std::unique_ptr<Curl> curl_;
};

}  // namespace hourwheel
