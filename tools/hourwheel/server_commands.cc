#include "tools/hourwheel/server_commands.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "api/json_writer.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/build_facts.h"
#include "tools/hourwheel/server_watch.h"

namespace hourwheel {
namespace {

constexpr Column kServerColumns[] = {
    {"VERSION", "version"},
    {"COMMIT", "commit"},
    {"TZDATA", "tzdata_version"},
    {"STARTED", "started_at", Show::kTime},
    {"READY", "ready"},
    {"DRAINING", "draining"},
    {"DEV", "dev"},
    {"SCHEME", "scheme"},
    {"IO", "io_backend"},
    {"SHARDS", "shards"},
    {"REACTORS", "reactors"},
    {"STORAGE", "storage.state", Show::kState},
    {"FREE BYTES", "storage.free_bytes"},
    {"VOLUME BYTES", "storage.volume_bytes"},
    {"RESERVE BYTES", "storage.reserve_bytes"},
};

constexpr Column kStatsColumns[] = {
    {"AT", "at", Show::kTime},
    {"RUNS IN FLIGHT", "now.runs_in_flight"},
    {"RUNS WAITING", "now.runs_waiting"},
    {"TASKS DUE SOON", "now.tasks_due_soon"},
    {"PAUSES", "now.pauses_in_force"},
    {"BREAKERS OPEN", "now.breakers_open"},
    {"ACTIVE TASKS", "now.tasks.active"},
    {"PAUSED TASKS", "now.tasks.paused"},
    {"COMPLETED TASKS", "now.tasks.completed"},
    {"QUARANTINED TASKS", "now.tasks.quarantined"},
    {"STARTED", "since_start.started_at", Show::kTime},
    {"SUCCEEDED", "since_start.runs.succeeded"},
    {"DEAD", "since_start.runs.dead"},
    {"SKIPPED", "since_start.runs.skipped"},
    {"CANCELED", "since_start.runs.canceled"},
    {"UNKNOWN", "since_start.runs.unknown"},
    {"ATTEMPTS", "since_start.attempts"},
    {"LATE MS P50", "since_start.lateness_p50_ms"},
    {"LATE MS P99", "since_start.lateness_p99_ms"},
};

constexpr Column kBreakerColumns[] = {
    {"DESTINATION", "destination"},
    {"SINCE", "since", Show::kTime},
    {"NEXT PROBE", "next_probe_at", Show::kTime},
    {"FAILURES", "failures"},
    {"SHARDS", "shards"},
};

// Of the lines "[+]data files open" and "[-]storage low" one object each.
void write_checks(JsonWriter& json, std::string_view text) {
  json.begin_array();
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const bool good = line.starts_with("[+]");
    if ((!good && !line.starts_with("[-]")) || !is_valid_utf8(line)) continue;
    json.begin_object();
    json.name("check");
    json.string(line.substr(3));
    json.name("ok");
    json.boolean(good);
    json.end_object();
  }
  json.end_array();
}

std::string health_json(const ApiAnswer& answer) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.name("ready");
  json.boolean(answer.status == 200);
  json.name("status");
  json.number(answer.status);
  json.name("checks");
  write_checks(json, answer.body);
  json.end_object();
  return text;
}

// What the server says of itself goes to standard output, whether it is ready or not.
int show_health(ApiClient& client, OutputFormat format) {
  ApiRequest request{"GET", "/readyz?verbose", ""};
  request.patience = {0, {}};  // how it is now
  auto answer = client.call(request);
  if (!answer) return complain(answer.error().detail, kUnreachable);
  const bool as_json = format == OutputFormat::kJson || format == OutputFormat::kNdjson;
  const std::string text = as_json ? health_json(*answer) : answer->body;
  std::printf("%s%s", text.c_str(), text.ends_with('\n') ? "" : "\n");
  return answer->status == 200 ? kOk : kFailure;
}

int show_or_set_level(ApiClient& client, const std::string& level, const View& view) {
  constexpr const char* kPath = "/v1/admin/log-level";
  std::string body;
  if (!level.empty()) {
    JsonWriter json(body);
    json.begin_object();
    json.name("level");
    json.string(level);
    json.end_object();
  }
  auto answer = ask(client, {level.empty() ? "GET" : "PUT", kPath, body});
  if (!answer) return answer.error();
  constexpr Column kLevelColumns[] = {{"LEVEL", "level"}};
  return print_object(view, *answer, kLevelColumns);
}

// For people, below the card.
void print_breakers(const View& view, const JsonValue& stats) {
  const auto now = stats.find("now");
  const std::vector<JsonValue> breakers =
      now ? members_of(*now, "breakers") : std::vector<JsonValue>();
  if (!view.for_people() || breakers.empty()) return;
  Table table(kBreakerColumns, look_of(view.format, view.terminal));
  for (const JsonValue& one : breakers) table.add(one);
  std::printf("\n%s", table.text().c_str());
}

// Its instant, and the steps of the last hour, are others at each look: they are no change.
int show_stats(ApiClient& client, const View& view) {
  auto answer = ask(client, {"GET", "/v1/stats", ""});
  if (!answer) return answer.error();
  JsonReader reader;
  auto body = reader.parse(answer->body);
  if (!body) return complain("the server's answer is not JSON", kFailure);
  const std::string counts = text_at(*body, "now") + text_at(*body, "since_start");
  if (!view.tells(counts)) return kOk;
  const int code = print_object({view.format, view.terminal}, *answer, kStatsColumns);
  print_breakers(view, *body);
  return code;
}

int drain(ApiClient& client, const View& view) {
  auto answer = ask(client, {"POST", "/v1/admin/drain", ""});
  if (!answer) return answer.error();
  constexpr Column kDrainColumns[] = {{"DRAINING", "draining"}};
  if (!view.for_people()) return print_object(view, *answer, kDrainColumns);
  std::printf("the server stops when what is in flight is done\n");
  return kOk;
}

}  // namespace

int run_server_command(const ServerOptions& options, Terminal& terminal) {
  auto client = connect(options.server);
  if (!client) return client.error();
  if (options.verb == ServerVerb::kHealth) return show_health(*client, options.output);
  if (options.verb == ServerVerb::kDrain) {
    return drain(*client, {options.output, terminal});
  }
  if (options.verb == ServerVerb::kLogLevel) {
    return show_or_set_level(*client, options.level, {options.output, terminal});
  }
  if (options.verb == ServerVerb::kStats) {
    const auto draw = [&](SeenRows* seen) {
      return show_stats(*client, {options.output, terminal, seen});
    };
    return draw_or_watch({options.server, options.watch, {}}, terminal, draw);
  }
  auto answer = ask(*client, {"GET", "/v1/server", ""});
  if (!answer) return answer.error();
  return print_object({options.output, terminal}, *answer, kServerColumns);
}

int print_version(const VersionOptions& options) {
  if (options.output == OutputFormat::kJson || options.output == OutputFormat::kNdjson) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.name("version");
    json.string(HW_VERSION);
    json.name("commit");
    json.string(built_commit());
    json.name("tzdata_version");
    json.string(installed_tzdata());
    json.end_object();
    std::printf("%s\n", text.c_str());
  } else if (options.output == OutputFormat::kName) {
    std::printf("%s\n", HW_VERSION);
  } else {
    std::printf("hourwheel %s\n", HW_VERSION);
  }
  return kOk;
}

}  // namespace hourwheel
