// The page of /metrics: Prometheus text format 0.0.4 from what shards and HTTP servers count.
// Thread: any; it only reads.
#pragma once

#include <string>

#include "api/server_facts.h"
#include "engine/log.h"

namespace hourwheel {

std::string metrics_page(const ServerFacts& facts, const LogDoor& log);

}  // namespace hourwheel
