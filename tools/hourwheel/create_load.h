// Creates tasks as fast as a server takes them: every connection sends a request, waits for its
// answer and sends the next (libcurl), so that no more requests are out than there are connections.
//
//   CL1  Once a signal came no request begins; those out are waited for, kLastWait at most.
//   CL2  A server that is away is not called on without end: no request begins any more when as
//        many in a row as there are connections got no answer.
// What it sends has no key: libcurl sends again what a kept connection ended under, without a word,
// and what such a request made twice counts once.
// Thread: one that may wait.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "engine/base/time.h"
#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/interrupt.h"
#include "tools/hourwheel/terminal.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel {

enum class LoadKind : uint8_t { kSingle, kBatch };

struct LoadPlan {
  LoadKind kind = LoadKind::kSingle;
  std::function<std::string(uint64_t number)> body{};  // of the request of that number, from 0 on
  uint64_t requests = 0;                               // at most
  Duration length{};                                   // after that none begins
  uint32_t connections = 1;
};

struct LoadTally {
  uint64_t requests = 0;                  // answered with 200 to 299
  uint64_t tasks = 0;                     // that those made
  std::map<int64_t, uint64_t> refused{};  // by status: requests, and operations of batches
  uint64_t lost = 0;                      // requests without an answer
  std::string lost_why{};                 // the last of them
  // Of `requests`, but for those that made their connection first.
  LatencyPercentiles latency{};
  Duration took{};
};

struct LoadSite {
  const ServerAccess& to;
  const Terminal& clock;
  Interrupt& interrupt;
};

inline constexpr Duration kLastWait = seconds(2);

LoadTally create_under_load(const LoadPlan& plan, const LoadSite& site);

}  // namespace hourwheel
