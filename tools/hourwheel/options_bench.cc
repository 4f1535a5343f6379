#include "tools/hourwheel/options_bench.h"

#include "engine/schedule/time_text.h"
#include "tools/hourwheel/options_words.h"

namespace hourwheel {
namespace {

constexpr Duration kShortestPart = milliseconds(100);
constexpr Duration kLongestPart = hours(1);

void add_length(Verb app, const std::string& name, std::string& text, const std::string& what) {
  auto refuse = [](const std::string& said) -> std::string {
    const auto length = parse_duration(said);
    if (!length) return length.error().detail;
    return *length < kShortestPart || *length > kLongestPart ? "from 100ms to 1h" : "";
  };
  app.add_option(name, text, what).check(refuse).show_default();
}

void add_creates(Verb bench, BenchOptions& options) {
  bench
      .add_option("--creates", options.creates,
                  "Tasks to create one by one, and as many by batches, at most; 0: none")
      .within(0U, 10'000'000U)
      .show_default();
  bench.add_option("--connections", options.connections, "Each waits for an answer before it asks")
      .within(1U, 1'000U)
      .show_default();
  bench.add_option("--batch", options.batch, "Tasks of a batch").within(1U, 1'000U).show_default();
  add_length(bench, "--duration", options.duration, "How long to create at most, in either way");
}

void add_fire(Verb bench, BenchOptions& options) {
  bench
      .add_option("--fire", options.fire,
                  "Tasks that fire into a sink of the bench's own, each once; 0: none")
      .within(0U, 1'000'000U)
      .show_default();
  add_length(bench, "--spread", options.spread, "From the first due instant to the last");
  add_length(bench, "--lead", options.lead, "From the first of those creates to the first due");
  bench
      .add_option("--sink-listen", options.sink_listen,
                  "ADDRESS:PORT of this machine where the sink listens; port 0: a free one")
      .show_default();
  auto refuse = [](const std::string& url) {
    return std::string(url.starts_with("http://") ? "" : "it begins with http://");
  };
  bench
      .add_option(
          "--sink-url", options.sink_url,
          "Where the server finds the sink, if not where it listens (a name, a port that is "
          "forwarded)")
      .check(refuse);
}

}  // namespace

Verb add_bench(Verb app, BenchOptions& options) {
  const Verb bench =
      app.add_verb("bench", "Measure how many tasks a server takes, and how late it fires");
  add_creates(bench, options);
  add_fire(bench, options);
  bench.check([&options] {
    const bool any = options.creates > 0 || options.fire > 0;
    return std::string(any ? "" : "--creates 0 and --fire 0 leave nothing to measure");
  });
  add_output(bench, options.output);
  bench.footer(
      "It makes tasks with a label of their own (bench:...) and deletes them at its end, also "
      "after ^C;\nwhat the audit log and the run log have of them stays. It loads the server as "
      "much as it can.\n"
      "A server fires at a sink on its own machine only with --dev, or --egress-allow 127.0.0.1.\n"
      "Exit codes: 0 every request was answered and every run arrived once, 1 not so.\n"
      "Examples:\n"
      "  hourwheel bench --duration 30s --connections 64\n"
      "  hourwheel bench --creates 0 --fire 10000 --spread 20s\n"
      "  hourwheel bench --context staging -o json");
  add_server(bench, options.server);
  return bench;
}

}  // namespace hourwheel
