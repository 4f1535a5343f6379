#include "api/metrics_format.h"

#include <algorithm>

#include "api/text.h"

namespace hourwheel {
namespace {

// A bucket's bound is a number with a point there: le="1" is le="1.0".
std::string with_point(std::string_view line) {
  constexpr std::string_view kBound = "le=\"";
  const size_t at = line.find(kBound);
  if (at == std::string_view::npos) return std::string(line);
  const size_t end = line.find('"', at + kBound.size());
  const bool is_whole =
      line.substr(at + kBound.size(), end - at - kBound.size()).find_first_not_of("0123456789") ==
      std::string_view::npos;
  std::string out(line);
  return is_whole ? out.insert(end, ".0") : out;
}

bool is_refused(std::string_view parameters) {
  const size_t at = parameters.find("q=0");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = parameters.substr(at, parameters.find(';', at) - at);
  return weight.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

MetricsFormat metrics_format_for(std::string_view accept) {
  while (!accept.empty()) {
    const size_t end = std::min(accept.find(','), accept.size());
    const std::string range = lower_case(trim(accept.substr(0, end)));
    accept.remove_prefix(std::min(end + 1, accept.size()));
    const std::string_view type = trim(std::string_view(range).substr(0, range.find(';')));
    if (type == "application/openmetrics-text" &&
        !is_refused(std::string_view(range).substr(type.size()))) {
      return MetricsFormat::kOpenMetrics;
    }
  }
  return MetricsFormat::kPrometheus;
}

std::string_view content_type_of(MetricsFormat format) {
  return format == MetricsFormat::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

// The lines about families, "# HELP name text" and "# TYPE name kind": the name loses its _total.
// The lines of samples keep theirs.
std::string as_openmetrics(std::string_view page) {
  constexpr std::string_view kTotal = "_total";
  constexpr size_t kNameAt = std::string_view("# HELP ").size();
  std::string out;
  out.reserve(page.size());
  while (!page.empty()) {
    std::string_view line = page.substr(0, std::min(page.find('\n'), page.size() - 1) + 1);
    page.remove_prefix(line.size());
    const size_t end = line.find(' ', kNameAt);
    if (line.starts_with("# ") && end != std::string_view::npos &&
        line.substr(0, end).ends_with(kTotal)) {
      out += line.substr(0, end - kTotal.size());
      line.remove_prefix(end);
    }
    out += with_point(line);
  }
  return out += "# EOF\n";
}

}  // namespace hourwheel
