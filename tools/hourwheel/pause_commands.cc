#include "tools/hourwheel/pause_commands.h"

#include <cstdio>
#include <optional>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/api_client.h"

namespace hourwheel {
namespace {

// nullopt: a label is not key:value. key=value is taken too; neither sign may stand in a key.
std::optional<std::string> pause_body(const PauseOptions& options) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.name("reason");
  json.string(options.reason);
  if (!options.until.empty()) {
    json.name("until");
    json.string(options.until);
  }
  json.name("labels");
  json.begin_object();
  for (const std::string& label : options.labels) {
    const size_t sign = label.find_first_of(":=");
    if (sign == std::string::npos) return std::nullopt;
    json.user_name(label.substr(0, sign));
    json.string(label.substr(sign + 1));
  }
  json.end_object();
  json.end_object();
  return body;
}

std::string resume_body(const PauseOptions& options) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (!options.id.empty()) {
    json.name("id");
    json.string(options.id);
  }
  json.end_object();
  return body;
}

}  // namespace

int run_pause_command(const PauseOptions& options) {
  const bool pauses = options.verb == PauseVerb::kPause;
  auto body = pauses ? pause_body(options) : resume_body(options);
  if (!body) {
    std::fprintf(stderr, "hourwheel: a label is written key:value\n");
    return kUsage;
  }
  auto answer =
      call_api("POST", options.server + (pauses ? "/v1/admin/pause" : "/v1/admin/resume"), *body);
  if (!answer) {
    std::fprintf(stderr, "hourwheel: %s\n", answer.error().detail.c_str());
    return kUnreachable;
  }
  if (answer->status >= 400) return print_problem(*answer);
  std::printf("%s\n", answer->body.c_str());
  return kOk;
}

}  // namespace hourwheel
