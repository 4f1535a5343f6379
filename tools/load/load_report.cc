#include "tools/load/load_report.h"

#include <cstdio>

namespace hourwheel {
namespace {

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 512> line{};
  int size = std::snprintf(line.data(), line.size(), format, values...);
  return {line.data(), static_cast<size_t>(size)};
}

unsigned long long wide(uint64_t number) {
  return number;
}

}  // namespace

void LoadReport::answered(RequestKind kind, int status, int64_t latency_us) {
  ++answered_;
  ++statuses_[status];
  latencies_[static_cast<size_t>(kind)].add(latency_us);
}

bool LoadReport::clean() const {
  for (auto [status, count] : statuses_) {
    if (status < 200 || status > 299) {
      return false;
    }
  }
  return answered_ > 0 && lost_ == 0 && connect_failures_ == 0 && operations_refused_ == 0;
}

double LoadReport::per_second(uint64_t count) const {
  return elapsed_us_ > 0 ? static_cast<double>(count) * 1e6 / static_cast<double>(elapsed_us_) : 0;
}

std::string LoadReport::to_table() const {
  std::string table = print("%-8s %10s %10s %9s %9s %9s %9s\n", "request", "answered", "per s",
                            "p50 ms", "p99 ms", "p99.9 ms", "max ms");
  for (size_t kind = 0; kind < kRequestKinds; ++kind) {
    const LatencyPercentiles& latency = latencies_[kind];
    if (latency.count() == 0) {
      continue;
    }
    std::string name(to_text(static_cast<RequestKind>(kind)));
    table += print("%-8s %10llu %10.0f %9.3f %9.3f %9.3f %9.3f\n", name.c_str(),
                   wide(latency.count()), per_second(latency.count()),
                   as_ms(latency.percentile(0.5)), as_ms(latency.percentile(0.99)),
                   as_ms(latency.percentile(0.999)), as_ms(latency.max()));
  }
  for (auto [status, count] : statuses_) {
    table += print("status %d: %llu\n", status, wide(count));
  }
  table += print(
      "tasks created: %llu (%.0f per s), operations refused: %llu, lost: %llu, "
      "connections refused: %llu, %.2f s\n",
      wide(tasks_created_), per_second(tasks_created_), wide(operations_refused_), wide(lost_),
      wide(connect_failures_), as_ms(elapsed_us_) / 1000);
  return table;
}

std::string LoadReport::to_json() const {
  std::string json = print(
      R"({"seconds":%.3f,"answered":%llu,"per_second":%.1f,"tasks_created":%llu,)"
      R"("tasks_per_second":%.1f,"operations_refused":%llu,"without_retry_after":%llu,"lost":%llu,)"
      R"("connections_refused":%llu,"statuses":{)",
      as_ms(elapsed_us_) / 1000, wide(answered_), per_second(answered_), wide(tasks_created_),
      per_second(tasks_created_), wide(operations_refused_), wide(without_retry_after_),
      wide(lost_), wide(connect_failures_));
  const char* comma = "";
  for (auto [status, count] : statuses_) {
    json += print("%s\"%d\":%llu", comma, status, wide(count));
    comma = ",";
  }
  json += R"(},"latency_ms":{)";
  comma = "";
  for (size_t kind = 0; kind < kRequestKinds; ++kind) {
    const LatencyPercentiles& latency = latencies_[kind];
    if (latency.count() == 0) {
      continue;
    }
    std::string name(to_text(static_cast<RequestKind>(kind)));
    json += print(R"(%s"%s":{"count":%llu,"p50":%.3f,"p99":%.3f,"p999":%.3f,"max":%.3f})", comma,
                  name.c_str(), wide(latency.count()), as_ms(latency.percentile(0.5)),
                  as_ms(latency.percentile(0.99)), as_ms(latency.percentile(0.999)),
                  as_ms(latency.max()));
    comma = ",";
  }
  return json + "}}";
}

}  // namespace hourwheel
