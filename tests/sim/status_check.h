// How many tasks are in each state, counted in the ledger and held against what others say.
//
//   SC1  A start finds, and a shard shows of what is durable, as many tasks in each state as there
//        are.
// Cost: a look at every task. Thread: one world's.
#pragma once

#include "engine/metrics.h"
#include "engine/status_counts.h"
#include "tests/sim/ledger.h"
#include "tests/sim/trace.h"

namespace hourwheel {

// `where` says who found them.
void check_statuses(const Ledger& ledger, const StatusCounts& found, const char* where,
                    Trace& trace);

// What the shard shows. Requires: it has heard of everything that is in the ledger.
StatusCounts shown_statuses(const ShardMetrics& metrics);

}  // namespace hourwheel
