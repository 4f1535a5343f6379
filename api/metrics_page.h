// The page of /metrics from what shards and HTTP servers count: Prometheus text format 0.0.4, or
// OpenMetrics 1.0.0, in which a counter's family has no _total and the page says where it ends.
// Thread: any; it only reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/server_facts.h"
#include "engine/log.h"

namespace hourwheel {

enum class MetricsFormat : uint8_t { kPrometheus, kOpenMetrics };

// What a scraper with this Accept understands; that it likes another one more is not looked at.
MetricsFormat metrics_format_for(std::string_view accept);
std::string_view content_type_of(MetricsFormat format);

std::string metrics_page(const ServerFacts& facts, const LogDoor& log, MetricsFormat format);

}  // namespace hourwheel
