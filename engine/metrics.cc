#include "engine/metrics.h"

#include <algorithm>
#include <cmath>

namespace hourwheel {

uint64_t Histogram::first_of(size_t bucket) {
  if (bucket < 4) {
    return bucket;
  }
  const size_t octave = bucket / 4 + 1;
  return (uint64_t{4} + bucket % 4) << (octave - 2);
}

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < kBuckets; ++i) {
    buckets_[i].add(other.buckets_[i].value());
  }
  sum_.add(other.sum());
}

uint64_t Histogram::count() const {
  uint64_t total = 0;
  for (const Counter& bucket : buckets_) {
    total += bucket.value();
  }
  return total;
}

uint64_t Histogram::quantile(double q) const {
  const uint64_t total = count();
  if (total == 0) {
    return 0;
  }
  const double wanted = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(total));
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(wanted));
  uint64_t seen = 0;
  for (size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i].value();
    if (seen >= rank) {
      return last_of(i);
    }
  }
  return last_of(kBuckets - 1);
}

uint64_t Histogram::cumulative(uint64_t bound) const {
  uint64_t total = 0;
  for (size_t i = 0; i < kBuckets && last_of(i) <= bound; ++i) {
    total += buckets_[i].value();
  }
  return total;
}

void ShardMetrics::count_attempt(const AttemptOutcome& outcome) {
  using enum AttemptResult;
  attempts_ended_[static_cast<size_t>(outcome.result)].add();
  if (outcome.result == kResponded) {
    const int of = std::clamp(outcome.status / 100 - 1, 0, int{kResponseClasses} - 1);
    responses_[static_cast<size_t>(of)].add();
  }
  // Nothing was sent, or how long it took was the target's to say.
  if (outcome.result == kRecorded || outcome.result == kReportedSuccess ||
      outcome.result == kReportedFailure || outcome.result == kReportMissing) {
    return;
  }
  const int64_t ms = (outcome.ended - outcome.started).ms;  // the wall clock may have been stepped
  attempt_us.record(ms > 0 ? static_cast<uint64_t>(ms) * 1000 : 0);
}

}  // namespace hourwheel
