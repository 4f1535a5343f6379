#include "tools/hourwheel/pause_commands.h"

#include <utility>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/label_text.h"
#include "tools/hourwheel/time_phrase.h"

namespace hourwheel {
namespace {

constexpr Column kPauseColumns[] = {
    {"ID", "id"},
    {"LABELS", "labels", Show::kLabels},
    {"SINCE", "since", Show::kTime},
    {"UNTIL", "until", Show::kTime},
    {"ENDED", "ended_at", Show::kTime},
    {"REASON", "reason", Show::kProse},
};

int print_list(const ApiAnswer& answer, const View& view) {
  JsonReader reader;
  auto body = reader.parse(answer.body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  ListPrinter(view, "pauses", kPauseColumns)
      .take({answer, members_of(*body, "pauses"), "", true, true});
  return kOk;
}

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

int run_pause_command(const PauseOptions& given, const Terminal& terminal) {
  PauseOptions options = given;
  auto until = settled_instant(given.until, terminal.now());
  if (!until) return complain(until.error().detail, kUsage);
  options.until = std::move(*until);
  const bool pauses = options.verb == PauseVerb::kPause;
  const std::string body = pauses ? pause_body(options) : resume_body(options);
  auto client = connect(options.server);
  if (!client) return client.error();
  auto answer = ask(*client, {"POST", pauses ? "/v1/admin/pause" : "/v1/admin/resume", body});
  if (!answer) return answer.error();
  const View view{options.output, terminal};
  const bool one = pauses || !options.id.empty();
  return one ? print_object(view, *answer, kPauseColumns) : print_list(*answer, view);
}

}  // namespace hourwheel
