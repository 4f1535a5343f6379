#include "tools/hourwheel/bench_command.h"

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include "api/json_writer.h"
#include "engine/base/check.h"
#include "engine/schedule/time_text.h"
#include "tools/hourwheel/answer_print.h"
#include "tools/hourwheel/answer_text.h"
#include "tools/hourwheel/ask.h"
#include "tools/hourwheel/bench_report.h"
#include "tools/hourwheel/bench_sink.h"
#include "tools/hourwheel/bulk_commands.h"
#include "tools/hourwheel/create_load.h"
#include "tools/hourwheel/fire_load.h"
#include "tools/hourwheel/interrupt.h"

namespace hourwheel {
namespace {

constexpr int kInterruptedCode = 130;

constexpr Column kBenchColumns[] = {{"PART", "part"},
                                    {"TASKS", "tasks"},
                                    {"TASKS/S", "tasks_per_second"},
                                    {"REQUESTS/S", "requests_per_second"},
                                    {"P50 MS", "p50_ms"},
                                    {"P99 MS", "p99_ms"},
                                    {"P99.9 MS", "p999_ms"},
                                    {"MAX MS", "max_ms"}};

// No two runs have the same.
std::string drawn_label() {
  std::random_device device;
  std::array<char, 17> digits{};
  std::snprintf(digits.data(), digits.size(), "%08x%08x", device(), device());
  return digits.data();
}

Duration length_of(const std::string& text) {
  const auto length = parse_duration(text);
  HW_CHECK(length.has_value(), "durations were checked when they were read");
  return *length;
}

class Bench {
 public:
  Bench(const BenchOptions& options, ServerAccess access, const Terminal& terminal)
      : options_(options),
        access_(std::move(access)),
        terminal_(terminal),
        client_(access_),
        label_(drawn_label()) {
    report_.server = without_password(access_.url);
    report_.label = "bench:" + label_;
  }

  int run() {
    if (const int refused = open_sink(); refused != kOk) return refused;
    tell_beginning();
    if (const int refused = make_first(); refused != kOk) return refused;
    const int measured = sink_is_near() ? measure() : tell_far_sink();
    const int removed = remove();
    if (!report_.creates.empty() || report_.fire) print();
    if (report_.interrupted) return kInterruptedCode;
    if (measured != kOk) return measured;
    if (removed != kOk) return removed;
    return is_whole(report_) ? kOk : kFailure;
  }

 private:
  // Also before what no program survives.
  void tell_beginning() const {
    std::fprintf(
        stderr,
        "hourwheel: bench of %s. What it makes has the label %s and is deleted at its end; "
        "should it not come to that:\n  hourwheel task delete -l %s --yes\n",
        report_.server.c_str(), report_.label.c_str(), report_.label.c_str());
  }
  void tell(const std::string& what) const {
    if (terminal_.facts().sees_errors) std::fprintf(stderr, "hourwheel: %s\n", what.c_str());
  }

  // A task that waits for long, and whose run would only be recorded.
  [[nodiscard]] std::string waiting_task() const {
    return R"({"type":"one-time","schedule":{"delay":"P30D"},"labels":)" + labels() + "}";
  }
  [[nodiscard]] std::string labels() const { return R"({"bench":")" + label_ + "\"}"; }
  [[nodiscard]] std::string waiting_batch() const {
    std::string body = R"({"operations":[)";
    for (uint32_t i = 0; i < options_.batch; ++i) {
      body += i == 0 ? R"({"op":"create","task":)" : R"(,{"op":"create","task":)";
      body += waiting_task() + "}";
    }
    return body + "]}";
  }

  // Whether there is such a server, and whether this key may.
  int make_first() {
    const auto made = ask(client_, {"POST", "/v1/tasks", waiting_task()});
    if (!made) return made.error();
    report_.shares_machine = made->from_here;
    return kOk;
  }

  int open_sink() {
    if (options_.fire == 0) return kOk;
    auto sink = BenchSink::listen(options_.sink_listen);
    if (!sink) return complain(sink.error().detail, kUsage);
    sink_ = std::move(*sink);
    if (is_wildcard(sink_->address()) && options_.sink_url.empty()) {
      return complain("--sink-listen on every address wants --sink-url, one of them", kUsage);
    }
    fire_.target =
        options_.sink_url.empty() ? "http://" + to_text(sink_->address()) + "/" : options_.sink_url;
    fire_.labels = labels();
    fire_.tasks = options_.fire;
    fire_.connections = options_.connections;
    fire_.lead = length_of(options_.lead);
    fire_.spread = length_of(options_.spread);
    return kOk;
  }

  // Loopback is another machine's own, there.
  [[nodiscard]] bool sink_is_near() const {
    return !sink_ || !is_loopback(sink_->address()) || report_.shares_machine ||
           !options_.sink_url.empty();
  }
  [[nodiscard]] int tell_far_sink() const {
    return complain("the server is on another machine, where " + to_text(sink_->address()) +
                        " is not this sink: --sink-listen ADDRESS:PORT names an address of this "
                        "machine that it reaches; --fire 0 measures without",
                    kUsage);
  }

  int measure() {
    Interrupt interrupt;
    const LoadSite site{access_, terminal_, interrupt};
    int code = kOk;
    if (sink_) {
      FireLoad fire(fire_, site, *sink_);
      code = fire.try_sink(client_);
      if (code == kOk) create_all(site);
      if (code == kOk) code = run_fire(fire, interrupt);
    } else {
      create_all(site);
    }
    report_.interrupted = interrupt.came();
    return code;
  }

  void create_all(const LoadSite& site) {
    if (options_.creates == 0) return;
    const uint64_t batches = (uint64_t{options_.creates} + options_.batch - 1) / options_.batch;
    create(site, "create", {LoadKind::kSingle, {}, options_.creates}, waiting_task());
    create(site, "batch", {LoadKind::kBatch, {}, batches}, waiting_batch());
  }

  int run_fire(FireLoad& fire, Interrupt& interrupt) {
    if (interrupt.came()) return kOk;
    tell("firing " + std::to_string(options_.fire) + " tasks within " + options_.spread);
    FirePart part;
    const int code = fire.run(part);
    if (code == kOk && !interrupt.came()) report_.fire = std::move(part);
    return code;
  }

  void create(const LoadSite& site, const char* part, LoadPlan plan, const std::string& body) {
    if (site.interrupt.came()) return;
    tell("creating tasks (" + std::string(part) + ") for " + options_.duration + " at most");
    plan.body = [&body](uint64_t) { return body; };
    plan.length = length_of(options_.duration);
    plan.connections = options_.connections;
    report_.creates.push_back({part, create_under_load(plan, site)});
  }

  int remove() {
    tell(report_.interrupted ? "interrupted; deleting what was made" : "deleting what was made");
    TaskChoice ours;
    ours.labels = {report_.label};
    const auto removed = delete_tasks(ours, client_);
    if (removed) {
      report_.removed = *removed;
      return kOk;
    }
    return complain("not all is deleted: hourwheel task delete -l " + report_.label + " --yes",
                    removed.error());
  }

  void print() const {
    const ApiAnswer page = answer_made_here(bench_json(report_));
    JsonReader reader;
    const auto body = reader.parse(page.body);
    HW_CHECK(body.has_value(), "what was found is JSON");
    const View view{options_.output, terminal_};
    ListPrinter(view, "parts", kBenchColumns)
        .take({page, members_of(*body, "parts"), "", true, true});
    if (view.for_people()) std::printf("\n%s", bench_notes(report_).c_str());
  }

  const BenchOptions& options_;
  const ServerAccess access_;
  const Terminal& terminal_;
  ApiClient client_;
  const std::string label_;
  std::unique_ptr<BenchSink> sink_;  // none: nothing is to fire
  FirePlan fire_;
  BenchReport report_;
};

}  // namespace

int run_bench_command(const BenchOptions& options, const Terminal& terminal) {
  auto access = find_access(options.server);
  if (!access) return complain(access.error().detail, kUsage);
  return Bench(options, *std::move(access), terminal).run();
}

}  // namespace hourwheel
