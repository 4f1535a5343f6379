// What the threads of one server share: built before they start, then read only, but for the
// counters (single writer each) and the lines of the switchboard.
#pragma once

#include <memory>
#include <vector>

#include "api/http_counters.h"
#include "engine/metrics.h"
#include "net/switchboard.h"
#include "store/layout.h"
#include "store/store_thread.h"
#include "tools/hourwheel/options.h"

namespace hourwheel {

// What the metrics page of any reactor reads of one shard or one reactor.
struct ShardView {
  const ShardMetrics* engine = nullptr;
  const StoreMetrics* store = nullptr;
};
struct ReactorView {
  const HttpCounters* http = nullptr;
  const Histogram* turn_cpu_us = nullptr;
};

struct ServerState {
  ServeOptions options;
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<Switchboard> board;
  std::vector<StoreThread*> stores;  // by shard
  Instant started;
  // Filled while the reactors are built, before any of them listens.
  std::vector<ShardView> shards;
  std::vector<ReactorView> reactors;
};

}  // namespace hourwheel
