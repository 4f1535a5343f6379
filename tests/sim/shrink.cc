#include "tests/sim/shrink.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "tests/sim/world.h"

namespace hourwheel {
namespace {

constexpr int kMostTries = 120;

// "C-1", "S7": which promise was broken; "abort"; empty: none.
std::string breach_of(const WorldPlan& plan) {
  int ends[2];
  if (pipe(ends) != 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    Trace trace(Trace::Show::kNothing);
    World world(plan, trace);
    world.run();
    const std::string promise = trace.failure().substr(0, trace.failure().find(' '));
    const bool told = write(ends[1], promise.data(), promise.size()) >= 0;
    _exit(told ? 0 : 1);
  }
  close(ends[1]);
  std::array<char, 32> promise{};
  const ssize_t size = read(ends[0], promise.data(), promise.size());
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "abort";
  return {promise.data(), size > 0 ? static_cast<size_t>(size) : 0};
}

}  // namespace

WorldPlan shrink(WorldPlan plan) {
  const std::string breach = breach_of(plan);
  int tries = 1;
  auto still_fails = [&](const WorldPlan& smaller) {
    return ++tries <= kMostTries && breach_of(smaller) == breach;
  };
  if (breach.empty()) return plan;
  for (const FeatureSwitch& one : feature_switches()) {
    WorldPlan smaller = plan;
    smaller.off.push_back(one.name);
    if (still_fails(smaller)) plan = std::move(smaller);
  }
  // Halves first, then smaller bites.
  for (uint32_t part = 2; part <= 16; part *= 2) {
    for (;;) {
      WorldPlan smaller = plan;
      const uint32_t commands = plan.features().commands;
      smaller.commands = commands - commands / part;
      if (smaller.commands == commands || smaller.commands == 0 || !still_fails(smaller)) break;
      plan = std::move(smaller);
    }
  }
  return plan;
}

}  // namespace hourwheel
