// The simulator's command line.
//
//   sim --seeds=N [--from=K] [--processes=J] [--store=model|real|both]
//   sim --seed=N [--store=...] [--off=NAME,...] [--commands=N] [--trace]   one world, bit for bit
//   sim --seed=N --shrink [--store=...]       the smallest plan found that fails in the same way
//   sim --exhaustive [--processes=J]          a fixed workload, a fault at every place
//   sim --rot=N [--from=K] [--processes=J]    a fixed workload, N damages of its files at rest
//   --first, with several processes           ends with the first that fails, as it was found
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/exhaustive.h"
#include "tests/sim/failing_memory.h"
#include "tests/sim/rot.h"
#include "tests/sim/shrink.h"
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
  std::string off;
  uint64_t commands = 0;
  bool shrinks = false;
  bool exhaustive = false;
  bool first = false;
  uint64_t rot = 0;
};

// Only for the handler of an aborted check, which has nowhere else to look.
struct Current {
  const WorldPlan* plan = nullptr;
  const Trace* trace = nullptr;
};
Current current;  // NOLINT(misc-*): see above

void print_failure(const WorldPlan& plan, const Trace& trace, const char* why) {
  std::printf("seed %llu\n  %s\n  replay: sim %s --trace\n", shown(plan.seed), why,
              plan.options().c_str());
  trace.print_last(25);
  std::fflush(stdout);
}

extern "C" void on_abort(int) {
  if (current.plan != nullptr) {
    print_failure(*current.plan, *current.trace, "a check of the engine failed");
  }
  _exit(1);
}

struct Sum {
  uint64_t passed = 0, failed = 0;
  World::Totals totals;
};

template <class Figures>
void add(Figures& sum, const Figures& more) {
  static_assert(sizeof(Figures) % sizeof(uint64_t) == 0);
  for (size_t i = 0; i < sizeof(Figures) / sizeof(uint64_t); ++i) {
    reinterpret_cast<uint64_t*>(&sum)[i] += reinterpret_cast<const uint64_t*>(&more)[i];
  }
}

bool run_once(const WorldPlan& plan, Trace& trace, Sum& sum) {
  current = {&plan, &trace};
  World world(plan, trace);
  bool kept = world.run();
  add(sum.totals, world.totals());
  return kept;
}

void run_plan(const WorldPlan& plan, const Options& options, Sum& sum) {
  const Trace::Show show = options.show;
  Trace trace(show);
  bool kept = run_once(plan, trace, sum);
  if (!kept) {
    print_failure(plan, trace, trace.failure().c_str());
    if (show == Trace::Show::kNothing && plan.off.empty() && !options.first) {
      std::printf("  smaller: sim %s --trace\n", shrink(plan).options().c_str());
    }
  } else if (plan.seed % 50 == 1 && show == Trace::Show::kNothing) {  // S5
    Trace again(show);
    Sum unused;
    run_once(plan, again, unused);
    kept = again.hash() == trace.hash();
    if (!kept) print_failure(plan, again, "S5 two runs of this seed differ");
  }
  ++(kept ? sum.passed : sum.failed);
}

WorldPlan plan_of(const Options& options, uint64_t seed, StoreKind store) {
  WorldPlan plan{seed, store, {}, static_cast<uint32_t>(options.commands)};
  for (const FeatureSwitch& one : feature_switches()) {
    if (("," + options.off + ",").find("," + std::string(one.name) + ",") != std::string::npos) {
      plan.off.push_back(one.name);
    }
  }
  return plan;
}

Sum run_share(const Options& options, uint64_t share) {
  Sum sum;
  if (options.exhaustive) {
    const ExhaustiveSum places = run_exhaustive({options.processes, share});
    sum.passed = places.places - places.failed;
    sum.failed = places.failed;
    return sum;
  }
  if (options.rot > 0) {
    const RotSum damages = run_rot({options.from, options.rot, options.processes, share});
    sum.passed = damages.harmless + damages.refused + damages.named + damages.torn;
    sum.failed = damages.failed;
    return sum;
  }
  for (uint64_t i = share; i < options.seeds; i += options.processes) {
    for (StoreKind store : {StoreKind::kModel, StoreKind::kReal}) {
      const auto only = store == StoreKind::kModel ? Stores::kReal : Stores::kModel;
      if (options.stores == only) continue;
      run_plan(plan_of(options, options.from + i, store), options, sum);
    }
    if (sum.failed > 0) break;
  }
  return sum;
}

struct Child {
  pid_t process = 0;
  int sums = -1;  // the pipe that its sums come from
};

Child run_apart(const Options& options, uint64_t share) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(2);
  std::fflush(stdout);
  const pid_t process = fork();
  if (process == 0) {
    Sum sum = run_share(options, share);
    std::fflush(stdout);
    bool sent = write(ends[1], &sum, sizeof(sum)) == sizeof(sum);
    _exit(sent ? 0 : 1);
  }
  close(ends[1]);
  return {process, ends[0]};
}

Sum sums_of(const Child& child) {
  Sum sum;
  if (read(child.sums, &sum, sizeof(sum)) != sizeof(sum)) sum.failed = 1;  // it was aborted
  close(child.sums);
  waitpid(child.process, nullptr, 0);
  return sum;
}

// Each process takes a share of the seeds and sends its sums through a pipe.
Sum run_all(const Options& options) {
  if (options.processes <= 1) return run_share(options, 0);
  std::vector<Child> children;
  std::vector<pollfd> ended;
  for (uint64_t share = 0; share < options.processes; ++share) {
    children.push_back(run_apart(options, share));
    ended.push_back({children.back().sums, POLLIN, 0});
  }
  Sum total;
  while (!children.empty()) {
    poll(ended.data(), ended.size(), -1);
    const auto one = std::find_if(ended.begin(), ended.end(),
                                  [](const pollfd& each) { return each.revents != 0; });
    if (one == ended.end()) continue;
    const auto child = children.begin() + (one - ended.begin());
    add(total, sums_of(*child));
    children.erase(child);
    ended.erase(one);
    if (options.first && total.failed > 0) {
      for (const Child& other : children) kill(other.process, SIGKILL);
      break;
    }
  }
  return total;
}

bool read_number(std::string_view text, uint64_t& number) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_off(std::string_view names, Options& options) {
  options.off = names;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    const auto known = feature_switches();
    if (std::none_of(known.begin(), known.end(),
                     [name](const auto& one) { return one.name == name; }))
      return false;
    names.remove_prefix(std::min(names.size(), name.size() + 1));
  }
  return true;
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
  if (argument.starts_with("--commands=")) return read_number(value, options.commands);
  if (argument.starts_with("--rot=")) return read_number(value, options.rot);
  if (argument.starts_with("--off=")) return read_off(value, options);
  if (argument == "--shrink") return options.shrinks = true;
  if (argument == "--exhaustive") return options.exhaustive = true;
  if (argument == "--first") return options.first = true;
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

int print_shrunk(const Options& options) {
  const auto store = options.stores == Stores::kReal ? StoreKind::kReal : StoreKind::kModel;
  const WorldPlan plan = shrink(plan_of(options, options.from, store));
  std::printf("smaller: sim %s --trace\n", plan.options().c_str());
  return 0;
}

void print_totals(const World::Totals& t) {
  std::printf(
      "%llu steps, %.1f days, %llu acknowledged, %llu sends (%llu repeats), %llu records, "
      "%llu pauses, %llu parked, %llu callbacks, %llu drains\n",
      shown(t.steps), static_cast<double>(t.lived_ms) / 86'400'000.0, shown(t.acknowledged),
      shown(t.sends), shown(t.repeats), shown(t.run_records), shown(t.pauses), shown(t.parked),
      shown(t.callbacks), shown(t.drains));
  std::printf(
      "%llu crashes (%llu kills, %llu power cuts), %llu faults: with them %llu of disks, %llu "
      "sectors lost, %llu of targets, %llu stalls, %llu of clocks, %llu disks that filled up\n",
      shown(t.crashes()), shown(t.kills), shown(t.power_cuts), shown(t.faults()),
      shown(t.disk_faults), shown(t.lost_sectors), shown(t.target_faults), shown(t.stalls),
      shown(t.clock_faults), shown(t.full_disks));
  std::printf(
      "%llu looks at memory, %llu turns at one of its limits, %llu reads failed "
      "(%llu tasks could not be fetched)\n",
      shown(t.memory_looks), shown(t.full_memories), shown(t.failed_reads), shown(t.unread));
}

// Faults that so many worlds must have met, else they show nothing about them.
bool has_what_it_demands(const Options& options, const Sum& sum) {
  constexpr uint64_t kEnoughWorlds = 50;
  const bool real = options.stores != Stores::kModel && !options.exhaustive;
  if (!real || options.seeds < kEnoughWorlds || !options.off.empty() || sum.failed > 0) return true;
  if (sum.totals.failed_reads > 0 && sum.totals.unread > 0) return true;
  std::printf("no read of a disk has failed in %llu worlds\n", shown(options.seeds));
  return false;
}

int run(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    if (!read_option(arguments[i], options)) {
      std::fprintf(stderr, "sim: %s is not an option\n", arguments[i]);
      return 2;
    }
  }
  if ((options.seeds == 0 && !options.exhaustive && options.rot == 0) || options.processes == 0) {
    std::fprintf(stderr, "sim: say --seeds=N, --seed=N, --exhaustive or --rot=N\n");
    return 2;
  }
  failing_memory::install();
  std::signal(SIGABRT, on_abort);
  if (options.shrinks) return print_shrunk(options);
  Sum sum = run_all(options);
  if (!has_what_it_demands(options, sum)) ++sum.failed;
  if (!options.exhaustive && options.rot == 0) print_totals(sum.totals);
  std::printf("%llu passed, %llu failed\n", shown(sum.passed), shown(sum.failed));
  return sum.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace hourwheel

int main(int count, char** arguments) {
  return hourwheel::run(count, arguments);
}
