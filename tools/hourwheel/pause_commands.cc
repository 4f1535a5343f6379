#include "tools/hourwheel/pause_commands.h"

#include <cstdio>
#include <utility>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/label_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

std::string pause_body(const PauseOptions& options) {
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
  for (const std::string& text : options.labels) {
    const LabelText label = label_of(text);
    json.user_name(label.key);
    json.string(label.value);
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

int run_pause_command(const PauseOptions& given, Instant now) {
  PauseOptions options = given;
  auto until = settled_instant(given.until, now);
  if (!until) return complain(until.error().detail, kUsage);
  options.until = std::move(*until);
  const bool pauses = options.verb == PauseVerb::kPause;
  const std::string body = pauses ? pause_body(options) : resume_body(options);
  auto client = connect(options.server);
  if (!client) return client.error();
  auto answer = ask(*client, {"POST", pauses ? "/v1/admin/pause" : "/v1/admin/resume", body});
  if (!answer) return answer.error();
  std::printf("%s\n", answer->body.c_str());
  return kOk;
}

}  // namespace hourwheel
