// The page of /metrics from what shards, HTTP servers and the process count.
// Thread: any; it only reads.
#pragma once

#include <string>

#include "api/metrics_format.h"
#include "api/server_facts.h"
#include "engine/log.h"

namespace hourwheel {

std::string metrics_page(const ServerFacts& facts, const LogDoor& log, MetricsFormat format);

}  // namespace hourwheel
