// The simulator's command line.
//
//   sim --seeds=N [--from=K] [--processes=J] [--store=model|real|both]
//   sim --seed=N [--trace] [--store=...]      the same world again, bit for bit
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/world.h"

namespace hourwheel {
namespace {

enum class Stores : uint8_t { kModel, kReal, kBoth };

struct Options {
  uint64_t from = 1;
  uint64_t seeds = 0;
  uint64_t processes = 1;
  Trace::Show show = Trace::Show::kNothing;
  Stores stores = Stores::kModel;
};

// Only for the handler of an aborted check, which has nowhere else to look.
struct Current {
  uint64_t seed = 0;
  const char* store = "";
  const Trace* trace = nullptr;
};
Current current;  // NOLINT(misc-*): see above

void print_failure(uint64_t seed, const char* store, const Trace& trace, const char* why) {
  std::printf("seed %llu\n  %s\n  replay: sim --seed=%llu --store=%s --trace\n",
              static_cast<unsigned long long>(seed), why, static_cast<unsigned long long>(seed),
              store);
  trace.print_last(25);
  std::fflush(stdout);
}

extern "C" void on_abort(int) {
  print_failure(current.seed, current.store, *current.trace, "a check of the engine failed");
  _exit(1);
}

const char* name_of(StoreKind store) {
  return store == StoreKind::kModel ? "model" : "real";
}

struct Sum {
  uint64_t passed = 0, failed = 0, steps = 0, crashes = 0, drains = 0, sends = 0, repeats = 0;
  uint64_t acknowledged = 0, records = 0, lived_ms = 0;
  uint64_t pauses = 0, parked = 0, callbacks = 0;
};

void add(Sum& sum, const World::Totals& t) {
  sum.steps += t.steps;
  sum.crashes += t.crashes;
  sum.drains += t.drains;
  sum.sends += t.sends;
  sum.repeats += t.repeats;
  sum.acknowledged += t.acknowledged;
  sum.records += t.run_records;
  sum.pauses += t.pauses;
  sum.parked += t.parked;
  sum.callbacks += t.callbacks;
  sum.lived_ms += static_cast<uint64_t>(t.lived.ms);
}

bool run_once(uint64_t seed, StoreKind store, Trace& trace, Sum& sum) {
  current = {seed, name_of(store), &trace};
  World world(seed, store, trace);
  bool kept = world.run();
  add(sum, world.totals());
  return kept;
}

void run_seed(uint64_t seed, StoreKind store, Trace::Show show, Sum& sum) {
  Trace trace(show);
  bool kept = run_once(seed, store, trace, sum);
  if (!kept) {
    print_failure(seed, name_of(store), trace, trace.failure().c_str());
  } else if (seed % 50 == 1 && show == Trace::Show::kNothing) {  // S5
    Trace again(show);
    Sum unused;
    run_once(seed, store, again, unused);
    kept = again.hash() == trace.hash();
    if (!kept) print_failure(seed, name_of(store), again, "S5 two runs of this seed differ");
  }
  ++(kept ? sum.passed : sum.failed);
}

Sum run_share(const Options& options, uint64_t share) {
  Sum sum;
  for (uint64_t i = share; i < options.seeds; i += options.processes) {
    uint64_t seed = options.from + i;
    if (options.stores != Stores::kReal) run_seed(seed, StoreKind::kModel, options.show, sum);
    if (options.stores != Stores::kModel) run_seed(seed, StoreKind::kReal, options.show, sum);
    if (sum.failed > 0) break;
  }
  return sum;
}

// Each process takes a share of the seeds and sends its sums through a pipe.
Sum run_all(const Options& options) {
  if (options.processes <= 1) return run_share(options, 0);
  Sum total;
  std::vector<std::pair<pid_t, int>> children;
  for (uint64_t share = 0; share < options.processes; ++share) {
    int ends[2];
    if (pipe(ends) != 0) std::exit(2);
    std::fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
      Sum sum = run_share(options, share);
      std::fflush(stdout);
      bool sent = write(ends[1], &sum, sizeof(sum)) == sizeof(sum);
      _exit(sent ? 0 : 1);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  for (auto [child, end] : children) {
    Sum sum;
    if (read(end, &sum, sizeof(sum)) != sizeof(sum)) sum.failed = 1;  // it was aborted
    close(end);
    waitpid(child, nullptr, 0);
    for (size_t i = 0; i < sizeof(Sum) / sizeof(uint64_t); ++i) {
      reinterpret_cast<uint64_t*>(&total)[i] += reinterpret_cast<const uint64_t*>(&sum)[i];
    }
  }
  return total;
}

bool read_number(std::string_view text, uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_option(std::string_view argument, Options& options) {
  auto value = argument.substr(argument.find('=') + 1);
  if (argument.starts_with("--seeds=")) return read_number(value, options.seeds);
  if (argument.starts_with("--from=")) return read_number(value, options.from);
  if (argument.starts_with("--processes=")) return read_number(value, options.processes);
  if (argument.starts_with("--seed=")) {
    options.seeds = 1;
    return read_number(value, options.from);
  }
  if (argument == "--trace") {
    options.show = Trace::Show::kEveryLine;
    return true;
  }
  if (!argument.starts_with("--store=")) return false;
  options.stores = value == "both"   ? Stores::kBoth
                   : value == "real" ? Stores::kReal
                                     : Stores::kModel;
  return value == "both" || value == "real" || value == "model";
}

int run(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    if (!read_option(arguments[i], options)) {
      std::fprintf(stderr, "sim: %s is not an option\n", arguments[i]);
      return 2;
    }
  }
  if (options.seeds == 0 || options.processes == 0) {
    std::fprintf(stderr, "sim: say --seeds=N or --seed=N\n");
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  Sum sum = run_all(options);
  auto n = [](uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu steps, %.1f days, %llu acknowledged, %llu sends (%llu repeats), %llu records, "
      "%llu pauses, %llu parked, %llu callbacks, %llu crashes, %llu drains\n",
      n(sum.steps), static_cast<double>(sum.lived_ms) / 86'400'000.0, n(sum.acknowledged),
      n(sum.sends), n(sum.repeats), n(sum.records), n(sum.pauses), n(sum.parked), n(sum.callbacks),
      n(sum.crashes), n(sum.drains));
  std::printf("%llu passed, %llu failed\n", n(sum.passed), n(sum.failed));
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace hourwheel

int main(int count, char** arguments) {
  return hourwheel::run(count, arguments);
}
