// The two forms of the page of /metrics: Prometheus text format 0.0.4, or OpenMetrics 1.0.0, in
// which a counter's family has no _total, bounds have a point, and the page says where it ends.
// Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hourwheel {

enum class MetricsFormat : uint8_t { kPrometheus, kOpenMetrics };

// What a scraper with this Accept understands; that it likes another one more is not looked at.
MetricsFormat metrics_format_for(std::string_view accept);
std::string_view content_type_of(MetricsFormat format);
// A page of the former form in the latter. Requires: every line of it ends.
std::string as_openmetrics(std::string_view page);

}  // namespace hourwheel
