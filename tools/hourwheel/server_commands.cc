#include "tools/hourwheel/server_commands.h"

#include <cstdio>

#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/ask.h"

namespace hourwheel {
namespace {

constexpr Column kServerColumns[] = {
    {"VERSION", "version"},       {"STARTED", "started_at"},
    {"READY", "ready"},           {"DRAINING", "draining"},
    {"IO", "io_backend"},         {"SHARDS", "shards"},
    {"REACTORS", "reactors"},     {"DEV", "dev"},
    {"STORAGE", "storage.state"},
};

// What the server says of itself goes to standard output, whether it is ready or not.
int show_health(ApiClient& client) {
  auto answer = client.call({"GET", "/readyz?verbose", ""});
  if (!answer) return complain(answer.error().detail, kUnreachable);
  std::printf("%s", answer->body.c_str());
  if (!answer->body.ends_with('\n')) std::printf("\n");
  return answer->status == 200 ? kOk : kFailure;
}

}  // namespace

int run_server_command(const ServerOptions& options) {
  auto client = connect(options.server);
  if (!client) return client.error();
  if (options.verb == ServerVerb::kHealth) return show_health(*client);
  auto answer = ask(*client, {"GET", "/v1/server", ""});
  return answer ? print_object(options.output, *answer, kServerColumns) : answer.error();
}

int print_version(const VersionOptions& options) {
  if (options.output == OutputFormat::kJson) {
    std::printf("{\"version\":\"%s\"}\n", HW_VERSION);
  } else {
    std::printf("hourwheel %s\n", HW_VERSION);
  }
  return kOk;
}

}  // namespace hourwheel
