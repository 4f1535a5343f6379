#include "tools/hourwheel/ask.h"

#include <cstdio>
#include <utility>

#include "tools/hourwheel/answer_text.h"

namespace hourwheel {

int complain(const std::string& what, int exit_code) {
  std::fflush(stdout);  // else a screen that is cleared later takes the message along
  std::fprintf(stderr, "hourwheel: %s\n", what.c_str());
  return exit_code;
}

Told<ApiClient> connect(const ServerChoice& server) {
  auto connection = find_access(server);
  if (!connection) return tl::unexpected(complain(connection.error().detail, kUsage));
  return ApiClient(std::move(*connection));
}

Told<ApiAnswer> ask(ApiClient& client, const ApiRequest& request) {
  auto answer = client.call(request);
  if (!answer) {
    complain(answer.error().detail, kUnreachable);
    std::fputs("  hint: `hourwheel serve --dev` starts a server; --server URL names another one\n",
               stderr);
    return tl::unexpected(static_cast<int>(kUnreachable));
  }
  if (!answer->is_good()) return tl::unexpected(print_problem(*answer));
  return std::move(*answer);
}

}  // namespace hourwheel
