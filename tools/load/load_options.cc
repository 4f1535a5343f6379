#include "tools/load/load_options.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/schedule/time_text.h"
#include "tools/arguments/command_line.h"

namespace hourwheel {
namespace {

const std::map<std::string, Scenario> kScenarios{
    {"create", Scenario::kCreate}, {"batch", Scenario::kBatch}, {"get", Scenario::kGet},
    {"list", Scenario::kList},     {"pages", Scenario::kPages}, {"webhook", Scenario::kWebhook},
    {"delete", Scenario::kDelete}, {"mixed", Scenario::kMixed}};

struct Texts {
  std::string url = "http://127.0.0.1:8080";
  std::string due_in = "30d";
  std::string due_at;
  std::string spread = "0s";
  double seconds = 10;
};

// What is wrong with a text names its option.
Result<Duration> read_duration(const char* option, const std::string& text) {
  auto duration = parse_duration(text);
  if (!duration) return failure(duration.error().code, option, duration.error().detail);
  return duration;
}

Status apply_times(const Texts& texts, LoadOptions& options) {
  const auto due_in = read_duration("--due-in", texts.due_in);
  if (!due_in) return failure(due_in.error());
  const auto spread = read_duration("--spread", texts.spread);
  if (!spread) return failure(spread.error());
  options.due_in = *due_in;
  options.spread = *spread;
  options.length = milliseconds(static_cast<int64_t>(texts.seconds * 1000));
  if (!texts.due_at.empty()) {
    auto instant = parse_instant(texts.due_at);
    if (!instant) return failure(instant.error().code, "--due-at", instant.error().detail);
    options.due_at = *instant;
  }
  return {};
}

Status apply_texts(const Texts& texts, LoadOptions& options) {
  constexpr std::string_view kScheme = "http://";
  if (!texts.url.starts_with(kScheme)) {
    return failure(ErrorCode::kValidationFailed, "--url", "wants http://ADDRESS:PORT");
  }
  options.server = texts.url.substr(kScheme.size());
  while (options.server.ends_with('/')) {
    options.server.pop_back();
  }
  if (Status applied = apply_times(texts, options); !applied) return applied;
  if (options.at_once > 0 && options.rate > 0) {
    return failure(ErrorCode::kValidationFailed, "--at-once", "a rate says when requests go out");
  }
  return {};
}

void add_options(Verb app, LoadOptions& options, Texts& texts) {
  app.add_option("--url", texts.url, "the server, http://ADDRESS:PORT");
  std::vector<std::string> scenarios;
  scenarios.reserve(kScenarios.size());
  for (const auto& [word, scenario] : kScenarios) scenarios.push_back(word);
  app.add_choice("--scenario", std::move(scenarios),
                 [&options](const std::string& word) { options.scenario = kScenarios.at(word); })
      .description("what is asked for; webhook: attempts, of a sink");
  app.add_option("--connections", options.connections).within(1, 10'000);
  app.add_option("--at-once", options.at_once,
                 "so many requests are out at a time, of all connections in turn (default: one of "
                 "each); not with --rate")
      .within(1, 10'000);
  app.add_option("--count", options.count, "requests to send (default: until --seconds are over)");
  app.add_option("--seconds", texts.seconds, "how long to send").within(0.1, 86'400.0);
  app.add_option("--rate", options.rate,
                 "requests a second, spread over ticks of a millisecond (default: no pause)");
  app.add_option("--batch", options.batch, "operations of a batch").within(1, 1000);
  app.add_option("--due-in", texts.due_in, "due so long after the request: 500ms, 10s, 30d");
  app.add_option("--due-at", texts.due_at, "due at this instant (RFC 3339)");
  app.add_option("--spread", texts.spread, "draw the due instants from so long a time");
  app.add_option("--schedule", options.schedule,
                 "recurring tasks with this schedule as JSON; DUE in it is the drawn due instant");
  app.add_option("--target", options.target_url, "URL the tasks call (default: none)");
  app.add_option("--target-hosts", options.target_hosts,
                 "HOST in the target stands for one of so many loopback addresses, in turn")
      .within(1, 60'000);
  app.add_option("--payload-bytes", options.payload_bytes).within(0, 256 * 1024);
  app.add_option("--id-prefix", options.id_prefix, "name tasks PREFIX-N instead of asking for ids");
  app.add_option("--ack-log", options.ack_log, "append every acknowledged change to this file");
  app.add_option("--ids", options.ids_file, "tasks to read: a file with an id a line");
  app.add_option("--page-size", options.page_size, "tasks of a page of the list").within(1, 1000);
  app.add_option("--filter", options.filter, "of the list, as a query: state=active&q=report");
  app.add_option("--seed", options.seed);
  app.add_flag("--json", options.print_json, "print one line of JSON after the table");
}

}  // namespace

LoadCommand parse_load_command(int argc, const char* const* argv) {
  LoadOptions options;
  Texts texts;
  CommandLine line("Sends requests over many connections, each waiting for its answer",
                   "load_generator");
  add_options(line.top(), options, texts);
  if (const auto refusal = line.read(argc, argv)) return {std::nullopt, explain(*refusal)};
  if (const Status applied = apply_texts(texts, options); !applied) {
    return {std::nullopt, explain(line.refuse(applied.error().field, applied.error().detail))};
  }
  return {std::move(options), 0};
}

}  // namespace hourwheel
