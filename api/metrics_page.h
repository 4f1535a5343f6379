// The page of /metrics: Prometheus text format 0.0.4 from what shards and HTTP servers count.
// Thread: any; it only reads.
#pragma once

#include <string>

#include "api/server_facts.h"

namespace hourwheel {

std::string metrics_page(const ServerFacts& facts);

}  // namespace hourwheel
