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
  uint32_t creates = 100'000;  // tasks, one by one, and as many by batches, at most; 0: neither
  uint32_t connections = 16;
  uint32_t batch = 100;          // operations
  std::string duration = "10s";  // of each of both; durations were checked when they were read
  uint32_t fire = 1'000;         // tasks that are to fire; 0: none
  std::string spread = "10s";    // from the first due instant to the last
  std::string lead = "3s";       // from the first create to the first due instant
  std::string sink_listen = "127.0.0.1:0";
  std::string sink_url{};  // by which the server reaches the sink; empty: where it listens
};

Verb add_bench(Verb app, BenchOptions& options);

}  // namespace hourwheel
