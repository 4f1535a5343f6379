#include "tools/wire/latency_percentiles.h"

#include <algorithm>
#include <bit>

namespace hourwheel {

// Values below 2^kStepBits have a bucket each; above, the bucket is the exponent and the
// kStepBits bits that follow the leading one.
size_t LatencyPercentiles::bucket_of(uint64_t value) {
  if (value < (1U << kStepBits)) {
    return static_cast<size_t>(value);
  }
  auto shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kStepBits;
  uint64_t step = (value >> shift) - (1U << kStepBits);
  return std::min(((size_t{shift} + 1) << kStepBits) + static_cast<size_t>(step), kBuckets - 1);
}

uint64_t LatencyPercentiles::highest_of(size_t bucket) {
  if (bucket < (1U << kStepBits)) {
    return bucket;
  }
  size_t shift = (bucket >> kStepBits) - 1;
  uint64_t step = bucket & ((1U << kStepBits) - 1);
  return (((uint64_t{1} << kStepBits) + step + 1) << shift) - 1;
}

void LatencyPercentiles::add(int64_t microseconds) {
  int64_t value = std::max<int64_t>(microseconds, 0);
  ++buckets_[bucket_of(static_cast<uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, value);
}

int64_t LatencyPercentiles::percentile(double fraction) const {
  auto wanted = static_cast<uint64_t>(fraction * static_cast<double>(count_));
  uint64_t seen = 0;
  for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen > wanted || (seen == count_ && seen > 0)) {
      return std::min(static_cast<int64_t>(highest_of(bucket)), max_);
    }
  }
  return 0;
}

}  // namespace hourwheel
