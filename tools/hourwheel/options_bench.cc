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
                  "Tasks to create one by one, and as many by batches, at most")
      .within(1U, 10'000'000U)
      .show_default();
  bench.add_option("--connections", options.connections, "Each waits for an answer before it asks")
      .within(1U, 1'000U)
      .show_default();
  bench.add_option("--batch", options.batch, "Tasks of a batch").within(1U, 1'000U).show_default();
  add_length(bench, "--duration", options.duration, "How long to create at most, in either way");
}

}  // namespace

Verb add_bench(Verb app, BenchOptions& options) {
  const Verb bench = app.add_verb("bench", "Measure how many tasks a server takes");
  add_creates(bench, options);
  add_output(bench, options.output);
  bench.footer(
      "It makes tasks with a label of their own (bench:...) and deletes them at its end, also "
      "after "
      "^C;\ntheir entries in the audit log stay. It loads the server as much as it can.\n"
      "Exit codes: 0 every request was answered, 1 not all were.\n"
      "Examples:\n"
      "  hourwheel bench --duration 30s --connections 64\n"
      "  hourwheel bench --context staging -o json");
  add_server(bench, options.server);
  return bench;
}

}  // namespace hourwheel
