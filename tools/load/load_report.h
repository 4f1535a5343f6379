// Counts and times the answers of one run of the load generator, by kind of request.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "tools/load/request_maker.h"
#include "tools/wire/latency_percentiles.h"

namespace hourwheel {

class LoadReport {
 public:
  void answered(RequestKind kind, int status, int64_t latency_us);
  // A refusal that does not say when to come back.
  void refused_without_retry_after() { ++without_retry_after_; }
  // The connection broke while the request was out: it may or may not have been done.
  void lost() { ++lost_; }
  void connect_failed() { ++connect_failures_; }
  void tasks_created(uint64_t count) { tasks_created_ += count; }
  void operations_refused(uint64_t count) { operations_refused_ += count; }
  void ended(int64_t elapsed_us) { elapsed_us_ = elapsed_us; }

  [[nodiscard]] uint64_t finished() const { return answered_ + lost_; }
  // Every request was answered with 2xx, and there was at least one.
  [[nodiscard]] bool clean() const;
  [[nodiscard]] std::string to_table() const;
  [[nodiscard]] std::string to_json() const;

 private:
  [[nodiscard]] double per_second(uint64_t count) const;

  std::array<LatencyPercentiles, kRequestKinds> latencies_;
  std::map<int, uint64_t> statuses_;
  uint64_t answered_ = 0;
  uint64_t without_retry_after_ = 0;
  uint64_t lost_ = 0;
  uint64_t connect_failures_ = 0;
  uint64_t tasks_created_ = 0;
  uint64_t operations_refused_ = 0;
  int64_t elapsed_us_ = 0;
};

}  // namespace hourwheel
