#include "tools/hourwheel/follow_command.h"

#include <algorithm>
#include <cstdio>

#include "api/json_writer.h"
#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/json_text.h"
#include "tools/hourwheel/query_text.h"

namespace hourwheel {
namespace {

constexpr Duration kFirstPause = milliseconds(100);
constexpr Duration kLongestPause = seconds(15);

std::string path_of(const FollowOptions& options) {
  std::string types;
  for (const std::string& type : options.types) types += (types.empty() ? "" : ",") + type;
  QueryText query("/v1/changes");
  query.add("types", types).add("task_id", options.task_id);
  return std::move(query).text();
}

bool is_run(const ServerEvent& event) {
  return event.type.starts_with("run.");
}

// Of the object, what a person looks for.
std::string words_of(const ServerEvent& event, const JsonValue& object) {
  if (!is_run(event)) return text_at(object, "id") + " " + text_at(object, "state");
  return text_at(object, "task_id") + " " + text_at(object, "state") + " " + text_at(object, "id");
}

}  // namespace

std::string event_line(const ServerEvent& event, OutputFormat format, Instant now) {
  if (format == OutputFormat::kJson || format == OutputFormat::kNdjson) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.name("event");
    json.string(event.type);
    json.name("data");
    json.raw(event.data);
    json.end_object();
    return line;
  }
  std::string line = to_text(now) + " " + event.type;
  if (event.type == "gap") return line + " (what happened meanwhile may not have been told)";
  auto object = JsonText::read(event.data);
  return object ? line + " " + words_of(event, object->top()) : line;
}

int run_follow_command(const FollowOptions& options, Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return client.error();
  EventStream events;
  const std::string path = path_of(options);
  Duration pause = kFirstPause;
  bool followed = false;
  const auto print = [&](const ServerEvent& event) {
    std::printf("%s\n", event_line(event, options.output, terminal.now()).c_str());
    std::fflush(stdout);
  };
  while (true) {
    events.reset();
    ApiRequest request{"GET", path, ""};
    if (!events.last_id().empty()) request.fields.push_back("Last-Event-ID: " + events.last_id());
    bool told = false;
    auto answer = client->stream(request, [&](std::string_view bytes) {
      told = true;
      events.feed(bytes, print);
    });
    if (answer && !answer->is_good() && answer->status != 503) return print_problem(*answer);
    if (!answer && !followed) return complain(answer.error().detail, kUnreachable);
    followed = followed || told;
    pause = told ? kFirstPause : std::min(pause * 2, kLongestPause);
    if (pause >= seconds(1)) {
      std::fprintf(stderr, "hourwheel: no server; it is asked again in %lld s\n",
                   static_cast<long long>(pause.ms / 1000));
    }
    if (!terminal.wait(pause)) return kFailure;
  }
}

}  // namespace hourwheel
