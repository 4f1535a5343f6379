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

struct BenchReport {
  std::string server{};         // as it may be shown
  std::string label{};          // of all that was made
  bool shares_machine = false;  // with the server, as far as its address tells
  bool interrupted = false;
  std::vector<CreatesPart> creates{};
  std::optional<int64_t> removed{};  // tasks; nullopt: some are perhaps left
};

// {"server":…,"label":…,"shares_machine":…,"interrupted":…,"removed":…,"parts":[{"part":…}]}
std::string bench_json(const BenchReport& report);
// What the numbers do not say, a line each.
std::string bench_notes(const BenchReport& report);
// Whether all that was asked of the server was done.
bool is_whole(const BenchReport& report);

}  // namespace hourwheel
