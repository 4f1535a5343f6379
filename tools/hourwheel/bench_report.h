// What `bench` has found, as the JSON that its tables are made of, and as sentences. Thread: pure
// functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/hourwheel/create_load.h"

namespace hourwheel {

struct CreatesPart {
  const char* name;
  LoadTally tally{};
};

// Of runs that were to arrive at the sink, and how late each was by this machine's clock.
struct FirePart {
  uint64_t tasks = 0;
  uint64_t arrived = 0;     // runs
  uint64_t duplicates = 0;  // arrivals behind the first one of a run
  uint64_t early = 0;
  LatencyPercentiles lateness{};
  LoadTally made{};  // of their creates

  [[nodiscard]] uint64_t missing() const { return tasks > arrived ? tasks - arrived : 0; }
};

struct BenchReport {
  std::string server{};         // as it may be shown
  std::string label{};          // of all that was made
  bool shares_machine = false;  // with the server, as far as its address tells
  bool interrupted = false;
  std::vector<CreatesPart> creates{};
  std::optional<FirePart> fire{};
  std::optional<int64_t> removed{};  // tasks; nullopt: some are perhaps left
};

// {"server":…,"label":…,"shares_machine":…,"interrupted":…,"removed":…,"parts":[{"part":…}]}
std::string bench_json(const BenchReport& report);
// What the numbers do not say, a line each.
std::string bench_notes(const BenchReport& report);
// Whether all that was asked of the server was done.
bool is_whole(const BenchReport& report);

}  // namespace hourwheel
