// `hourwheel bench`: loads a server from outside (create_load.h), lets it fire at a sink of its own
// (fire_load.h), prints what came of it (bench_report.h), and deletes what it made.
#pragma once

#include "tools/hourwheel/options_bench.h"
#include "tools/hourwheel/terminal.h"

namespace hourwheel {

int run_bench_command(const BenchOptions& options, const Terminal& terminal);

}  // namespace hourwheel
