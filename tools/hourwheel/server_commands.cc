#include "tools/hourwheel/server_commands.h"

#include <cstdio>

#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"

namespace hourwheel {
namespace {

constexpr Column kServerColumns[] = {
    {"VERSION", "version"},
    {"STARTED", "started_at", Show::kTime},
    {"READY", "ready"},
    {"DRAINING", "draining"},
    {"DEV", "dev"},
    {"IO", "io_backend"},
    {"SHARDS", "shards"},
    {"REACTORS", "reactors"},
    {"STORAGE", "storage.state", Show::kState},
    {"FREE BYTES", "storage.free_bytes"},
    {"VOLUME BYTES", "storage.volume_bytes"},
    {"RESERVE BYTES", "storage.reserve_bytes"},
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

int run_server_command(const ServerOptions& options, const Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return client.error();
  if (options.verb == ServerVerb::kHealth) return show_health(*client);
  auto answer = ask(*client, {"GET", "/v1/server", ""});
  return answer ? print_object({options.output, terminal}, *answer, kServerColumns)
                : answer.error();
}

int print_version(const VersionOptions& options) {
  if (options.output == OutputFormat::kJson || options.output == OutputFormat::kNdjson) {
    std::printf("{\"version\":\"%s\"}\n", HW_VERSION);
  } else if (options.output == OutputFormat::kName) {
    std::printf("%s\n", HW_VERSION);
  } else {
    std::printf("hourwheel %s\n", HW_VERSION);
  }
  return kOk;
}

}  // namespace hourwheel
