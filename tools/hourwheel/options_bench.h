// The options of `bench`: what a server takes and how late it fires, measured from outside.
#pragma once

#include <cstdint>
#include <string>

#include "tools/hourwheel/connection.h"
#include "tools/hourwheel/output_format.h"

namespace hourwheel {

class Verb;

struct BenchOptions {
  ServerChoice server;
  OutputFormat output = OutputFormat::kTable;
  uint32_t creates = 100'000;  // tasks, one by one, and as many by batches, at most
  uint32_t connections = 16;
  uint32_t batch = 100;          // operations
  std::string duration = "10s";  // of each of both; durations were checked when they were read
};

Verb add_bench(Verb app, BenchOptions& options);

}  // namespace hourwheel
