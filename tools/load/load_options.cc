// The only file of the load generator that is compiled with exceptions: CLI11 reports through them.
#include "tools/load/load_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string_view>

#include "engine/schedule/time_text.h"

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

Duration read_duration(const char* name, const std::string& text) {
  auto duration = parse_duration(text);
  if (!duration) {
    throw CLI::ValidationError(name, duration.error().detail);
  }
  return *duration;
}

void apply_texts(const Texts& texts, LoadOptions& options) {
  constexpr std::string_view kScheme = "http://";
  if (!texts.url.starts_with(kScheme)) {
    throw CLI::ValidationError("--url", "wants http://ADDRESS:PORT");
  }
  options.server = texts.url.substr(kScheme.size());
  while (options.server.ends_with('/')) {
    options.server.pop_back();
  }
  options.due_in = read_duration("--due-in", texts.due_in);
  options.spread = read_duration("--spread", texts.spread);
  options.length = milliseconds(static_cast<int64_t>(texts.seconds * 1000));
  if (!texts.due_at.empty()) {
    auto instant = parse_instant(texts.due_at);
    if (!instant) {
      throw CLI::ValidationError("--due-at", instant.error().detail);
    }
    options.due_at = *instant;
  }
  if (options.at_once > 0 && options.rate > 0) {
    throw CLI::ValidationError("--at-once", "a rate says when requests go out");
  }
}

void add_options(CLI::App& app, LoadOptions& options, Texts& texts) {
  app.add_option("--url", texts.url, "the server, http://ADDRESS:PORT");
  app.add_option("--scenario", options.scenario,
                 "create, batch, get, list, pages, delete, mixed, or webhook (to a sink)")
      ->transform(CLI::CheckedTransformer(kScenarios));
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 10'000));
  app.add_option("--at-once", options.at_once,
                 "so many requests are out at a time, of all connections in turn (default: one of "
                 "each); not with --rate")
      ->check(CLI::Range(1, 10'000));
  app.add_option("--count", options.count, "requests to send (default: until --seconds are over)");
  app.add_option("--seconds", texts.seconds, "how long to send")->check(CLI::Range(0.1, 86'400.0));
  app.add_option("--rate", options.rate,
                 "requests a second, spread over ticks of a millisecond (default: no pause)");
  app.add_option("--batch", options.batch, "operations of a batch")->check(CLI::Range(1, 1000));
  app.add_option("--due-in", texts.due_in, "due so long after the request: 500ms, 10s, 30d");
  app.add_option("--due-at", texts.due_at, "due at this instant (RFC 3339)");
  app.add_option("--spread", texts.spread, "draw the due instants from so long a time");
  app.add_option("--schedule", options.schedule,
                 "recurring tasks with this schedule as JSON; DUE in it is the drawn due instant");
  app.add_option("--target", options.target_url, "URL the tasks call (default: none)");
  app.add_option("--target-hosts", options.target_hosts,
                 "HOST in the target stands for one of so many loopback addresses, in turn")
      ->check(CLI::Range(1, 60'000));
  app.add_option("--payload-bytes", options.payload_bytes)->check(CLI::Range(0, 256 * 1024));
  app.add_option("--id-prefix", options.id_prefix, "name tasks PREFIX-N instead of asking for ids");
  app.add_option("--ack-log", options.ack_log, "append every acknowledged change to this file");
  app.add_option("--ids", options.ids_file, "tasks to read: a file with an id a line");
  app.add_option("--page-size", options.page_size, "tasks of a page of the list")
      ->check(CLI::Range(1, 1000));
  app.add_option("--filter", options.filter, "of the list, as a query: state=active&q=report");
  app.add_option("--seed", options.seed);
  app.add_flag("--json", options.print_json, "print one line of JSON after the table");
}

}  // namespace

LoadCommand parse_load_command(int argc, const char* const* argv) {
  LoadOptions options;
  Texts texts;
  CLI::App app{"Sends requests over many connections, each waiting for its answer"};
  add_options(app, options, texts);
  try {
    app.parse(argc, argv);
    apply_texts(texts, options);
  } catch (const CLI::ParseError& error) {
    return {std::nullopt, app.exit(error) == 0 ? 0 : 2};
  }
  return {std::move(options), 0};
}

}  // namespace hourwheel
